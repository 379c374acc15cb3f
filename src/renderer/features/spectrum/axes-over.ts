// Axes that stay while the snapshots of a run go by.
import { histogram, jointRange, usualBins } from '../../charts/histogram'
import { symlogConstant } from '../../charts/scale'
import { finiteTolerance } from '../../../shared/run/curvature'

export interface SteadyAxes {
  readonly range: readonly [number, number]
  /** Where the linear part of a symlog axis ends. */
  readonly constant: number
  /** The fullest bin of all. */
  readonly most: number
  /** The smallest |λ| beyond rounding, and the largest; null where all are zero. */
  readonly sizes: readonly [number, number] | null
}

/** The largest τ of all. */
export const toleranceOver = (spectra: readonly { readonly values: ArrayLike<number> }[]): number =>
  spectra.reduce((most, { values }) => Math.max(most, finiteTolerance(values)), 0)

/** Axes that hold the histograms and screes of all of these; null where nothing is finite. */
export function axesOver(spectra: readonly { readonly values: ArrayLike<number> }[], scale: 'linear' | 'symlog'): SteadyAxes | null {
  const range = jointRange(spectra.map(({ values }) => values))
  if (!range) return null
  const constant = symlogConstant(spectra[spectra.length >> 1].values, toleranceOver(spectra))
  let [most, least, largest] = [1, Infinity, 0]
  for (const { values } of spectra) {
    for (const count of histogram(values, usualBins, scale, constant, range).counts) most = Math.max(most, count)
    const tolerance = finiteTolerance(values)
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(values[i])
      if (size > tolerance && size < Infinity) [least, largest] = [Math.min(least, size), Math.max(largest, size)]
    }
  }
  return { range, constant, most, sizes: largest > 0 ? [least, largest] : null }
}
