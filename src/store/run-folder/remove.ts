// Removing a run: to the trash, never while somebody works on it.
import { StorageError } from '../files'
import { moveToTrash, type Workspace } from '../workspace'
import { awaitEnding, liveLock, type OnWait } from './lock'
import { lockPath, runFolder } from './paths'

/** Moves the run to the trash, whatever state its files are in; an owner that is ending is waited for. Throws StorageError (`not-found`, `locked`). */
export async function removeRun(workspace: Workspace, id: string, onWait?: OnWait): Promise<void> {
  const lock = lockPath(runFolder(workspace, id))
  await awaitEnding(workspace.fileSystem, lock, undefined, onWait)
  const owner = await liveLock(workspace.fileSystem, lock)
  if (owner) throw new StorageError('locked', `run "${id}" is being worked on by process ${owner.pid} on ${owner.host}; stop it first`)
  await moveToTrash(workspace, id)
}
