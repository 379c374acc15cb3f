// Many power series at once: coefficient k of all entries lies in one plane, plane after plane, so that a product with a matrix takes all planes stacked.
import type { Matrix } from '../linalg'

/**
 * out[i] = Σ_{j=first..k} x_j[i] · y_{k−j}[i] for `count` entries i: coefficient k of the product of many series at once, where coefficient j of x lies
 * from xStart + j · xStep on (a plane of entries).. `out` may not be among the planes read.
 */
export function convolve(
  k: number,
  first: number,
  count: number,
  x: Float64Array,
  xStart: number,
  xStep: number,
  y: Float64Array,
  yStart: number,
  yStep: number,
  out: Float64Array,
  outStart: number
): void {
  out.fill(0, outStart, outStart + count)
  for (let j = first; j <= k; j++) {
    const xj = xStart + j * xStep
    const yj = yStart + (k - j) * yStep
    for (let i = 0; i < count; i++) out[outStart + i] += x[xj + i] * y[yj + i]
  }
}

/** Planes first … first + count − 1 as one matrix, one sample a row. */
export const stacked = (data: Float64Array, samples: number, columns: number, first: number, count: number): Matrix => ({
  data,
  rows: count * samples,
  columns,
  offset: first * samples * columns,
  stride: columns
})
