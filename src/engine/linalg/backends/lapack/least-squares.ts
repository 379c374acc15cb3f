// Minimum-norm least squares and the pseudoinverse by the native routines.
import type { Kept, RankOptions } from '../../core'
import type { LeastSquares, Pseudoinverse } from '../../interface'
import { matrix, type Matrix } from '../../matrix'
import { powerOfTwo } from '../../vectors'
import { tallColumnMajor } from './factorizations'
import { runJob, type Context, type Job } from './job'
import { decompose, decompositionFlops, solveTall, solveWide } from './orthogonal'
import { transposeInto } from './transpose'

/** Entries of these magnitudes have squares of products in range: only others are divided by a power of two, which is exact. */
const [tiny, huge] = [2 ** -200, 2 ** 200]

/** A square one counts as wide, which spares its transposition. */
const isTall = (a: Matrix): boolean => a.rows > a.columns
const extents = (a: Matrix): readonly [long: number, short: number] => [Math.max(a.rows, a.columns), Math.min(a.rows, a.columns)]
const scaleOf = (largest: number): number => (largest < tiny || largest > huge ? powerOfTwo(largest) : 1)

/** The tall one of A and Aᵀ, column-major, divided by the scale, in memory of the job. */
async function scaledCopy(context: Context, job: Job, a: Matrix, scale: number, options: RankOptions): Promise<Float64Array> {
  const tall = await tallColumnMajor(context, job, a, options)
  divide(tall, scale)
  return tall
}

function divide(values: Float64Array, scale: number): void {
  if (scale !== 1) for (let at = 0; at < values.length; at++) values[at] /= scale
}

/** C (rows × k, any strides) as the first rows of columns of length `long`, column-major, zeros below. */
async function columnsOf(context: Context, job: Job, c: Matrix, long: number): Promise<Float64Array> {
  const columns = job.take(long * c.columns)
  const view = { data: columns, rows: c.columns, columns: c.rows, offset: 0, stride: long }
  await transposeInto(context.library, job, c, view, 'private')
  return columns
}

/** Backward stable; the rank is that of `decompose`. */
export async function leastSquares(
  context: Context,
  a: Matrix,
  largest: number,
  b: Matrix,
  options: RankOptions
): Promise<Kept<LeastSquares>> {
  const [long, short] = extents(a)
  const k = b.columns
  context.memory.require('leastSquares', long * short + (long + a.columns) * k)
  const flops = decompositionFlops(long, short) + k * short * (4 * long - short)
  return runJob(context, flops, options, async (job) => {
    const solution = matrix(a.columns, k, job.take(a.columns * k))
    const done = (rank: number, condition: number) => job.keep({ solution, rank, condition }, solution.data)
    if (largest === 0 || k === 0) return done(0, 1)
    const scale = scaleOf(largest)
    const found = await decompose(job, await scaledCopy(context, job, a, scale, options), long, short, options.tolerance)
    if (found.rank > 0) {
      const columns = await columnsOf(context, job, b, long)
      await (isTall(a) ? solveTall : solveWide)(job, found, columns, k)
      const view = { data: columns, rows: k, columns: a.columns, offset: 0, stride: long }
      await transposeInto(context.library, job, view, solution, 'private')
      divide(solution.data, scale)
    }
    return done(found.rank, found.condition)
  })
}

/** (Aᵀ)⁺ of the tall matrix A, by its solution for the identity: column-major long × short, that is A⁺ row-major. */
export async function pseudoinverse(context: Context, a: Matrix, largest: number, options: RankOptions): Promise<Kept<Pseudoinverse>> {
  const [long, short] = extents(a)
  const tall = isTall(a)
  context.memory.require('pseudoinverse', (tall ? 2 : 3) * long * short)
  const flops = decompositionFlops(long, short) + short * short * (4 * long - short)
  return runJob(context, flops, options, async (job) => {
    const done = (inverse: Float64Array, rank: number, condition: number) =>
      job.keep({ inverse: matrix(a.columns, a.rows, inverse), rank, condition }, inverse)
    if (largest === 0) return done(job.take(long * short), 0, 1)
    const scale = scaleOf(largest)
    const found = await decompose(job, await scaledCopy(context, job, a, scale, options), long, short, options.tolerance)
    const columns = job.take(long * short)
    if (found.rank > 0) {
      for (let j = 0; j < short; j++) columns[j * long + j] = 1
      await solveWide(job, found, columns, short)
      divide(columns, scale)
    }
    if (tall) return done(columns, found.rank, found.condition)
    const inverse = job.take(long * short)
    await transposeInto(context.library, job, matrix(short, long, columns), matrix(long, short, inverse), 'private')
    return done(inverse, found.rank, found.condition)
  })
}
