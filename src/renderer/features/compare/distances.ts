// How far apart two spectra are: the distance between their distributions of eigenvalues, and differences of their extremes and index.
import { wasserstein } from '../../../shared/run/spectrum-distance'

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
