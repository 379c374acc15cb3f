// Eigenvalues by size.
import { formatCount, formatNumber } from '../../app/format'

export interface Points {
  /** Ranks from 1. */
  readonly x: Float64Array
  /** |λ|. */
  readonly y: Float64Array
}

export interface Scree {
  /** Place among the given values, of the largest magnitude first; what is not finite comes last. */
  readonly order: Uint32Array
  readonly positive: Points
  readonly negative: Points
  /** Within the tolerance: their size is rounding, or nothing. */
  readonly zero: Points
  readonly exactZeros: number
  readonly notFinite: number
}

/** All values by size: those within ±`tolerance` apart from those of either sign. */
export function scree(values: ArrayLike<number>, tolerance = 0): Scree {
  const sizeOf = (place: number) => (Number.isFinite(values[place]) ? Math.abs(values[place]) : -1)
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => sizeOf(b) - sizeOf(a))
  const kinds = { positive: [] as number[], negative: [] as number[], zero: [] as number[] }
  let notFinite = 0
  order.forEach((place, i) => {
    const size = sizeOf(place)
    if (size < 0) notFinite++
    else kinds[size <= tolerance ? 'zero' : values[place] < 0 ? 'negative' : 'positive'].push(i)
  })
  const points = (ranks: readonly number[]): Points => ({
    x: Float64Array.from(ranks, (i) => i + 1),
    y: Float64Array.from(ranks, (i) => sizeOf(order[i]))
  })
  const zero = points(kinds.zero)
  return {
    order,
    positive: points(kinds.positive),
    negative: points(kinds.negative),
    zero,
    exactZeros: zero.y.filter((size) => size === 0).length,
    notFinite
  }
}

/** One sentence about what is not drawn at its size; null when every eigenvalue is. */
export function zerosText({ zero, exactZeros, notFinite }: Scree, tolerance: number): string | null {
  const { x } = zero
  const ranks = x.length === 1 ? `at rank ${formatCount(x[0])}` : `at ranks ${formatCount(x[0])} to ${formatCount(x[x.length - 1])}`
  const exactly = exactZeros > 0 ? `, ${formatCount(exactZeros)} exactly zero` : ''
  const parts = [
    x.length > 0
      ? `Along the foot ${ranks}: ${formatCount(x.length)} zero within rounding (|λ| ≤ ${formatNumber(tolerance, 2)}${exactly}).`
      : '',
    notFinite > 0 ? `${formatCount(notFinite)} not finite, without a point.` : ''
  ].filter(Boolean)
  return parts.length === 0 ? null : parts.join(' ')
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
