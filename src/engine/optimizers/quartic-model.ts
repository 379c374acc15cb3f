// The inner problem of AR3: a quadratic with a quartic regularizer, minimized globally in the eigenbasis of its matrix by one equation in one unknown.
import { norm } from '../linalg/vectors'

/** s with its share along the first eigenvector made so long that ‖s‖ is `length`. */
function lengthened(s: Float64Array, length: number, towards: number): Float64Array {
  const others = s.slice()
  others[0] = 0
  const rest = norm(others) / length
  others[0] = (towards < 0 ? -1 : 1) * length * Math.sqrt(Math.max(0, (1 - rest) * (1 + rest)))
  return others
}

/**
 * The global minimizer of bᵀs + ½ sᵀΛs + (σ/4)‖s‖⁴, σ > 0, in the eigenbasis; `values` (Λ) ascending. It satisfies (Λ + μ)s = −b with μ = σ‖s‖² and
 * Λ + μ ⪰ 0 (Cartis, Gould and Toint 2011, theorem 3.1, with a quartic term), so μ = max(0, −λ_1) + u for one u ≥ 0, found by bisection over all magnitudes.
 * Hard case: where b has no share in the eigenspace of λ_1 < 0 (or b = 0) and u = 0 leaves s too short, what is missing is added along q_1, on the side
 * of `towards` (≥ 0: +). Zero where b = 0 and λ_1 ≥ 0.
 */
export function minimizeQuartic(values: Float64Array, b: Float64Array, sigma: number, towards: number): Float64Array {
  const least = Math.max(0, -values[0])
  const shifted = least > 0 ? values.map((value) => value + least) : values
  const stepAt = (u: number) => b.map((share, i) => (share === 0 ? 0 : -share / (shifted[i] + u)))
  const lengthAt = (u: number) => Math.sqrt(least / sigma + u / sigma)
  const tooLong = (u: number) => norm(stepAt(u)) > lengthAt(u)
  let low = Number.MIN_VALUE
  if (!tooLong(low)) return least === 0 ? stepAt(low) : lengthened(stepAt(low), lengthAt(0), towards)
  let high = 1
  while (tooLong(high)) high *= 16
  for (;;) {
    const middle = Math.sqrt(low) * Math.sqrt(high)
    if (!(middle > low && middle < high)) return stepAt(high)
    if (tooLong(middle)) low = middle
    else high = middle
  }
}
