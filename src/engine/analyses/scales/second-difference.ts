// κ(ε) of a function of one variable, by differences or by its power series, whichever is known better.

const epsilonMachine = 2 ** -52

export interface Curvatures {
  readonly curvature: Float64Array
  readonly errors: Float64Array
  /** Where both ways are good to 1 %: the largest difference of the two over the sum of their errors; 0 where there is no such place. */
  readonly disagreement: number
}

export interface LineValues {
  /** f(0), f(ε) and f(−ε) for each ε. */
  readonly center: number
  readonly above: ArrayLike<number>
  readonly below: ArrayLike<number>
}

/** κ(ε) = [f(ε) + f(−ε) − 2f(0)]/ε² and its rounding error, 32·2⁻⁵²·max|f|/ε²: losses of nets are sums whose last digits are lost several times over. */
export function bySecondDifference(step: number, center: number, above: number, below: number) {
  const largest = Math.max(Math.abs(center), Math.abs(above), Math.abs(below))
  return { value: (above - center + (below - center)) / step ** 2, error: (32 * epsilonMachine * largest) / step ** 2 }
}

/** κ(ε) = 2(a₂ + a₄ε² + a₆ε⁴ + …). Its error: the last term, or what the terms before it let expect for it where it happens to be small, and rounding. */
export function bySeries(step: number, coefficients: ArrayLike<number>) {
  const terms: number[] = []
  for (let k = 2; k < coefficients.length; k += 2) terms.push(2 * coefficients[k] * step ** (k - 2))
  const [before, previous, last] = [0, 0, ...terms].slice(-3).map(Math.abs)
  const expected = before === 0 ? 0 : previous ** 2 / before
  return {
    value: terms.reduce((sum, term) => sum + term, 0),
    error: Math.max(last, expected) + 8 * epsilonMachine * Math.max(...terms.map(Math.abs))
  }
}

/** `seriesHolds(place)`: that no kink lies within that ε. Not-finite losses give NaN. */
export function curvatures(
  epsilon: Float64Array,
  { center, above, below }: LineValues,
  coefficients: ArrayLike<number>,
  seriesHolds: (place: number) => boolean
): Curvatures {
  const curvature = new Float64Array(epsilon.length)
  const errors = new Float64Array(epsilon.length)
  let disagreement = 0
  for (const [place, step] of epsilon.entries()) {
    const difference = bySecondDifference(step, center, above[place], below[place])
    const series = bySeries(step, coefficients)
    const usable = seriesHolds(place) && Number.isFinite(series.value)
    if (usable && Math.max(difference.error, series.error) <= 0.01 * Math.abs(series.value))
      disagreement = Math.max(disagreement, Math.abs(difference.value - series.value) / (difference.error + series.error))
    const { value, error } = usable && !(difference.error <= series.error) ? series : difference
    curvature[place] = Number.isFinite(value) ? value : Number.NaN
    errors[place] = Number.isFinite(value) ? error : Number.NaN
  }
  return { curvature, errors, disagreement }
}
