// Householder factorization of a few long columns in plain loops: the part of a blocked QR that is no matrix product.

import { norm } from '../vectors'

/** Columns of a panel, each contiguous; after `factorizePanel` they hold R above and on the diagonal, the reflectors (unit diagonal implied) below. */
export type Columns = readonly Float64Array[]

export interface PanelFactor {
  /** H_k = I − tau_k v_k v_kᵀ (LAPACK's convention). */
  readonly tau: Float64Array
  /** Which of the given columns stands at each place after pivoting. */
  readonly order: readonly number[]
  readonly columns: Columns
}

function dot(x: Float64Array, y: Float64Array, from: number): number {
  let sum = 0
  for (let i = from; i < x.length; i++) sum += x[i] * y[i]
  return sum
}

function addScaled(x: Float64Array, factor: number, y: Float64Array, from: number): void {
  for (let i = from; i < x.length; i++) x[i] += factor * y[i]
}

/** Replaces x by the reflector that turns x[k…] into (beta, 0, …), with beta at x[k]; returns tau. */
function makeReflector(x: Float64Array, k: number): number {
  const alpha = x[k]
  const tail = norm(x.subarray(k + 1))
  if (tail === 0) return 0
  const beta = -Math.sign(alpha || 1) * Math.hypot(alpha, tail)
  const scale = 1 / (alpha - beta)
  for (let i = k + 1; i < x.length; i++) x[i] *= scale
  x[k] = beta
  return (beta - alpha) / beta
}

/** x ← (I − tau v vᵀ) x, where v is stored below the diagonal of column k. */
function applyReflector(v: Float64Array, k: number, tau: number, x: Float64Array): void {
  const factor = tau * (x[k] + dot(v, x, k + 1))
  x[k] -= factor
  addScaled(x, -factor, v, k + 1)
}

/**
 * QR of the columns in place, at most `steps` reflectors. With `pivot`, the longest remaining column comes first at every step (Businger &
 * Golub 1965), its length downdated and recomputed on cancellation (Drmač & Bujanović 2008).
 */
export function factorizePanel(given: Columns, pivot: boolean, steps = given.length): PanelFactor {
  const columns = given.slice()
  const order = given.map((_, index) => index)
  const rows = given[0]?.length ?? 0
  const count = Math.min(steps, given.length, rows)
  const tau = new Float64Array(count)
  const lengths = pivot ? columns.map(norm) : []
  const reference = lengths.slice()
  for (let k = 0; k < count; k++) {
    if (pivot) {
      let best = k
      for (let j = k + 1; j < columns.length; j++) if (lengths[j] > lengths[best]) best = j
      for (const list of [columns, order, lengths, reference] as unknown[][]) [list[k], list[best]] = [list[best], list[k]]
    }
    const v = columns[k]
    tau[k] = makeReflector(v, k)
    for (let j = k + 1; j < columns.length; j++) {
      if (tau[k] !== 0) applyReflector(v, k, tau[k], columns[j])
      if (!pivot || lengths[j] === 0) continue
      const left = Math.max(0, 1 - (Math.abs(columns[j][k]) / lengths[j]) ** 2)
      if (left * (lengths[j] / reference[j]) ** 2 > 1e-8) lengths[j] *= Math.sqrt(left)
      else lengths[j] = reference[j] = norm(columns[j].subarray(k + 1))
    }
  }
  return { tau, order, columns }
}

/** Upper triangular T (row-major, count × count) with H_1 ⋯ H_count = I − V T Vᵀ (Schreiber & Van Loan 1989). */
export function compactFactor({ tau, columns }: PanelFactor): Float64Array {
  const count = tau.length
  const t = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    t[i * count + i] = tau[i]
    const products = new Float64Array(i)
    for (let j = 0; j < i; j++) products[j] = columns[j][i] + dot(columns[j], columns[i], i + 1)
    for (let row = 0; row < i; row++) {
      let sum = 0
      for (let j = row; j < i; j++) sum += t[row * count + j] * products[j]
      t[row * count + i] = -tau[i] * sum
    }
  }
  return t
}
