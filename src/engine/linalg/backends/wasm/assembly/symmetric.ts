// Symmetric matrix times vector from the upper triangle (row-major), four rows at a time: every element off the diagonal is read once, used twice.
import { element, laneSum } from './address'

/** Rows i … i+3 against columns i+4 … order−1. */
function addFourSymmetricRows(length: i32, p0: usize, step: usize, x: usize, own: usize, y: usize, yOwn: usize): void {
  const x0 = v128.load64_splat(own)
  const x1 = v128.load64_splat(own, 8)
  const x2 = v128.load64_splat(own, 16)
  const x3 = v128.load64_splat(own, 24)
  let p1 = p0 + step
  let p2 = p1 + step
  let p3 = p2 + step
  let s0 = f64x2.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let i: i32 = 0
  for (; i + 2 <= length; i += 2) {
    const v = v128.load(x)
    const a0 = v128.load(p0)
    const a1 = v128.load(p1)
    const a2 = v128.load(p2)
    const a3 = v128.load(p3)
    s0 = f64x2.add(s0, f64x2.mul(a0, v))
    s1 = f64x2.add(s1, f64x2.mul(a1, v))
    s2 = f64x2.add(s2, f64x2.mul(a2, v))
    s3 = f64x2.add(s3, f64x2.mul(a3, v))
    const left = f64x2.add(f64x2.mul(a0, x0), f64x2.mul(a1, x1))
    const right = f64x2.add(f64x2.mul(a2, x2), f64x2.mul(a3, x3))
    v128.store(y, f64x2.add(v128.load(y), f64x2.add(left, right)))
    x += 16
    y += 16
    p0 += 16
    p1 += 16
    p2 += 16
    p3 += 16
  }
  let t0 = laneSum(s0)
  let t1 = laneSum(s1)
  let t2 = laneSum(s2)
  let t3 = laneSum(s3)
  if (i < length) {
    const v = f64.load(x)
    const a0 = f64.load(p0)
    const a1 = f64.load(p1)
    const a2 = f64.load(p2)
    const a3 = f64.load(p3)
    t0 += a0 * v
    t1 += a1 * v
    t2 += a2 * v
    t3 += a3 * v
    const left = a0 * f64.load(own) + a1 * f64.load(own, 8)
    const right = a2 * f64.load(own, 16) + a3 * f64.load(own, 24)
    f64.store(y, f64.load(y) + (left + right))
  }
  f64.store(yOwn, f64.load(yOwn) + t0)
  f64.store(yOwn, f64.load(yOwn, 8) + t1, 8)
  f64.store(yOwn, f64.load(yOwn, 16) + t2, 16)
  f64.store(yOwn, f64.load(yOwn, 24) + t3, 24)
}

/** Row i of the upper triangle against columns i … end−1. */
function addSymmetricRow(i: i32, end: i32, a: usize, stride: i32, x: usize, y: usize): void {
  const row = element(a, i * stride)
  const own = f64.load(element(x, i))
  let sum: f64 = f64.load(element(row, i)) * own
  for (let j: i32 = i + 1; j < end; j++) {
    const value = f64.load(element(row, j))
    const entry = element(y, j)
    sum += value * f64.load(element(x, j))
    f64.store(entry, f64.load(entry) + value * own)
  }
  f64.store(element(y, i), f64.load(element(y, i)) + sum)
}

/** y += A x restricted to rows [from, to) of the upper triangle of the symmetric A (order × order); the shares of all rows add up to A x. */
export function multiplySymmetricRows(order: i32, from: i32, to: i32, a: usize, stride: i32, x: usize, y: usize): void {
  const step: usize = (<usize>stride) << 3
  let i: i32 = from
  for (; i + 4 <= to; i += 4) {
    for (let r: i32 = 0; r < 4; r++) addSymmetricRow(i + r, i + 4, a, stride, x, y)
    addFourSymmetricRows(
      order - i - 4,
      element(a, i * stride + i + 4),
      step,
      element(x, i + 4),
      element(x, i),
      element(y, i + 4),
      element(y, i)
    )
  }
  for (; i < to; i++) addSymmetricRow(i, order, a, stride, x, y)
}
