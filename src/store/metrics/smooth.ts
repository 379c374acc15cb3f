// Smoothed curves: of every step, before any are left out for drawing. The rows that are kept for drawing are extremes, whose average lies elsewhere.

/**
 * Exponential moving average with its start-up bias removed (as Adam's moments): weight 0 is the data itself, towards 1 ever smoother.
 * Values that are not finite stay as they are and leave the average alone.
 */
export function smooth(values: ArrayLike<number>, weight: number): Float64Array {
  const result = new Float64Array(values.length)
  let average = 0
  let seen = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (!Number.isFinite(value)) {
      result[i] = value
      continue
    }
    average = weight * average + (1 - weight) * value
    seen++
    result[i] = weight === 0 ? value : average / (1 - weight ** seen)
  }
  return result
}
