// Kernels of a small net's forward and backward pass, its samples along rows of an even length: everything a step of its training costs.
import { element, laneSum } from './address'
import { dot } from './vectors'

/**
 * to[j, n] = Σ_i w[i·iStep + j·jStep] · from[i, n] for j < columns, n < count (even; the length of the rows of `from` and `to`), plus bias[j] where
 * `bias` is not 0.
 */
export function multiplySamples(
  rows: i32,
  columns: i32,
  count: i32,
  w: usize,
  iStep: i32,
  jStep: i32,
  bias: usize,
  from: usize,
  to: usize
): void {
  const rowBytes = (<usize>count) << 3
  const iBytes = (<usize>iStep) << 3
  const jBytes = (<usize>jStep) << 3
  let j: i32 = 0
  for (; j + 4 <= columns; j += 4) {
    const weights = w + <usize>j * jBytes
    const b0 = bias ? v128.load64_splat(element(bias, j)) : f64x2.splat(0)
    const b1 = bias ? v128.load64_splat(element(bias, j), 8) : b0
    const b2 = bias ? v128.load64_splat(element(bias, j), 16) : b0
    const b3 = bias ? v128.load64_splat(element(bias, j), 24) : b0
    for (let n: i32 = 0; n < count; n += 2) {
      let s0 = b0
      let s1 = b1
      let s2 = b2
      let s3 = b3
      let h = element(from, n)
      let at = weights
      for (let i: i32 = 0; i < rows; i++) {
        const x = v128.load(h)
        s0 = f64x2.add(s0, f64x2.mul(v128.load64_splat(at), x))
        s1 = f64x2.add(s1, f64x2.mul(v128.load64_splat(at + jBytes), x))
        s2 = f64x2.add(s2, f64x2.mul(v128.load64_splat(at + 2 * jBytes), x))
        s3 = f64x2.add(s3, f64x2.mul(v128.load64_splat(at + 3 * jBytes), x))
        h += rowBytes
        at += iBytes
      }
      const target = element(to + <usize>j * rowBytes, n)
      v128.store(target, s0)
      v128.store(target + rowBytes, s1)
      v128.store(target + 2 * rowBytes, s2)
      v128.store(target + 3 * rowBytes, s3)
    }
  }
  for (; j < columns; j++)
    for (let n: i32 = 0; n < count; n += 2) {
      let sum = bias ? v128.load64_splat(element(bias, j)) : f64x2.splat(0)
      let h = element(from, n)
      let at = w + <usize>j * jBytes
      for (let i: i32 = 0; i < rows; i++) {
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(at), v128.load(h)))
        h += rowBytes
        at += iBytes
      }
      v128.store(element(to + <usize>j * rowBytes, n), sum)
    }
}

/** gradient[i·columns + j] = Σ_n from[i, n]·deltas[j, n], rows of an even length `count`. */
export function sumOuter(rows: i32, columns: i32, count: i32, from: usize, deltas: usize, gradient: usize): void {
  const rowBytes = (<usize>count) << 3
  for (let i: i32 = 0; i < rows; i++) {
    const h = from + <usize>i * rowBytes
    let j: i32 = 0
    for (; j + 4 <= columns; j += 4) {
      let s0 = f64x2.splat(0)
      let s1 = s0
      let s2 = s0
      let s3 = s0
      let d = deltas + <usize>j * rowBytes
      for (let n: i32 = 0; n < count; n += 2) {
        const x = v128.load(element(h, n))
        s0 = f64x2.add(s0, f64x2.mul(x, v128.load(d)))
        s1 = f64x2.add(s1, f64x2.mul(x, v128.load(d + rowBytes)))
        s2 = f64x2.add(s2, f64x2.mul(x, v128.load(d + 2 * rowBytes)))
        s3 = f64x2.add(s3, f64x2.mul(x, v128.load(d + 3 * rowBytes)))
        d += 16
      }
      const target = element(gradient, i * columns + j)
      f64.store(target, laneSum(s0))
      f64.store(target, laneSum(s1), 8)
      f64.store(target, laneSum(s2), 16)
      f64.store(target, laneSum(s3), 24)
    }
    for (; j < columns; j++) f64.store(element(gradient, i * columns + j), dot(count, h, deltas + <usize>j * rowBytes))
  }
}

/** x = x · y. */
export function multiplyEntries(length: i32, x: usize, y: usize): void {
  for (let i: i32 = 0; i < length; i += 2) {
    v128.store(x, f64x2.mul(v128.load(x), v128.load(y)))
    x += 16
    y += 16
  }
}

const log2e: f64 = 1.4426950408889634
/** ln 2 in two parts: the first times an integer below 2²⁰ is exact (fdlibm's). */
const ln2High: f64 = 6.9314718036912381649e-1
const ln2Low: f64 = 1.90821492927058770002e-10

/** 1.5·2⁵². */
const rounding: f64 = 6755399441055744

/**
 * net = tanh(net), slopes = its derivative; `length` even. From e = exp(−2|x|): tanh = (1 − e)/(1 + e), slope 4e/(1 + e)²; below 0.02, where that cancels,
 * from the series to x⁹. exp by Cody and Waite's reduction and its Taylor polynomial of degree 13, in pairs (Estrin); below e⁻⁶⁶⁰ it is 0, so that nothing is subnormal.
 */
export function tanhSlopes(length: i32, net: usize, slopes: usize): void {
  const one = f64x2.splat(1)
  for (let n: i32 = 0; n < length; n += 2) {
    const x = v128.load(net)
    const size = f64x2.abs(x)
    const y = f64x2.add(size, size)
    // NaN stays NaN: it is neither greater nor smaller than the limit.
    const far = f64x2.gt(y, f64x2.splat(660))
    const near = f64x2.pmin(y, f64x2.splat(660))
    // Added to what is below 2²⁰ it rounds to an integer, which then stands in the lowest bits.
    const rounded = f64x2.add(f64x2.mul(near, f64x2.splat(log2e)), f64x2.splat(rounding))
    const k = f64x2.sub(rounded, f64x2.splat(rounding))
    const r = f64x2.add(f64x2.sub(f64x2.mul(k, f64x2.splat(ln2High)), near), f64x2.mul(k, f64x2.splat(ln2Low)))
    const r2 = f64x2.mul(r, r)
    const r4 = f64x2.mul(r2, r2)
    const a0 = f64x2.add(one, r)
    const a1 = f64x2.add(f64x2.splat(0.5), f64x2.mul(f64x2.splat(1.0 / 6.0), r))
    const a2 = f64x2.add(f64x2.splat(1.0 / 24.0), f64x2.mul(f64x2.splat(1.0 / 120.0), r))
    const a3 = f64x2.add(f64x2.splat(1.0 / 720.0), f64x2.mul(f64x2.splat(1.0 / 5040.0), r))
    const a4 = f64x2.add(f64x2.splat(1.0 / 40320.0), f64x2.mul(f64x2.splat(1.0 / 362880.0), r))
    const a5 = f64x2.add(f64x2.splat(1.0 / 3628800.0), f64x2.mul(f64x2.splat(1.0 / 39916800.0), r))
    const a6 = f64x2.add(f64x2.splat(1.0 / 479001600.0), f64x2.mul(f64x2.splat(1.0 / 6227020800.0), r))
    const low = f64x2.add(f64x2.add(a0, f64x2.mul(a1, r2)), f64x2.mul(f64x2.add(a2, f64x2.mul(a3, r2)), r4))
    const high = f64x2.add(f64x2.add(a4, f64x2.mul(a5, r2)), f64x2.mul(a6, r4))
    const p = f64x2.add(low, f64x2.mul(high, f64x2.mul(r4, r4)))
    const power = i64x2.shl(i64x2.sub(i64x2.splat(1023), rounded), 52)
    const e = v128.andnot(f64x2.mul(p, power), far)
    const half = f64x2.div(one, f64x2.add(one, e))
    const square = f64x2.mul(x, x)
    let s = f64x2.splat(62.0 / 2835.0)
    s = f64x2.sub(f64x2.splat(17.0 / 315.0), f64x2.mul(square, s))
    s = f64x2.sub(f64x2.splat(2.0 / 15.0), f64x2.mul(square, s))
    s = f64x2.sub(f64x2.splat(1.0 / 3.0), f64x2.mul(square, s))
    const series = f64x2.mul(x, f64x2.sub(one, f64x2.mul(square, s)))
    const sign = v128.and(x, f64x2.splat(-0.0))
    const value = v128.or(f64x2.mul(f64x2.sub(one, e), half), sign)
    const small = f64x2.lt(size, f64x2.splat(0.02))
    const tanh = v128.bitselect(series, value, small)
    v128.store(net, tanh)
    const slope = f64x2.mul(f64x2.mul(f64x2.splat(4), e), f64x2.mul(half, half))
    v128.store(slopes, v128.bitselect(f64x2.sub(one, f64x2.mul(tanh, tanh)), slope, small))
    net += 16
    slopes += 16
  }
}
