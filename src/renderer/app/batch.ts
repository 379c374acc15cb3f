// Collects values and hands them on together, at most so often: ten thousand tiny steps become a few updates a second.

/** The returned function takes a value; `deliver` gets all values since the last delivery, at most every `interval` milliseconds. */
export function batched<Value>(interval: number, deliver: (values: Value[]) => void) {
  let waiting: Value[] = []
  let timer: ReturnType<typeof setTimeout> | null = null
  let last = -Infinity
  const flush = () => {
    timer = null
    last = performance.now()
    const values = waiting
    waiting = []
    deliver(values)
  }
  return (value: Value) => {
    waiting.push(value)
    timer ??= setTimeout(flush, Math.max(0, last + interval - performance.now()))
  }
}
