// Products in plain loops: for what is over before a backend has been called.
import type { GemmOuterBatch, Spread } from '../interface'
import type { Matrix } from '../matrix'

/** c (+)= A·B with A(i, k) at `a[ao + i·ai + k·ak]` and the rows of B and c contiguous; four steps of k at a time, so that c is read and written a quarter as often. */
export function multiplyRows(
  m: number,
  n: number,
  k: number,
  a: Float64Array,
  ao: number,
  ai: number,
  ak: number,
  b: Float64Array,
  bo: number,
  bk: number,
  c: Float64Array,
  co: number,
  ci: number,
  accumulate: boolean
): void {
  for (let i = 0; i < m; i++) {
    const row = co + i * ci
    if (!accumulate) c.fill(0, row, row + n)
    let p = 0
    let at = ao + i * ai
    for (; p + 4 <= k; p += 4) {
      const a0 = a[at]
      const a1 = a[at + ak]
      const a2 = a[at + 2 * ak]
      const a3 = a[at + 3 * ak]
      at += 4 * ak
      const b0 = bo + p * bk
      const b1 = b0 + bk
      const b2 = b1 + bk
      const b3 = b2 + bk
      for (let j = 0; j < n; j++) c[row + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + (a2 * b[b2 + j] + a3 * b[b3 + j])
    }
    for (; p < k; p++) {
      const a0 = a[at]
      at += ak
      const b0 = bo + p * bk
      for (let j = 0; j < n; j++) c[row + j] += a0 * b[b0 + j]
    }
  }
}

/** c (+)= A·Bᵀ by inner products, four columns of c at a time. */
export function multiplyInner(
  m: number,
  n: number,
  k: number,
  a: Float64Array,
  ao: number,
  ai: number,
  ak: number,
  b: Float64Array,
  bo: number,
  bj: number,
  c: Float64Array,
  co: number,
  ci: number,
  accumulate: boolean
): void {
  for (let i = 0; i < m; i++) {
    const from = ao + i * ai
    const row = co + i * ci
    let j = 0
    for (; j + 4 <= n; j += 4) {
      const b0 = bo + j * bj
      const b1 = b0 + bj
      const b2 = b1 + bj
      const b3 = b2 + bj
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      for (let p = 0; p < k; p++) {
        const x = a[from + p * ak]
        s0 += x * b[b0 + p]
        s1 += x * b[b1 + p]
        s2 += x * b[b2 + p]
        s3 += x * b[b3 + p]
      }
      c[row + j] = accumulate ? c[row + j] + s0 : s0
      c[row + j + 1] = accumulate ? c[row + j + 1] + s1 : s1
      c[row + j + 2] = accumulate ? c[row + j + 2] + s2 : s2
      c[row + j + 3] = accumulate ? c[row + j + 3] + s3 : s3
    }
    for (; j < n; j++) {
      const b0 = bo + j * bj
      let sum = 0
      for (let p = 0; p < k; p++) sum += a[from + p * ak] * b[b0 + p]
      c[row + j] = accumulate ? c[row + j] + sum : sum
    }
  }
}

/** Every A_p with every B_q, four steps of k at a time. */
export function multiplyOuterBatch({ m, n, k, a, b, c, accumulate = false, upper = false }: GemmOuterBatch): void {
  for (let p = 0; p < a.count; p++)
    for (let q = 0; q < b.count; q++)
      for (let i = upper ? p : 0; i < m; i++) {
        const to = c.offset + p * c.stepA + q * c.stepB + i * c.stride
        if (!accumulate) c.data.fill(0, to, to + n)
        const left = a.offset + p * a.step + i * a.stride
        const right = b.offset + q * b.step
        let l = 0
        for (; l + 4 <= k; l += 4) {
          const [a0, a1, a2, a3] = [a.data[left + l], a.data[left + l + 1], a.data[left + l + 2], a.data[left + l + 3]]
          const b0 = right + l * b.stride
          const b1 = b0 + b.stride
          const b2 = b1 + b.stride
          const b3 = b2 + b.stride
          for (let j = 0; j < n; j++)
            c.data[to + j] += a0 * b.data[b0 + j] + a1 * b.data[b1 + j] + (a2 * b.data[b2 + j] + a3 * b.data[b3 + j])
        }
        for (; l < k; l++) {
          const factor = a.data[left + l]
          const from = right + l * b.stride
          for (let j = 0; j < n; j++) c.data[to + j] += factor * b.data[from + j]
        }
      }
}

/** Row (i, j) of c is zero but for U_j[i, k] at every `count`-th place. */
export function spreadPlainly({ units, count, order, c, column }: Spread): void {
  for (let i = 0; i < order; i++)
    for (let j = 0; j < count; j++) {
      const row = c.offset + (i * count + j) * c.stride
      c.data.fill(0, row, row + c.columns)
      for (let k = 0; k < order; k++) c.data[row + column + k * count + j] = units[(j * order + i) * order + k]
    }
}

/** The upper triangle onto the lower one. */
export function mirrorUpper({ data, rows, offset, stride }: Matrix): void {
  for (let r = 0; r < rows; r++) for (let c = 0; c < r; c++) data[offset + r * stride + c] = data[offset + c * stride + r]
}
