// Cholesky, triangular solves, QR, LQ and singular values by the native routines.
import type { Kept } from '../../core'
import { LinalgError, type CallOptions, type CholeskyResult, type ThinLq, type ThinQr, type Transpose } from '../../interface'
import { block, matrix, type Matrix } from '../../matrix'
import { checkFinite, forEachRow } from '../../passes'
import { noInverse } from '../../refusals'
import { runJob, type Context, type Job } from './job'
import { leading, pieceLength, start } from './products'
import { transposeInto } from './transpose'

/** Columns factorized at a time by large Cholesky factorizations. */
const choleskyBlock = 1024

export async function choleskyInPlace(context: Context, a: Matrix, options?: CallOptions): Promise<CholeskyResult> {
  await checkFinite('choleskyInPlace', 'a', a, options, 'lower')
  const n = a.rows
  return runJob(context, n ** 3 / 3, options, async (job) => {
    const width = n ** 3 / 3 <= job.pieceFlops ? Math.max(1, n) : Math.min(choleskyBlock, Math.floor(Math.cbrt(3 * job.pieceFlops)))
    await forEachRow(a, options, (i) => a.data.fill(0, a.offset + i * a.stride + i + 1, a.offset + i * a.stride + n))
    for (let from = 0; from < n; from += width) {
      const count = Math.min(width, n - from)
      const diagonal = block(a, from, from, count, count)
      // Row-major lower is column-major upper: A = UᵀU with U = Lᵀ.
      const info = await job.call(count ** 3 / 3, 'in-place', 'dpotrf', 'U', count, start(diagonal), leading(diagonal))
      if (info > 0) return { positiveDefinite: false, rank: from + info - 1 }
      const rest = n - from - count
      if (rest === 0) break
      const below = block(a, from + count, from, rest, count)
      await solveRight(job, diagonal, below)
      await lowerUpdate(job, below, block(a, from + count, from + count, rest, rest))
    }
    return { positiveDefinite: true, rank: n }
  })
}

/** X Lᵀ = B in place of B (rows × n), by rows. Column-major: L X' = B' with L = U'ᵀ. */
async function solveRight(job: Job, l: Matrix, b: Matrix): Promise<void> {
  const rows = pieceLength(job, l.rows ** 2)
  for (let from = 0; from < b.rows; from += rows) {
    const some = block(b, from, 0, Math.min(rows, b.rows - from), b.columns)
    const flops = some.rows * l.rows ** 2
    await job.call(
      flops,
      'in-place',
      'dtrsm',
      'L',
      'U',
      'T',
      'N',
      b.columns,
      some.rows,
      1,
      start(l),
      leading(l),
      start(some),
      leading(some)
    )
  }
}

/** Lower triangle of C ← C − A Aᵀ (row-major), by block rows: GEMM left of the diagonal block, SYRK on it. */
async function lowerUpdate(job: Job, a: Matrix, c: Matrix): Promise<void> {
  const n = c.rows
  const rows = Math.max(256, pieceLength(job, 2 * n * a.columns))
  for (let from = 0; from < n; from += rows) {
    const count = Math.min(rows, n - from)
    const here = block(a, from, 0, count, a.columns)
    const diagonal = block(c, from, from, count, count)
    const k = a.columns
    if (from > 0) {
      const left = block(c, from, 0, count, from)
      await job.call(
        2 * count * from * k,
        'in-place',
        'dgemm',
        'T',
        'N',
        from,
        count,
        k,
        -1,
        start(a),
        leading(a),
        start(here),
        leading(here),
        1,
        start(left),
        leading(left)
      )
    }
    await job.call(
      count * count * k,
      'in-place',
      'dsyrk',
      'U',
      'T',
      count,
      k,
      -1,
      start(here),
      leading(here),
      1,
      start(diagonal),
      leading(diagonal)
    )
  }
}

async function checkSolve(routine: string, l: Matrix, b: Matrix, options?: CallOptions): Promise<void> {
  await checkFinite(routine, 'b', b, options)
  for (let i = 0; i < l.rows; i++) {
    const pivot = l.data[l.offset + i * l.stride + i]
    if (pivot === 0) throw noInverse(routine, i)
    // An infinite pivot would vanish from the result.
    if (!Number.isFinite(pivot)) await checkFinite(routine, 'l', l, options, 'lower')
  }
}

/** Any other entry of L that is not finite shows in the result, which is far smaller than L: only then is L looked through, to name the entry. */
async function checkSolved(routine: string, l: Matrix, b: Matrix, options?: CallOptions): Promise<void> {
  const finite = await checkFinite(routine, 'result', b, options).then(
    () => true,
    (error: unknown) => {
      if (error instanceof LinalgError && error.code === 'not-finite') return false
      throw error
    }
  )
  if (!finite) await checkFinite(routine, 'l', l, options, 'lower')
}

/** op(L) X = B in place of B, by column blocks of B. Column-major: X' op(L)ᵀ = B' with U = Lᵀ. */
async function solveLower(job: Job, l: Matrix, b: Matrix, transpose: Transpose): Promise<void> {
  const n = l.rows
  const trans = transpose === 'transpose' ? 'T' : 'N'
  if (b.columns === 1)
    return void (await job.call(
      n * n,
      'in-place',
      'dtrsv',
      'U',
      trans === 'T' ? 'N' : 'T',
      'N',
      n,
      start(l),
      leading(l),
      start(b),
      leading(b)
    ))
  const columns = pieceLength(job, n * n)
  for (let from = 0; from < b.columns; from += columns) {
    const some = block(b, 0, from, n, Math.min(columns, b.columns - from))
    await job.call(
      n * n * some.columns,
      'in-place',
      'dtrsm',
      'R',
      'U',
      trans,
      'N',
      some.columns,
      n,
      1,
      start(l),
      leading(l),
      start(some),
      leading(some)
    )
  }
}

export async function solveTriangularInPlace(
  context: Context,
  l: Matrix,
  b: Matrix,
  options: CallOptions & { readonly transpose?: Transpose } = {}
): Promise<void> {
  await checkSolve('solveTriangularInPlace', l, b, options)
  await runJob(context, l.rows ** 2 * b.columns, options, async (job) => {
    if (l.rows > 0 && b.columns > 0) await solveLower(job, l, b, options.transpose ?? 'none')
  })
  await checkSolved('solveTriangularInPlace', l, b, options)
}

export async function solveCholeskyInPlace(context: Context, l: Matrix, b: Matrix, options?: CallOptions): Promise<void> {
  await checkSolve('solveCholeskyInPlace', l, b, options)
  await runJob(context, 2 * l.rows ** 2 * b.columns, options, async (job) => {
    if (l.rows === 0 || b.columns === 0) return
    await solveLower(job, l, b, 'none')
    await solveLower(job, l, b, 'transpose')
  })
  await checkSolved('solveCholeskyInPlace', l, b, options)
}

/** A contiguous copy in memory of the job. */
async function copied(job: Job, a: Matrix, options: CallOptions | undefined): Promise<Matrix> {
  const copy = matrix(a.rows, a.columns, job.take(a.rows * a.columns))
  await forEachRow(a, options, (i) =>
    copy.data.set(a.data.subarray(a.offset + i * a.stride, a.offset + i * a.stride + a.columns), i * a.columns)
  )
  return copy
}

/** A = Q R. Row-major A is column-major Aᵀ = Rᵀ Qᵀ, an LQ factorization. */
export function qr(context: Context, a: Matrix, _: number, options?: CallOptions): Promise<Kept<ThinQr>> {
  return orthogonalFactor(context, 'qr', a, options, ({ factor, q }) => ({ q, r: factor }))
}

/** A = L Q. Row-major A is column-major Aᵀ = Qᵀ Lᵀ, a QR factorization. */
export function lq(context: Context, a: Matrix, _: number, options?: CallOptions): Promise<Kept<ThinLq>> {
  return orthogonalFactor(context, 'lq', a, options, ({ factor, q }) => ({ l: factor, q }))
}

async function orthogonalFactor<Result>(
  context: Context,
  routine: 'qr' | 'lq',
  a: Matrix,
  options: CallOptions | undefined,
  result: (found: { factor: Matrix; q: Matrix }) => Result
): Promise<Kept<Result>> {
  const tall = routine === 'qr'
  const [long, short] = tall ? [a.rows, a.columns] : [a.columns, a.rows]
  context.memory.require(routine, long * short + short * short)
  const flops = 2 * short * short * (long - short / 3)
  return runJob(context, 2 * flops, options, async (job) => {
    const q = await copied(job, a, options)
    const factor = matrix(short, short, job.take(short * short))
    const tau = new Float64Array(short)
    const work = new Float64Array(64 * long)
    const [factorize, generate] = tall ? (['dgelqf', 'dorglq'] as const) : (['dgeqrf', 'dorgqr'] as const)
    await job.call(flops, 'private', factorize, a.columns, a.rows, q.data, a.columns, tau, work, work.length)
    for (let i = 0; i < short; i++)
      if (tall) factor.data.set(q.data.subarray(i * short + i, i * short + short), i * short + i)
      else factor.data.set(q.data.subarray(i * long, i * long + i + 1), i * short)
    await job.call(flops, 'private', generate, a.columns, a.rows, short, q.data, a.columns, tau, work, work.length)
    flipSigns(factor, q, tall)
    return job.keep(result({ factor, q }), q.data, factor.data)
  })
}

/** Makes the triangular factor's diagonal non-negative: rows of R with columns of Q, columns of L with rows of Q. */
function flipSigns(factor: Matrix, q: Matrix, tall: boolean): void {
  const n = factor.rows
  for (let k = 0; k < n; k++) {
    if (!(factor.data[k * n + k] < 0)) continue
    for (let i = 0; i < n; i++) {
      const at = tall ? k * n + i : i * n + k
      if (factor.data[at] !== 0) factor.data[at] = -factor.data[at]
    }
    if (tall) for (let i = 0; i < q.rows; i++) q.data[i * q.columns + k] = -q.data[i * q.columns + k]
    else for (let j = 0; j < q.columns; j++) q.data[k * q.columns + j] = -q.data[k * q.columns + j]
  }
}

/** By bidiagonalization and the dqds algorithm (dgesdd without vectors). The transpose has the same values. */
export async function singularValues(context: Context, a: Matrix, _: number, options?: CallOptions): Promise<Float64Array> {
  const [long, short] = [Math.max(a.rows, a.columns), Math.min(a.rows, a.columns)]
  const values = new Float64Array(short)
  context.memory.require('singularValues', long * short)
  const flops = 4 * short * short * (long - short / 3)
  return runJob(context, flops, options, async (job) => {
    const tall = await tallColumnMajor(context, job, a, options)
    const work = new Float64Array(short * short + 64 * (long + short) + 8 * short)
    const integers = new Int32Array(8 * short)
    const none = new Float64Array(1)
    const info = await job.call(
      flops,
      'private',
      'dgesdd',
      'N',
      long,
      short,
      tall,
      long,
      values,
      none,
      1,
      none,
      1,
      work,
      work.length,
      integers
    )
    if (info > 0) throw new LinalgError('no-convergence', `singularValues: the iteration did not converge (code ${info})`)
    return values
  })
}

/** A copy that the column-major routines see as a tall matrix. */
export async function tallColumnMajor(context: Context, job: Job, a: Matrix, options: CallOptions | undefined): Promise<Float64Array> {
  if (a.columns >= a.rows) return (await copied(job, a, options)).data
  const flipped = matrix(a.columns, a.rows, job.take(a.rows * a.columns))
  await transposeInto(context.library, job, a, flipped, 'private')
  return flipped.data
}
