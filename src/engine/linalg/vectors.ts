// Plain loops over vectors: O(n) work that needs no backend. The one place where a 2-norm is taken.

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/**
 * A sum of squares in this range has lost nothing to overflow, and to underflow nothing that rounding would keep: squares below 2^-1022 are wrong by
 * at most 2^-1075 each. Norms of 3.2e-145 … 1.3e154 are in it, and take the plain sum.
 */
const smallestOrdinary = 2 ** -960
export const isOrdinary = (squares: number): boolean => squares >= smallestOrdinary && squares < Infinity

/** The power of two at a magnitude, or next to it by rounding; 1 for 0 and NaN. Multiplying and dividing by it is exact, but for what underflows. */
export function powerOfTwo(magnitude: number): number {
  return magnitude > 0 ? 2 ** Math.min(1023, Math.max(-1000, Math.floor(Math.log2(magnitude)))) : 1
}

/** Σ x² = scale² · sum, where both are finite unless x is not. `scale` is a power of two: 1 wherever the plain sum will do. */
export interface SumOfSquares {
  readonly scale: number
  readonly sum: number
}

/** Accumulated plainly, and once more over entries scaled by a power of two where that overflows or underflows (Blue 1978; dnrm2 of the BLAS). */
export function sumOfSquares(a: Float64Array): SumOfSquares {
  const plain = dot(a, a)
  if (isOrdinary(plain)) return { scale: 1, sum: plain }
  const scale = powerOfTwo(maxAbs(a))
  const small = scaled(1 / scale, a)
  return { scale, sum: dot(small, small) }
}

/** ‖a‖₂ without overflow or underflow on the way: infinite only where an entry or the norm itself is, 0 only for zeros. */
export function norm(a: Float64Array): number {
  const { scale, sum } = sumOfSquares(a)
  return scale * Math.sqrt(sum)
}

/** The largest magnitude; NaN where an entry is NaN; 0 when empty. */
export function maxAbs(a: Float64Array): number {
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]))
  return most
}

/** y + factor · x as a new vector. */
export function plusScaled(y: Float64Array, factor: number, x: Float64Array): Float64Array {
  const sum = new Float64Array(y.length)
  for (let i = 0; i < y.length; i++) sum[i] = y[i] + factor * x[i]
  return sum
}

export function scaled(factor: number, x: Float64Array): Float64Array {
  const result = new Float64Array(x.length)
  for (let i = 0; i < x.length; i++) result[i] = factor * x[i]
  return result
}

/** x / ‖x‖. */
export function unit(x: Float64Array): Float64Array {
  const length = norm(x)
  return x.map((entry) => entry / length)
}

/** Place of the first entry that is NaN or infinite, −1 when all are finite. */
export function firstNonFinite(a: Float64Array): number {
  for (let i = 0; i < a.length; i++) if (!Number.isFinite(a[i])) return i
  return -1
}

/** Divided by a power of two, so that its largest magnitude is about 1. */
const normalized = (a: Float64Array) => scaled(1 / powerOfTwo(maxAbs(a)), a)

/** Cosine of the angle between two vectors; 0 when either vanishes. */
export function cosineBetween(a: Float64Array, b: Float64Array): number {
  const length = norm(a) * norm(b)
  if (isOrdinary(length)) return dot(a, b) / length
  // Products of very large or very small entries: the angle is that of the vectors scaled.
  const [x, y] = [normalized(a), normalized(b)]
  const scaledLength = norm(x) * norm(y)
  return scaledLength > 0 ? dot(x, y) / scaledLength : 0
}

/** Cosine of the angle between a step and −gradient; 0 when either vanishes. */
export const cosineToDescent = (update: Float64Array, gradient: Float64Array): number => 0 - cosineBetween(update, gradient)
