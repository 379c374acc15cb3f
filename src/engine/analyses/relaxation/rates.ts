// What the spectrum of M⁻¹H says of the methods' rates of convergence. Pure.
import type { AnalysisOptions } from '../../../shared/analyses/kinds'

export type RelaxationMethod = AnalysisOptions<'relaxation'>['method']

/** (√κ − 1)/(√κ + 1): Chebyshev's bound of a Krylov method on an interval [low, high] of one sign, 0 < low. */
function oneSided(low: number, high: number): number {
  const root = Math.sqrt(high / low)
  return (root - 1) / (root + 1)
}

/**
 * The factor an iteration of MINRES on a spectrum in [−a, −b] ∪ [c, d], the shorter interval stretched outward to the length of the other: with ad and bc of these,
 * √((√ad − √bc) / (√ad + √bc)), as two iterations take the bracket (Elman, Silvester & Wathen, Finite Elements and Fast Iterative Solvers, section 4.2.4).
 */
function twoSided([a, b, c, d]: readonly [number, number, number, number]): number {
  const length = Math.max(a - b, d - c)
  const [outer, inner] = [Math.sqrt((b + length) * (c + length)), Math.sqrt(b * c)]
  return Math.sqrt((outer - inner) / (outer + inner))
}

function krylovRate(spectrum: Float64Array): number {
  const [low, high] = [spectrum[0], spectrum[spectrum.length - 1]]
  if (low > 0) return oneSided(low, high)
  if (high < 0) return oneSided(-high, -low)
  const first = spectrum.findIndex((mu) => mu > 0)
  // A zero, or nothing above it: no bound below 1.
  if (first < 1 || spectrum[first - 1] === 0) return 1
  return twoSided([-low, -spectrum[first - 1], spectrum[first], high])
}

/** ω = 2/(μ_min + μ_max) of an ascending spectrum; null where an eigenvalue is not positive: then no factor contracts. */
export function dampingFactor(spectrum: Float64Array): number | null {
  return spectrum[0] > 0 ? 2 / (spectrum[0] + spectrum[spectrum.length - 1]) : null
}

/** The asymptotic factor of the residual an iteration (`plain`, `damped`), or an upper bound of it (`minres`, and `anderson` untruncated). Spectrum ascending. */
export function predictedRate(method: RelaxationMethod, spectrum: Float64Array): number | null {
  const [low, high] = [spectrum[0], spectrum[spectrum.length - 1]]
  if (method === 'plain') return Math.max(Math.abs(1 - low), Math.abs(1 - high))
  if (method === 'damped') return low > 0 ? (high - low) / (high + low) : null
  return krylovRate(spectrum)
}
