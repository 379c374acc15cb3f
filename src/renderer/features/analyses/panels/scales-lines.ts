// Curvature against scale: the band of |κ| over directions at every ε, and where κ changes its sign. Pure.
import type { scaleKinds } from '../../../../shared/analyses/scales'
import { quantile } from '../../../../shared/run/quantile'
import type { ArrayValues } from '../arrays'

/** How the groups of directions are called in the plural. */
export const groupNames: Readonly<Record<(typeof scaleKinds)[number], string>> = {
  eigenvector: 'eigenvectors',
  random: 'random directions',
  shuffled: 'shuffled eigenvectors'
}
/** Rows of the array `control`. */
export const controlNames = ['control: the local quadratic', 'control: fractional profiles, median', 'control: shuffled, median'] as const

export interface Band {
  readonly median: Float64Array
  readonly quarter: Float64Array
  readonly threeQuarters: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
}

/** Rows of a matrix (directions × scales) that are of one kind. */
export const rowsOfKind = (kind: ArrayLike<number>, wanted: number): number[] =>
  Array.from(kind, (one, row) => ({ one, row })).flatMap(({ one, row }) => (one === wanted ? [row] : []))

/** Quantiles of |κ| over some rows at every scale; what is not finite is left out. */
export function bandOf({ shape, data }: ArrayValues, rows: readonly number[]): Band {
  const count = shape[1]
  const make = () => new Float64Array(count)
  const band = { median: make(), quarter: make(), threeQuarters: make(), low: make(), high: make() }
  for (let m = 0; m < count; m++) {
    const sizes = Float64Array.from(rows.map((row) => Math.abs(data[row * count + m])).filter((value) => Number.isFinite(value))).sort()
    band.median[m] = quantile(sizes, 0.5)
    band.quarter[m] = quantile(sizes, 0.25)
    band.threeQuarters[m] = quantile(sizes, 0.75)
    band.low[m] = quantile(sizes, 0)
    band.high[m] = quantile(sizes, 1)
  }
  return band
}

export interface SignChanges {
  readonly rows: number
  /** Rows whose κ has both signs beyond its error. */
  readonly changing: number
  /** The least scale at which one has another sign than before; null where none has. */
  readonly first: number | null
}

/** Only values whose magnitude is above their error have a sign. */
export function signChanges(curvature: ArrayValues, errors: ArrayValues, rows: readonly number[], epsilon: ArrayLike<number>): SignChanges {
  const count = curvature.shape[1]
  let changing = 0
  let first: number | null = null
  for (const row of rows) {
    let before = 0
    let changed = false
    for (let m = 0; m < count; m++) {
      const [value, error] = [curvature.data[row * count + m], errors.data[row * count + m]]
      if (!Number.isFinite(value) || !(Math.abs(value) > error)) continue
      const sign = Math.sign(value)
      if (before !== 0 && sign !== before) {
        changed = true
        if (first === null || epsilon[m] < first) first = epsilon[m]
      }
      before = sign
    }
    if (changed) changing++
  }
  return { rows: rows.length, changing, first }
}

/** How many of the values are not above their error: their size is that of rounding. */
export function withinError(curvature: ArrayValues, errors: ArrayValues, rows: readonly number[]): { within: number; of: number } {
  const count = curvature.shape[1]
  let within = 0
  for (const row of rows)
    for (let m = 0; m < count; m++) if (!(Math.abs(curvature.data[row * count + m]) > errors.data[row * count + m])) within++
  return { within, of: rows.length * count }
}
