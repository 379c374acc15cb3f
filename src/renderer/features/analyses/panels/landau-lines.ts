// Landau's expansion along a direction: the truncations as curves, their radii, the classes in words. Pure.

/** By the number that the array `class` has. */
export const classNames = ['trough', 'saddle direction', 'fold', 'pitchfork', 'flat within error'] as const
/** Orders of the truncations whose radii are stored, in the order of the columns of `radii`. */
export const truncations = [2, 4, 6] as const

/** Σ_{n ≤ order} aₙ tⁿ at every t (Horner). */
export function truncated(coefficients: ArrayLike<number>, order: number, t: ArrayLike<number>): Float64Array {
  const last = Math.min(order, coefficients.length - 1)
  return Float64Array.from({ length: t.length }, (_, i) => {
    let sum = 0
    for (let n = last; n >= 0; n--) sum = sum * t[i] + coefficients[n]
    return sum
  })
}

/** What shows the loss itself with room around it; the truncations leave it where they fail. */
export function lossRange(loss: ArrayLike<number>): [number, number] | null {
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < loss.length; i++) {
    if (!Number.isFinite(loss[i])) continue
    low = Math.min(low, loss[i])
    high = Math.max(high, loss[i])
  }
  if (low > high) return null
  const room = high > low ? 0.15 * (high - low) : Math.max(1e-12, Math.abs(high) * 1e-3)
  return [low - room, high + room]
}

/** Marks of the radii of a direction, at both sides, as far as the curve reaches. */
export function radiusMarks(radii: ArrayLike<number>, t: ArrayLike<number>): { x: number; label: string }[] {
  const reach = [t[0], t[t.length - 1]]
  return truncations.flatMap((order, i) => {
    const radius = radii[i]
    if (!Number.isFinite(radius) || radius <= 0) return []
    return [-radius, radius].filter((x) => x >= reach[0] && x <= reach[1]).map((x) => ({ x, label: x < 0 ? '' : `r${order}` }))
  })
}
