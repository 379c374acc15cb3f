// The box-counting dimension of the boundary between outcomes.

export interface BoxDimension {
  /** Null where there is no boundary. */
  readonly dimension: number | null
  /** Standard error of the slope. */
  readonly error: number | null
  /** In pixels. */
  readonly sides: Float64Array
  readonly counts: Float64Array
}

const mostSide = 16

/** Per pixel, the side (in intervals) of the largest square of one outcome whose lower right corner it is. */
function uniformSides(outcome: Float64Array, columns: number, rows: number): Int32Array {
  const sides = new Int32Array(outcome.length)
  for (let row = 1; row < rows; row++)
    for (let column = 1; column < columns; column++) {
      const i = row * columns + column
      const here = outcome[i]
      if (outcome[i - 1] !== here || outcome[i - columns] !== here || outcome[i - columns - 1] !== here) continue
      sides[i] = 1 + Math.min(sides[i - 1], sides[i - columns], sides[i - columns - 1])
    }
  return sides
}

/**
 * A box of side s spans (s + 1)² pixels and counts if more than one outcome occurs in it. N(s) is the mean count over the s² places of a grid of boxes, times
 * (n − 1)/(n − s) for what of the boundary such grids leave out at the picture's edge (n: the geometric mean of the sides). The dimension is minus the slope of
 * ln N over ln s by least squares, s = 1 … 16, at most a quarter of the shorter side.
 */
export function boxDimension(outcome: Float64Array, columns: number, rows: number): BoxDimension {
  const shorter = Math.min(columns, rows)
  const most = Math.max(1, Math.min(mostSide, Math.floor((shorter - 1) / 4)))
  const sides = Float64Array.from({ length: most }, (_, k) => k + 1)
  const uniform = uniformSides(outcome, columns, rows)
  const counts = sides.map((side) => {
    let mixed = 0
    for (let row = side; row < rows; row++)
      for (let column = side; column < columns; column++) if (uniform[row * columns + column] < side) mixed++
    const cut = Math.sqrt(((columns - 1) * (rows - 1)) / ((columns - side) * (rows - side)))
    return (mixed / side ** 2) * cut
  })
  if (most < 3 || counts.some((count) => count === 0)) return { dimension: null, error: null, sides, counts }
  const [x, y] = [Array.from(sides, Math.log), Array.from(counts, Math.log)]
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  const spread = x.reduce((sum, one) => sum + (one - mx) ** 2, 0)
  const slope = x.reduce((sum, one, k) => sum + (one - mx) * (y[k] - my), 0) / spread
  const rest = x.reduce((sum, one, k) => sum + (y[k] - my - slope * (one - mx)) ** 2, 0)
  return { dimension: 0 - slope, error: Math.sqrt(rest / (most - 2) / spread), sides, counts }
}
