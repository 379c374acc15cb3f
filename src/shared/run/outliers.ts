// Eigenvalues beyond the bulk: those outside the clearest gap near an end of the spectrum, where such a gap would be a rare accident.

/** An end of the spectrum with a clear gap: `count` eigenvalues lie beyond `edge`, the bulk's outermost one; `nearest` is the innermost of them. */
export interface OutlierSide {
  readonly count: number
  readonly edge: number
  readonly nearest: number
}

export interface Outliers {
  /** Null: no clear gap, or too few eigenvalues on that side to tell. */
  readonly above: OutlierSide | null
  readonly below: OutlierSide | null
}

/** How many gaps further in a gap is compared with, at most and at least. */
const mostCompared = 20
const leastCompared = 10
/** Outliers are few: at most so many, and at most a quarter of the eigenvalues of their sign. */
const mostOutliers = 200
/** The chance that a power-law tail without outliers shows what counts as a clear gap. */
const significance = 0.05
/** A gap that one sees: between neighbours whose sizes differ by a quarter. */
const leastRatio = 1.25

/**
 * Of sizes a₁ ≥ a₂ ≥ … > 0. In a tail that follows a power law the weighted gaps D_k = k·ln(a_k/a_{k+1}) are independent and exponential with one
 * mean (Rényi 1953; Weissman 1978), so D_k over the mean of the w next ones exceeds x with probability (1 + x/w)^−w; tails that fall faster, as those
 * of random matrices do, have narrower gaps at their end. The k-th gap is tested at a level in proportion to 1/k, all levels adding up to 0.05.
 */
function clearestGap(sizes: readonly number[]): number | null {
  const weighted = sizes.slice(1).map((size, i) => (i + 1) * Math.log(sizes[i] / size))
  const most = Math.min(mostOutliers, Math.floor(sizes.length / 4), weighted.length - leastCompared)
  const ranks = Array.from({ length: Math.max(0, most) }, (_, i) => i + 1)
  const shares = ranks.reduce((sum, k) => sum + 1 / k, 0)
  let best: { readonly k: number; readonly chance: number } | null = null
  for (const k of ranks) {
    if (sizes[k - 1] < leastRatio * sizes[k]) continue
    const next = weighted.slice(k, k + mostCompared)
    const mean = Math.max(next.reduce((sum, gap) => sum + gap, 0) / next.length, k * Number.EPSILON)
    const chance = k * shares * (1 + weighted[k - 1] / mean / next.length) ** -next.length
    if (best === null || chance < best.chance) best = { k, chance }
  }
  return best !== null && best.chance < significance ? best.k : null
}

function side(sizes: readonly number[], sign: 1 | -1): OutlierSide | null {
  const count = clearestGap(sizes)
  return count === null ? null : { count, edge: sign * sizes[count], nearest: sign * sizes[count - 1] }
}

/** Of ascending eigenvalues; what lies within ±`tolerance` is zero but for rounding and takes no part. */
export function findOutliers(ascending: ArrayLike<number>, tolerance: number): Outliers {
  const finite = Array.from(ascending).filter(Number.isFinite)
  const above = finite.filter((value) => value > tolerance).reverse()
  const below = finite.filter((value) => value < -tolerance).map((value) => -value)
  return { above: side(above, 1), below: side(below, -1) }
}
