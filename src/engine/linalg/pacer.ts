// Keeps long synchronous work from starving the event loop.

/** A function to await between pieces of work: it lets other events in when the last time was over 30 ms ago, and rejects when the signal is aborted. */
export function createPacer(signal?: AbortSignal): () => Promise<void> | undefined {
  let last = performance.now()
  return () => {
    signal?.throwIfAborted()
    if (performance.now() - last < 30) return undefined
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        last = performance.now()
        if (signal?.aborted) reject(signal.reason)
        else resolve()
      })
    })
  }
}
