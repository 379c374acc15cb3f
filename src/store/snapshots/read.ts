// Reads parts of a stored snapshot by seeking: eigenvalues, single vectors, tiles of any level, single entries. No file is loaded whole.
import { join } from 'node:path'
import { snapshotManifestSchema, type SnapshotManifest } from '../../shared/run/schema'
import { readJson, StorageError, type NpyFile } from '../files'
import { runFolder, snapshotFolder, snapshotsFolder, stepsIn } from '../run-folder/paths'
import type { Workspace } from '../workspace'
import { withNpy, type MatrixFiles } from './matrix-file'
import { hessianExtent } from './write'

export type ManifestBlock = SnapshotManifest['blocks'][number]

/** A run's snapshot of one step. */
export interface SnapshotPlace {
  readonly run: string
  readonly step: number
}

/** Steps of the run's complete snapshots, ascending. */
export function snapshotSteps(workspace: Workspace, id: string): Promise<number[]> {
  return stepsIn(workspace, snapshotsFolder(runFolder(workspace, id)))
}

/** Throws StorageError (`not-found`, `damaged`). */
export async function readManifest(workspace: Workspace, { run, step }: SnapshotPlace): Promise<SnapshotManifest> {
  const path = snapshotFolder(runFolder(workspace, run), step)
  const manifest = await readJson(workspace.fileSystem, join(path, 'manifest.json'), snapshotManifestSchema)
  if (!manifest) {
    const steps = await snapshotSteps(workspace, run)
    throw new StorageError('not-found', `run "${run}" has no snapshot of step ${step}; it has ${steps.join(', ') || 'none'}`)
  }
  // Names from the manifest become paths: they must stay in the folder.
  for (const name of manifest.blocks.flatMap((block) => [block.eigenvalues, block.eigenvectors, block.hessian, block.overview]))
    if (name !== null && !/^[A-Za-z0-9][A-Za-z0-9._-]*\.npy$/.test(name))
      throw new StorageError('damaged', `${path}/manifest.json: "${name}" is no file of a snapshot`)
  return manifest
}

async function blockOf(workspace: Workspace, place: SnapshotPlace, name: string): Promise<ManifestBlock> {
  const { blocks } = await readManifest(workspace, place)
  const block = blocks.find((one) => one.name === name)
  if (!block)
    throw new StorageError(
      'not-found',
      `run "${place.run}", step ${place.step}: no block "${name}"; there are ${blocks.map((one) => one.name).join(', ')}`
    )
  return block
}

async function withFile<T>(
  workspace: Workspace,
  place: SnapshotPlace,
  name: string | null,
  what: string,
  work: (file: NpyFile) => Promise<T>
): Promise<T> {
  if (name === null) throw new StorageError('not-found', `run "${place.run}", step ${place.step}: ${what} were not stored`)
  return withNpy(workspace.fileSystem, join(snapshotFolder(runFolder(workspace, place.run), place.step), name), work)
}

/** All eigenvalues, ascending; for unit blocks `units` rows one after the other. */
export async function readEigenvalues(
  workspace: Workspace,
  place: SnapshotPlace,
  block: string
): Promise<{ values: Float64Array; units: number }> {
  const { eigenvalues, units } = await blockOf(workspace, place, block)
  return withFile(workspace, place, eigenvalues, 'eigenvalues', async (file) => ({ values: await file.read(0, file.header.count), units }))
}

/** The eigenvector of the eigenvalue at place `index` in ascending order; throws `not-found` when it was not stored, naming those that were. */
export async function readEigenvector(
  workspace: Workspace,
  place: SnapshotPlace,
  block: string,
  index: number
): Promise<{ vector: Float64Array; value: number; residual: number | null }> {
  const found = await blockOf(workspace, place, block)
  const column = found.indices.indexOf(index)
  if (column === -1)
    throw new StorageError('not-found', `eigenvector ${index} of ${block} was not stored; there are ${rangesOf(found.indices) || 'none'}`)
  const vector = await withFile(workspace, place, found.eigenvectors, 'eigenvectors', async (file) => {
    const [rows, columns] = file.header.shape
    const values = new Float64Array(rows)
    const rowsAtOnce = Math.max(1, Math.floor(262_144 / columns))
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - row)
      const part = await file.read(row * columns, count * columns)
      for (let r = 0; r < count; r++) values[row + r] = part[r * columns + column]
    }
    return values
  })
  const [value] = await withFile(workspace, place, found.eigenvalues, 'eigenvalues', (file) => file.read(index, 1))
  return { vector, value, residual: found.checks.residual }
}

function rangesOf(indices: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const index of [...indices].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && last[1] === index - 1) last[1] = index
    else ranges.push([index, index])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(', ')
}

/** The files of a block's Hessian; unit blocks lie one below the other. Throws `not-found` when it was not stored. */
export async function hessianFiles(
  workspace: Workspace,
  place: SnapshotPlace,
  block: string
): Promise<MatrixFiles & { readonly units: number }> {
  const found = await blockOf(workspace, place, block)
  if (found.hessian === null || found.overview === null)
    throw new StorageError('not-found', `run "${place.run}", step ${place.step}: the Hessian of ${block} was not stored`)
  const folder = snapshotFolder(runFolder(workspace, place.run), place.step)
  return {
    name: block,
    ...hessianExtent(found),
    units: found.units,
    matrix: join(folder, found.hessian),
    overview: join(folder, found.overview)
  }
}
