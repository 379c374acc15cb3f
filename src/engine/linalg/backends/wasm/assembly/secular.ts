// The secular equation of divide and conquer, f(λ) = 1 + ρ Σ zᵢ² / (dᵢ − λ) = 0 (Cuppen 1981), solved as Li (1993, LAPACK Working Note 89) and
// LAPACK's dlaed4 do: shifted to the nearer pole, rational interpolation with safeguards, and the vectors of Gu & Eisenstat (1995).
import { element, laneSum } from './address'
import { dot } from './vectors'

/** Half a unit in the last place of 1. */
const EPSILON: f64 = 1.1102230246251565e-16
/** Entries of unit vectors below this are zero (see flushTiny). */
const NEGLIGIBLE: f64 = 1e-100
const MOST_ITERATIONS: i32 = 120

/** Results of `evaluate`: Σ z²/(δ − τ) and Σ z²/(δ − τ)² over a range. */
let sum: f64 = 0
let slope: f64 = 0

/** Sums over poles [from, to), with δ in `delta` and shift τ. */
function evaluate(from: i32, to: i32, delta: usize, z: usize, tau: f64): void {
  const shift = f64x2.splat(tau)
  let s0 = f64x2.splat(0)
  let s1 = s0
  let t0 = s0
  let t1 = s0
  let i: i32 = from
  let p = element(delta, from)
  let q = element(z, from)
  for (; i + 4 <= to; i += 4) {
    const z0 = v128.load(q)
    const z1 = v128.load(q, 16)
    const u0 = f64x2.div(z0, f64x2.sub(v128.load(p), shift))
    const u1 = f64x2.div(z1, f64x2.sub(v128.load(p, 16), shift))
    s0 = f64x2.add(s0, f64x2.mul(z0, u0))
    s1 = f64x2.add(s1, f64x2.mul(z1, u1))
    t0 = f64x2.add(t0, f64x2.mul(u0, u0))
    t1 = f64x2.add(t1, f64x2.mul(u1, u1))
    p += 32
    q += 32
  }
  sum = laneSum(f64x2.add(s0, s1))
  slope = laneSum(f64x2.add(t0, t1))
  for (; i < to; i++) {
    const u = f64.load(q) / (f64.load(p) - tau)
    sum += f64.load(q) * u
    slope += u * u
    p += 8
    q += 8
  }
}

function subtractFromAll(count: i32, source: usize, value: f64, target: usize): void {
  const v = f64x2.splat(value)
  let i: i32 = 0
  for (; i + 2 <= count; i += 2) {
    v128.store(target, f64x2.sub(v128.load(source), v))
    source += 16
    target += 16
  }
  if (i < count) f64.store(target, f64.load(source) - value)
}

/** First guess for an inner root: the two neighbouring poles exactly, the rest as it is at the middle of the interval. */
function firstGuess(rest: f64, gap: f64, left: f64, right: f64, nearLeft: bool): f64 {
  if (nearLeft) {
    const a = rest * gap + left + right
    const b = left * gap
    const root = sqrt(abs(a * a - 4.0 * b * rest))
    return a > 0 ? (2.0 * b) / (a + root) : (a - root) / (2.0 * rest)
  }
  const a = rest * gap - left - right
  const b = right * gap
  const root = sqrt(abs(a * a + 4.0 * b * rest))
  return a < 0 ? (2.0 * b) / (a - root) : -(a + root) / (2.0 * rest)
}

/**
 * Root number `index` of the secular equation with `count` ascending poles d, weights z (Σ z² = 1) and ρ > 0. Leaves dᵢ − λ, accurate to a few
 * units in the last place, in `delta` and returns λ; NaN when the iteration did not end.
 */
export function solveSecular(count: i32, index: i32, d: usize, z: usize, rho: f64, delta: usize): f64 {
  const last = index == count - 1
  const pole = f64.load(element(d, index))
  const zOwn = f64.load(element(z, index))
  if (count == 1) {
    const tau = rho * zOwn * zOwn
    f64.store(delta, -tau)
    return pole + tau
  }
  const inverse = 1.0 / rho
  // f is divided by ρ throughout: f = 1/ρ + Σ z²/(δ − τ). It increases between poles.
  let origin = pole
  let low: f64 = 0
  let high: f64 = rho
  let tau: f64
  const lower = last ? index - 1 : index
  const upper = lower + 1
  const zLower = f64.load(element(z, lower))
  const zUpper = f64.load(element(z, upper))
  let nearLeft = true
  if (last) {
    subtractFromAll(count, d, origin, delta)
    tau = 0.5 * rho
    evaluate(0, count, delta, z, tau)
    if (inverse + sum > 0) high = tau
    else low = tau
  } else {
    const gap = f64.load(element(d, upper)) - pole
    subtractFromAll(count, d, origin, delta)
    const middle = 0.5 * gap
    evaluate(0, count, delta, z, middle)
    const value = inverse + sum
    const rest = value - (zLower * zLower) / -middle - (zUpper * zUpper) / (gap - middle)
    nearLeft = value >= 0
    if (nearLeft) high = middle
    else {
      origin = f64.load(element(d, upper))
      subtractFromAll(count, d, origin, delta)
      low = -middle
      high = 0
    }
    tau = firstGuess(rest, gap, zLower * zLower, zUpper * zUpper, nearLeft)
    if (!(tau > low && tau < high)) tau = 0.5 * (low + high)
  }

  let fixedWeight = !last
  let previous: f64 = Infinity
  for (let iteration: i32 = 0; iteration < MOST_ITERATIONS; iteration++) {
    evaluate(0, upper, delta, z, tau)
    const psi = sum
    const psiSlope = slope
    evaluate(upper, count, delta, z, tau)
    const phi = sum
    const phiSlope = slope
    const value = inverse + psi + phi
    const totalSlope = psiSlope + phiSlope
    const rounding = EPSILON * (8.0 * (abs(phi) + abs(psi)) + inverse + abs(tau) * totalSlope)
    if (abs(value) <= rounding) {
      subtractFromAll(count, delta, tau, delta)
      return origin + tau
    }
    if (value < 0) low = max(low, tau)
    else high = min(high, tau)

    const left = f64.load(element(delta, lower)) - tau
    const right = f64.load(element(delta, upper)) - tau
    const a = (left + right) * value - left * right * totalSlope
    const b = left * right * value
    let c: f64
    if (!fixedWeight) c = value - left * psiSlope - right * phiSlope
    else if (nearLeft) {
      const u = zLower / left
      c = value - right * totalSlope - (left - right) * u * u
    } else {
      const u = zUpper / right
      c = value - left * totalSlope - (right - left) * u * u
    }
    let step: f64
    const root = sqrt(abs(a * a - 4.0 * b * c))
    if (last) {
      c = abs(c)
      if (c == 0) step = -value / totalSlope
      else step = a >= 0 ? (a + sqrt(abs(a * a - 4.0 * b * c))) / (2.0 * c) : (2.0 * b) / (a - sqrt(abs(a * a - 4.0 * b * c)))
    } else if (c == 0) step = b / a
    else step = a <= 0 ? (a - root) / (2.0 * c) : (2.0 * b) / (a + root)
    // f increases, so the step must point against its sign; otherwise Newton's step does.
    if (!(value * step < 0)) step = -value / totalSlope
    let next = tau + step
    if (!(next > low && next < high)) next = 0.5 * (low + high)
    if (next == tau || next == low || next == high) {
      subtractFromAll(count, delta, tau, delta)
      return origin + tau
    }
    if (abs(value) > 0.1 * abs(previous)) fixedWeight = !last && !fixedWeight
    previous = value
    tau = next
  }
  return NaN
}

/** weights[i] *= row[i] / (poles[i] − pole). */
function multiplyRatios(length: i32, row: usize, poles: usize, pole: f64, weights: usize): void {
  const own = f64x2.splat(pole)
  let i: i32 = 0
  for (; i + 2 <= length; i += 2) {
    const ratio = f64x2.div(v128.load(row), f64x2.sub(v128.load(poles), own))
    v128.store(weights, f64x2.mul(v128.load(weights), ratio))
    row += 16
    poles += 16
    weights += 16
  }
  if (i < length) f64.store(weights, f64.load(weights) * (f64.load(row) / (f64.load(poles) - pole)))
}

/**
 * The weights ẑ for which the computed roots are exact (Gu & Eisenstat 1995): ẑᵢ² = Πⱼ (λⱼ − dᵢ) / Πⱼ≠ᵢ (dⱼ − dᵢ), for i in [from, to), with the
 * signs of z. Row j of `deltas` holds dᵢ − λⱼ.
 */
export function correctWeights(count: i32, from: i32, to: i32, deltas: usize, stride: i32, poles: usize, z: usize, weights: usize): void {
  for (let i: i32 = from; i < to; i++) f64.store(element(weights, i), 1.0)
  for (let j: i32 = 0; j < count; j++) {
    const row = element(deltas, j * stride)
    const pole = f64.load(element(poles, j))
    const end = min(to, max(from, j))
    multiplyRatios(end - from, element(row, from), element(poles, from), pole, element(weights, from))
    if (j >= from && j < to) f64.store(element(weights, j), f64.load(element(weights, j)) * f64.load(element(row, j)))
    const start = max(from, min(to, j + 1))
    multiplyRatios(to - start, element(row, start), element(poles, start), pole, element(weights, start))
  }
  for (let i: i32 = from; i < to; i++) {
    const size = sqrt(abs(f64.load(element(weights, i))))
    f64.store(element(weights, i), f64.load(element(z, i)) < 0 ? -size : size)
  }
}

/** Replaces a row dᵢ − λ by the unit eigenvector ẑᵢ / (dᵢ − λ), its entries in the order of `order` (int32). `scratch`: count numbers. */
export function formSecularVector(count: i32, row: usize, weights: usize, order: usize, scratch: usize): void {
  let i: i32 = 0
  for (; i + 2 <= count; i += 2) v128.store(element(scratch, i), f64x2.div(v128.load(element(weights, i)), v128.load(element(row, i))))
  if (i < count) f64.store(element(scratch, i), f64.load(element(weights, i)) / f64.load(element(row, i)))
  const factor = 1.0 / sqrt(dot(count, scratch, scratch))
  for (let g: i32 = 0; g < count; g++) {
    const from = load<i32>(order + ((<usize>g) << 2))
    const value = factor * f64.load(element(scratch, from))
    f64.store(element(row, g), abs(value) < NEGLIGIBLE ? 0.0 : value)
  }
}
