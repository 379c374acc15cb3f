// Eigenvalues by size.

export interface Scree {
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

/** Ranks from 1; y is |λ|. Values within ±`tolerance` keep their rank but get no point: their size is rounding. */
export function scree(values: ArrayLike<number>, tolerance = 0): Scree {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]))
  const x = { positive: [] as number[], negative: [] as number[] }
  const y = { positive: [] as number[], negative: [] as number[] }
  order.forEach((place, i) => {
    if (Math.abs(values[place]) <= tolerance) return
    const sign = values[place] < 0 ? 'negative' : 'positive'
    x[sign].push(i + 1)
    y[sign].push(Math.abs(values[place]))
  })
  return {
    order,
    positive: { x: Float64Array.from(x.positive), y: Float64Array.from(y.positive) },
    negative: { x: Float64Array.from(x.negative), y: Float64Array.from(y.negative) }
  }
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
