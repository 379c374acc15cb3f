// Spectra of several runs laid over each other: as shares of their eigenvalues, so that nets of different size can be compared.
import { finiteRange, histogram } from '../../charts/histogram'
import { symlogConstant } from '../../charts/scale'

export interface Outline {
  readonly x: Float64Array
  readonly y: Float64Array
}

/** Histograms over the same bins, in share of all eigenvalues, as outlines: two points a bin. Empty bins lie at half an eigenvalue, for logarithmic axes. */
export function shareOutlines(spectra: readonly ArrayLike<number>[], scale: 'linear' | 'symlog', bins = 80): Outline[] {
  const all = Float64Array.from(spectra.flatMap((values) => Array.from(values)))
  const range = finiteRange(all)
  const constant = symlogConstant(all)
  return spectra.map((values) => {
    const { edges, counts } = histogram(values, bins, scale, constant, range)
    const x = new Float64Array(2 * counts.length)
    const y = new Float64Array(2 * counts.length)
    counts.forEach((count, i) => {
      x[2 * i] = edges[i]
      x[2 * i + 1] = edges[i + 1]
      y[2 * i] = y[2 * i + 1] = Math.max(count, 0.5) / values.length
    })
    return { x, y }
  })
}

/** The share of eigenvalues up to λ, of ascending values: two points at each, so that it steps. No bins; the area between two of them is their distance. */
export function cumulated(values: ArrayLike<number>): Outline {
  const x = new Float64Array(2 * values.length)
  const y = new Float64Array(2 * values.length)
  for (let i = 0; i < values.length; i++) {
    x[2 * i] = x[2 * i + 1] = values[i]
    y[2 * i] = i / values.length
    y[2 * i + 1] = (i + 1) / values.length
  }
  return { x, y }
}
