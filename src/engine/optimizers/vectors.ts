// Plain loops over parameter vectors: O(P) work that needs no backend.

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

export function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a))
}

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

/** Place of the first entry that is NaN or infinite, −1 when all are finite. */
export function firstNonFinite(a: Float64Array): number {
  for (let i = 0; i < a.length; i++) if (!Number.isFinite(a[i])) return i
  return -1
}

/** Cosine of the angle between a step and −gradient; 0 when either vanishes. */
export function cosineToDescent(update: Float64Array, gradient: Float64Array): number {
  const length = norm(update) * norm(gradient)
  return length > 0 ? -dot(update, gradient) / length : 0
}
