// ln|det| of a matrix, by ways that share nothing with the accumulation of exponents.
import { block, matrix, rowOf, type Linalg, type Matrix } from '../../linalg'
import { luLogDeterminant } from '../../linalg/lu'
import type { Scratch } from './tangent'

/** Up to so many rows by elimination in plain code. */
const small = 48

/** Σ ln R_ii of a QR factorization, of any square matrix. */
export async function logDeterminant(linalg: Linalg, a: Matrix, signal: AbortSignal): Promise<number> {
  if (a.rows <= small) return luLogDeterminant(a)
  const { r, release } = await linalg.qr(a, { signal })
  try {
    let sum = 0
    for (let i = 0; i < a.rows; i++) sum += Math.log(Math.abs(r.data[r.offset + i * (r.stride + 1)]))
    return sum
  } finally {
    release()
  }
}

/** A negative pivot at least this large, of a matrix whose entries are of order one, is taken as it is. */
const leastPivot = 1e-3
/** Negative pivots up to which elimination is worth it. */
const mostNegative = 8

/**
 * ln|det| of a symmetric matrix by Cholesky factorization from pivot to pivot: where one is negative it is eliminated by itself, and the rest factorized.
 * Null where that would not be stable. `fill` writes the matrix.
 */
async function byPivots(
  linalg: Linalg,
  size: number,
  fill: (to: Matrix) => void,
  scratch: Scratch,
  signal: AbortSignal
): Promise<number | null> {
  let rest = scratch.matrix('rest 0', size, size)
  fill(rest)
  let sum = 0
  for (let negative = 0; negative <= mostNegative; negative++) {
    const n = rest.rows
    const factor = scratch.matrix('factor', n, n)
    factor.data.set(rest.data)
    const { rank } = await linalg.choleskyInPlace(factor, { signal })
    for (let i = 0; i < rank; i++) sum += 2 * Math.log(factor.data[i * (n + 1)])
    if (rank === n) return sum
    const left = n - rank
    const schur = scratch.matrix('schur', left, left)
    for (let i = 0; i < left; i++) schur.data.set(rowOf(block(rest, rank + i, rank, 1, left), 0), i * left)
    if (rank > 0) {
      const coupling = scratch.matrix('coupling', rank, left)
      for (let i = 0; i < rank; i++) coupling.data.set(rowOf(block(rest, i, rank, 1, left), 0), i * left)
      await linalg.solveTriangularInPlace(block(factor, 0, 0, rank, rank), coupling, { signal })
      await linalg.syrk(coupling, schur, { transposeA: 'transpose', alpha: -1, beta: 1, signal })
    }
    const pivot = schur.data[0]
    if (!(pivot < -leastPivot)) return null
    sum += Math.log(-pivot)
    const next = scratch.matrix(`rest ${1 + (negative % 2)}`, left - 1, left - 1)
    for (let i = 1; i < left; i++) {
      const weight = schur.data[i * left] / pivot
      for (let j = 1; j < left; j++) next.data[(i - 1) * (left - 1) + j - 1] = schur.data[i * left + j] - weight * schur.data[j]
    }
    if (left === 1) return sum
    rest = next
  }
  return null
}

/** ln|det(1 − ηH)| for a symmetric H, by its pivots, or Σ ln|1 − ηλ| where they are not safe. */
export async function logDeterminantOfDescent(
  linalg: Linalg,
  hessian: Matrix,
  learningRate: number,
  scratch: Scratch,
  signal: AbortSignal
): Promise<number> {
  const size = hessian.rows
  const fill = ({ data }: Matrix) => {
    for (let i = 0; i < data.length; i++) data[i] = -learningRate * hessian.data[i]
    for (let i = 0; i < size; i++) data[i * (size + 1)] += 1
  }
  if (size <= small) {
    const whole = matrix(size, size)
    fill(whole)
    return luLogDeterminant(whole)
  }
  const pivots = await byPivots(linalg, size, fill, scratch, signal)
  if (pivots !== null) return pivots
  const whole = scratch.matrix('factor', size, size)
  fill(whole)
  const values = await linalg.eigenvalues(whole, { signal, overwrite: true })
  return values.reduce((sum, value) => sum + Math.log(Math.abs(value)), 0)
}
