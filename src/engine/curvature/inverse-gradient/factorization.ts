// The pseudoinverse of a matrix of inputs, as the cheapest factorization that is accurate enough (docs/finite-difference-newton.md).
import { matrix, normInfinity, type CallOptions, type Linalg, type Matrix } from '../../linalg'

/**
 * How X⁺ (X is N × in) is applied. `rows`: N ≤ in and full row rank, L Lᵀ = X Xᵀ; `rows-lq`: the same from X = L Q, where the condition number
 * is too large for the product; `columns`: N > in and full column rank, L Lᵀ = Xᵀ X; `pseudoinverse`: X⁺ itself, for a rank that is not full
 * or a condition number that only the singular values can judge.
 */
export interface BatchFactorization {
  readonly kind: 'rows' | 'rows-lq' | 'columns' | 'pseudoinverse'
  readonly rank: number
  /** Ratio of the largest to the smallest singular value above the tolerance, estimated where no singular values were computed. */
  readonly condition: number
  /** Steps of iterative refinement that a solve takes. */
  readonly refinements: number
  readonly arrays: Readonly<Record<string, Matrix>>
}

/** Of X Xᵀ: up to here plain Cholesky is within 1e-10 of the pseudoinverse, with refinement up to the second. */
const plainCondition = 1e5
const refinedCondition = 1e10

function allocated(linalg: Linalg, rows: number, columns: number): Matrix {
  return { data: linalg.allocate(rows * columns), rows, columns, offset: 0, stride: columns }
}

/** Factorizes X (N × in, views allowed) for `applyPseudoinverse`. Its arrays come from `linalg.allocate`. */
export async function factorizeBatch(linalg: Linalg, x: Matrix, options: CallOptions = {}): Promise<BatchFactorization> {
  const wide = x.rows <= x.columns
  const size = Math.min(x.rows, x.columns)
  const gram = allocated(linalg, size, size)
  let keep = false
  try {
    await linalg.syrk(x, gram, { ...options, transposeA: wide ? 'none' : 'transpose' })
    // Of a symmetric matrix both norms are the same; rows lie together in memory.
    const scale = normInfinity(gram)
    const { positiveDefinite } = await linalg.choleskyInPlace(gram, options)
    const squared = positiveDefinite ? await linalg.choleskyCondition(gram, scale, options) : Infinity
    if (squared <= refinedCondition) {
      keep = true
      const refinements = squared <= plainCondition ? 0 : 1
      return { kind: wide ? 'rows' : 'columns', rank: size, condition: Math.sqrt(squared), refinements, arrays: { lower: gram } }
    }
  } finally {
    if (!keep) linalg.release(gram.data)
  }
  const { inverse, rank, condition, release } = await linalg.pseudoinverse(x, options)
  if (rank < size || !wide) return { kind: 'pseudoinverse', rank, condition, refinements: 0, arrays: { inverse } }
  release()
  const { l, q } = await linalg.lq(x, options)
  return { kind: 'rows-lq', rank, condition, refinements: 0, arrays: { lower: l, q } }
}

/** a −= b for contiguous matrices. */
function subtract(a: Matrix, b: Matrix, from: Matrix): void {
  for (let i = 0; i < a.data.length; i++) a.data[i] = from.data[from.offset + i] - b.data[i]
}

function add(a: Matrix, b: Matrix): void {
  for (let i = 0; i < a.data.length; i++) a.data[i] += b.data[i]
}

/** X⁺ B (in × r) for contiguous B (N × r): the minimum-norm least-squares solution. */
export async function applyPseudoinverse(
  linalg: Linalg,
  x: Matrix,
  factorization: BatchFactorization,
  b: Matrix,
  options: CallOptions = {}
): Promise<Matrix> {
  const { kind, refinements, arrays } = factorization
  const { signal } = options
  const solution = matrix(x.columns, b.columns)
  if (kind === 'pseudoinverse') {
    await linalg.gemm(arrays.inverse, b, solution, { signal })
    return solution
  }
  if (kind === 'rows-lq') {
    const y = matrix(b.rows, b.columns, b.data.slice(b.offset, b.offset + b.rows * b.columns))
    await linalg.solveTriangularInPlace(arrays.lower, y, { signal })
    await linalg.gemm(arrays.q, y, solution, { transposeA: 'transpose', signal })
    return solution
  }
  if (kind === 'rows') {
    const y = matrix(b.rows, b.columns, b.data.slice(b.offset, b.offset + b.rows * b.columns))
    await linalg.solveCholeskyInPlace(arrays.lower, y, { signal })
    await linalg.gemm(x, y, solution, { transposeA: 'transpose', signal })
    for (let pass = 0; pass < refinements; pass++) {
      // The residual goes through X itself, whose condition number is the root of the factor's.
      const residual = matrix(b.rows, b.columns)
      await linalg.gemm(x, solution, residual, { signal })
      subtract(residual, residual, b)
      await linalg.solveCholeskyInPlace(arrays.lower, residual, { signal })
      await linalg.gemm(x, residual, solution, { transposeA: 'transpose', beta: 1, signal })
    }
    return solution
  }
  await linalg.gemm(x, b, solution, { transposeA: 'transpose', signal })
  await linalg.solveCholeskyInPlace(arrays.lower, solution, { signal })
  for (let pass = 0; pass < refinements; pass++) {
    const residual = matrix(b.rows, b.columns)
    await linalg.gemm(x, solution, residual, { signal })
    subtract(residual, residual, b)
    const correction = matrix(x.columns, b.columns)
    await linalg.gemm(x, residual, correction, { transposeA: 'transpose', signal })
    await linalg.solveCholeskyInPlace(arrays.lower, correction, { signal })
    add(solution, correction)
  }
  return solution
}
