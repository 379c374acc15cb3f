// Histograms of weights or gradients over the evaluations: on one axis as shares of their entries, and each by itself as an outline.
import type { HistogramSeries, HistogramTable } from '../../../shared/api/contract'

export interface DensityMap {
  readonly low: number
  readonly high: number
  readonly rows: number
  readonly columns: number
  /** Share of an array's entries in each bin of the common axis, row-major, the lowest values in row 0; NaN where there is no histogram. */
  readonly shares: Float64Array
  readonly most: number
}

/** A range of no width gets some, so that a bin has a place. */
const widened = (low: number, high: number): [number, number] =>
  high > low ? [low, high] : [low - Math.max(Math.abs(low), 1) * 1e-3, high + Math.max(Math.abs(high), 1) * 1e-3]

/** The histograms on one axis; an own bin that lies over several of it is spread evenly. Null where there is none. */
export function densityMap({ from, to, counts }: HistogramSeries, bins: number, rows = 96): DensityMap | null {
  const columns = from.length
  const known = Array.from(from.keys()).filter((column) => Number.isFinite(from[column]))
  if (known.length === 0) return null
  const [low, high] = widened(Math.min(...known.map((k) => from[k])), Math.max(...known.map((k) => to[k])))
  const shares = new Float64Array(rows * columns).fill(NaN)
  const width = (high - low) / rows
  for (const column of known) {
    for (let row = 0; row < rows; row++) shares[row * columns + column] = 0
    const own = counts.subarray(column * bins, (column + 1) * bins)
    const total = own.reduce((sum, count) => sum + count, 0)
    const step = (to[column] - from[column]) / bins
    own.forEach((count, bin) => {
      if (count === 0) return
      const begin = (from[column] + bin * step - low) / width
      const end = step > 0 ? begin + step / width : begin
      const first = Math.min(rows - 1, Math.max(0, Math.floor(begin)))
      const last = Math.min(rows - 1, Math.max(first, Math.ceil(end) - 1))
      for (let row = first; row <= last; row++) {
        const part = end > begin && last > first ? (Math.min(end, row + 1) - Math.max(begin, row)) / (end - begin) : 1
        shares[row * columns + column] += (part * count) / total
      }
    })
  }
  return { low, high, rows, columns, shares, most: shares.reduce((top, share) => (share > top ? share : top), 0) }
}

/** One histogram as an outline: left and right end of every bin at the height of its count. Null where there is none. */
export function outline(series: HistogramSeries, place: number, bins: number): { x: Float64Array; y: Float64Array } | null {
  const [low, high] = [series.from[place], series.to[place]]
  if (!Number.isFinite(low)) return null
  const [from, to] = widened(low, high)
  const x = new Float64Array(2 * bins)
  const y = new Float64Array(2 * bins)
  for (let bin = 0; bin < bins; bin++) {
    x[2 * bin] = from + (bin * (to - from)) / bins
    x[2 * bin + 1] = from + ((bin + 1) * (to - from)) / bins
    y[2 * bin] = y[2 * bin + 1] = series.counts[place * bins + bin]
  }
  return { x, y }
}

export type WeightsKind = 'weights' | 'gradients'

/** What is known of one array at one evaluation. */
export function figuresAt(table: HistogramTable, layer: string, kind: WeightsKind, place: number) {
  const { count, [kind]: series } = table.series[layer]
  return {
    count,
    min: series.min[place],
    max: series.max[place],
    mean: series.mean[place],
    std: series.std[place],
    zeros: series.zeros[place]
  }
}
