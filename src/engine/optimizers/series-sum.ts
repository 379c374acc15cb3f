// How far along a power series of steps a step goes, and how the series is summed there: as it is, or by a Padé approximant of each component.
import { norm } from '../linalg/vectors'

/**
 * The largest t ≤ `most` with ‖s_k‖t^k ≤ θ‖s_1‖t for every k ≥ 2: there every term stays below the first, as it does inside the series' radius of
 * convergence. θ = null: `most` itself. NaN where a term is not finite.
 */
export function guardedLength(sizes: readonly number[], most: number, theta: number | null): number {
  if (sizes.some((size) => !Number.isFinite(size))) return Number.NaN
  if (theta === null) return most
  const [first, ...later] = sizes
  return later.reduce((t, size, k) => (size === 0 ? t : Math.min(t, ((theta * first) / size) ** (1 / (k + 1)))), most)
}

/** Σ q_j τ^j, lowest first. */
const polynomial = (coefficients: readonly number[], at: number) => coefficients.reduceRight((sum, q) => sum * at + q, 0)

/** What is left of a sum of terms when four digits cancel counts as zero: with less left of it an approximant would amplify rounding. */
const negligible = 1e-4

/**
 * Denominator 1 + q_1 τ (+ q_2 τ²) of the [K − n / n] approximant of Σ_{k ≤ K} y_k τ^k, n ≤ ⌊K/2⌋ ≤ 2; of one degree less where the series is that of a
 * simpler fraction, null where that is not determined either.
 */
function denominator(y: readonly number[], degree = y.length >> 1): readonly number[] | null {
  const last = y.length
  const term = (k: number) => (k < 1 ? 0 : y[k - 1])
  if (degree < 2) return term(last - 1) === 0 ? null : [1, -term(last) / term(last - 1)]
  const m = last - 2
  const [square, cross] = [term(m) ** 2, term(m - 1) * term(m + 1)]
  const determinant = square - cross
  if (Math.abs(determinant) <= negligible * (square + Math.abs(cross))) return denominator(y, 1)
  const first = (term(m - 1) * term(m + 2) - term(m) * term(m + 1)) / determinant
  const second = (term(m + 1) ** 2 - term(m) * term(m + 2)) / determinant
  return [1, first, second]
}

/** Whether 1 + q_1 τ + q_2 τ² > 0 for all τ in (0, 1], by more than what cancels. */
function staysPositive(below: readonly number[]): boolean {
  const [, first, second = 0] = below
  const positive = (tau: number) =>
    polynomial(below, tau) >
    negligible *
      polynomial(
        below.map((q) => Math.abs(q)),
        tau
      )
  const turn = -first / (2 * second)
  return positive(1) && (!(turn > 0 && turn < 1) || positive(turn))
}

/**
 * Near-diagonal Padé approximant of y(τ) = Σ_{k=1..K} y_k τ^k, K ≤ 5: order [K − n / n] with n = ⌊K/2⌋, which agrees with the series to τ^K. For K = 2 in one
 * variable it is Halley's step. Null where its denominator vanishes on (0, 1], is not determined or not finite: there the series is summed as it is.
 */
export function padeApproximant(y: readonly number[]): ((tau: number) => number) | null {
  if (y.length < 2) return null
  const below = denominator(y)
  if (below === null || !below.every(Number.isFinite) || !staysPositive(below)) return null
  const degree = y.length - (below.length - 1)
  const above = Array.from({ length: degree + 1 }, (_, k) => below.reduce((sum, q, j) => sum + (k - j < 1 ? 0 : q * y[k - j - 1]), 0))
  return (tau) => polynomial(above, tau) / polynomial(below, tau)
}

/** Nodes and weights of Gauss's rule with eight points on [0, 1]. */
const gauss = [
  [0.0198550717512319, 0.0506142681451881],
  [0.1016667612931866, 0.1111905172266872],
  [0.2372337950418355, 0.1568533229389437],
  [0.4082826787521751, 0.181341891689181],
  [0.5917173212478249, 0.181341891689181],
  [0.7627662049581645, 0.1568533229389437],
  [0.8983332387068134, 0.1111905172266872],
  [0.9801449282487681, 0.0506142681451881]
] as const

export interface SeriesSum {
  /** Δ(t) = Σ s_k t^k, or its approximant. */
  readonly value: Float64Array
  /** ∫_0^t Δ. */
  readonly integral: Float64Array
  /** Components that were summed by an approximant. */
  readonly approximants: number
}

/** The sum of Σ_k terms[k − 1] t^k at t, component by component. */
export function sumSeries(terms: readonly Float64Array[], t: number, summation: 'taylor' | 'pade'): SeriesSum {
  const size = terms[0].length
  const value = new Float64Array(size)
  const integral = new Float64Array(size)
  let approximants = 0
  for (let i = 0; i < size; i++) {
    const y = terms.map((term, k) => term[i] * t ** (k + 1))
    const approximant = summation === 'pade' ? padeApproximant(y) : null
    if (approximant === null) {
      value[i] = y.reduceRight((sum, part) => sum + part, 0)
      integral[i] = t * y.reduceRight((sum, part, k) => sum + part / (k + 2), 0)
    } else {
      value[i] = approximant(1)
      integral[i] = t * gauss.reduce((sum, [node, weight]) => sum + weight * approximant(node), 0)
      approximants++
    }
  }
  return { value, integral, approximants }
}

/** Norms of the terms. */
export const sizesOf = (terms: readonly Float64Array[]): number[] => terms.map(norm)
