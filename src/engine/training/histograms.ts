// Weights and gradients of a network by array, as histograms with exact counts.
import { histogramBins, type Histogram, type HistogramLine } from '../../shared/run/schema'
import type { WeightArray } from '../../shared/model/layout'

/** Edges of the outermost bins. Where all entries are equal the bins lie around them. */
function edges(min: number, max: number): { from: number; to: number } {
  if (min < max) return { from: min, to: max }
  const half = Math.abs(min) / 2 || 0.5
  return { from: min - half, to: min + half }
}

/** 64 bins of one width over all entries (finite, at least one); each entry is in exactly one. */
export function histogramOf(values: Float64Array): Histogram {
  let min = Infinity
  let max = -Infinity
  let sum = 0
  let zeros = 0
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
    if (value === 0) zeros++
    sum += value
  }
  const mean = sum / values.length
  const { from, to } = edges(min, max)
  const counts = Array.from({ length: histogramBins }, () => 0)
  // Relative to the largest distance, so that squares of what is about to diverge do not overflow.
  const largest = Math.max(max - mean, mean - min) || 1
  let squares = 0
  for (const value of values) {
    squares += ((value - mean) / largest) ** 2
    counts[Math.min(histogramBins - 1, Math.floor((histogramBins * (value - from)) / (to - from)))]++
  }
  return { count: values.length, from, to, counts, min, max, mean, std: largest * Math.sqrt(squares / values.length), zeros }
}

/** `parameters` after step `step`; `gradient` of that step's batch before its update, null at the start. */
export function histogramLine(
  step: number,
  arrays: readonly WeightArray[],
  parameters: Float64Array,
  gradient: Float64Array | null
): HistogramLine {
  const layers = arrays.map(({ name, offset, count }) => {
    const of = (vector: Float64Array) => histogramOf(vector.subarray(offset, offset + count))
    return [name, { weights: of(parameters), gradients: gradient === null ? null : of(gradient) }] as const
  })
  return { step, layers: Object.fromEntries(layers) }
}
