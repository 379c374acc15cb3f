// The figures of one block's spectrum at one snapshot, and how they go over a run.
import { countSigns, finiteTolerance } from './curvature'
import { findOutliers } from './outliers'

/** Of one snapshot. */
export interface SpectrumFigures {
  /** Eigenvalues of the block. */
  readonly count: number
  readonly lambdaMin: number
  readonly lambdaMax: number
  /** Below −τ, and within ±τ. */
  readonly negative: number
  readonly zero: number
  /** τ = P·ε·max|λ|. */
  readonly tolerance: number
  /** Eigenvalues beyond the bulk and where it ends; NaN where there is no clear gap. */
  readonly outliersBelow: number
  readonly outliersAbove: number
  readonly bulkLow: number
  readonly bulkHigh: number
}

export const spectrumFigureNames = [
  'count',
  'lambdaMin',
  'lambdaMax',
  'negative',
  'zero',
  'tolerance',
  'outliersBelow',
  'outliersAbove',
  'bulkLow',
  'bulkHigh'
] as const satisfies readonly (keyof SpectrumFigures)[]

/** A list an entry a snapshot, by ascending step. */
export type SpectrumCourse = { readonly [Name in (typeof spectrumFigureNames)[number]]: Float64Array } & {
  readonly steps: Float64Array
  /** Wasserstein-1 from the spectrum of the snapshot before; NaN for the first. */
  readonly distance: Float64Array
}

/** Of ascending values; those that are not finite are counted and take no other part. */
export function spectrumFigures(ascending: Float64Array): SpectrumFigures {
  const finite = ascending.filter(Number.isFinite)
  const tolerance = finiteTolerance(ascending)
  const { above, below } = findOutliers(finite, tolerance)
  return {
    count: ascending.length,
    lambdaMin: finite.length > 0 ? finite[0] : NaN,
    lambdaMax: finite.length > 0 ? finite[finite.length - 1] : NaN,
    ...countSigns(finite, tolerance),
    tolerance,
    outliersBelow: below?.count ?? NaN,
    outliersAbove: above?.count ?? NaN,
    bulkLow: below?.edge ?? NaN,
    bulkHigh: above?.edge ?? NaN
  }
}
