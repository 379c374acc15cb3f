// How far apart two spectra are: Wasserstein-1 between their distributions of eigenvalues, and differences of their extremes and index.

/**
 * ∫₀¹ |Qa(u) − Qb(u)| du of the quantile functions, exactly: both are step functions, constant between the multiples of 1/n and of 1/m.
 * Of ascending values; the numbers of values may differ. NaN when one is empty or holds something not finite.
 */
export function wasserstein(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [n, m] = [a.length, b.length]
  if (n === 0 || m === 0) return NaN
  let [i, j, sum] = [0, 0, 0]
  // Places in units of 1/(n·m), so that no rounding decides which step ends first.
  let place = 0
  while (i < n && j < m) {
    const next = Math.min((i + 1) * m, (j + 1) * n)
    sum += (next - place) * Math.abs(a[i] - b[j])
    place = next
    if (place === (i + 1) * m) i++
    if (place === (j + 1) * n) j++
  }
  return sum / (n * m)
}

/** Ascending, as a copy: blocks of several units are stored unit by unit. */
export const ascending = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).sort()

export interface SpectrumFigures {
  readonly count: number
  readonly lambdaMin: number
  readonly lambdaMax: number
  /** Fraction of eigenvalues below zero beyond rounding. */
  readonly index: number
}

export interface SpectrumDistance {
  readonly wasserstein: number
  /** Of the extremes: this minus the reference. */
  readonly lambdaMin: number
  readonly lambdaMax: number
  /** In points of a hundred. */
  readonly indexPoints: number
}

export function spectrumDistance(
  one: { readonly values: Float64Array; readonly figures: SpectrumFigures },
  reference: { readonly values: Float64Array; readonly figures: SpectrumFigures }
): SpectrumDistance {
  return {
    wasserstein: wasserstein(one.values, reference.values),
    lambdaMin: one.figures.lambdaMin - reference.figures.lambdaMin,
    lambdaMax: one.figures.lambdaMax - reference.figures.lambdaMax,
    indexPoints: 100 * (one.figures.index - reference.figures.index)
  }
}
