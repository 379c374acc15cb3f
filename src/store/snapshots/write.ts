// Writes a snapshot folder in two phases: the arrays while their memory is valid, then checksums, overviews and the manifest while training goes on.
import { join } from 'node:path'
import { npzParts, type NpyArray } from '../../shared/npy'
import type { SnapshotManifest } from '../../shared/run/schema'
import type { Snapshot, SnapshotBlock } from '../../engine/curvature/snapshot'
import type { Matrix } from '../../engine/linalg'
import { publishFolder, writeParts } from '../files'
import { blockFile, draftSnapshot, type DraftPlace, type SnapshotDraft } from './draft'
import { finishFile, finishMatrix, streamArray } from './stream'

export interface SnapshotTarget extends DraftPlace {
  readonly run: string | null
  readonly scope: string
  /** First parameter of a block, by its name. */
  readonly offsetOf: (block: string) => number
  /** The parameters under their names (W1, b1, …); null for a matrix from elsewhere. */
  readonly weights: Readonly<Record<string, NpyArray>> | null
  /** Length of the parameter vector, when the snapshot itself has none. */
  readonly parameterCount?: number
  /** Of a snapshot that was computed afterwards. */
  readonly onDemand?: SnapshotManifest['onDemand']
  readonly solvedElsewhere?: SnapshotManifest['solvedElsewhere']
}

type ManifestBlock = SnapshotManifest['blocks'][number]

function* matrixRows(matrix: Matrix): Generator<Float64Array> {
  if (matrix.stride === matrix.columns) yield matrix.data.subarray(matrix.offset, matrix.offset + matrix.rows * matrix.columns)
  else
    for (let row = 0; row < matrix.rows; row++) {
      const start = matrix.offset + row * matrix.stride
      yield matrix.data.subarray(start, start + matrix.columns)
    }
}

/** Entries of a block's Hessian as rows × columns; unit blocks lie one below the other. */
export const hessianExtent = (block: { readonly size: number; readonly units: number }) => ({
  rows: block.units * block.size,
  columns: block.size
})

async function writeBlock(target: SnapshotTarget, draft: SnapshotDraft, block: SnapshotBlock): Promise<ManifestBlock> {
  const { fileSystem, precision } = target
  const { size, units, eigenvalues, eigenvectors } = block
  const name = (kind: string, present: boolean) => (present ? blockFile(kind, block.name) : null)
  const kept = draft.matrices.has(block.name)
  const entry: ManifestBlock = {
    name: block.name,
    offset: target.offsetOf(block.name),
    size,
    units,
    eigenvalues: name('eigenvalues', eigenvalues !== null),
    eigenvectors: name('eigenvectors', eigenvectors !== null),
    indices: [...block.indices],
    hessian: name('hessian', kept),
    overview: kept ? `hessian.${block.name}.overview.npy` : null,
    checks: block.checks
  }
  if (entry.eigenvalues !== null && eigenvalues !== null)
    await streamArray(
      fileSystem,
      join(draft.folder, entry.eigenvalues),
      { shape: units === 1 ? [size] : [units, size], pieces: [eigenvalues] },
      'float64'
    )
  if (entry.eigenvectors !== null && eigenvectors !== null)
    await streamArray(
      fileSystem,
      join(draft.folder, entry.eigenvectors),
      { shape: [eigenvectors.rows, eigenvectors.columns], pieces: matrixRows(eigenvectors) },
      precision
    )
  return entry
}

/**
 * Phase one: everything is in files when this returns, and the snapshot's memory may be used again. The matrices are those that `draft`, of the same
 * target, has been given. May be tried again after a failure. Call `finish` for phase two; only after it the snapshot exists under its name. Throws StorageError.
 */
export async function beginSnapshot(
  target: SnapshotTarget,
  snapshot: Snapshot,
  draft: SnapshotDraft = draftSnapshot(target)
): Promise<{ finish(): Promise<SnapshotManifest>; discard(): Promise<void> }> {
  const { fileSystem, path } = target
  const partial = draft.folder
  await draft.open()
  const blocks: ManifestBlock[] = []
  for (const block of snapshot.blocks) blocks.push(await writeBlock(target, draft, block))
  const weights = target.weights
    ? { name: 'weights.npz', ...(await writeParts(fileSystem, join(partial, 'weights.npz'), npzParts(target.weights))) }
    : null
  const parameterCount = target.parameterCount ?? snapshot.parameters.length
  return {
    async finish() {
      const files: SnapshotManifest['files'] = weights ? [weights] : []
      for (const block of blocks) {
        for (const name of [block.eigenvalues, block.eigenvectors])
          if (name !== null) files.push({ name, ...(await finishFile(fileSystem, join(partial, name))) })
        if (block.hessian === null || block.overview === null) continue
        const { rows, columns } = hessianExtent(block)
        const written = await finishMatrix(
          fileSystem,
          join(partial, block.hessian),
          join(partial, block.overview),
          rows,
          columns,
          target.precision
        )
        files.push({ name: block.hessian, ...written.matrix }, { name: block.overview, ...written.overview })
      }
      const manifest: SnapshotManifest = {
        schemaVersion: 1,
        run: target.run,
        step: snapshot.step,
        parameterCount,
        scope: target.scope,
        precision: target.precision,
        blocks,
        files,
        ...(target.onDemand ? { onDemand: target.onDemand } : {}),
        ...(target.solvedElsewhere ? { solvedElsewhere: target.solvedElsewhere } : {})
      }
      await writeParts(fileSystem, join(partial, 'manifest.json'), [manifestText(manifest)])
      await publishFolder(fileSystem, partial, path)
      return manifest
    },
    discard: draft.discard
  }
}

/** Both phases, for whoever has nothing else to do meanwhile. */
export async function writeSnapshot(target: SnapshotTarget, snapshot: Snapshot, draft?: SnapshotDraft): Promise<SnapshotManifest> {
  const { finish } = await beginSnapshot(target, snapshot, draft)
  return finish()
}

const manifestText = (manifest: SnapshotManifest) => new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`)

/** What the snapshot takes on disk, the manifest itself included. */
export const manifestBytes = (manifest: SnapshotManifest) =>
  manifest.files.reduce((sum, file) => sum + file.bytes, manifestText(manifest).length)

/** The scope that blocks of these names and units came from. */
export function scopeOf(blocks: readonly { readonly name: string; readonly units: number }[]): string {
  if (blocks.length === 1 && blocks[0].name === 'full') return 'full'
  return blocks.some((block) => block.units > 1) ? 'unit-blocks' : 'layer-blocks'
}
