// Removing a run: to the trash, never while somebody works on it.
import { StorageError } from '../files'
import { moveToTrash, type Workspace } from '../workspace'
import { liveLock } from './lock'
import { lockPath, runFolder } from './paths'

/** Moves the run to the trash. Throws StorageError (`not-found`, `locked`). */
export async function removeRun(workspace: Workspace, id: string): Promise<void> {
  const owner = await liveLock(workspace.fileSystem, lockPath(runFolder(workspace, id)))
  if (owner) throw new StorageError('locked', `run "${id}" is being worked on by process ${owner.pid} on ${owner.host}; stop it first`)
  await moveToTrash(workspace, id)
}
