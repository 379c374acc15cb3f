// Work under a lock whose heart beats meanwhile; on a run that is no training, with what a crash left put away first.
import { StorageError, type FileSystem } from '../files'
import type { Workspace } from '../workspace'
import { dropLeftovers } from './leftovers'
import { heartbeatEvery, takeLock, type HostView } from './lock'
import { lockPath, runFolder } from './paths'

/** True for the refusal of a lock that somebody else has. */
export const isLocked = (error: unknown): error is StorageError => error instanceof StorageError && error.code === 'locked'

/** Does `work` while this process holds the lock; its signal aborts when the lock is lost. Throws StorageError `locked` where another has it, and what `work` throws. */
export async function holdLock<Result>(
  fileSystem: FileSystem,
  path: string,
  work: (lost: AbortSignal) => Promise<Result>,
  host?: HostView
): Promise<Result> {
  const lock = await takeLock(fileSystem, path, host)
  const lost = new AbortController()
  const beat = setInterval(() => {
    void lock.beat().catch((error: unknown) => {
      if (isLocked(error)) lost.abort(error)
    })
  }, heartbeatEvery)
  beat.unref()
  try {
    return await work(lost.signal)
  } finally {
    clearInterval(beat)
    await lock.release()
  }
}

/** Does `work` while nobody else may touch the run. Signal and errors as of `holdLock`. */
export async function holdRun<Result>(
  workspace: Workspace,
  id: string,
  work: (lost: AbortSignal) => Promise<Result>,
  host?: HostView
): Promise<Result> {
  const folder = runFolder(workspace, id)
  const tidied = async (lost: AbortSignal) => {
    await dropLeftovers(workspace, folder)
    return work(lost)
  }
  return holdLock(workspace.fileSystem, lockPath(folder), tidied, host)
}

/** Puts away what a killed process left of work under `holdRun`. Nothing happens while somebody works on the run. */
export async function tidyRun(workspace: Workspace, id: string): Promise<void> {
  await holdRun(workspace, id, async () => undefined).catch((error: unknown) => {
    if (!isLocked(error)) throw error
  })
}
