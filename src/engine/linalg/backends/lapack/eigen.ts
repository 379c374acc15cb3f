// Symmetric eigenproblems: tridiagonalization, then QL (values), divide and conquer (all vectors) or bisection with inverse iteration (a few vectors).
import type { EigenRequest, Kept } from '../../core'
import { LinalgError, type CallOptions, type EigenPairs } from '../../interface'
import { matrix, type Matrix } from '../../matrix'
import { checkFinite } from '../../passes'
import { bandWidth } from '../../stages'
import { applyReflectors, backTransformFlops, backTransformWork } from './back-transform'
import { runJob, type Context, type Job } from './job'
import { leading } from './products'
import { forOrder, prepared, rescaled, triangleOf, valuesFlops, valuesOf, type Entries, type Overwriting } from './reduce'
import { transposeInto } from './transpose'
import { tridiagonalFlops, tridiagonalize, type Reduction } from './tridiagonal'
import { applyTwice, tridiagonalizeTwice, twoStageWork } from './two-stage'

export async function eigenvalues(context: Context, a: Matrix, options: Overwriting = {}): Promise<Float64Array> {
  const n = a.rows
  const largest = await checkFinite('eigenvalues', 'a', a, options)
  const width = bandWidth(context.twoStage, n, 0)
  context.memory.require('eigenvalues', (options.overwrite ? 0 : n * n) + (width ? twoStageWork(n, width, false) : 0))
  return runJob(forOrder(context, n), tridiagonalFlops(n) + valuesFlops(n), options, async (job) => {
    const { work, scale } = await prepared(job, a, largest, options)
    const target = options.overwrite ? 'in-place' : 'private'
    const t = width
      ? await tridiagonalizeTwice(context, job, triangleOf(work), width, false, target)
      : await tridiagonalize(job, work, target)
    return rescaled(await valuesOf(job, t), scale)
  })
}

export async function eigenSymmetric(context: Context, a: Matrix, request: EigenRequest, options?: CallOptions): Promise<Kept<EigenPairs>> {
  const n = a.rows
  const { wanted, overwrite } = request
  const largest = await checkFinite('eigenSymmetric', 'a', a, options)
  const all = wanted.length > n / 4
  const width = all ? 0 : bandWidth(context.twoStage, n, wanted.length)
  const back = width ? twoStageWork(n, width, true) : backTransformWork(n, wanted.length)
  context.memory.require('eigenSymmetric', (overwrite ? 0 : n * n) + 2 * n * (all ? n : wanted.length) + (all ? 0 : back))
  const flops =
    tridiagonalFlops(n) + (all ? (4 / 3) * n ** 3 + backTransformFlops(n, n) : valuesFlops(n) + backTransformFlops(n, wanted.length))
  return runJob(forOrder(context, n), flops, options, async (job) => {
    const { work, scale } = await prepared(job, a, largest, { ...options, overwrite })
    const target = overwrite ? 'in-place' : 'private'
    if (width) {
      const t = await tridiagonalizeTwice(context, job, triangleOf(work), width, true, target)
      return fewPairs(context, job, t, (z, columns) => applyTwice(context, job, t, z, columns, false), scale, request)
    }
    const t = await tridiagonalize(job, work, target)
    if (all) return allPairs(context, job, t, work, scale, request)
    const carry: Carry = (z, columns) => applyReflectors(job, t, z, columns, job.take(backTransformWork(n, columns)))
    return fewPairs(context, job, t, carry, scale, request)
  })
}

/** The eigenvectors of T in z (n × columns, column-major, memory of the job) become those of A. */
type Carry = (z: Float64Array, columns: number) => Promise<void>

/** By divide and conquer, over the reflectors where they lie alone: in the job's memory, or in A itself. */
async function allPairs(
  context: Context,
  job: Job,
  t: Reduction,
  work: Matrix,
  scale: number,
  { wanted, allValues, overwrite }: EigenRequest
): Promise<Kept<EigenPairs>> {
  const { n } = t
  const over = work.data.length === n * n
  const vectors = matrix(n, n, over ? work.data : job.take(n * n))
  const values = await allVectors(context, job, t, vectors)
  if (wanted.length === n) {
    const inPlace = over && overwrite
    const result = { values: rescaled(values, scale), vectors, inPlace }
    return inPlace ? job.keep(result) : job.keep(result, vectors.data)
  }
  const picked = pickColumns(job, vectors, wanted)
  const chosen = allValues ? values : Float64Array.from(wanted, (index) => values[index])
  return job.keep({ values: rescaled(chosen, scale), vectors: picked, inPlace: false }, picked.data)
}

/** By bisection and inverse iteration; where these fail, the wanted ones of all that divide and conquer gives. */
async function fewPairs(
  context: Context,
  job: Job,
  t: Entries,
  carry: Carry,
  scale: number,
  { wanted, allValues }: EigenRequest
): Promise<Kept<EigenPairs>> {
  const { n } = t
  const count = wanted.length
  const some = (await someVectors(job, t, wanted)) ?? (await pickedVectors(job, t, wanted))
  await carry(some.z, count)
  const values = allValues ? await valuesOf(job, t) : some.values
  const vectors = matrix(n, count, job.take(n * count))
  await transposeInto(context.library, job, { data: some.z, rows: count, columns: n, offset: 0, stride: n }, vectors, 'private')
  return job.keep({ values: rescaled(values, scale), vectors, inPlace: false }, vectors.data)
}

/** Values by divide and conquer (dstedc); the vectors, transformed back and turned into row-major columns, go to `vectors`, which may hold the reflectors. */
async function allVectors(context: Context, job: Job, t: Reduction, vectors: Matrix): Promise<Float64Array> {
  const { n } = t
  const { values, z, work } = await conquered(job, t)
  await applyReflectors(job, t, z, n, work)
  await transposeInto(context.library, job, matrix(n, n, z), vectors, 'in-place')
  return values
}

/** All eigenpairs of T by divide and conquer (dstedc), vectors by columns. */
async function conquered(
  job: Job,
  { n, diagonal, offDiagonal }: Entries
): Promise<{ values: Float64Array; z: Float64Array; work: Float64Array }> {
  const [values, rest] = [diagonal.slice(), offDiagonal.slice()]
  const z = job.take(n * n)
  const work = job.take(n * n + 4 * n + 1)
  const integers = new Int32Array(5 * n + 3)
  const flops = (4 / 3) * n ** 3
  const info = await job.call(flops, 'private', 'dstedc', 'I', n, values, rest, z, n, work, work.length, integers, integers.length)
  if (info > 0) throw new LinalgError('no-convergence', `eigenSymmetric: divide and conquer failed on a submatrix (code ${info})`)
  return { values, z, work }
}

interface Some {
  /** Of the wanted ones alone. */
  readonly values: Float64Array
  /** Their vectors, column-major, memory of the job. */
  readonly z: Float64Array
}

async function pickedVectors(job: Job, t: Entries, wanted: readonly number[]): Promise<Some> {
  const { n } = t
  const { values, z } = await conquered(job, t)
  const picked = job.take(n * wanted.length)
  wanted.forEach((index, j) => picked.set(z.subarray(index * n, (index + 1) * n), j * n))
  return { values: Float64Array.from(wanted, (index) => values[index]), z: picked }
}

/**
 * A few eigenpairs of T by bisection and inverse iteration (dstebz, dstein), orthogonalized once more; null when a routine reports a
 * failure or an index cannot be told apart, for which divide and conquer is the answer.
 */
async function someVectors(job: Job, t: Entries, wanted: readonly number[]): Promise<Some | null> {
  const { n } = t
  const count = wanted.length
  const z = job.take(Math.max(1, n * count))
  const values = new Float64Array(count)
  for (let first = 0; first < count;) {
    let last = first
    while (last + 1 < count && wanted[last + 1] === wanted[last] + 1) last++
    const some = await run(job, t, wanted[first], wanted[last])
    if (!some) return null
    values.set(some.values, first)
    z.set(some.vectors, first * n)
    first = last + 1
  }
  return orthogonalize(z, n, count) ? { values, z } : null
}

/** Eigenpairs number `from` to `to` of T, ascending. */
async function run(job: Job, t: Entries, from: number, to: number): Promise<{ values: Float64Array; vectors: Float64Array } | null> {
  const { n } = t
  const count = to - from + 1
  const [found, blocks, w] = [new Int32Array(1), new Int32Array(1), new Float64Array(n)]
  const [ofBlock, splits, integers] = [new Int32Array(n), new Int32Array(n), new Int32Array(3 * n)]
  const work = new Float64Array(5 * n)
  const { diagonal, offDiagonal } = t
  const bisected = await job.call(
    0,
    'private',
    'dstebz',
    'I',
    'B',
    n,
    0,
    0,
    from + 1,
    to + 1,
    0,
    diagonal,
    offDiagonal,
    found,
    blocks,
    w,
    ofBlock,
    splits,
    work,
    integers
  )
  if (bisected !== 0 || found[0] !== count) return null
  const vectors = new Float64Array(n * count)
  const failed = new Int32Array(count)
  const iterated = await job.call(
    0,
    'private',
    'dstein',
    n,
    diagonal,
    offDiagonal,
    count,
    w,
    ofBlock,
    splits,
    vectors,
    n,
    work,
    integers,
    failed
  )
  if (iterated !== 0) return null
  const order = Array.from({ length: count }, (_, index) => index).sort((i, j) => w[i] - w[j])
  const sorted = new Float64Array(n * count)
  order.forEach((old, now) => sorted.set(vectors.subarray(old * n, (old + 1) * n), now * n))
  return { values: Float64Array.from(order, (index) => w[index]), vectors: sorted }
}

/**
 * Gram–Schmidt over vectors that are nearly orthonormal already: inverse iteration leaves a product of up to ε‖T‖/gap between neighbours, and
 * taking it away costs a residual of at most ε‖T‖. False when two vectors are far from orthogonal.
 */
function orthogonalize(z: Float64Array, n: number, count: number): boolean {
  for (let j = 0; j < count; j++) {
    const v = z.subarray(j * n, (j + 1) * n)
    for (let i = 0; i < j; i++) {
      const u = z.subarray(i * n, (i + 1) * n)
      let dot = 0
      for (let l = 0; l < n; l++) dot += u[l] * v[l]
      if (!(Math.abs(dot) < 1e-6)) return false
      for (let l = 0; l < n; l++) v[l] -= dot * u[l]
    }
    let square = 0
    for (let l = 0; l < n; l++) square += v[l] * v[l]
    const length = Math.sqrt(square)
    for (let l = 0; l < n; l++) v[l] /= length
  }
  return true
}

function pickColumns(job: Job, from: Matrix, wanted: readonly number[]): Matrix {
  const data = job.take(from.rows * wanted.length)
  for (let i = 0; i < from.rows; i++)
    wanted.forEach((index, j) => (data[i * wanted.length + j] = from.data[from.offset + i * leading(from) + index]))
  return { data, rows: from.rows, columns: wanted.length, offset: 0, stride: wanted.length }
}
