// Symmetric matrices that are hard in different ways, at any order; every entry is the same on every machine up to rounding of exp and powers.
import { matrix, type Matrix } from '../../../src/engine/linalg/matrix'
import { build, product, transposed } from './plain'

/** Numbers in [−1, 1) from a 32-bit linear congruential generator (Knuth's constants): exact in any language. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

/** A full random rows × columns matrix. */
export function random(rows: number, columns: number, seed = 1): Matrix {
  const next = uniform(seed)
  const result = matrix(rows, columns)
  for (let at = 0; at < result.data.length; at++) result.data[at] = next()
  return result
}

export function randomSymmetric(n: number, seed = 1): Matrix {
  const next = uniform(seed)
  const result = matrix(n, n)
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) result.data[i * n + j] = result.data[j * n + i] = next()
  return result
}

/** Q diag(values) Qᵀ with Q a product of three Householder reflections: O(n²), exactly symmetric. */
export function withEigenvalues(values: readonly number[], seed = 7): Matrix {
  const n = values.length
  const next = uniform(seed)
  const a = build(n, n, (i, j) => (i === j ? values[i] : 0))
  for (let reflection = 0; reflection < 3; reflection++) {
    const v = Float64Array.from({ length: n }, next)
    const square = v.reduce((sum, x) => sum + x * x, 0)
    if (square === 0) continue
    // H A H = A − v wᵀ − w vᵀ with w = p − (τ/2)(pᵀv) v, p = τ A v, τ = 2/vᵀv.
    const tau = 2 / square
    const p = Float64Array.from({ length: n }, (_, i) => tau * v.reduce((sum, x, j) => sum + a.data[i * n + j] * x, 0))
    const half = (tau / 2) * p.reduce((sum, x, i) => sum + x * v[i], 0)
    const w = p.map((x, i) => x - half * v[i])
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) a.data[i * n + j] = a.data[j * n + i] = a.data[i * n + j] - v[i] * w[j] - w[i] * v[j]
  }
  return a
}

/** Largest integer d ≤ √n that divides n: shapes of Kronecker products. */
function factor(n: number): number {
  let d = Math.max(1, Math.floor(Math.sqrt(n)))
  while (n % d !== 0) d--
  return d
}

function kronecker(left: Matrix, right: Matrix): Matrix {
  const [m, n] = [left.rows * right.rows, left.columns * right.columns]
  return build(
    m,
    n,
    (i, j) =>
      left.data[Math.floor(i / right.rows) * left.columns + Math.floor(j / right.columns)] *
      right.data[(i % right.rows) * right.columns + (j % right.columns)]
  )
}

function scaled(a: Matrix, factor: number): Matrix {
  return build(a.rows, a.columns, (i, j) => a.data[i * a.columns + j] * factor)
}

/** (H Hᵀ) of so many random columns: positive semidefinite of that rank. */
function gram(n: number, rank: number, seed: number): Matrix {
  const h = random(n, rank, seed)
  const result = product(h, transposed(h))
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) result.data[i * n + j] = result.data[j * n + i]
  return result
}

const sequence = (n: number, value: (k: number) => number): number[] => Array.from({ length: n }, (_, k) => value(k))

/** A layer's own Hessian block of squared error: (Hᵀ H) ⊗ I, each output unit the same block, few samples. */
function layerHessian(n: number): Matrix {
  if (n === 0) return matrix(0, 0)
  const inputs = n / factor(n)
  return kronecker(
    gram(inputs, Math.max(1, Math.floor(inputs / 2)), 5),
    build(n / inputs, n / inputs, (i, j) => (i === j ? 1 : 0))
  )
}

export const gallery: Readonly<Record<string, (n: number) => Matrix>> = {
  random: (n) => randomSymmetric(n, 11),
  zero: (n) => matrix(n, n),
  ones: (n) => build(n, n, () => 1),
  identity: (n) => build(n, n, (i, j) => (i === j ? 1 : 0)),
  'minus identity with a bump': (n) => build(n, n, (i, j) => (i === j ? (i === 0 ? 3 : -1) : 0)),
  diagonal: (n) => build(n, n, (i, j) => (i === j ? Math.sin(i + 1) : 0)),
  antidiagonal: (n) => build(n, n, (i, j) => (i + j === n - 1 ? 1 : 0)),
  'rank-deficient': (n) => gram(n, Math.floor(n / 3), 3),
  'rank one': (n) => gram(n, Math.min(1, n), 4),
  clustered: (n) => withEigenvalues(sequence(n, (k) => (k % 3) + 1e-12 * k)),
  'one cluster and one far': (n) => withEigenvalues(sequence(n, (k) => (k === 0 ? 1 : 1e-8 * (1 + 1e-7 * k)))),
  repeated: (n) => withEigenvalues(sequence(n, (k) => [-1, 0, 2][k % 3])),
  geometric: (n) => withEigenvalues(sequence(n, (k) => 10 ** ((-15 * k) / Math.max(1, n - 1)))),
  indefinite: (n) => withEigenvalues(sequence(n, (k) => (k % 2 === 0 ? 1 : -1) * (k + 1))),
  Wilkinson: (n) => build(n, n, (i, j) => (i === j ? Math.abs(i - (n - 1) / 2) : Math.abs(i - j) === 1 ? 1 : 0)),
  'glued Wilkinson': (n) =>
    build(n, n, (i, j) => (i === j ? Math.abs((i % 21) - 10) : Math.abs(i - j) === 1 ? (Math.max(i, j) % 21 === 0 ? 1e-8 : 1) : 0)),
  'second differences': (n) => build(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
  graded: (n) => {
    const a = randomSymmetric(n, 13)
    return build(n, n, (i, j) => a.data[i * n + j] * 10 ** ((-12 * (i + j)) / Math.max(1, n)))
  },
  'graded upward': (n) => {
    const a = randomSymmetric(n, 17)
    return build(n, n, (i, j) => a.data[i * n + j] * 10 ** ((12 * (i + j)) / Math.max(1, n)))
  },
  RBF: (n) => build(n, n, (i, j) => Math.exp(-(((i - j) / Math.max(1, n)) ** 2) / 0.02)),
  Hilbert: (n) => build(n, n, (i, j) => 1 / (i + j + 1)),
  'scaled by 1e-300': (n) => scaled(randomSymmetric(n, 19), 1e-300),
  'scaled by 1e-160': (n) => scaled(randomSymmetric(n, 23), 1e-160),
  'scaled by 1e150': (n) => scaled(randomSymmetric(n, 29), 1e150),
  'layer Hessian': layerHessian,
  'Kronecker of random': (n) => (n === 0 ? matrix(0, 0) : kronecker(randomSymmetric(factor(n), 31), randomSymmetric(n / factor(n), 37))),
  'bordered by zeros (eigenvalues ± the singular values of an RBF matrix)': (n) => {
    const half = n >> 1
    const inner = build(half, half, (i, j) => Math.exp(-(((i - j) / Math.max(1, half)) ** 2) / 0.02))
    return build(n, n, (i, j) =>
      i < half && j >= half && j < 2 * half
        ? inner.data[i * half + j - half]
        : j < half && i >= half && i < 2 * half
          ? inner.data[j * half + i - half]
          : 0
    )
  },
  'zero rows and columns': (n) => {
    const a = randomSymmetric(n, 41)
    return build(n, n, (i, j) => (i % 3 === 1 || j % 3 === 1 ? 0 : a.data[i * n + j]))
  },
  'tiny couplings': (n) => {
    const a = randomSymmetric(n, 43)
    return build(n, n, (i, j) => (i === j ? Math.floor(i / 2) : 1e-14 * a.data[i * n + j]))
  }
}
