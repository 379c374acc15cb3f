// Matrix products of any size: small ones here and now (a backend call costs more than they do), big ones through the linear-algebra backend.
import type { CallOptions, Linalg, Transpose } from '../interface'
import type { Matrix } from '../matrix'

/** Products of fewer flops than this are done in plain code: about a millisecond's worth. */
export const plainFlops = 1.5e6

/** c (+)= A·B with A(i, k) at `a[ao + i·ai + k·ak]` and the rows of B and c contiguous; four steps of k at a time, so that c is read and written a quarter as often. */
function multiplyRows(
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
function multiplyInner(
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

export interface MultiplyOptions extends CallOptions {
  readonly transposeA?: Transpose
  readonly transposeB?: Transpose
  /** Adds to c in place of overwriting it. */
  readonly accumulate?: boolean
}

/**
 * c (+)= op(a) · op(b), views allowed, c apart from a and b. Returns nothing when it is done already, a promise otherwise, so that callers
 * await only big products. Throws when the shapes do not meet.
 */
export function multiply(linalg: Linalg, a: Matrix, b: Matrix, c: Matrix, options: MultiplyOptions = {}): Promise<void> | undefined {
  const ta = options.transposeA === 'transpose'
  const tb = options.transposeB === 'transpose'
  const [m, k] = ta ? [a.columns, a.rows] : [a.rows, a.columns]
  const [kb, n] = tb ? [b.columns, b.rows] : [b.rows, b.columns]
  if (k !== kb || c.rows !== m || c.columns !== n)
    throw new Error(`product: ${m} × ${k} times ${kb} × ${n} does not go into ${c.rows} × ${c.columns}`)
  const accumulate = options.accumulate === true
  if (2 * m * n * k > plainFlops) {
    const { signal, transposeA, transposeB } = options
    return linalg.gemm(a, b, c, { signal, transposeA, transposeB, beta: accumulate ? 1 : 0 })
  }
  const ai = ta ? 1 : a.stride
  const ak = ta ? a.stride : 1
  if (tb) multiplyInner(m, n, k, a.data, a.offset, ai, ak, b.data, b.offset, b.stride, c.data, c.offset, c.stride, accumulate)
  else multiplyRows(m, n, k, a.data, a.offset, ai, ak, b.data, b.offset, b.stride, c.data, c.offset, c.stride, accumulate)
  return undefined
}
