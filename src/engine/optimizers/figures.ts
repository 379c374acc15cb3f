// Figures of a spectrum, with the tolerance that tells zero from negative (docs/numerics-curvature.md).
import { zeroTolerance } from '../../shared/run/curvature'
import { sumOfSquares } from '../linalg/vectors'
import type { DampingKind, SpectrumFigures } from './interface'

/** Eigenvalues whose sign the damping rule reverses. `clamp` and `shifted-abs` flip λ < −τ, `abs-of-shifted` flips λ + δ < 0, damped Newton none. */
export function countFlipped(values: Float64Array, size: number, rule: DampingKind, damping: number): number {
  if (rule === 'shifted') return 0
  const limit = rule === 'abs-of-shifted' ? -damping : -zeroTolerance(values, size)
  return values.reduce((count, value) => count + (value < limit ? 1 : 0), 0)
}

/** Figures of all eigenvalues of a block of `size` rows, in any order. The effective rank is (Σ|λ|)² / Σλ². */
export function spectrumFigures(values: Float64Array, size: number, flipped: number): SpectrumFigures {
  const tolerance = zeroTolerance(values, size)
  let lambdaMin = Infinity
  let lambdaMax = -Infinity
  let negative = 0
  let zero = 0
  let trace = 0
  let sum = 0
  for (const value of values) {
    lambdaMin = Math.min(lambdaMin, value)
    lambdaMax = Math.max(lambdaMax, value)
    if (value < -tolerance) negative++
    else if (value <= tolerance) zero++
    trace += value
    sum += Math.abs(value)
  }
  const { scale, sum: squares } = sumOfSquares(values)
  return {
    lambdaMin,
    lambdaMax,
    index: negative / values.length,
    zero,
    flipped,
    trace,
    effectiveRank: squares > 0 ? ((sum / scale) * (sum / scale)) / squares : 0
  }
}

/** Gradients that an assembly is worth by its flops: about N·P_b² a block against 6·N·P for the gradient. */
export function assemblyGradients(sizes: readonly { readonly size: number; readonly units: number }[], parameterCount: number): number {
  return sizes.reduce((sum, { size, units }) => sum + size * size * units, 0) / (6 * parameterCount)
}
