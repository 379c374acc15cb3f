// Vector and matrix-vector kernels (BLAS levels 1 and 2) on contiguous float64 rows.
import { element, laneSum } from './address'

export function dot(length: i32, x: usize, y: usize): f64 {
  let s0 = f64x2.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let i: i32 = 0
  for (; i + 8 <= length; i += 8) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(x), v128.load(y)))
    s1 = f64x2.add(s1, f64x2.mul(v128.load(x, 16), v128.load(y, 16)))
    s2 = f64x2.add(s2, f64x2.mul(v128.load(x, 32), v128.load(y, 32)))
    s3 = f64x2.add(s3, f64x2.mul(v128.load(x, 48), v128.load(y, 48)))
    x += 64
    y += 64
  }
  let sum = laneSum(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)))
  for (; i < length; i++) {
    sum += f64.load(x) * f64.load(y)
    x += 8
    y += 8
  }
  return sum
}

/** x = factor · x. */
export function scale(length: i32, factor: f64, x: usize): void {
  const f = f64x2.splat(factor)
  let i: i32 = 0
  for (; i + 2 <= length; i += 2) {
    v128.store(x, f64x2.mul(f, v128.load(x)))
    x += 16
  }
  if (i < length) f64.store(x, factor * f64.load(x))
}

/** y = beta · y + alpha · x. */
export function scaleAndAdd(length: i32, alpha: f64, x: usize, beta: f64, y: usize): void {
  const a = f64x2.splat(alpha)
  const b = f64x2.splat(beta)
  let i: i32 = 0
  for (; i + 2 <= length; i += 2) {
    v128.store(y, f64x2.add(f64x2.mul(b, v128.load(y)), f64x2.mul(a, v128.load(x))))
    x += 16
    y += 16
  }
  if (i < length) f64.store(y, beta * f64.load(y) + alpha * f64.load(x))
}

/** Largest absolute value; 0 when empty. */
export function maxAbs(length: i32, x: usize): f64 {
  let m = f64x2.splat(0)
  let i: i32 = 0
  for (; i + 2 <= length; i += 2) {
    m = f64x2.pmax(m, f64x2.abs(v128.load(x)))
    x += 16
  }
  let result = max(f64x2.extract_lane(m, 0), f64x2.extract_lane(m, 1))
  if (i < length) result = max(result, abs(f64.load(x)))
  return result
}

/** Zeroes entries smaller than `threshold` in size: products of tiny numbers become subnormal, which processors compute a hundred times slower. */
export function flushTiny(length: i32, threshold: f64, x: usize): void {
  const limit = f64x2.splat(threshold)
  let i: i32 = 0
  for (; i + 2 <= length; i += 2) {
    const v = v128.load(x)
    v128.store(x, v128.and(v, f64x2.ge(f64x2.abs(v), limit)))
    x += 16
  }
  if (i < length && abs(f64.load(x)) < threshold) f64.store(x, 0)
}

/** Plane rotation of two rows: (x, y) = (cosine·x + sine·y, cosine·y − sine·x). */
export function rotateRows(length: i32, x: usize, y: usize, cosine: f64, sine: f64): void {
  const c = f64x2.splat(cosine)
  const s = f64x2.splat(sine)
  let i: i32 = 0
  for (; i + 2 <= length; i += 2) {
    const a = v128.load(x)
    const b = v128.load(y)
    v128.store(x, f64x2.add(f64x2.mul(c, a), f64x2.mul(s, b)))
    v128.store(y, f64x2.sub(f64x2.mul(c, b), f64x2.mul(s, a)))
    x += 16
    y += 16
  }
  if (i < length) {
    const a = f64.load(x)
    const b = f64.load(y)
    f64.store(x, cosine * a + sine * b)
    f64.store(y, cosine * b - sine * a)
  }
}

/** y += alpha · Σ_j x_j · row_j: `count` rows of `length` numbers, x with stride `xStride`. */
export function addRows(length: i32, count: i32, alpha: f64, rows: usize, stride: i32, x: usize, xStride: i32, y: usize): void {
  const step: usize = (<usize>stride) << 3
  let j: i32 = 0
  for (; j + 4 <= count; j += 4) {
    const f0 = alpha * f64.load(element(x, j * xStride))
    const f1 = alpha * f64.load(element(x, (j + 1) * xStride))
    const f2 = alpha * f64.load(element(x, (j + 2) * xStride))
    const f3 = alpha * f64.load(element(x, (j + 3) * xStride))
    addFourRows(length, f0, f1, f2, f3, element(rows, j * stride), step, y)
  }
  for (; j < count; j++) scaleAndAdd(length, alpha * f64.load(element(x, j * xStride)), element(rows, j * stride), 1.0, y)
}

function addFourRows(length: i32, f0: f64, f1: f64, f2: f64, f3: f64, p0: usize, step: usize, y: usize): void {
  const x0 = f64x2.splat(f0)
  const x1 = f64x2.splat(f1)
  const x2 = f64x2.splat(f2)
  const x3 = f64x2.splat(f3)
  let p1 = p0 + step
  let p2 = p1 + step
  let p3 = p2 + step
  let i: i32 = 0
  for (; i + 4 <= length; i += 4) {
    const left0 = f64x2.add(f64x2.mul(x0, v128.load(p0)), f64x2.mul(x1, v128.load(p1)))
    const right0 = f64x2.add(f64x2.mul(x2, v128.load(p2)), f64x2.mul(x3, v128.load(p3)))
    v128.store(y, f64x2.add(v128.load(y), f64x2.add(left0, right0)))
    const left1 = f64x2.add(f64x2.mul(x0, v128.load(p0, 16)), f64x2.mul(x1, v128.load(p1, 16)))
    const right1 = f64x2.add(f64x2.mul(x2, v128.load(p2, 16)), f64x2.mul(x3, v128.load(p3, 16)))
    v128.store(y, f64x2.add(v128.load(y, 16), f64x2.add(left1, right1)), 16)
    y += 32
    p0 += 32
    p1 += 32
    p2 += 32
    p3 += 32
  }
  if (i + 2 <= length) {
    const left0 = f64x2.add(f64x2.mul(x0, v128.load(p0)), f64x2.mul(x1, v128.load(p1)))
    const right0 = f64x2.add(f64x2.mul(x2, v128.load(p2)), f64x2.mul(x3, v128.load(p3)))
    v128.store(y, f64x2.add(v128.load(y), f64x2.add(left0, right0)))
    y += 16
    p0 += 16
    p1 += 16
    p2 += 16
    p3 += 16
    i += 2
  }
  if (i < length) f64.store(y, f64.load(y) + (f0 * f64.load(p0) + f1 * f64.load(p1) + (f2 * f64.load(p2) + f3 * f64.load(p3))))
}

/** y_j = row_j · x for `count` rows of `length` numbers. */
export function dotRows(length: i32, count: i32, rows: usize, stride: i32, x: usize, y: usize): void {
  const step: usize = (<usize>stride) << 3
  let j: i32 = 0
  for (; j + 4 <= count; j += 4) dotFourRows(length, element(rows, j * stride), step, x, element(y, j))
  for (; j < count; j++) f64.store(element(y, j), dot(length, element(rows, j * stride), x))
}

function dotFourRows(length: i32, p0: usize, step: usize, x: usize, y: usize): void {
  let p1 = p0 + step
  let p2 = p1 + step
  let p3 = p2 + step
  let s0 = f64x2.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let i: i32 = 0
  for (; i + 4 <= length; i += 4) {
    const v0 = v128.load(x)
    s0 = f64x2.add(s0, f64x2.mul(v0, v128.load(p0)))
    s1 = f64x2.add(s1, f64x2.mul(v0, v128.load(p1)))
    s2 = f64x2.add(s2, f64x2.mul(v0, v128.load(p2)))
    s3 = f64x2.add(s3, f64x2.mul(v0, v128.load(p3)))
    const v1 = v128.load(x, 16)
    s0 = f64x2.add(s0, f64x2.mul(v1, v128.load(p0, 16)))
    s1 = f64x2.add(s1, f64x2.mul(v1, v128.load(p1, 16)))
    s2 = f64x2.add(s2, f64x2.mul(v1, v128.load(p2, 16)))
    s3 = f64x2.add(s3, f64x2.mul(v1, v128.load(p3, 16)))
    x += 32
    p0 += 32
    p1 += 32
    p2 += 32
    p3 += 32
  }
  if (i + 2 <= length) {
    const v0 = v128.load(x)
    s0 = f64x2.add(s0, f64x2.mul(v0, v128.load(p0)))
    s1 = f64x2.add(s1, f64x2.mul(v0, v128.load(p1)))
    s2 = f64x2.add(s2, f64x2.mul(v0, v128.load(p2)))
    s3 = f64x2.add(s3, f64x2.mul(v0, v128.load(p3)))
    x += 16
    p0 += 16
    p1 += 16
    p2 += 16
    p3 += 16
    i += 2
  }
  let r0 = laneSum(s0)
  let r1 = laneSum(s1)
  let r2 = laneSum(s2)
  let r3 = laneSum(s3)
  if (i < length) {
    const v = f64.load(x)
    r0 += v * f64.load(p0)
    r1 += v * f64.load(p1)
    r2 += v * f64.load(p2)
    r3 += v * f64.load(p3)
  }
  f64.store(y, r0)
  f64.store(y, r1, 8)
  f64.store(y, r2, 16)
  f64.store(y, r3, 24)
}
