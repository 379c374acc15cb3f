// Stopping in good manners: the work in hand may finish when that takes less than two seconds, else it is cancelled.

export const graceSeconds = 2

export interface Grace {
  /** Aborts when the work in hand must be given up. */
  readonly signal: AbortSignal
  /** True once a stop was asked for. */
  readonly stopping: () => boolean
  /** Call when a piece of work begins, with the seconds that it is expected to take (0 when unknown). */
  begin(expectedSeconds: number): void
  dispose(): void
}

/** Follows `stop`: at its abort the work in hand is cancelled at once if it is known to need over two more seconds, and after two seconds otherwise. */
export function graceful(stop: AbortSignal | undefined): Grace {
  const controller = new AbortController()
  let began = performance.now()
  let expected = 0
  let timer: ReturnType<typeof setTimeout> | null = null
  const cancel = () => controller.abort(new Error('stopped'))
  const onStop = () => {
    const left = expected - (performance.now() - began) / 1000
    if (left > graceSeconds) cancel()
    else timer = setTimeout(cancel, graceSeconds * 1000)
  }
  if (stop?.aborted === true) cancel()
  else stop?.addEventListener('abort', onStop, { once: true })
  return {
    signal: controller.signal,
    stopping: () => stop?.aborted === true,
    begin(expectedSeconds) {
      began = performance.now()
      expected = expectedSeconds
    },
    dispose() {
      stop?.removeEventListener('abort', onStop)
      if (timer !== null) clearTimeout(timer)
    }
  }
}

/** Lets the event loop hear messages at least every so many milliseconds, however short the steps are; undefined where it is not time yet. */
export function breather(milliseconds = 15): () => Promise<void> | undefined {
  let last = performance.now()
  return () => {
    if (performance.now() - last < milliseconds) return undefined
    return new Promise<void>((resolve) =>
      setImmediate(() => {
        last = performance.now()
        resolve()
      })
    )
  }
}
