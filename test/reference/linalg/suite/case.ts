// The shape of a test that runs anywhere: over any backend, under vitest or inside a utility process.
import type { Linalg } from '../../../../src/engine/linalg/interface'
import type { Matrix } from '../../../../src/engine/linalg/matrix'

export interface LinalgCase {
  readonly name: string
  /** Throws (AssertionError) when the backend falls short. */
  run(linalg: Linalg): Promise<void>
}

export const epsilon = Number.EPSILON

/** Largest magnitude in a list, NaN when it holds one. */
export function largest(values: Float64Array): number {
  let most = 0
  for (const value of values) {
    if (Number.isNaN(value)) return NaN
    most = Math.max(most, Math.abs(value))
  }
  return most
}

export function distance(x: Float64Array, y: Float64Array): number {
  if (x.length !== y.length) return Infinity
  let most = 0
  for (let i = 0; i < x.length; i++) {
    const gap = Math.abs(x[i] - y[i])
    if (Number.isNaN(gap)) return NaN
    most = Math.max(most, gap)
  }
  return most
}

export function frobenius(values: Float64Array): number {
  const scale = largest(values)
  if (!(scale > 0)) return scale
  let sum = 0
  for (const value of values) sum += (value / scale) ** 2
  return scale * Math.sqrt(sum)
}

/** The matrix as a view into a larger array that is NaN around it. */
export function asView(m: Matrix, linalg?: Linalg): Matrix {
  const [rows, stride] = [m.rows + 2, m.columns + 3]
  const data = linalg ? linalg.allocate(rows * stride) : new Float64Array(rows * stride)
  data.fill(NaN)
  const view = { data, rows: m.rows, columns: m.columns, offset: stride + 2, stride }
  for (let i = 0; i < m.rows; i++)
    data.set(m.data.subarray(m.offset + i * m.stride, m.offset + i * m.stride + m.columns), view.offset + i * stride)
  return view
}

/** Contiguous numbers of a matrix. */
export function numbers(m: Matrix): Float64Array {
  const result = new Float64Array(m.rows * m.columns)
  for (let i = 0; i < m.rows; i++) result.set(m.data.subarray(m.offset + i * m.stride, m.offset + i * m.stride + m.columns), i * m.columns)
  return result
}
