// Implicit QL iteration for one eigenvalue of a symmetric tridiagonal matrix (Bowdler, Martin, Reinsch & Wilkinson 1968; EISPACK imtql).
import { element } from './address'
import { rotateRows } from './vectors'

const EPSILON: f64 = 2.220446049250313e-16
const MOST_ITERATIONS: i32 = 120
/** After so many iterations without success the other direction is tried. */
const PATIENCE: i32 = 30

/** Index of the first negligible coupling at or after `start` (order − 1 when there is none). */
function splitAfter(order: i32, start: i32, diagonal: usize, coupling: usize, negligible: f64): i32 {
  let m: i32 = start
  for (; m < order - 1; m++) {
    const size = abs(f64.load(element(diagonal, m))) + abs(f64.load(element(diagonal, m + 1)))
    if (abs(f64.load(element(coupling, m))) <= EPSILON * size + negligible) break
  }
  return m
}

/** √(f² + g²) without harmful underflow; entries are far from overflow. */
function hypotenuse(f: f64, g: f64): f64 {
  const r = sqrt(f * f + g * g)
  if (r > 1e-140) return r
  const size = max(abs(f), abs(g))
  if (size == 0) return 0
  const p = f / size
  const q = g / size
  return size * sqrt(p * p + q * q)
}

/** One implicit QL sweep over rows l … m with a Wilkinson shift; rotates rows of `vectors` (row i belongs to diagonal i) when it is not 0. */
function sweep(l: i32, m: i32, diagonal: usize, coupling: usize, vectors: usize, stride: i32, length: i32): void {
  const first = f64.load(element(diagonal, l))
  let g = (f64.load(element(diagonal, l + 1)) - first) / (2.0 * f64.load(element(coupling, l)))
  let r = sqrt(g * g + 1.0)
  g = f64.load(element(diagonal, m)) - first + f64.load(element(coupling, l)) / (g + (g >= 0 ? r : -r))
  let sine: f64 = 1
  let cosine: f64 = 1
  let p: f64 = 0
  for (let i: i32 = m - 1; i >= l; i--) {
    const e = f64.load(element(coupling, i))
    const f = sine * e
    const b = cosine * e
    r = hypotenuse(f, g)
    f64.store(element(coupling, i + 1), r)
    if (r == 0) {
      f64.store(element(diagonal, i + 1), f64.load(element(diagonal, i + 1)) - p)
      f64.store(element(coupling, m), 0)
      return
    }
    sine = f / r
    cosine = g / r
    g = f64.load(element(diagonal, i + 1)) - p
    r = (f64.load(element(diagonal, i)) - g) * sine + 2.0 * cosine * b
    p = sine * r
    f64.store(element(diagonal, i + 1), g + p)
    g = cosine * r - b
    if (vectors) rotateRows(length, element(vectors, i * stride), element(vectors, (i + 1) * stride), cosine, -sine)
  }
  f64.store(element(diagonal, l), f64.load(element(diagonal, l)) - p)
  f64.store(element(coupling, l), g)
  f64.store(element(coupling, m), 0)
}

function swap(x: usize, y: usize): void {
  const value = f64.load(x)
  f64.store(x, f64.load(y))
  f64.store(y, value)
}

/** Renumbers rows l … m backwards. QL wants small entries first: with large ones first its shift drowns in rounding on the way up. */
function reverse(l: i32, m: i32, diagonal: usize, coupling: usize, vectors: usize, stride: i32, length: i32): void {
  for (let i = l, j = m; i < j; i++, j--) {
    swap(element(diagonal, i), element(diagonal, j))
    if (vectors) for (let q: i32 = 0; q < length; q++) swap(element(vectors, i * stride + q), element(vectors, j * stride + q))
  }
  for (let i = l, j = m - 1; i < j; i++, j--) swap(element(coupling, i), element(coupling, j))
}

/**
 * Iterates until diagonal[l] is an eigenvalue. coupling[i] couples i and i+1; coupling[order − 1] is work space.
 * Couplings up to `negligible` (rounding of the largest entry) count as zero. `vectors`: 0, or `order` rows of `length` numbers, rotated along. Returns 0, or 1 when it did not converge.
 */
export function isolateEigenvalue(
  order: i32,
  l: i32,
  diagonal: usize,
  coupling: usize,
  negligible: f64,
  vectors: usize,
  stride: i32,
  length: i32
): i32 {
  for (let iteration: i32 = 0; iteration < MOST_ITERATIONS; iteration++) {
    const m = splitAfter(order, l, diagonal, coupling, negligible)
    if (m == l) return 0
    const largeFirst = abs(f64.load(element(diagonal, m))) < abs(f64.load(element(diagonal, l)))
    if (iteration == 0 ? largeFirst : iteration % PATIENCE == 0) reverse(l, m, diagonal, coupling, vectors, stride, length)
    sweep(l, m, diagonal, coupling, vectors, stride, length)
  }
  return 1
}
