// The independent reference for every linear-algebra test: textbook loops on one thread (cyclic Jacobi, one-sided Jacobi, Gram–Schmidt), slow and simple.
import type { Backend } from '../../../src/engine/linalg/core'
import { openFront } from '../../../src/engine/linalg/front'
import type { Linalg, Transpose } from '../../../src/engine/linalg/interface'
import { column, matrix, type Matrix } from '../../../src/engine/linalg/matrix'
import { checkFinite } from '../../../src/engine/linalg/passes'
import { noInverse } from '../../../src/engine/linalg/refusals'

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

/** Largest column sum of magnitudes. */
export function norm1(m: Matrix): number {
  const sums = new Float64Array(m.columns)
  for (let i = 0; i < m.rows; i++) for (let j = 0; j < m.columns; j++) sums[j] += Math.abs(at(m, i, j))
  return sums.reduce((most, sum) => Math.max(most, sum), 0)
}

/** Largest magnitude. */
export function normMax(m: Matrix): number {
  let most = 0
  for (let i = 0; i < m.rows; i++) for (let j = 0; j < m.columns; j++) most = Math.max(most, Math.abs(at(m, i, j)))
  return most
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

async function checkSolve(routine: string, l: Matrix, b: Matrix): Promise<void> {
  await checkFinite(routine, 'b', b)
  await checkFinite(routine, 'l', l, {}, 'lower')
  for (let i = 0; i < l.rows; i++) if (at(l, i, i) === 0) throw noInverse(routine, i)
}

/** The simplest kind of backend: no memory of its own, no progress in between, cancellation only before a call starts. */
export function plainBackend(): Backend {
  return {
    info: { kind: 'wasm', description: 'plain reference loops', threads: 1 },
    kernels: 'wasm',
    allocate: (length) => new Float64Array(length),
    release: () => undefined,
    availableBytes: 2 ** 31,
    memory: { allocations: 0, releases: 0, heldBytes: 0 },
    addressOf: () => -1,
    async gemm(a, b, c, options = {}) {
      const left = options.transposeA === 'transpose' ? transposed(a) : a
      const right = options.transposeB === 'transpose' ? transposed(b) : b
      gemmInto(left, right, c, options.alpha ?? 1, options.beta ?? 0)
      options.onProgress?.(1)
    },
    async gemmOuterBatch(batch, options) {
      const { m, n, k, a, b, c } = batch
      for (let p = 0; p < a.count; p++)
        for (let q = 0; q < b.count; q++) {
          const skipped = batch.upper ? Math.min(m, p) : 0
          const rows = m - skipped
          gemmInto(
            { data: a.data, rows, columns: k, offset: a.offset + p * a.step + skipped * a.stride, stride: a.stride },
            { data: b.data, rows: k, columns: n, offset: b.offset + q * b.step, stride: b.stride },
            { data: c.data, rows, columns: n, offset: c.offset + p * c.stepA + q * c.stepB + skipped * c.stride, stride: c.stride },
            1,
            batch.accumulate ? 1 : 0
          )
        }
      options?.onProgress?.(1)
    },
    async syrk(a, c, options = {}) {
      const left = options.transposeA === 'transpose' ? transposed(a) : a
      gemmInto(left, transposed(left), c, options.alpha ?? 1, options.beta ?? 0)
      for (let i = 0; i < c.rows; i++) for (let j = 0; j < i; j++) put(c, i, j, at(c, j, i))
    },
    async symv(a, x, y) {
      gemmInto(a, column(x), column(y), 1, 0)
    },
    async spread({ units, count, order, c, column }) {
      for (let row = 0; row < c.rows; row++)
        for (let to = 0; to < c.columns; to++) {
          const [i, j, at] = [Math.floor(row / count), row % count, to - column]
          const inside = at >= 0 && at < order * count && at % count === j
          put(c, row, to, inside ? units[(j * order + i) * order + Math.floor(at / count)] : 0)
        }
    },
    async mirrorUpperInPlace(a, rows) {
      for (let i = 0; i < rows; i++) for (let j = i + 1; j < a.rows; j++) put(a, j, i, at(a, i, j))
    },
    async choleskyInPlace(a) {
      await checkFinite('choleskyInPlace', 'a', a, {}, 'lower')
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
      await checkSolve('solveTriangularInPlace', l, b)
      solveLower(l, b, options.transpose ?? 'none')
    },
    async solveCholeskyInPlace(l, b) {
      await checkSolve('solveCholeskyInPlace', l, b)
      solveLower(l, b, 'none')
      solveLower(l, b, 'transpose')
    },
    async eigenvalues(a) {
      await checkFinite('eigenvalues', 'a', a)
      return jacobi(a).values
    },
    // A diagonal matrix is tridiagonal: Q are the eigenvectors.
    async tridiagonalize(a) {
      await checkFinite('tridiagonalize', 'a', a)
      const { values, vectors } = jacobi(a)
      const times = (q: Matrix, x: Float64Array) => x.set(product(q, column(x)).data)
      return collected({
        diagonal: values.slice(),
        offDiagonal: new Float64Array(a.rows - 1),
        eigenvalues: async () => values,
        apply: async (x: Float64Array) => times(vectors, x),
        applyTransposed: async (x: Float64Array) => times(transposed(vectors), x)
      })
    },
    async eigenSymmetric(a, { wanted, allValues }) {
      await checkFinite('eigenSymmetric', 'a', a)
      const { values, vectors } = jacobi(a)
      return collected({
        values: allValues ? values : Float64Array.from(wanted, (index) => values[index]),
        vectors: build(a.rows, wanted.length, (i, j) => at(vectors, i, wanted[j])),
        inPlace: false
      })
    },
    qr: async (a) => collected(gramSchmidt(a)),
    async lq(a) {
      const { q, r } = gramSchmidt(transposed(a))
      return collected({ l: transposed(r), q: transposed(q) })
    },
    async leastSquares(a, _, b, options) {
      const { inverse, rank, condition } = pseudo(a, options.tolerance)
      return collected({ solution: product(inverse, b), rank, condition })
    },
    pseudoinverse: async (a, _, options) => collected(pseudo(a, options.tolerance)),
    singularValues: async (a) => jacobiSvd(a.rows < a.columns ? transposed(a) : a).values,
    async choleskyCondition(l, norm) {
      const inverse = identity(l.rows)
      solveLower(l, inverse, 'none')
      solveLower(l, inverse, 'transpose')
      return norm * norm1(inverse)
    },
    async dispose() {}
  }
}

/** Ordinary arrays: the garbage collector has them back. */
const collected = <Result>(result: Result) => ({ result, arrays: [] })

/** The plain backend behind the front of all others. */
export const openPlain = (): Linalg => openFront(plainBackend())
