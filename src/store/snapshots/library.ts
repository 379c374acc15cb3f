// What snapshots there are and what each takes: of one run, and of the whole workspace.
import { join } from 'node:path'
import type { SnapshotManifest } from '../../shared/run/schema'
import { runFolder, runsFolder, snapshotFolder, specPath } from '../run-folder/paths'
import { isId, type Workspace } from '../workspace'
import { pinnedSnapshots } from './pins'
import { readManifest, snapshotSteps, type SnapshotPlace } from './read'
import { manifestBytes } from './write'

/** One block of a stored snapshot: what is there of it. */
export interface StoredBlock {
  readonly name: string
  /** Rows of its matrix; of each of its `units` matrices. */
  readonly size: number
  readonly units: number
  readonly eigenvalues: boolean
  /** How many eigenvectors are stored. */
  readonly eigenvectors: number
  readonly hessian: boolean
}

interface StoredSnapshot {
  readonly bytes: number
  /** Of the Hessians and their overviews, which can go while the rest stays. */
  readonly hessianBytes: number
  readonly blocks: readonly string[]
  readonly contents: readonly StoredBlock[]
  /** At least one block has its Hessian. */
  readonly hessian: boolean
  /** Whole matrix, by layer or by unit, as the optimizer's scope; `imported` for an array from elsewhere. */
  readonly scope: string
  /** Computed afterwards from a checkpoint. */
  readonly onDemand: boolean
}

export interface LibraryEntry extends StoredSnapshot {
  readonly run: string
  readonly step: number
  readonly pinned: boolean
}

function storedOf(manifest: SnapshotManifest): StoredSnapshot {
  const matrices = new Set(manifest.blocks.flatMap(({ hessian, overview }) => [hessian, overview]))
  return {
    bytes: manifestBytes(manifest),
    hessianBytes: manifest.files.reduce((sum, { name, bytes }) => sum + (matrices.has(name) ? bytes : 0), 0),
    blocks: manifest.blocks.map(({ name }) => name),
    contents: manifest.blocks.map(({ name, size, units, eigenvalues, eigenvectors, indices, hessian }) => ({
      name,
      size,
      units,
      eigenvalues: eigenvalues !== null,
      eigenvectors: eigenvectors === null ? 0 : indices.length,
      hessian: hessian !== null
    })),
    hessian: manifest.blocks.some(({ hessian }) => hessian !== null),
    scope: manifest.scope,
    onDemand: manifest.onDemand !== undefined
  }
}

const known = new WeakMap<Workspace, Map<string, StoredSnapshot>>()
const mostKnown = 50_000

/** A manifest is read once: it is replaced whole where the snapshot is made again or loses its Hessians. Null for one that cannot be read. */
async function stored(workspace: Workspace, place: SnapshotPlace): Promise<StoredSnapshot | null> {
  const mine = known.get(workspace) ?? new Map<string, StoredSnapshot>()
  known.set(workspace, mine)
  const path = join(snapshotFolder(runFolder(workspace, place.run), place.step), 'manifest.json')
  const info = await workspace.fileSystem.info(path).catch(() => null)
  const key = `${path} ${info?.modified} ${info?.identity} ${info?.bytes}`
  const found = mine.get(key)
  if (found) return found
  const manifest = await readManifest(workspace, place).catch(() => null)
  if (!manifest) return null
  if (mine.size >= mostKnown) mine.clear()
  const snapshot = storedOf(manifest)
  mine.set(key, snapshot)
  return snapshot
}

/** The snapshots of one run, sizes from their manifests, by ascending step. One that cannot be read is left out. */
export async function runSnapshots(workspace: Workspace, id: string): Promise<LibraryEntry[]> {
  const pinned = new Set(await pinnedSnapshots(workspace, id).catch(() => []))
  const entries: LibraryEntry[] = []
  for (const step of await snapshotSteps(workspace, id)) {
    const snapshot = await stored(workspace, { run: id, step })
    if (snapshot) entries.push({ run: id, step, pinned: pinned.has(step), ...snapshot })
  }
  return entries
}

/** All snapshots of the workspace. */
export async function snapshotLibrary(workspace: Workspace): Promise<LibraryEntry[]> {
  const ids = (await workspace.fileSystem.list(runsFolder(workspace))).filter(isId)
  const all: LibraryEntry[] = []
  for (const id of ids)
    if (await workspace.fileSystem.info(specPath(runFolder(workspace, id)))) all.push(...(await runSnapshots(workspace, id)))
  return all
}
