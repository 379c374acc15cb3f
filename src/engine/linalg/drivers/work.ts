// What the drivers share: scratch memory that is always given back, flop-weighted progress, and exact scaling.
import { breathe, throwIfCancelled } from '../checks'
import type { CallOptions } from '../interface'
import { matrix, type Matrix } from '../matrix'
import type { LinalgCore } from './core'

export interface Work {
  readonly core: LinalgCore
  /** For the calls within: the caller's signal, no progress of their own. */
  readonly options: CallOptions
  /** A contiguous matrix of zeros that is given back when the driver ends, unless `keep` is called on it. */
  take(rows: number, columns: number): Matrix
  keep(m: Matrix): Matrix
  /** Gives scratch back before the end. */
  drop(m: Matrix): void
  /** Reports flops done and, between loops on this thread, lets the event loop run and looks for cancellation. */
  advance(flops: number): Promise<void>
}

/** Runs a driver; its scratch is given back however it ends. */
export async function withWork<T>(
  core: LinalgCore,
  options: CallOptions | undefined,
  totalFlops: number,
  body: (work: Work) => Promise<T>
): Promise<T> {
  throwIfCancelled(options)
  const taken = new Set<Float64Array>()
  let done = 0
  try {
    const result = await body({
      core,
      options: { signal: options?.signal },
      take(rows, columns) {
        const data = core.allocate(rows * columns)
        taken.add(data)
        return matrix(rows, columns, data)
      },
      keep(m) {
        taken.delete(m.data)
        return m
      },
      drop(m) {
        if (taken.delete(m.data)) core.release(m.data)
      },
      async advance(flops) {
        done += flops
        options?.onProgress?.(Math.min(0.999, done / Math.max(1, totalFlops)))
        await breathe()
        throwIfCancelled(options)
      }
    })
    options?.onProgress?.(1)
    return result
  } finally {
    for (const data of taken) core.release(data)
  }
}

/** The power of two at or below a magnitude; 1 for 0. Multiplying and dividing by it is exact. */
export function powerOfTwo(magnitude: number): number {
  return magnitude > 0 ? 2 ** Math.max(-1000, Math.floor(Math.log2(magnitude))) : 1
}

/** to ← from / divisor (transposed when asked), in rows. */
export function copyScaled(from: Matrix, to: Matrix, divisor: number, transposed: boolean): void {
  const factor = 1 / divisor
  for (let i = 0; i < from.rows; i++)
    for (let j = 0; j < from.columns; j++) {
      const at = transposed ? to.offset + j * to.stride + i : to.offset + i * to.stride + j
      to.data[at] = from.data[from.offset + i * from.stride + j] * factor
    }
}
