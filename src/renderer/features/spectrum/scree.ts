// Eigenvalues by size.
import { formatCount, formatNumber } from '../../app/format'

/** What of the eigenvalues has no point in a scree plot. */
export interface Unranked {
  readonly zeros: number
  /** Not zero, but within the tolerance. */
  readonly rounding: number
  readonly notFinite: number
}

export interface Scree {
  readonly unranked: Unranked
  /** Place among the given values, of the largest magnitude first. */
  readonly order: Uint32Array
  readonly positive: { readonly x: Float64Array; readonly y: Float64Array }
  readonly negative: { readonly x: Float64Array; readonly y: Float64Array }
}

/** τ = P·ε·max|λ|: an eigenvalue of at most this size is zero but for rounding. */
export function zeroTolerance(values: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i])
    if (size > largest && size < Infinity) largest = size
  }
  return values.length * 2 ** -52 * largest
}

/** How many lie below −τ and how many within ±τ. */
export function countSigns(values: ArrayLike<number>, tolerance: number): { negative: number; zero: number } {
  let negative = 0
  let zero = 0
  for (let i = 0; i < values.length; i++) {
    if (values[i] < -tolerance) negative++
    else if (values[i] <= tolerance) zero++
  }
  return { negative, zero }
}

/** Ranks from 1; y is |λ|. Values within ±`tolerance` keep their rank but get no point, as their size is rounding, and are counted instead. */
export function scree(values: ArrayLike<number>, tolerance = 0): Scree {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]))
  const x = { positive: [] as number[], negative: [] as number[] }
  const y = { positive: [] as number[], negative: [] as number[] }
  const unranked = { zeros: 0, rounding: 0, notFinite: 0 }
  order.forEach((place, i) => {
    const size = Math.abs(values[place])
    if (!Number.isFinite(size)) unranked.notFinite++
    else if (size === 0) unranked.zeros++
    else if (size <= tolerance) unranked.rounding++
    else {
      const sign = values[place] < 0 ? 'negative' : 'positive'
      x[sign].push(i + 1)
      y[sign].push(size)
    }
  })
  return {
    unranked,
    order,
    positive: { x: Float64Array.from(x.positive), y: Float64Array.from(y.positive) },
    negative: { x: Float64Array.from(x.negative), y: Float64Array.from(y.negative) }
  }
}

/** One sentence; null when every eigenvalue has its point. */
export function unrankedText({ zeros, rounding, notFinite }: Unranked, tolerance: number): string | null {
  const parts = [
    zeros > 0 ? `${formatCount(zeros)} exactly zero` : '',
    rounding > 0 ? `${formatCount(rounding)} zero within rounding (|λ| ≤ ${formatNumber(tolerance, 2)})` : '',
    notFinite > 0 ? `${formatCount(notFinite)} not finite` : ''
  ].filter(Boolean)
  return parts.length === 0 ? null : `Without a point: ${parts.join(', ')}.`
}

/** The place of the value nearest to `target` among ascending values. */
export function nearest(ascending: ArrayLike<number>, target: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle] < target) low = middle + 1
    else high = middle
  }
  return low > 0 && Math.abs(ascending[low - 1] - target) <= Math.abs(ascending[low] - target) ? low - 1 : low
}
