// Norms, and the 1-norm condition estimate from a Cholesky factor.
import { checkSquare } from '../checks'
import { LinalgError, type CallOptions } from '../interface'
import { matrix, type Matrix } from '../matrix'
import type { LinalgCore } from './core'
import { withWork } from './work'

/** Largest column sum of magnitudes. */
export function norm1(m: Matrix): number {
  const sums = new Float64Array(m.columns)
  for (let i = 0; i < m.rows; i++) for (let j = 0; j < m.columns; j++) sums[j] += Math.abs(m.data[m.offset + i * m.stride + j])
  return sums.reduce((most, sum) => Math.max(most, sum), 0)
}

/** Largest row sum of magnitudes. */
export function normInfinity(m: Matrix): number {
  let most = 0
  for (let i = 0; i < m.rows; i++) {
    let sum = 0
    for (let j = 0; j < m.columns; j++) sum += Math.abs(m.data[m.offset + i * m.stride + j])
    most = Math.max(most, sum)
  }
  return most
}

/** Largest magnitude. */
export function normMax(m: Matrix): number {
  let most = 0
  for (let i = 0; i < m.rows; i++) for (let j = 0; j < m.columns; j++) most = Math.max(most, Math.abs(m.data[m.offset + i * m.stride + j]))
  return most
}

/**
 * ‖A‖₁ ‖A⁻¹‖₁ for A = L Lᵀ, the second factor estimated from below by a few solves (Hager 1984, with Higham's 1988 stopping rule and extra vector):
 * almost always within a factor of 3, exact on most small matrices. 0 for n = 0.
 */
export async function choleskyCondition(core: LinalgCore, l: Matrix, norm: number, options?: CallOptions): Promise<number> {
  checkSquare('choleskyCondition', 'l', l)
  const n = l.rows
  if (!(norm >= 0 && norm < Infinity))
    throw new LinalgError('not-finite', `choleskyCondition: the norm must be a finite number ≥ 0, got ${norm}`)
  if (n === 0) return 0
  return withWork(core, options, { routine: 'choleskyCondition', flops: 10 * n * n, numbers: 2 * n }, async (work) => {
    const solve = async (vector: Float64Array): Promise<Float64Array> => {
      const x = matrix(n, 1, vector)
      await core.solveCholeskyInPlace(l, x, work.options)
      await work.advance(2 * n * n)
      return x.data
    }
    const sum = (vector: Float64Array): number => vector.reduce((total, value) => total + Math.abs(value), 0)
    let estimate = 0
    let x: Float64Array = new Float64Array(n).fill(1 / n)
    let lastPlace = -1
    for (let step = 0; step < 5; step++) {
      const y = await solve(x.slice())
      estimate = Math.max(estimate, sum(y))
      const z = await solve(y.map((value) => (value < 0 ? -1 : 1)))
      const place = z.reduce((best, value, index) => (Math.abs(value) > Math.abs(z[best]) ? index : best), 0)
      const along = z.reduce((total, value, index) => total + value * x[index], 0)
      if (place === lastPlace || (step > 0 && Math.abs(z[place]) <= along)) break
      lastPlace = place
      x = new Float64Array(n)
      x[place] = 1
    }
    const alternating = await solve(Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + i / Math.max(1, n - 1))))
    return norm * Math.max(estimate, (2 * sum(alternating)) / (3 * n))
  })
}
