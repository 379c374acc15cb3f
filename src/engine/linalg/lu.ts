// Gaussian elimination with partial pivoting for small matrices, in plain loops: O(n³) on this thread.
import type { Matrix } from './matrix'

/** LU factors, both triangles in one array; row i of the factors is row order[i] of the matrix (n × n, contiguous). */
export function luFactor(a: Float64Array, n: number): { readonly lower: Float64Array; readonly order: Int32Array } {
  const lu = a.slice()
  const order = Int32Array.from({ length: n }, (_, i) => i)
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(lu[i * n + k]) > Math.abs(lu[pivot * n + k])) pivot = i
    if (pivot !== k) {
      for (let j = 0; j < n; j++) [lu[k * n + j], lu[pivot * n + j]] = [lu[pivot * n + j], lu[k * n + j]]
      ;[order[k], order[pivot]] = [order[pivot], order[k]]
    }
    for (let i = k + 1; i < n; i++) {
      const factor = (lu[i * n + k] /= lu[k * n + k])
      for (let j = k + 1; j < n; j++) lu[i * n + j] -= factor * lu[k * n + j]
    }
  }
  return { lower: lu, order }
}

/** ln|det| of a square, contiguous matrix; −∞ where it is singular. */
export function luLogDeterminant({ data, rows, offset }: Matrix): number {
  const { lower } = luFactor(data.subarray(offset, offset + rows * rows), rows)
  let sum = 0
  for (let i = 0; i < rows; i++) {
    const pivot = Math.abs(lower[i * rows + i])
    // A column without a pivot leaves NaN in all that follow.
    if (!(pivot > 0)) return -Infinity
    sum += Math.log(pivot)
  }
  return sum
}
