// Passes over a matrix on this thread: they let the event loop turn, look for cancellation, and find entries that are not finite.
import type { CallOptions } from './interface'
import type { Matrix } from './matrix'
import { notFinite } from './refusals'

export function throwIfCancelled(options?: CallOptions): void {
  if (options?.signal?.aborted) throw options.signal.reason
}

/** Lets timers, messages and I/O run before the work goes on. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

const entriesBetweenBreaths = 2_000_000

/** Calls `visit` for every row; breathes and looks for cancellation every couple of milliseconds. */
export async function forEachRow(m: Matrix, options: CallOptions | undefined, visit: (row: number) => void): Promise<void> {
  let since = 0
  for (let row = 0; row < m.rows; row++) {
    visit(row)
    since += m.columns
    if (since > entriesBetweenBreaths) {
      since = 0
      await breathe()
      throwIfCancelled(options)
    }
  }
}

/**
 * Rejects with code `not-finite` and the first bad entry in row order; resolves to the largest magnitude (0 when empty). `triangle` 'lower' looks at
 * the lower triangle only.
 */
export async function checkFinite(
  routine: string,
  name: string,
  m: Matrix,
  options?: CallOptions,
  triangle: 'all' | 'lower' = 'all'
): Promise<number> {
  let largest = 0
  await forEachRow(m, options, (row) => {
    const start = m.offset + row * m.stride
    const length = triangle === 'lower' ? Math.min(row + 1, m.columns) : m.columns
    largest = Math.max(largest, largestOf(m.data, start, length))
    if (largest < Infinity) return
    const column = m.data.subarray(start, start + length).findIndex((value) => !Number.isFinite(value))
    throw notFinite(routine, name, row, column, m.data[start + column])
  })
  return largest
}

/** NaN where an entry is not finite. */
function largestOf(data: Float64Array, start: number, length: number): number {
  let largest = 0
  let poison = 0
  for (let at = start; at < start + length; at++) {
    const magnitude = Math.abs(data[at])
    if (magnitude > largest) largest = magnitude
    poison += magnitude * 0
  }
  return poison === 0 ? largest : NaN
}
