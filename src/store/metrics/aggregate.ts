// Curves of several runs taken together: mean, sample deviation, extremes and how many runs there are, at every place of the axis.
import type { AggregateCurve } from '../../shared/api/contract'
import { decimatedRows } from './decimate'

export interface Curve {
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
}

/** Of every place; how many were left out is for whoever thins it. */
export type Aggregate = Omit<AggregateCurve, 'total'>

/** The finite points in ascending order; of points at one place the last counts, and those where the axis runs backwards are left out. */
function ascending({ x, y }: Curve): { x: Float64Array; y: Float64Array } {
  const xs = new Float64Array(Math.min(x.length, y.length))
  const ys = new Float64Array(xs.length)
  let length = 0
  for (let i = 0; i < xs.length; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i]) || (length > 0 && x[i] < xs[length - 1])) continue
    if (length > 0 && x[i] === xs[length - 1]) length--
    xs[length] = x[i]
    ys[length++] = y[i]
  }
  return { x: xs.subarray(0, length), y: ys.subarray(0, length) }
}

/** Every place where any curve has a point, once. */
function places(curves: readonly { x: Float64Array }[]): Float64Array {
  const all = new Float64Array(curves.reduce((sum, { x }) => sum + x.length, 0))
  let length = 0
  for (const { x } of curves) {
    all.set(x, length)
    length += x.length
  }
  all.sort()
  let kept = 0
  for (let i = 0; i < all.length; i++) if (i === 0 || all[i] !== all[kept - 1]) all[kept++] = all[i]
  return all.slice(0, kept)
}

/**
 * At every place where any curve has a point. `exact`: a curve takes part only where it has a point itself, as on an axis of steps.
 * Otherwise, as on an axis of time, it takes part from its first to its last point, by linear interpolation between two of them.
 */
export function aggregate(curves: readonly Curve[], exact: boolean): Aggregate {
  const clean = curves.map(ascending)
  const x = places(clean)
  const mean = new Float64Array(x.length)
  const squares = new Float64Array(x.length)
  const low = new Float64Array(x.length).fill(Infinity)
  const high = new Float64Array(x.length).fill(-Infinity)
  const count = new Float64Array(x.length)
  let interpolated = false
  // Welford's recurrence: no difference of large sums.
  const take = (i: number, value: number) => {
    count[i]++
    const before = value - mean[i]
    mean[i] += before / count[i]
    squares[i] += before * (value - mean[i])
    if (value < low[i]) low[i] = value
    if (value > high[i]) high[i] = value
  }
  for (const curve of clean) {
    let next = 0
    for (let i = 0; i < x.length && next < curve.x.length; i++) {
      if (x[i] === curve.x[next]) take(i, curve.y[next++])
      else if (!exact && next > 0) {
        const share = (x[i] - curve.x[next - 1]) / (curve.x[next] - curve.x[next - 1])
        take(i, curve.y[next - 1] + share * (curve.y[next] - curve.y[next - 1]))
        interpolated = true
      }
    }
  }
  const deviation = squares.map((sum, i) => (count[i] > 1 ? Math.sqrt(sum / (count[i] - 1)) : NaN))
  return { x, mean, deviation, low, high, count, interpolated }
}

/** Fewer places that draw the same picture: each is one of the whole, none an average of several. */
export function thinned(whole: Aggregate, pixels: number): Aggregate {
  const rows = decimatedRows([whole.mean, whole.deviation, whole.low, whole.high, whole.count], 0, whole.x.length, pixels)
  const take = (column: Float64Array) => Float64Array.from(rows, (row) => column[row])
  return {
    x: take(whole.x),
    mean: take(whole.mean),
    deviation: take(whole.deviation),
    low: take(whole.low),
    high: take(whole.high),
    count: take(whole.count),
    interpolated: whole.interpolated
  }
}
