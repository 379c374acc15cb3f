// Quantiles of figures.

/** The p-quantile of ascending values, interpolated linearly between them (type 7); NaN of none. */
export function quantile(ascending: ArrayLike<number>, p: number): number {
  const count = ascending.length
  if (count === 0) return NaN
  const place = p * (count - 1)
  const below = Math.floor(place)
  const above = Math.min(count - 1, below + 1)
  return ascending[below] + (place - below) * (ascending[above] - ascending[below])
}
