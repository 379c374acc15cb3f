// The Lanczos process with full reorthogonalization: a Krylov basis, the tridiagonal matrix in it, extreme eigenpairs (Lanczos 1950; Golub & Van Loan, chapter 10).
import { block, LinalgError, matrix, type CallOptions, type Linalg, type Matrix } from '../linalg'
import { dot, norm } from '../linalg/vectors'
import type { CurvatureProduct } from '../objective'
import { fillNormal, type RandomGenerator } from '../random'

export interface KrylovBasis {
  /** k × P: orthonormal rows q_1 … q_k. */
  readonly basis: Matrix
  /** Diagonal of T = Q H Qᵀ, length k. */
  readonly diagonal: Float64Array
  /** T's off-diagonal, length k − 1; an entry of 0 marks a restart in a subspace orthogonal to all before. */
  readonly offDiagonal: Float64Array
  /** ‖H q_k − its part in the basis‖: 0 when the basis spans an invariant subspace. */
  readonly remainder: number
}

/** Takes the components along the first `count` rows out of w, twice: once leaves what rounding put back ("twice is enough", Parlett 1980). */
function orthogonalize(basis: Matrix, count: number, w: Float64Array): void {
  for (let pass = 0; pass < 2; pass++)
    for (let r = 0; r < count; r++) {
      const row = basis.data.subarray(r * basis.columns, (r + 1) * basis.columns)
      const along = dot(row, w)
      for (let i = 0; i < w.length; i++) w[i] -= along * row[i]
    }
}

function normalizeInto(w: Float64Array, length: number, row: Float64Array): void {
  for (let i = 0; i < w.length; i++) row[i] = w[i] / length
}

export interface LanczosOptions extends CallOptions {
  /** Draws the vector from which the process goes on when it has exhausted an invariant subspace; without it the basis then stays shorter. */
  readonly random?: RandomGenerator
  /** Asked after every step; true ends the process. */
  readonly enough?: (diagonal: Float64Array, offDiagonal: Float64Array, remainder: number) => boolean | Promise<boolean>
}

/**
 * Up to `size` steps from `start` (not zero, length P). With `random` and size = P the basis is complete and T carries the whole spectrum.
 * Each step costs one product and 4·P·k flops of reorthogonalization. Throws LinalgError `not-finite` when the start is zero or not finite, or a product is not.
 */
export async function lanczosBasis(
  multiply: CurvatureProduct,
  start: Float64Array,
  size: number,
  options: LanczosOptions = {}
): Promise<KrylovBasis> {
  const { random, enough, signal, onProgress } = options
  const dimension = start.length
  const steps = Math.min(size, dimension)
  const basis = matrix(steps, dimension)
  const row = (r: number) => basis.data.subarray(r * dimension, (r + 1) * dimension)
  const length = norm(start)
  if (!(length > 0 && Number.isFinite(length)))
    throw new LinalgError('not-finite', `lanczos: the start vector must be finite and not zero, its norm is ${length}`)
  normalizeInto(start, length, row(0))
  const diagonal: number[] = []
  const offDiagonal: number[] = []
  let remainder = 0
  // Scale of the operator seen so far: what is below its rounding is no new direction.
  let scale = 0
  for (let k = 0; k < steps; k++) {
    signal?.throwIfAborted()
    const { data } = await multiply(block(basis, k, 0, 1, dimension), { signal })
    const alpha = dot(row(k), data)
    diagonal.push(alpha)
    orthogonalize(basis, k + 1, data)
    remainder = norm(data)
    scale = Math.max(scale, Math.abs(alpha), remainder)
    if (!Number.isFinite(scale)) throw new LinalgError('not-finite', 'lanczos: a product is not finite')
    onProgress?.((k + 1) / steps)
    const exhausted = remainder <= 64 * dimension * Number.EPSILON * scale
    if (exhausted) remainder = 0
    if (k + 1 === steps) break
    if (enough && (await enough(Float64Array.from(diagonal), Float64Array.from(offDiagonal), remainder))) break
    if (!exhausted) {
      offDiagonal.push(remainder)
      normalizeInto(data, remainder, row(k + 1))
    } else {
      if (!random) break
      const fresh = fillNormal(random, new Float64Array(dimension))
      orthogonalize(basis, k + 1, fresh)
      offDiagonal.push(0)
      normalizeInto(fresh, norm(fresh), row(k + 1))
    }
  }
  const found = diagonal.length
  return {
    basis: matrix(found, dimension, basis.data.subarray(0, found * dimension)),
    diagonal: Float64Array.from(diagonal),
    offDiagonal: Float64Array.from(offDiagonal),
    remainder
  }
}

/** Eigenpairs of the tridiagonal matrix, ascending; column j of `vectors` (k × k) belongs to values[j]. */
export async function tridiagonalEigen(
  linalg: Linalg,
  { diagonal, offDiagonal }: Pick<KrylovBasis, 'diagonal' | 'offDiagonal'>
): Promise<{ readonly values: Float64Array; readonly vectors: Matrix }> {
  const k = diagonal.length
  const t = matrix(k, k)
  for (let i = 0; i < k; i++) t.data[i * k + i] = diagonal[i]
  for (let i = 0; i + 1 < k; i++) t.data[i * k + i + 1] = t.data[(i + 1) * k + i] = offDiagonal[i]
  const { values, vectors, release } = await linalg.eigenSymmetric(t)
  const copy = matrix(k, k)
  for (let i = 0; i < k; i++)
    copy.data.set(vectors.data.subarray(vectors.offset + i * vectors.stride, vectors.offset + i * vectors.stride + k), i * k)
  release()
  return { values, vectors: copy }
}

export interface ExtremeEigenpairs {
  /** Ascending: the smallest ones, then the largest ones. */
  readonly values: Float64Array
  /** One eigenvector a row, in the order of `values`. */
  readonly vectors: Matrix
  /** ‖Hv − λv‖ of each, as the Lanczos process bounds it: β_k times the last component in the Krylov basis. */
  readonly residuals: Float64Array
  /** Products spent. */
  readonly steps: number
  readonly converged: boolean
}

export interface ExtremeOptions extends CallOptions {
  readonly random: RandomGenerator
  readonly smallest: number
  readonly largest: number
  /** Residual relative to max|λ|. Default 10⁻¹⁰. */
  readonly tolerance?: number
  /** Default: P or 20 times the pairs wanted + 200, whichever is less. */
  readonly maxSteps?: number
}

/**
 * The smallest and largest eigenpairs of a symmetric operator on P dimensions, from one Krylov basis grown until their residuals are below the
 * tolerance. Memory: steps × P numbers. Of an eigenvalue with several eigenvectors the process sees one until its subspace is exhausted.
 */
export async function extremeEigenpairs(
  linalg: Linalg,
  multiply: CurvatureProduct,
  dimension: number,
  options: ExtremeOptions
): Promise<ExtremeEigenpairs> {
  const { random, smallest, largest, tolerance = 1e-10, signal, onProgress } = options
  const wanted = Math.min(dimension, smallest + largest)
  const maxSteps = Math.min(dimension, options.maxSteps ?? 20 * wanted + 200)
  const places = (k: number) => Array.from({ length: Math.min(k, wanted) }, (_, i) => (i < Math.min(smallest, wanted) ? i : k - wanted + i))
  const residualsOf = (vectors: Matrix, remainder: number, chosen: readonly number[]) =>
    Float64Array.from(chosen, (column) => Math.abs(remainder * vectors.data[(vectors.rows - 1) * vectors.columns + column]))
  const scaleOf = (values: Float64Array) => Math.max(Math.abs(values[0]), Math.abs(values[values.length - 1]))
  let nextCheck = wanted + 8
  const krylov = await lanczosBasis(multiply, fillNormal(random, new Float64Array(dimension)), maxSteps, {
    random,
    signal,
    onProgress,
    enough: async (diagonal, offDiagonal, remainder) => {
      if (diagonal.length < nextCheck || diagonal.length < wanted) return false
      nextCheck = Math.ceil(diagonal.length * 1.15)
      const { values, vectors } = await tridiagonalEigen(linalg, { diagonal, offDiagonal })
      return residualsOf(vectors, remainder, places(values.length)).every((residual) => residual <= tolerance * scaleOf(values))
    }
  })
  const { values, vectors } = await tridiagonalEigen(linalg, krylov)
  const k = values.length
  const chosen = places(k)
  const residuals = residualsOf(vectors, krylov.remainder, chosen)
  const selected = matrix(k, chosen.length)
  for (let i = 0; i < k; i++) chosen.forEach((column, j) => (selected.data[i * chosen.length + j] = vectors.data[i * k + column]))
  const result = matrix(chosen.length, dimension)
  await linalg.gemm(selected, krylov.basis, result, { transposeA: 'transpose', signal })
  return {
    values: Float64Array.from(chosen, (column) => values[column]),
    vectors: result,
    residuals,
    steps: k,
    converged: residuals.every((residual) => residual <= tolerance * scaleOf(values))
  }
}
