// What a damping rule does to an eigenvalue, and the same as a sum of resolvents: then H's tridiagonal form and one vector are enough for a step (docs/numerics-curvature.md).
import { inverseRoot, type InverseRoot, type Resolvent } from '../linalg'
import { maxAbs, powerOfTwo } from '../linalg/vectors'
import type { DampingKind } from './interface'

export function dampedInverse(rule: DampingKind, lambda: number, damping: number): number {
  switch (rule) {
    case 'abs-of-shifted':
      return 1 / Math.abs(lambda + damping)
    case 'shifted-abs':
      return 1 / (Math.abs(lambda) + damping)
    case 'clamp':
      return 1 / Math.max(Math.abs(lambda), damping)
    case 'shifted':
      return 1 / (lambda + damping)
  }
}

/** Whether the rule has no bound at λ = −δ. */
export const hasPole = (rule: DampingKind): boolean => rule === 'abs-of-shifted' || rule === 'shifted'

/** The distance from a pole, over ‖H‖, from which on eigenvectors are not needed. */
const nearestPole = 1e-6
/** Of rules without poles, the smallest damping over ‖H‖. */
const leastDamping = 1e-10

/**
 * False where d(λ)‖H‖ exceeds 1e6 next to a pole of the rule, and where it has no bound (a damping of 0 beside zeros, or one that is rounding of ‖H‖): there the
 * rounding of H decides what the step is, no two ways of computing it agree, and eigenvectors at least treat each eigenvalue by itself.
 */
export function isSeparated(rule: DampingKind, values: Float64Array, damping: number): boolean {
  let [norm, near] = [0, Infinity]
  for (const value of values) {
    norm = Math.max(norm, Math.abs(value))
    near = Math.min(near, Math.abs(1 / dampedInverse(rule, value, damping)))
  }
  const poleless = damping > 0 && !hasPole(rule)
  return near > (poleless ? leastDamping : nearestPole) * norm
}

/** True where eigenvalues near zero, which most Hessians have, would lie on the pole of a rule that has one: `norm` is at most ‖H‖. */
export const zerosOnPole = (norm: number, damping: number): boolean => damping <= nearestPole * norm

/** 1/|x| for all distances of the eigenvalues from the kinks and for `within`; below ε times the largest number in play they are rounding, and need not be told apart. */
function rootFor(values: Float64Array, kinks: readonly number[], damping: number, within = 0): InverseRoot {
  let [near, far, size] = [within > 0 ? within : Infinity, within, damping]
  for (const value of values) {
    size = Math.max(size, Math.abs(value))
    for (const kink of kinks) {
      const distance = Math.abs(value - kink)
      near = Math.min(near, distance)
      far = Math.max(far, distance)
    }
  }
  const least = Number.EPSILON * size
  // A little wider: the eigenvalues are rounded.
  return inverseRoot(0.9 * Math.max(near, least), 1.1 * Math.max(far, least))
}

/** Clamping means something where an eigenvalue is smaller than δ. */
const clamps = (values: Float64Array, damping: number): boolean => values.some((value) => Math.abs(value) < damping)

/**
 * Terms whose sum is d(λ) on the given eigenvalues (any order, not all zero where δ = 0). With the poles c and weights w of 1/|x|, and 1/(x² + c²) = Im 1/(x − ic) / c:
 * - abs-of-shifted: Σ w/((λ+δ)² + c²);
 * - shifted-abs: 1/(|λ|+δ) = 2/π ∫ s²/((s²+δ²)(s²+λ²)) ds, the same integral as 1/|λ| but for a factor that is smooth where 1/|λ| is: Σ w·c²/(c²+δ²) / (λ²+c²);
 * - clamp: 1/|λ| where no eigenvalue is smaller than δ, otherwise (|λ+δ| − |λ−δ|)/(2δλ) with |x| = x²·1/|x|: Σ 2wc² / (((λ−δ)²+c²)((λ+δ)²+c²)), taken apart into simple poles at ±δ + ic.
 * Sums of the first two have positive terms only. Small c come with weights that keep every term below max d(λ), so no filter is needed and eigenvalues on a kink do no harm.
 */
export function dampedInverseTerms(rule: DampingKind, values: Float64Array, damping: number): readonly Resolvent[] {
  // In units of the largest number in play, so that squares stay in range. Factors have no unit.
  const unit = powerOfTwo(Math.max(damping, maxAbs(values)))
  return unitTerms(
    rule,
    values.map((value) => value / unit),
    damping / unit
  ).map(({ shift: [re, im], factor }) => ({ shift: [re * unit, im * unit], factor }))
}

function unitTerms(rule: DampingKind, values: Float64Array, damping: number): readonly Resolvent[] {
  switch (rule) {
    case 'shifted':
      return [{ shift: [-damping, 0], factor: [1, 0] }]
    case 'abs-of-shifted':
      return inverseMagnitude(rootFor(values, [-damping], damping), -damping)
    case 'shifted-abs': {
      // The factor is smooth on the interval only if that holds δ too.
      const { poles, weights } = rootFor(values, [0], damping, damping)
      return Array.from(poles, (c, j) => ({ shift: [0, c], factor: [0, (-weights[j] * c) / (c * c + damping * damping)] }))
    }
    case 'clamp': {
      if (!clamps(values, damping)) return inverseMagnitude(rootFor(values, [0], 0), 0)
      const { poles, weights } = rootFor(values, [damping, -damping], damping)
      return Array.from(poles).flatMap((c, j): Resolvent[] => {
        // The residue 2wc²/((2ic)((2δ+ic)² + c²)), twice for the conjugate poles.
        const size = (weights[j] * c) / (2 * damping * (damping * damping + c * c))
        const [re, im] = [-size * c, -size * damping]
        return [
          { shift: [damping, c], factor: [re, im] },
          { shift: [-damping, c], factor: [-re, im] }
        ]
      })
    }
  }
}

/** 1/|λ − kink|. */
const inverseMagnitude = ({ poles, weights }: InverseRoot, kink: number): readonly Resolvent[] =>
  Array.from(poles, (c, j) => ({ shift: [kink, c], factor: [0, -weights[j] / c] }))
