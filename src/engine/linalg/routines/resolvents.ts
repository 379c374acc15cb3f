// Sums of resolvents of a symmetric tridiagonal matrix applied to one vector: Σ Re(α (T − z)⁻¹ v), each term one elimination with row exchanges.
import type { CallOptions } from '../interface'
import { createPacer } from '../pacer'
import { maxAbs, powerOfTwo } from '../vectors'

/** α/(λ − z) for real λ, of which the real part counts. */
export interface Resolvent {
  readonly shift: readonly [re: number, im: number]
  readonly factor: readonly [re: number, im: number]
}

/** n diagonal entries and the n − 1 beside them. */
export interface TridiagonalEntries {
  readonly diagonal: Float64Array
  readonly offDiagonal: Float64Array
}

/** Numbers kept a row: the pivot's inverse, the entry beside it and the right-hand side, each with its imaginary part, and the entry that an exchange brings. */
const width = 7
/** A square of a pivot below this counts as zero: the matrix is singular to working precision, and the pivot becomes ε‖T‖ (as in inverse iteration). */
const vanishing = 1e-280

/**
 * Σ Re(α (T − z)⁻¹ v) over the terms, in fresh memory. Entries and shifts are scaled to size 1 by a power of two, so that squares stay in range. Backward stable term by term
 * (rows are exchanged; growth at most 2: Higham 2002, §9.5): an error of ε‖T‖ · |α| / dist(z, spectrum)².
 */
export async function resolventSum(
  t: TridiagonalEntries,
  v: Float64Array,
  terms: readonly Resolvent[],
  options?: CallOptions
): Promise<Float64Array> {
  const shifts = terms.flatMap(({ shift }) => shift.map(Math.abs))
  const scale = powerOfTwo(Math.max(maxAbs(t.diagonal), maxAbs(t.offDiagonal), ...shifts))
  const diagonal = t.diagonal.map((value) => value / scale)
  const offDiagonal = t.offDiagonal.map((value) => value / scale)
  const sum = new Float64Array(v.length)
  const rows = new Float64Array(width * v.length)
  const pace = createPacer(options?.signal)
  for (const [done, { shift, factor }] of terms.entries()) {
    const pause = pace()
    if (pause) await pause
    eliminate(diagonal, offDiagonal, v, shift[0] / scale, shift[1] / scale, rows)
    substitute(rows, factor[0] / scale, factor[1] / scale, sum)
    options?.onProgress?.((done + 1) / terms.length)
  }
  return sum
}

/** T − z as upper triangular rows of at most three entries, v along with it. */
function eliminate(diagonal: Float64Array, offDiagonal: Float64Array, v: Float64Array, re: number, im: number, rows: Float64Array): void {
  const n = diagonal.length
  // The row under way: its pivot, the entry to the right, its right-hand side.
  let [dr, di] = [diagonal[0] - re, -im]
  let [ur, ui] = [n > 1 ? offDiagonal[0] : 0, 0]
  let [xr, xi] = [v[0], 0]
  let at = 0
  for (let k = 0; k < n - 1; k++, at += width) {
    const e = offDiagonal[k]
    const right = k + 2 < n ? offDiagonal[k + 1] : 0
    const br = diagonal[k + 1] - re
    const x = v[k + 1]
    const square = dr * dr + di * di
    if (square >= e * e) {
      const singular = square < vanishing
      const [ir, ii] = singular ? [1 / Number.EPSILON, 0] : [dr / square, -di / square]
      rows[at] = ir
      rows[at + 1] = ii
      rows[at + 2] = ur
      rows[at + 3] = ui
      rows[at + 4] = xr
      rows[at + 5] = xi
      rows[at + 6] = 0
      const [mr, mi] = [e * ir, e * ii]
      dr = br - (mr * ur - mi * ui)
      di = -im - (mr * ui + mi * ur)
      const next = x - (mr * xr - mi * xi)
      xi = -(mr * xi + mi * xr)
      xr = next
      ur = right
      ui = 0
    } else {
      const inverse = 1 / e
      rows[at] = inverse
      rows[at + 1] = 0
      rows[at + 2] = br
      rows[at + 3] = -im
      rows[at + 4] = x
      rows[at + 5] = 0
      rows[at + 6] = right
      const [mr, mi] = [dr * inverse, di * inverse]
      dr = ur - (mr * br + mi * im)
      di = ui - (mi * br - mr * im)
      xr -= mr * x
      xi -= mi * x
      ur = -mr * right
      ui = -mi * right
    }
  }
  const square = dr * dr + di * di
  rows[at] = square < vanishing ? 1 / Number.EPSILON : dr / square
  rows[at + 1] = square < vanishing ? 0 : -di / square
  rows[at + 4] = xr
  rows[at + 5] = xi
  rows[at + 2] = rows[at + 3] = rows[at + 6] = 0
}

/** Solves from below and adds Re(α y) to the sum. */
function substitute(rows: Float64Array, re: number, im: number, sum: Float64Array): void {
  // y at k + 1 and k + 2.
  let [ar, ai, br, bi] = [0, 0, 0, 0]
  for (let k = sum.length - 1, at = width * k; k >= 0; k--, at -= width) {
    const [ur, ui, far] = [rows[at + 2], rows[at + 3], rows[at + 6]]
    const tr = rows[at + 4] - (ur * ar - ui * ai) - far * br
    const ti = rows[at + 5] - (ur * ai + ui * ar) - far * bi
    br = ar
    bi = ai
    ar = tr * rows[at] - ti * rows[at + 1]
    ai = tr * rows[at + 1] + ti * rows[at]
    sum[k] += re * ar - im * ai
  }
}
