// The trash: what `rm` moved away, with the way back and the way out.
import { join } from 'node:path'
import { renamePatiently, StorageError, translating } from '../files'
import { isId, requireId } from './ids'
import type { Workspace } from './location'

export const trashFolder = (workspace: Workspace) => join(workspace.folder, 'trash')
const runsFolder = (workspace: Workspace) => join(workspace.folder, 'runs')

export interface TrashedRun {
  readonly id: string
  /** Name of its folder in the trash: the id, a dot, when it was moved there. */
  readonly entry: string
  /** ISO 8601, UTC. */
  readonly removedAt: string
}

/** Newest first. */
export async function listTrash(workspace: Workspace): Promise<TrashedRun[]> {
  const names = await translating(`read ${trashFolder(workspace)}`, () => workspace.fileSystem.list(trashFolder(workspace)))
  return names
    .map((entry) => {
      const found = /^([a-z0-9-]+)\.(\d{10,16})$/.exec(entry)
      return found && isId(found[1]) ? { id: found[1], entry, removedAt: new Date(Number(found[2])).toISOString() } : null
    })
    .filter((one) => one !== null)
    .sort((a, b) => (a.removedAt < b.removedAt ? 1 : -1))
}

/** Moves a run to the trash. The caller has made sure that nobody works on it. Throws StorageError. */
export async function moveToTrash(workspace: Workspace, id: string): Promise<void> {
  const from = join(runsFolder(workspace), requireId(id))
  if (!(await translating(`read ${from}`, () => workspace.fileSystem.info(from))))
    throw new StorageError('not-found', `there is no run "${id}" in this workspace`)
  await translating(`move ${from} to the trash`, async () => {
    await workspace.fileSystem.makeFolder(trashFolder(workspace))
    let when = Date.now()
    while (await workspace.fileSystem.info(join(trashFolder(workspace), `${id}.${when}`))) when++
    await renamePatiently(workspace.fileSystem, from, join(trashFolder(workspace), `${id}.${when}`))
    await workspace.fileSystem.syncFolder(runsFolder(workspace))
  })
}

/** Brings a trashed run back under its id: the newest of that id, or `entry`. Throws StorageError (`not-found`, `conflict`). */
export async function restoreFromTrash(workspace: Workspace, id: string, entry?: string): Promise<void> {
  const found = (await listTrash(workspace)).find((one) => one.id === requireId(id) && (entry === undefined || one.entry === entry))
  if (!found) throw new StorageError('not-found', `there is no run "${id}" in the trash`)
  const to = join(runsFolder(workspace), id)
  if (await workspace.fileSystem.info(to)) throw new StorageError('conflict', `there is a run "${id}" again; rename or remove it first`)
  await translating(`restore ${to}`, () => renamePatiently(workspace.fileSystem, join(trashFolder(workspace), found.entry), to))
}

/** Deletes what is in the trash for good, or only these entries. The space is free afterwards. */
export async function emptyTrash(workspace: Workspace, entries?: readonly string[]): Promise<number> {
  let count = 0
  for (const { entry } of await listTrash(workspace)) {
    if (entries && !entries.includes(entry)) continue
    const path = join(trashFolder(workspace), entry)
    await translating(`remove ${path}`, () => workspace.fileSystem.remove(path))
    count++
  }
  return count
}
