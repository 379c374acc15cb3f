// The 1-norm condition estimate from a Cholesky factor.
import type { LinalgCore } from '../core'
import type { CallOptions } from '../interface'
import { matrix, type Matrix } from '../matrix'
import { withWork } from './work'

/**
 * ‖A‖₁ ‖A⁻¹‖₁ for A = L Lᵀ, the second factor estimated from below by a few solves (Hager 1984, with Higham's 1988 stopping rule and extra vector):
 * almost always within a factor of 3, exact on most small matrices.
 */
export async function choleskyCondition(core: LinalgCore, l: Matrix, norm: number, options?: CallOptions): Promise<number> {
  const n = l.rows
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
