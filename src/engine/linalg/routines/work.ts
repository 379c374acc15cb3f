// What the routines share: scratch memory that is always given back, flop-weighted progress, and exact scaling.
import type { Kept, LinalgCore } from '../core'
import { LinalgError, type CallOptions } from '../interface'
import { matrix, type Matrix } from '../matrix'
import { breathe, throwIfCancelled } from '../passes'

export interface Work {
  readonly core: LinalgCore
  /** For the calls within: the caller's signal, no progress of their own. */
  readonly options: CallOptions
  /** A contiguous matrix of zeros that is given back when the routine ends, unless a result keeps it. */
  take(rows: number, columns: number): Matrix
  /** The routine's result with the matrices of `take` that it holds. */
  keep<Result>(result: Result, ...matrices: readonly Matrix[]): Kept<Result>
  /** Gives scratch back before the end. */
  drop(m: Matrix): void
  /** Reports flops done and, between loops on this thread, lets the event loop run and looks for cancellation. */
  advance(flops: number): Promise<void>
}

export interface Extent {
  readonly routine: string
  /** About how many flops it takes, for progress. */
  readonly flops: number
  /** About how many numbers of scratch and results it holds at most. */
  readonly numbers: number
}

/** Runs a routine; its scratch is given back however it ends. Rejects with code `out-of-memory` before anything is allocated when the memory will not do. */
export async function withWork<T>(
  core: LinalgCore,
  options: CallOptions | undefined,
  { routine, flops, numbers }: Extent,
  body: (work: Work) => Promise<T>
): Promise<T> {
  throwIfCancelled(options)
  if (numbers * 8 > core.availableBytes)
    throw new LinalgError('out-of-memory', `${routine}: needs about ${numbers * 8} bytes of work space, ${core.availableBytes} are free`)
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
      keep(result, ...matrices) {
        for (const { data } of matrices) taken.delete(data)
        return { result, arrays: matrices.map(({ data }) => data) }
      },
      drop(m) {
        if (taken.delete(m.data)) core.release(m.data)
      },
      async advance(more) {
        done += more
        options?.onProgress?.(Math.min(0.999, done / Math.max(1, flops)))
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

const tile = 32
const entriesBetweenBreaths = 500_000

/** to ← from / divisor (transposed when asked), in tiles, with breaths in between. */
export async function copyScaled(work: Work, from: Matrix, to: Matrix, divisor: number, transposed: boolean): Promise<void> {
  const factor = 1 / divisor
  let since = 0
  for (let row = 0; row < from.rows; row += tile) {
    const rows = Math.min(tile, from.rows - row)
    for (let col = 0; col < from.columns; col += tile)
      copyTile(from, to, row, col, rows, Math.min(tile, from.columns - col), factor, transposed)
    since += rows * from.columns
    if (since > entriesBetweenBreaths) {
      since = 0
      await work.advance(0)
    }
  }
}

function copyTile(
  from: Matrix,
  to: Matrix,
  row: number,
  col: number,
  rows: number,
  columns: number,
  factor: number,
  transposed: boolean
): void {
  const [rowStep, columnStep] = transposed ? [1, to.stride] : [to.stride, 1]
  for (let i = row; i < row + rows; i++)
    for (let j = col; j < col + columns; j++)
      to.data[to.offset + i * rowStep + j * columnStep] = from.data[from.offset + i * from.stride + j] * factor
}
