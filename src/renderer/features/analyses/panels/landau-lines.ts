// Landau's expansion along a direction: the truncations as curves, their radii, the classes in words. Pure.

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

/** The part of the line to look at first: somewhat beyond the largest radius, as far as the curve goes; all of it where no radius is finite. */
export function firstRange(radii: ArrayLike<number>, t: ArrayLike<number>): [number, number] | null {
  const largest = Math.max(0, ...Array.from(radii).filter(Number.isFinite))
  const reach = Math.min(1.6 * largest, t[t.length - 1])
  return reach > 0 ? [-reach, reach] : null
}

/** What shows the loss itself within the range with room around it; the truncations leave it where they fail. */
export function lossRange(
  loss: ArrayLike<number>,
  t: ArrayLike<number>,
  within: readonly [number, number] | null
): [number, number] | null {
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < loss.length; i++) {
    if (!Number.isFinite(loss[i]) || (within && (t[i] < within[0] || t[i] > within[1]))) continue
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
