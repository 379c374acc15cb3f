// Rate limits for events: of many that say the same kind of thing, the newest is enough.

export interface Coalescer<Value> {
  /** Sends at once when the last one is long enough ago, else the newest after the pause. */
  offer(value: Value): void
  /** Sends what is waiting now. */
  flush(): void
  /** Drops what is waiting. */
  drop(): void
}

/** `send` is called at most once every `milliseconds`, always with the newest value, and always with the last one. */
export function coalesce<Value>(milliseconds: number, send: (value: Value) => void): Coalescer<Value> {
  let waiting: { value: Value } | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let last = -Infinity
  const stopTimer = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }
  const flush = () => {
    stopTimer()
    if (waiting === null) return
    const { value } = waiting
    waiting = null
    last = performance.now()
    send(value)
  }
  return {
    offer(value) {
      waiting = { value }
      const wait = last + milliseconds - performance.now()
      if (wait <= 0) flush()
      else timer ??= setTimeout(flush, wait)
    },
    flush,
    drop() {
      stopTimer()
      waiting = null
    }
  }
}
