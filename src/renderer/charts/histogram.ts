// The exact histogram of eigenvalues: every value is in exactly one bin, so the counts add up to their number.
import { symlog, symlogInverse, type ScaleKind } from './scale'

export interface Histogram {
  /** Bin i holds the values in [edges[i], edges[i+1]), the last one also its right edge; in the values' own units. */
  readonly edges: Float64Array
  /** The same edges on the axis, evenly spaced. */
  readonly places: Float64Array
  readonly counts: Uint32Array
  /** Values that are not finite, in no bin. */
  readonly outside: number
}

/** As many as an axis of usual width tells apart. */
export const usualBins = 120

/** The smallest and largest finite value; null when there is none. */
export function finiteRange(values: ArrayLike<number>): [number, number] | null {
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue
    if (values[i] < low) low = values[i]
    if (values[i] > high) high = values[i]
  }
  return low > high ? null : [low, high]
}

/**
 * Bins evenly spaced on a linear or symlog axis (`constant`: the end of its linear part), over the values' own range or a wider one.
 * The values need not be sorted. A value outside a given range is counted in the bin at that end.
 */
export function histogram(
  values: ArrayLike<number>,
  bins: number,
  scale: Exclude<ScaleKind, 'log'>,
  constant = 1,
  range: readonly [number, number] | null = finiteRange(values)
): Histogram {
  const forward = scale === 'symlog' ? (value: number) => symlog(value, constant) : (value: number) => value
  const backward = scale === 'symlog' ? (place: number) => symlogInverse(place, constant) : (place: number) => place
  let outside = 0
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) outside++
  if (!range) return { edges: new Float64Array([0, 1]), places: new Float64Array([0, 1]), counts: new Uint32Array(1), outside }
  let [low, high] = range
  if (low === high) {
    // A subnormal value has no twentieth.
    const half = Math.abs(low) * 0.05 || 0.5
    low -= half
    high += half
  }
  const first = forward(low)
  const width = (forward(high) - first) / bins
  const places = Float64Array.from({ length: bins + 1 }, (_, i) => first + i * width)
  // Rounding must not put an edge beyond the extremes.
  const edges = places.map((place) => Math.min(high, Math.max(low, backward(place))))
  edges[0] = low
  edges[bins] = high
  const counts = new Uint32Array(bins)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (!Number.isFinite(value)) continue
    let bin = Math.min(bins - 1, Math.max(0, width > 0 ? Math.floor((forward(value) - first) / width) : 0))
    // The edges decide, so that what is shown as the bin's range is what was counted.
    while (bin > 0 && value < edges[bin]) bin--
    while (bin < bins - 1 && value >= edges[bin + 1]) bin++
    counts[bin]++
  }
  return { edges, places, counts, outside }
}

/** The finite values in order. */
export const ascendingFinite = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).filter(Number.isFinite).sort()

/** The range that holds several lists of values; null when none has a finite one. */
export function jointRange(lists: readonly ArrayLike<number>[]): [number, number] | null {
  const ranges = lists.map(finiteRange).filter((range) => range !== null)
  return ranges.length === 0 ? null : [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))]
}

/** The first place whose value is at least `limit`. */
function firstFrom(ascending: Float64Array, limit: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle] < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** The places [from, to) among ascending finite values that lie in a bin: by its edges, as they were counted. */
export function binMembers({ edges, counts }: Histogram, ascending: Float64Array, bin: number): { from: number; to: number } {
  const from = bin === 0 ? 0 : firstFrom(ascending, edges[bin])
  const to = bin === counts.length - 1 ? ascending.length : firstFrom(ascending, edges[bin + 1])
  return { from, to }
}
