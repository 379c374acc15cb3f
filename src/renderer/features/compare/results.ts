// The table of results as data: which columns, the right kind of difference for each, means of groups, and which value is best.
import { formatCount, formatDuration, formatNumber } from '../../app/format'
import { narrowSpace } from '../../../shared/format/figures'

export type ValueKind = 'loss' | 'fraction' | 'duration' | 'count' | 'number'

export interface ResultColumn {
  readonly key: string
  /** Columns of one figure stand under one heading. */
  readonly figure: string
  /** `last`, `min`, `at step 50`; empty where there is one only. */
  readonly statistic: string
  readonly kind: ValueKind
  /** Which end is the better one; null where neither is, or where it is not to be chosen by, as with test figures beside validation. */
  readonly better: 'low' | 'high' | null
  /** In the order of the runs; NaN where there is none. */
  readonly values: ArrayLike<number>
  /** Steps the values are of, where that is worth saying. */
  readonly steps?: ArrayLike<number>
  /** Where the values come from, where that is worth saying, by run. */
  readonly notes?: readonly (string | null)[]
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(1)}${narrowSpace}%`
const signed = (value: number, text: string) => `${value > 0 ? '+' : value < 0 ? '−' : '±'}${text}`
/** As people write a factor: three digits. */
const factor = (value: number) => `×${narrowSpace}${formatNumber(value, 3)}`

export function valueText(kind: ValueKind, value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (kind === 'fraction') return percent(value)
  if (kind === 'duration') return formatDuration(value)
  if (kind === 'count') return formatCount(value)
  return formatNumber(value)
}

/** Fractions differ by points; losses by their difference and ratio; times by factor and difference. Empty where one is missing. */
export function differenceText(kind: ValueKind, mine: number, theirs: number): string {
  if (!Number.isFinite(mine) || !Number.isFinite(theirs)) return ''
  const difference = mine - theirs
  const size = Math.abs(difference)
  if (kind === 'fraction') return `${signed(difference, (100 * size).toFixed(1))} points`
  if (kind === 'count') return signed(difference, formatCount(size))
  const ratio = mine > 0 && theirs > 0 ? factor(mine / theirs) : ''
  if (kind === 'duration') return [ratio, signed(difference, formatDuration(size))].filter(Boolean).join(', ')
  const plain = signed(difference, formatNumber(size))
  return kind === 'loss' && ratio !== '' ? `${plain}, ${ratio}` : plain
}

export interface Spread {
  readonly n: number
  readonly mean: number
  /** With n − 1 below the root; NaN for one value. */
  readonly deviation: number
}

/** Of the finite values. */
export function spreadOf(values: readonly number[]): Spread {
  const finite = values.filter(Number.isFinite)
  const n = finite.length
  const mean = finite.reduce((sum, value) => sum + value, 0) / n
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { n, mean: n === 0 ? NaN : mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : NaN }
}

/** `0.123 ± 0.004`; the mean to the digits that the deviation leaves it. */
export function spreadText(kind: ValueKind, { n, mean, deviation }: Spread): string {
  if (n === 0) return '–'
  if (n === 1) return valueText(kind, mean)
  if (kind === 'fraction') return `${(100 * mean).toFixed(1)} ± ${(100 * deviation).toFixed(1)}${narrowSpace}%`
  if (kind === 'duration') return `${formatDuration(mean)} ± ${formatDuration(deviation)}`
  // Two digits of the deviation, and the mean to the same place.
  const decimals = 1 - Math.floor(Math.log10(deviation))
  if (kind === 'count' || !(decimals >= 0 && decimals <= 6) || Math.abs(mean) >= 1e5)
    return `${formatNumber(mean, 6)} ± ${formatNumber(deviation, 2)}`
  return `${mean.toFixed(decimals)} ± ${deviation.toFixed(decimals)}`.replaceAll('-', '−')
}

/** Places of the best values (several when they are equal); none where nothing is better or only one has a value. */
export function bestPlaces(values: ArrayLike<number>, better: 'low' | 'high' | null): ReadonlySet<number> {
  const finite = Array.from(values, (value, place) => ({ value, place })).filter(({ value }) => Number.isFinite(value))
  if (better === null || finite.length < 2) return new Set()
  const numbers = finite.map(({ value }) => value)
  const best = better === 'low' ? Math.min(...numbers) : Math.max(...numbers)
  if (numbers.every((value) => value === best)) return new Set()
  return new Set(finite.filter(({ value }) => value === best).map(({ place }) => place))
}
