// What snapshots there are and what each takes: of one run, and of the whole workspace.
import { join } from 'node:path'
import type { SnapshotEntry } from '../../shared/api/answers'
import type { SnapshotManifest } from '../../shared/run/schema'
import { runFolder, runsFolder, snapshotFolder, specPath } from '../run-folder/paths'
import { folderBytes } from '../run-folder/sizes'
import { isId, type Workspace } from '../workspace'
import { pinnedSnapshots } from './pins'
import { readManifest, snapshotSteps, type SnapshotPlace } from './read'
import { manifestBytes } from './write'
import { messageOf } from '../../shared/format/message-of'

/** A stored snapshot by its files alone: what its run is called and does is known elsewhere. */
export type LibraryEntry = Omit<SnapshotEntry, 'runName' | 'optimizer' | 'dataset'>
type StoredSnapshot = Omit<LibraryEntry, 'run' | 'step' | 'pinned' | 'damage'>

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

const unreadable = { hessianBytes: 0, blocks: [], contents: [], hessian: false, scope: 'unreadable', onDemand: false }

/** A manifest is read once: it is replaced whole where the snapshot is made again or loses its Hessians. */
async function stored(workspace: Workspace, place: SnapshotPlace): Promise<StoredSnapshot & Pick<LibraryEntry, 'damage'>> {
  const mine = known.get(workspace) ?? new Map<string, StoredSnapshot>()
  known.set(workspace, mine)
  const path = join(snapshotFolder(runFolder(workspace, place.run), place.step), 'manifest.json')
  const info = await workspace.fileSystem.info(path).catch(() => null)
  const key = `${path} ${info?.modified} ${info?.identity} ${info?.bytes}`
  const found = mine.get(key)
  if (found) return { ...found, damage: null }
  const manifest = await readManifest(workspace, place).catch((error: unknown) => messageOf(error))
  if (typeof manifest === 'string') {
    const bytes = await folderBytes(workspace.fileSystem, snapshotFolder(runFolder(workspace, place.run), place.step))
    return { ...unreadable, bytes, damage: manifest }
  }
  if (mine.size >= mostKnown) mine.clear()
  const snapshot = storedOf(manifest)
  mine.set(key, snapshot)
  return { ...snapshot, damage: null }
}

/** The snapshots of one run, sizes from their manifests, by ascending step. One that cannot be read says so. */
export async function runSnapshots(workspace: Workspace, id: string): Promise<LibraryEntry[]> {
  const pinned = new Set(await pinnedSnapshots(workspace, id).catch(() => []))
  const entries: LibraryEntry[] = []
  for (const step of await snapshotSteps(workspace, id))
    entries.push({ run: id, step, pinned: pinned.has(step), ...(await stored(workspace, { run: id, step })) })
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
