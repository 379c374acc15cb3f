// From a symmetric matrix to T and from T to its eigenvalues: what every symmetric eigenproblem begins with, and what functions of a matrix are made from.
import type { Kept } from '../../core'
import { LinalgError, type CallOptions, type Tridiagonal } from '../../interface'
import { matrix, type Matrix } from '../../matrix'
import { checkFinite, forEachRow } from '../../passes'
import { applyReflectors } from '../../reflectors'
import { runJob, type Context, type Job } from './job'
import { eigenThreads } from './threads'
import { tridiagonalFlops, tridiagonalize as reduceInPieces, type Reduction } from './tridiagonal'

export type Overwriting = CallOptions & { readonly overwrite?: boolean }

/** Squares of entries beyond these would leave the range of doubles; such matrices are scaled by a power of two, which is exact. */
const [tiny, huge] = [2 ** -400, 2 ** 400]

export const valuesFlops = (n: number): number => 30 * n * n

/** A = Q T Qᵀ, Q as reflectors in A itself with overwrite, otherwise in memory of the backend. */
export async function tridiagonalize(context: Context, a: Matrix, options: Overwriting = {}): Promise<Kept<Tridiagonal>> {
  const n = a.rows
  const largest = await checkFinite('tridiagonalize', 'a', a, options)
  if (!options.overwrite) context.memory.require('tridiagonalize', n * n)
  const here = forOrder(context, n)
  return runJob(here, tridiagonalFlops(n), options, async (job) => {
    const { t, scale, work } = await reduce(job, a, largest, options)
    const reflectors = { rows: work, scales: t.tau }
    const result: Tridiagonal = {
      diagonal: rescaled(t.diagonal.slice(), scale),
      offDiagonal: rescaled(t.offDiagonal.slice(0, n - 1), scale),
      eigenvalues: (asked) => runJob(here, valuesFlops(n), asked, async (task) => rescaled(await valuesOf(task, t), scale)),
      apply: (x, asked) => applyReflectors(reflectors, x, 'none', asked),
      applyTransposed: (x, asked) => applyReflectors(reflectors, x, 'transpose', asked)
    }
    return options.overwrite ? job.keep(result) : job.keep(result, work.data)
  })
}

/** The same library with the threads that an eigenproblem of this order is fastest on. */
export const forOrder = (context: Context, order: number): Context => ({
  ...context,
  threads: eigenThreads(context.library, order, context.threads)
})

/** Tridiagonalizes a copy of A (A itself with overwrite), scaled when its entries are extreme. Values are to be multiplied by `scale`. */
export async function reduce(
  job: Job,
  a: Matrix,
  largest: number,
  options: Overwriting
): Promise<{ t: Reduction; scale: number; work: Matrix }> {
  const n = a.rows
  const overwrite = options.overwrite === true
  const scale = largest > 0 && (largest < tiny || largest > huge) ? 2 ** Math.floor(Math.log2(largest)) : 1
  const work = overwrite ? a : matrix(n, n, job.take(n * n))
  if (!overwrite || scale !== 1)
    await forEachRow(a, options, (i) => {
      const row = a.data.subarray(a.offset + i * a.stride, a.offset + i * a.stride + n)
      const into = work.offset + i * work.stride
      if (scale === 1) work.data.set(row, into)
      else for (let j = 0; j < n; j++) work.data[into + j] = row[j] / scale
    })
  return { t: await reduceInPieces(job, work, overwrite ? 'in-place' : 'private'), scale, work }
}

export function rescaled(values: Float64Array, scale: number): Float64Array {
  if (scale !== 1) for (let i = 0; i < values.length; i++) values[i] *= scale
  return values
}

/** All eigenvalues of T by implicit QL/QR without square roots (dsterf). */
export async function valuesOf(job: Job, t: Reduction): Promise<Float64Array> {
  const [values, offDiagonal] = [t.diagonal.slice(), t.offDiagonal.slice()]
  const info = await job.call(valuesFlops(t.n), 'private', 'dsterf', t.n, values, offDiagonal)
  if (info > 0) throw new LinalgError('no-convergence', `eigenvalues: ${info} of ${t.n} eigenvalues did not converge`)
  return values
}
