// One step of a bulge chase: reflectors (Householder 1958) applied to the blocks of a symmetric band, and later to vectors.
import { element } from './address'
import { addRows, dot, dotRows, flushTiny, maxAbs, scale, scaleAndAdd } from './vectors'
import { multiplySymmetricRows } from './symmetric'

/** Entries of reflectors below this are zero: they change nothing, and their products would become subnormal, which is very slow. */
const NEGLIGIBLE: f64 = 1e-70

/**
 * Makes the reflector I − tau v vᵀ that maps x (`length` ≥ 1 numbers) to (beta, 0, …), and x to that. `v` receives tau in the place of its first
 * entry, which is 1, then the others; zeros where x is that already.
 */
function makeReflector(length: i32, x: usize, v: usize): void {
  const rest = length - 1
  const tail = v + 8
  memory.copy(v, x, (<usize>length) << 3)
  let alpha = f64.load(v)
  let square = dot(rest, tail, tail)
  let size: f64 = 1
  if (!(square > 1e-250 && square + alpha * alpha < 1e250)) {
    size = max(maxAbs(rest, tail), abs(alpha))
    square = 0
    if (size > 1e-300) {
      scale(rest, 1 / size, tail)
      alpha /= size
      square = dot(rest, tail, tail)
    }
  }
  memory.fill(x + 8, 0, (<usize>rest) << 3)
  if (square == 0) {
    memory.fill(v, 0, (<usize>length) << 3)
    return
  }
  const norm = sqrt(alpha * alpha + square)
  const beta = alpha < 0 ? norm : -norm
  scale(rest, 1 / (alpha - beta), tail)
  flushTiny(rest, NEGLIGIBLE, tail)
  f64.store(x, beta * size)
  f64.store(v, (beta - alpha) / beta)
}

/** Four columns: a_j −= x · f_j + y · g_j. */
function subtractFromFour(length: i32, a0: usize, step: usize, x: usize, f: usize, y: usize, g: usize): void {
  const f0 = v128.load64_splat(f)
  const f1 = v128.load64_splat(f, 8)
  const f2 = v128.load64_splat(f, 16)
  const f3 = v128.load64_splat(f, 24)
  const g0 = v128.load64_splat(g)
  const g1 = v128.load64_splat(g, 8)
  const g2 = v128.load64_splat(g, 16)
  const g3 = v128.load64_splat(g, 24)
  let a1 = a0 + step
  let a2 = a1 + step
  let a3 = a2 + step
  let i: i32 = 0
  for (; i + 4 <= length; i += 4) {
    const u0 = v128.load(x)
    const v0 = v128.load(y)
    v128.store(a0, f64x2.sub(v128.load(a0), f64x2.add(f64x2.mul(u0, f0), f64x2.mul(v0, g0))))
    v128.store(a1, f64x2.sub(v128.load(a1), f64x2.add(f64x2.mul(u0, f1), f64x2.mul(v0, g1))))
    v128.store(a2, f64x2.sub(v128.load(a2), f64x2.add(f64x2.mul(u0, f2), f64x2.mul(v0, g2))))
    v128.store(a3, f64x2.sub(v128.load(a3), f64x2.add(f64x2.mul(u0, f3), f64x2.mul(v0, g3))))
    const u1 = v128.load(x, 16)
    const v1 = v128.load(y, 16)
    v128.store(a0, f64x2.sub(v128.load(a0, 16), f64x2.add(f64x2.mul(u1, f0), f64x2.mul(v1, g0))), 16)
    v128.store(a1, f64x2.sub(v128.load(a1, 16), f64x2.add(f64x2.mul(u1, f1), f64x2.mul(v1, g1))), 16)
    v128.store(a2, f64x2.sub(v128.load(a2, 16), f64x2.add(f64x2.mul(u1, f2), f64x2.mul(v1, g2))), 16)
    v128.store(a3, f64x2.sub(v128.load(a3, 16), f64x2.add(f64x2.mul(u1, f3), f64x2.mul(v1, g3))), 16)
    x += 32
    y += 32
    a0 += 32
    a1 += 32
    a2 += 32
    a3 += 32
  }
  if (i + 2 <= length) {
    const u0 = v128.load(x)
    const v0 = v128.load(y)
    v128.store(a0, f64x2.sub(v128.load(a0), f64x2.add(f64x2.mul(u0, f0), f64x2.mul(v0, g0))))
    v128.store(a1, f64x2.sub(v128.load(a1), f64x2.add(f64x2.mul(u0, f1), f64x2.mul(v0, g1))))
    v128.store(a2, f64x2.sub(v128.load(a2), f64x2.add(f64x2.mul(u0, f2), f64x2.mul(v0, g2))))
    v128.store(a3, f64x2.sub(v128.load(a3), f64x2.add(f64x2.mul(u0, f3), f64x2.mul(v0, g3))))
    x += 16
    y += 16
    a0 += 16
    a1 += 16
    a2 += 16
    a3 += 16
    i += 2
  }
  if (i < length) {
    const u = f64.load(x)
    const v = f64.load(y)
    f64.store(a0, f64.load(a0) - (u * f64.load(f) + v * f64.load(g)))
    f64.store(a1, f64.load(a1) - (u * f64.load(f, 8) + v * f64.load(g, 8)))
    f64.store(a2, f64.load(a2) - (u * f64.load(f, 16) + v * f64.load(g, 16)))
    f64.store(a3, f64.load(a3) - (u * f64.load(f, 24) + v * f64.load(g, 24)))
  }
}

function subtractFromOne(length: i32, a: usize, x: usize, f: f64, y: usize, g: f64): void {
  for (let i: i32 = 0; i < length; i++) {
    const entry = element(a, i)
    f64.store(entry, f64.load(entry) - (f64.load(element(x, i)) * f + f64.load(element(y, i)) * g))
  }
}

/** H D H for the symmetric D (order × order, its lower triangle by columns `step` numbers apart). `work`: order numbers. */
function reflectSymmetric(order: i32, v: usize, d: usize, step: i32, work: usize): void {
  const tau = f64.load(v)
  if (tau == 0) return
  f64.store(v, 1)
  memory.fill(work, 0, (<usize>order) << 3)
  multiplySymmetricRows(order, 0, order, d, step, v, work)
  scaleAndAdd(order, -0.5 * tau * tau * dot(order, work, v), v, tau, work)
  let j: i32 = 0
  for (; j + 4 <= order; j += 4) {
    for (let q: i32 = j; q < j + 4; q++) {
      const x = element(v, q)
      const y = element(work, q)
      subtractFromOne(j + 4 - q, element(d, q * step + q), x, f64.load(y), y, f64.load(x))
    }
    const below = j + 4
    const block = element(d, j * step + below)
    subtractFromFour(order - below, block, (<usize>step) << 3, element(v, below), element(work, j), element(work, below), element(v, j))
  }
  for (; j < order; j++) {
    const x = element(v, j)
    const y = element(work, j)
    subtractFromOne(order - j, element(d, j * step + j), x, f64.load(y), y, f64.load(x))
  }
  f64.store(v, tau)
}

/**
 * U B H for the block B below the diagonal (rows × columns, by columns `step` numbers apart): H is the reflector in `v`, and U is made to clear B's
 * first column below its first entry; it goes to `u`. `work`: rows + columns numbers.
 */
function reflectBulge(rows: i32, columns: i32, v: usize, b: usize, step: i32, u: usize, work: usize): void {
  const tau = f64.load(v)
  const z = element(work, rows)
  f64.store(v, 1)
  memory.fill(work, 0, (<usize>rows) << 3)
  if (tau != 0) {
    addRows(rows, columns, tau, b, step, v, 1, work)
    scaleAndAdd(rows, -1, work, 1, b)
  }
  makeReflector(rows, b, u)
  const second = f64.load(u)
  f64.store(u, 1)
  const others = element(b, step)
  dotRows(rows, columns - 1, others, step, u, element(z, 1))
  // z = second · (uᵀB − tau (uᵀBv) vᵀ), B still without H.
  scaleAndAdd(columns - 1, -second * dot(rows, u, work), element(v, 1), second, element(z, 1))
  let j: i32 = 1
  for (; j + 4 <= columns; j += 4) subtractFromFour(rows, element(b, j * step), (<usize>step) << 3, work, element(v, j), u, element(z, j))
  for (; j < columns; j++) subtractFromOne(rows, element(b, j * step), work, f64.load(element(v, j)), u, f64.load(element(z, j)))
  f64.store(u, second)
  f64.store(v, tau)
}

/** The first step of a sweep: clears column x (`order` numbers below the diagonal) but for its first entry; D are the rows and columns it meets. */
export function startSweep(order: i32, x: usize, d: usize, step: i32, v: usize, work: usize): void {
  makeReflector(order, x, v)
  reflectSymmetric(order, v, d, step, work)
}

/** A later step: the reflector `v` fills the block B (rows × columns) below, whose first column is cleared by `u`; D is the block right of B. */
export function chaseBulge(rows: i32, columns: i32, v: usize, b: usize, d: usize, step: i32, u: usize, work: usize): void {
  reflectBulge(rows, columns, v, b, step, u, work)
  reflectSymmetric(rows, u, d, step, work)
}

/**
 * Applies the reflectors of one sweep, which meet disjoint entries, to `count` vectors (`stride` numbers apart). `v` and `x` are the reflectors and
 * the first vector from the first entry on that the sweep meets: `length` numbers, a reflector every `width`.
 */
export function reflectVectors(length: i32, width: i32, v: usize, count: i32, x: usize, stride: i32): void {
  for (let from: i32 = 0; from < length; from += width) {
    const own = element(v, from)
    const tau = f64.load(own)
    if (tau == 0) continue
    const rest = min(width, length - from) - 1
    for (let q: i32 = 0; q < count; q++) {
      const first = element(x, q * stride + from)
      const factor = tau * (f64.load(first) + dot(rest, own + 8, first + 8))
      f64.store(first, f64.load(first) - factor)
      scaleAndAdd(rest, -factor, own + 8, 1, first + 8)
    }
  }
}
