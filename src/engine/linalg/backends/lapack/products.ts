// GEMM, SYRK, SYMV over the native BLAS, in pieces short enough to be cancelled between.
import type { CallOptions, GemmOptions } from '../../interface'
import { block, type Matrix } from '../../matrix'
import { runJob, type Context, type Job } from './job'
import { mirrorUpper } from './transpose'

/** The data from a matrix's first entry on, as a native routine wants it. */
export const start = (m: Matrix): Float64Array => m.data.subarray(m.offset)
/** Leading dimension: one row may have any stride. */
export const leading = (m: Matrix): number => Math.max(1, m.stride, m.columns)

const flag = (transpose: unknown): 'T' | 'N' => (transpose === 'transpose' ? 'T' : 'N')

/** Rows (or columns) a piece may have when one of them costs `flopsEach`: a multiple of 64, at least 64. */
export const pieceLength = (job: Job, flopsEach: number): number =>
  Math.max(64, Math.floor(job.pieceFlops / Math.max(1, flopsEach) / 64) * 64)

/** C = alpha op(A) op(B) + beta C, by rows of C. Row-major C is column-major Cᵀ = op(B)ᵀ op(A)ᵀ. */
export async function product(job: Job, a: Matrix, b: Matrix, c: Matrix, options: GemmOptions = {}): Promise<void> {
  const transposeA = flag(options.transposeA)
  const transposeB = flag(options.transposeB)
  const depth = transposeA === 'T' ? a.rows : a.columns
  const rows = pieceLength(job, 2 * c.columns * depth)
  for (let from = 0; from < c.rows; from += rows) {
    const count = Math.min(rows, c.rows - from)
    const left = transposeA === 'T' ? block(a, 0, from, a.rows, count) : block(a, from, 0, count, a.columns)
    const into = block(c, from, 0, count, c.columns)
    const flops = 2 * count * c.columns * depth
    await job.call(
      flops,
      'in-place',
      'dgemm',
      transposeB,
      transposeA,
      c.columns,
      count,
      depth,
      options.alpha ?? 1,
      start(b),
      leading(b),
      start(left),
      leading(left),
      options.beta ?? 0,
      start(into),
      leading(into)
    )
  }
}

export async function gemm(context: Context, a: Matrix, b: Matrix, c: Matrix, options: GemmOptions = {}): Promise<void> {
  const depth = options.transposeA === 'transpose' ? a.rows : a.columns
  await runJob(context, 2 * c.rows * c.columns * depth, options, async (job) => {
    if (c.rows > 0 && c.columns > 0) await product(job, a, b, c, options)
  })
}

/** The upper triangle (row-major) of alpha op(A) op(A)ᵀ + beta C, by block rows: SYRK on the diagonal block, GEMM right of it. */
async function upperProduct(job: Job, a: Matrix, c: Matrix, options: GemmOptions = {}): Promise<void> {
  const transposed = options.transposeA === 'transpose'
  const n = c.rows
  const depth = transposed ? a.rows : a.columns
  const piece = (from: number, count: number): Matrix => (transposed ? block(a, 0, from, depth, count) : block(a, from, 0, count, depth))
  const rows = Math.min(n, n * n * depth <= job.pieceFlops ? n : Math.max(128, pieceLength(job, 2 * n * depth)))
  for (let from = 0; from < n; from += rows) {
    const count = Math.min(rows, n - from)
    const diagonal = block(c, from, from, count, count)
    const [alpha, beta, left] = [options.alpha ?? 1, options.beta ?? 0, piece(from, count)]
    const trans = transposed ? 'N' : 'T'
    const target = start(diagonal)
    await job.call(
      count * count * depth,
      'in-place',
      'dsyrk',
      'L',
      trans,
      count,
      depth,
      alpha,
      start(left),
      leading(left),
      beta,
      target,
      leading(diagonal)
    )
    const rest = n - from - count
    if (rest > 0)
      await product(job, left, piece(from + count, rest), block(c, from, from + count, count, rest), {
        transposeA: transposed ? 'transpose' : 'none',
        transposeB: transposed ? 'none' : 'transpose',
        alpha,
        beta
      })
  }
}

export async function syrk(context: Context, a: Matrix, c: Matrix, options: GemmOptions = {}): Promise<void> {
  const depth = options.transposeA === 'transpose' ? a.rows : a.columns
  await runJob(context, c.rows * c.rows * depth, options, async (job) => {
    if (c.rows > 0) await upperProduct(job, a, c, options)
    await mirrorUpper(context.library, job, c)
  })
}

export async function symv(context: Context, a: Matrix, x: Float64Array, y: Float64Array, options?: CallOptions): Promise<void> {
  await runJob(context, 2 * a.rows * a.rows, options, async (job) => {
    if (a.rows > 0) await job.call(2 * a.rows * a.rows, 'in-place', 'dsymv', 'L', a.rows, 1, start(a), leading(a), x, 1, 0, y, 1)
  })
}
