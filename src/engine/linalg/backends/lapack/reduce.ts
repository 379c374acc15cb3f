// From a symmetric matrix to T and from T to its eigenvalues: what every symmetric eigenproblem begins with, and what functions of a matrix are made from.
import type { Kept } from '../../core'
import { LinalgError, type CallOptions, type Tridiagonal } from '../../interface'
import { matrix, type Matrix } from '../../matrix'
import { checkFinite, forEachRow } from '../../passes'
import { applyReflectors } from '../../reflectors'
import { bandWidth } from '../../stages'
import type { Triangle } from './band'
import { runJob, type Context, type Job, type Target } from './job'
import { leading } from './products'
import { eigenThreads } from './threads'
import { tridiagonalFlops, tridiagonalize as reduceInPieces, type Reduction } from './tridiagonal'
import { applyTwice, applyTwiceFlops, tridiagonalizeTwice, twoStageWork } from './two-stage'

export type Overwriting = CallOptions & { readonly overwrite?: boolean }

/** Squares of entries beyond these would leave the range of doubles; such matrices are scaled by a power of two, which is exact. */
const [tiny, huge] = [2 ** -400, 2 ** 400]

export const valuesFlops = (n: number): number => 30 * n * n

/** T alone, as its eigenvalues and eigenvectors want it. */
export type Entries = Pick<Reduction, 'n' | 'diagonal' | 'offDiagonal'>

/** A = Q T Qᵀ, Q as reflectors in A itself with overwrite, otherwise in memory of the backend. */
export async function tridiagonalize(context: Context, a: Matrix, options: Overwriting = {}): Promise<Kept<Tridiagonal>> {
  const n = a.rows
  const largest = await checkFinite('tridiagonalize', 'a', a, options)
  const width = bandWidth(context.twoStage, n, 1)
  context.memory.require('tridiagonalize', (options.overwrite ? 0 : n * n) + (width ? twoStageWork(n, width, true) : 0))
  const here = forOrder(context, n)
  return runJob(here, tridiagonalFlops(n), options, async (job) => {
    const { scale, work } = await prepared(job, a, largest, options)
    const target = options.overwrite ? 'in-place' : 'private'
    const { t, ...images } = width ? await inTwoStages(here, job, work, width, target) : await inOneStage(job, work, target)
    const result: Tridiagonal = {
      ...images,
      diagonal: rescaled(t.diagonal.slice(), scale),
      offDiagonal: rescaled(t.offDiagonal.slice(0, n - 1), scale),
      eigenvalues: (asked) => runJob(here, valuesFlops(n), asked, async (task) => rescaled(await valuesOf(task, t), scale))
    }
    return options.overwrite ? job.keep(result) : job.keep(result, work.data)
  })
}

type Reduced = Pick<Tridiagonal, 'apply' | 'applyTransposed'> & { readonly t: Entries }

async function inOneStage(job: Job, work: Matrix, target: Target): Promise<Reduced> {
  const t = await reduceInPieces(job, work, target)
  const reflectors = { rows: work, scales: t.tau }
  return {
    t,
    apply: (x, asked) => applyReflectors(reflectors, x, 'none', asked),
    applyTransposed: (x, asked) => applyReflectors(reflectors, x, 'transpose', asked)
  }
}

async function inTwoStages(context: Context, job: Job, work: Matrix, width: number, target: Target): Promise<Reduced> {
  const t = await tridiagonalizeTwice(context, job, triangleOf(work), width, true, target)
  const image = (x: Float64Array, transposed: boolean, asked?: CallOptions): Promise<void> =>
    runJob(context, applyTwiceFlops(t.n, 1), asked, async (task) => {
      const z = task.take(t.n)
      z.set(x)
      await applyTwice(context, task, t, z, 1, transposed)
      x.set(z)
    })
  return { t, apply: (x, asked) => image(x, false, asked), applyTransposed: (x, asked) => image(x, true, asked) }
}

/** The matrix as native routines see it: its upper triangle by rows is their lower one by columns. */
export function triangleOf(m: Matrix): Triangle {
  const stride = leading(m)
  return { order: m.rows, leading: stride, at: (row, column) => m.data.subarray(m.offset + column * stride + row) }
}

/** The same library with the threads that an eigenproblem of this order is fastest on. */
export const forOrder = (context: Context, order: number): Context => ({
  ...context,
  threads: eigenThreads(context.library, order, context.threads)
})

/** A copy of A (A itself with overwrite), scaled when its entries are extreme. Values are to be multiplied by `scale`. */
export async function prepared(job: Job, a: Matrix, largest: number, options: Overwriting): Promise<{ scale: number; work: Matrix }> {
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
  return { scale, work }
}

export function rescaled(values: Float64Array, scale: number): Float64Array {
  if (scale !== 1) for (let i = 0; i < values.length; i++) values[i] *= scale
  return values
}

/** All eigenvalues of T by implicit QL/QR without square roots (dsterf). */
export async function valuesOf(job: Job, t: Entries): Promise<Float64Array> {
  const [values, offDiagonal] = [t.diagonal.slice(), t.offDiagonal.slice()]
  const info = await job.call(valuesFlops(t.n), 'private', 'dsterf', t.n, values, offDiagonal)
  if (info > 0) throw new LinalgError('no-convergence', `eigenvalues: ${info} of ${t.n} eigenvalues did not converge`)
  return values
}
