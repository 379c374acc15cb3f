// Plain loops and seeded numbers to check the wasm backend against.
import { matrix, type Matrix } from '../../../../src/engine/linalg/matrix'

/** Uniform numbers in (−1, 1) from a small linear congruential generator. */
export function random(length: number, seed: number): Float64Array {
  let state = (seed * 2654435761) >>> 0
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state / 2 ** 31 - 1) * (1 - 2 ** -20)
  })
}

export function randomMatrix(rows: number, columns: number, seed: number): Matrix {
  return matrix(rows, columns, random(rows * columns, seed))
}

export function randomSymmetric(order: number, seed: number): Matrix {
  const a = randomMatrix(order, order, seed)
  for (let i = 0; i < order; i++) for (let j = 0; j < i; j++) a.data[i * order + j] = a.data[j * order + i]
  return a
}

export function entry(m: Matrix, i: number, j: number): number {
  return m.data[m.offset + i * m.stride + j]
}

/** op(A) · op(B) by the definition. */
export function product(a: Matrix, b: Matrix, transposeA = false, transposeB = false): Matrix {
  const rows = transposeA ? a.columns : a.rows
  const depth = transposeA ? a.rows : a.columns
  const columns = transposeB ? b.rows : b.columns
  const c = matrix(rows, columns)
  for (let i = 0; i < rows; i++)
    for (let p = 0; p < depth; p++) {
      const left = transposeA ? entry(a, p, i) : entry(a, i, p)
      for (let j = 0; j < columns; j++) c.data[i * columns + j] += left * (transposeB ? entry(b, j, p) : entry(b, p, j))
    }
  return c
}
