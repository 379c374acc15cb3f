// The independent reference for every linear-algebra test: textbook loops on one thread (cyclic Jacobi, one-sided Jacobi, Gram–Schmidt), slow and simple.
import {
  checkEqual,
  checkFinite,
  checkMatrix,
  checkNoOverlap,
  checkSquare,
  column,
  throwIfCancelled
} from '../../../src/engine/linalg/checks'
import { LinalgError, type Linalg, type Transpose } from '../../../src/engine/linalg/interface'
import { matrix, type Matrix } from '../../../src/engine/linalg/matrix'
import { owned } from '../../../src/engine/linalg/owned'

export const at = (m: Matrix, i: number, j: number): number => m.data[m.offset + i * m.stride + j]
export const put = (m: Matrix, i: number, j: number, value: number): void => {
  m.data[m.offset + i * m.stride + j] = value
}

/** A rows × columns matrix from a function of (row, column). */
export function build(rows: number, columns: number, entry: (i: number, j: number) => number): Matrix {
  const result = matrix(rows, columns)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result.data[i * columns + j] = entry(i, j)
  return result
}
export const copy = (m: Matrix): Matrix => build(m.rows, m.columns, (i, j) => at(m, i, j))
export const transposed = (m: Matrix): Matrix => build(m.columns, m.rows, (i, j) => at(m, j, i))
export const identity = (n: number): Matrix => build(n, n, (i, j) => (i === j ? 1 : 0))

/** a · b by three loops. */
export function product(a: Matrix, b: Matrix): Matrix {
  const result = matrix(a.rows, b.columns)
  for (let i = 0; i < a.rows; i++) {
    const row = result.data.subarray(i * b.columns, (i + 1) * b.columns)
    for (let l = 0; l < a.columns; l++) {
      const factor = at(a, i, l)
      const start = b.offset + l * b.stride
      for (let j = 0; j < row.length; j++) row[j] += factor * b.data[start + j]
    }
  }
  return result
}

/** The power of two below a matrix's largest magnitude (1 when it is zero): dividing by it is exact and keeps squares representable. */
function powerOfTwo(m: Matrix): number {
  const largest = Math.max(
    ...Array.from({ length: m.rows }, (_, i) => Math.max(...Array.from({ length: m.columns }, (_, j) => Math.abs(at(m, i, j)))))
  )
  return largest > 0 ? 2 ** Math.floor(Math.log2(largest)) : 1
}

function gemmInto(a: Matrix, b: Matrix, c: Matrix, alpha: number, beta: number): void {
  const ab = product(a, b)
  for (let i = 0; i < c.rows; i++)
    for (let j = 0; j < c.columns; j++) put(c, i, j, alpha * at(ab, i, j) + (beta === 0 ? 0 : beta * at(c, i, j)))
}

/** Cyclic Jacobi (Golub & Van Loan, algorithm 8.5.3) until every off-diagonal entry is negligible; ascending. */
export function jacobi(symmetric: Matrix): { values: Float64Array; vectors: Matrix } {
  const n = symmetric.rows
  const scale = powerOfTwo(symmetric)
  const a = build(n, n, (i, j) => at(symmetric, i, j) / scale)
  const v = identity(n)
  for (let sweep = 0; sweep < 60; sweep++) {
    let rotated = false
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) {
        const apq = at(a, p, q)
        if (Math.abs(apq) <= 1e-17 * Math.sqrt(Math.abs(at(a, p, p))) * Math.sqrt(Math.abs(at(a, q, q))) || Math.abs(apq) < 1e-30) continue
        rotated = true
        const theta = (at(a, q, q) - at(a, p, p)) / (2 * apq)
        const t = Math.abs(theta) > 1e150 ? 1 / (2 * theta) : Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const c = 1 / Math.sqrt(t * t + 1)
        const s = t * c
        rotateColumns(a, p, q, c, s)
        rotateRows(a, p, q, c, s)
        put(a, p, q, 0)
        put(a, q, p, 0)
        rotateColumns(v, p, q, c, s)
      }
    if (!rotated) break
  }
  const order = Array.from({ length: n }, (_, index) => index).sort((i, j) => at(a, i, i) - at(a, j, j))
  return { values: Float64Array.from(order, (i) => at(a, i, i) * scale), vectors: build(n, n, (i, j) => at(v, i, order[j])) }
}

function rotateColumns(m: Matrix, p: number, q: number, c: number, s: number): void {
  for (let i = 0; i < m.rows; i++) {
    const x = at(m, i, p)
    const y = at(m, i, q)
    put(m, i, p, c * x - s * y)
    put(m, i, q, s * x + c * y)
  }
}

function rotateRows(m: Matrix, p: number, q: number, c: number, s: number): void {
  for (let j = 0; j < m.columns; j++) {
    const x = at(m, p, j)
    const y = at(m, q, j)
    put(m, p, j, c * x - s * y)
    put(m, q, j, s * x + c * y)
  }
}

/** Thin singular value decomposition by one-sided Jacobi (Hestenes 1958), values descending: a = u · diag(values) · vᵀ. Needs rows ≥ columns. */
export function jacobiSvd(a: Matrix): { u: Matrix; values: Float64Array; v: Matrix } {
  const scale = powerOfTwo(a)
  const u = build(a.rows, a.columns, (i, j) => at(a, i, j) / scale)
  const n = a.columns
  const v = identity(n)
  for (let sweep = 0; sweep < 60; sweep++) {
    let rotated = false
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) {
        let alpha = 0
        let beta = 0
        let gamma = 0
        for (let i = 0; i < u.rows; i++) {
          const x = at(u, i, p)
          const y = at(u, i, q)
          alpha += x * x
          beta += y * y
          gamma += x * y
        }
        if (gamma === 0 || Math.abs(gamma) <= 1e-16 * Math.sqrt(alpha * beta)) continue
        rotated = true
        const zeta = (beta - alpha) / (2 * gamma)
        const t = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta))
        const c = 1 / Math.sqrt(1 + t * t)
        rotateColumns(u, p, q, c, c * t)
        rotateColumns(v, p, q, c, c * t)
      }
    if (!rotated) break
  }
  const norms = Float64Array.from({ length: n }, (_, j) => Math.hypot(...Array.from({ length: u.rows }, (_, i) => at(u, i, j))))
  const order = Array.from({ length: n }, (_, index) => index).sort((i, j) => norms[j] - norms[i])
  return {
    u: build(u.rows, n, (i, j) => (norms[order[j]] > 0 ? at(u, i, order[j]) / norms[order[j]] : 0)),
    values: Float64Array.from(order, (j) => norms[j] * scale),
    v: build(n, n, (i, j) => at(v, i, order[j]))
  }
}

/** Thin QR by Gram–Schmidt, each column orthogonalized twice; a column that vanishes is replaced by an orthogonalized unit vector. */
export function gramSchmidt(a: Matrix): { q: Matrix; r: Matrix } {
  const q = copy(a)
  const r = matrix(a.columns, a.columns)
  for (let j = 0; j < a.columns; j++) {
    const norm = (): number => Math.hypot(...Array.from({ length: a.rows }, (_, i) => at(q, i, j)))
    const project = (count: boolean): void => {
      for (let l = 0; l < j; l++) {
        let dot = 0
        for (let i = 0; i < a.rows; i++) dot += at(q, i, l) * at(q, i, j)
        for (let i = 0; i < a.rows; i++) put(q, i, j, at(q, i, j) - dot * at(q, i, l))
        if (count) put(r, l, j, at(r, l, j) + dot)
      }
    }
    const before = norm()
    project(true)
    project(true)
    let length = norm()
    if (length > 1e-14 * before) put(r, j, j, length)
    for (let unit = 0; !(length > 1e-14 * before) || length === 0; unit++) {
      for (let i = 0; i < a.rows; i++) put(q, i, j, i === unit ? 1 : 0)
      project(false)
      project(false)
      length = norm()
      if (length < 0.5 / Math.sqrt(a.rows)) length = 0
      else break
    }
    for (let i = 0; i < a.rows; i++) put(q, i, j, at(q, i, j) / length)
  }
  return { q, r }
}

function pseudo(a: Matrix, tolerance = Math.max(a.rows, a.columns) * Number.EPSILON): { inverse: Matrix; rank: number; condition: number } {
  if (a.rows < a.columns) {
    const other = pseudo(transposed(a), tolerance)
    return { ...other, inverse: transposed(other.inverse) }
  }
  const { u, values, v } = jacobiSvd(a)
  const rank = values.filter((value) => value > tolerance * values[0]).length
  const inverse = product(
    v,
    build(a.columns, a.rows, (i, j) => (i < rank ? at(u, j, i) / values[i] : 0))
  )
  return { inverse, rank, condition: rank > 0 ? values[0] / values[rank - 1] : 1 }
}

function solveLower(l: Matrix, b: Matrix, transpose: Transpose): void {
  const n = l.rows
  for (let c = 0; c < b.columns; c++)
    for (let step = 0; step < n; step++) {
      const i = transpose === 'none' ? step : n - 1 - step
      let sum = at(b, i, c)
      if (transpose === 'none') for (let j = 0; j < i; j++) sum -= at(l, i, j) * at(b, j, c)
      else for (let j = i + 1; j < n; j++) sum -= at(l, j, i) * at(b, j, c)
      put(b, i, c, sum / at(l, i, i))
    }
}

/** Ordinary arrays: the garbage collector has them back. */
const collected = () => undefined
const plainEigen = (values: Float64Array, vectors: Matrix) => owned({ values, vectors, inPlace: false }, collected)

/** A whole `Linalg` of the simplest kind: no progress in between, cancellation only before a call starts. */
export function openPlain(): Linalg {
  const square = async (routine: string, a: Matrix): Promise<void> => {
    checkSquare(routine, 'a', a)
    await checkFinite(routine, 'a', a)
  }
  return {
    info: { kind: 'wasm', description: 'plain reference loops', threads: 1 },
    allocate: (length) => new Float64Array(length),
    release: () => undefined,
    availableBytes: 2 ** 31,
    memory: { allocations: 0, releases: 0, heldBytes: 0 },
    async gemm(a, b, c, options = {}) {
      throwIfCancelled(options)
      const left = options.transposeA === 'transpose' ? transposed(a) : a
      const right = options.transposeB === 'transpose' ? transposed(b) : b
      checkMatrix('gemm', 'a', a)
      checkMatrix('gemm', 'b', b)
      checkMatrix('gemm', 'c', c)
      checkEqual('gemm', 'rows of op(b)', right.rows, left.columns)
      checkEqual('gemm', 'rows of c', c.rows, left.rows)
      checkEqual('gemm', 'columns of c', c.columns, right.columns)
      checkNoOverlap('gemm', 'c', c, 'a', a)
      checkNoOverlap('gemm', 'c', c, 'b', b)
      gemmInto(left, right, c, options.alpha ?? 1, options.beta ?? 0)
      options.onProgress?.(1)
    },
    async gemmOuterBatch(batch, options) {
      throwIfCancelled(options)
      const { m, n, k, a, b, c } = batch
      for (let p = 0; p < a.count; p++)
        for (let q = 0; q < b.count; q++)
          gemmInto(
            { data: a.data, rows: m, columns: k, offset: a.offset + p * a.step, stride: a.stride },
            { data: b.data, rows: k, columns: n, offset: b.offset + q * b.step, stride: b.stride },
            { data: c.data, rows: m, columns: n, offset: c.offset + p * c.stepA + q * c.stepB, stride: c.stride },
            1,
            batch.accumulate ? 1 : 0
          )
      options?.onProgress?.(1)
    },
    async syrk(a, c, options = {}) {
      throwIfCancelled(options)
      const left = options.transposeA === 'transpose' ? transposed(a) : a
      checkSquare('syrk', 'c', c)
      checkEqual('syrk', 'rows of c', c.rows, left.rows)
      checkNoOverlap('syrk', 'c', c, 'a', a)
      gemmInto(left, transposed(left), c, options.alpha ?? 1, options.beta ?? 0)
      for (let i = 0; i < c.rows; i++) for (let j = 0; j < i; j++) put(c, i, j, at(c, j, i))
    },
    async symv(a, x, y) {
      checkSquare('symv', 'a', a)
      gemmInto(a, column(x), column(y), 1, 0)
    },
    async mirrorUpperInPlace(a, options) {
      for (let i = 0; i < Math.min(a.rows, options?.rows ?? a.rows); i++) for (let j = i + 1; j < a.rows; j++) put(a, j, i, at(a, i, j))
    },
    async choleskyInPlace(a, options) {
      throwIfCancelled(options)
      await square('choleskyInPlace', a)
      for (let i = 0; i < a.rows; i++) for (let j = i + 1; j < a.rows; j++) put(a, i, j, 0)
      for (let j = 0; j < a.rows; j++) {
        let pivot = at(a, j, j)
        for (let l = 0; l < j; l++) pivot -= at(a, j, l) * at(a, j, l)
        if (!(pivot > 0)) return { positiveDefinite: false, rank: j }
        put(a, j, j, Math.sqrt(pivot))
        for (let i = j + 1; i < a.rows; i++) {
          let sum = at(a, i, j)
          for (let l = 0; l < j; l++) sum -= at(a, i, l) * at(a, j, l)
          put(a, i, j, sum / at(a, j, j))
        }
      }
      return { positiveDefinite: true, rank: a.rows }
    },
    async solveTriangularInPlace(l, b, options = {}) {
      await square('solveTriangularInPlace', l)
      await checkFinite('solveTriangularInPlace', 'b', b)
      checkEqual('solveTriangularInPlace', 'rows of b', b.rows, l.rows)
      solveLower(l, b, options.transpose ?? 'none')
    },
    async solveCholeskyInPlace(l, b) {
      await square('solveCholeskyInPlace', l)
      await checkFinite('solveCholeskyInPlace', 'b', b)
      checkEqual('solveCholeskyInPlace', 'rows of b', b.rows, l.rows)
      solveLower(l, b, 'none')
      solveLower(l, b, 'transpose')
    },
    async eigenvalues(a, options) {
      throwIfCancelled(options)
      await square('eigenvalues', a)
      return jacobi(a).values
    },
    async eigenSymmetric(a, options = {}) {
      throwIfCancelled(options)
      await square('eigenSymmetric', a)
      const { values, vectors } = jacobi(a)
      const n = a.rows
      if (options.range) {
        const { from, to } = options.range
        return plainEigen(
          values.slice(from, to + 1),
          build(n, to - from + 1, (i, j) => at(vectors, i, from + j))
        )
      }
      if (options.select) {
        const { smallest, largest } = options.select
        return plainEigen(
          values,
          build(n, smallest + largest, (i, j) => at(vectors, i, j < smallest ? j : n - smallest - largest + j))
        )
      }
      return plainEigen(values, vectors)
    },
    async qr(a) {
      await checkFinite('qr', 'a', a)
      if (a.rows < a.columns) throw new LinalgError('shape', `qr: a must be tall, got ${a.rows} × ${a.columns}; lq takes wide ones`)
      return owned(gramSchmidt(a), collected)
    },
    async lq(a) {
      await checkFinite('lq', 'a', a)
      if (a.rows > a.columns) throw new LinalgError('shape', `lq: a must be wide, got ${a.rows} × ${a.columns}; qr takes tall ones`)
      const { q, r } = gramSchmidt(transposed(a))
      return owned({ l: transposed(r), q: transposed(q) }, collected)
    },
    async leastSquares(a, b, options) {
      await checkFinite('leastSquares', 'a', a)
      checkEqual('leastSquares', 'rows of b', b.rows, a.rows)
      const { inverse, rank, condition } = pseudo(a, options?.tolerance)
      return owned({ solution: product(inverse, b), rank, condition }, collected)
    },
    async pseudoinverse(a, options) {
      await checkFinite('pseudoinverse', 'a', a)
      return owned(pseudo(a, options?.tolerance), collected)
    },
    async singularValues(a) {
      await checkFinite('singularValues', 'a', a)
      return jacobiSvd(a.rows < a.columns ? transposed(a) : a).values
    },
    async choleskyCondition(l, norm1) {
      const inverse = identity(l.rows)
      solveLower(l, inverse, 'none')
      solveLower(l, inverse, 'transpose')
      let largest = 0
      for (let j = 0; j < l.rows; j++) {
        let sum = 0
        for (let i = 0; i < l.rows; i++) sum += Math.abs(at(inverse, i, j))
        largest = Math.max(largest, sum)
      }
      return l.rows === 0 ? 0 : norm1 * largest
    },
    async dispose() {}
  }
}
