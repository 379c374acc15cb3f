// A run held by this process while something is made of it afterwards.
import { holdRun, type Workspace } from '../store'

/** `work` under the run's lock; its signal aborts with the caller's, and when the lock is lost. Throws StorageError `locked`, and what `work` throws. */
export function holdingRun<Result>(
  workspace: Workspace,
  run: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>
): Promise<Result> {
  return holdRun(workspace, run, async (lost) => {
    const stop = new AbortController()
    const ends = [signal, lost].map((by) => ({ by, listener: () => stop.abort(by.reason) }))
    for (const { by, listener } of ends) {
      if (by.aborted) listener()
      by.addEventListener('abort', listener, { once: true })
    }
    try {
      return await work(stop.signal)
    } finally {
      for (const { by, listener } of ends) by.removeEventListener('abort', listener)
    }
  })
}
