// Work on a run that is no training: under its lock, with what a crash left put away first.
import { StorageError } from '../files'
import type { Workspace } from '../workspace'
import { heartbeatEvery, takeLock } from './lock'
import { lockPath, runFolder } from './paths'
import { dropLeftovers } from './recover'

/**
 * Does `work` while nobody else may touch the run; its signal aborts when the lock is lost. Throws StorageError `locked` while another process works
 * on the run, and what `work` throws.
 */
export async function holdRun<Result>(workspace: Workspace, id: string, work: (lost: AbortSignal) => Promise<Result>): Promise<Result> {
  const folder = runFolder(workspace, id)
  const lock = await takeLock(workspace.fileSystem, lockPath(folder))
  const lost = new AbortController()
  const beat = setInterval(() => {
    void lock.beat().catch((error: unknown) => {
      if (error instanceof StorageError && error.code === 'locked') lost.abort(error)
    })
  }, heartbeatEvery)
  beat.unref()
  try {
    await dropLeftovers(workspace, folder)
    return await work(lost.signal)
  } finally {
    clearInterval(beat)
    await lock.release()
  }
}

/** Puts away what a killed process left of work under `holdRun`. Nothing happens while somebody works on the run. */
export async function tidyRun(workspace: Workspace, id: string): Promise<void> {
  await holdRun(workspace, id, async () => undefined).catch((error: unknown) => {
    if (!(error instanceof StorageError && error.code === 'locked')) throw error
  })
}
