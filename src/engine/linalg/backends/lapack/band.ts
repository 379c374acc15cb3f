// Symmetric to band form, A = Q B Qᵀ, by panels of block reflectors (Dongarra, Hammarling & Sorensen 1989; Bischof, Lang & Sun 2000): nearly all of it products of matrices.
import type { Job, Target } from './job'
import { pieceLength } from './products'
import type { Argument } from './signatures'

/** A symmetric matrix where native routines find it: its lower triangle by columns, `leading` numbers apart. What is above the diagonal is not touched by this file. */
export interface Triangle {
  readonly order: number
  readonly leading: number
  /** Entry (row, column) and what follows it, as an argument of a native routine. */
  at(row: number, column: number): Argument
}

export interface BandForm {
  readonly width: number
  /** Entry (i, j) at 2·width·j + i − j, as bulge chasing wants it. */
  readonly band: Float64Array
  /**
   * Of each panel, from width · (its first column) on, count × count by columns, T of Q_p = I − V T Vᵀ (0 below its diagonal), count ≤ width its reflectors; V is
   * the panel's own place in A, with its ones and zeros. Empty when no vectors are to be carried.
   */
  readonly factors: Float64Array
}

/** Rows below the panel that starts at column `from`. */
const below = (n: number, width: number, from: number): number => n - from - width

/**
 * Overwrites the triangle; `keep` leaves the reflectors there. `band` (2·width·order numbers, zeroed) and `work` (bandWork numbers) are memory of the job.
 */
export async function reduceToBand(
  job: Job,
  a: Triangle,
  width: number,
  keep: boolean,
  target: Target,
  band: Float64Array,
  work: Float64Array
): Promise<BandForm> {
  const n = a.order
  const factors = new Float64Array(keep ? n * width : 0)
  const square = new Float64Array(width * width)
  let from = 0
  for (; below(n, width, from) > 0; from += width) {
    const rows = below(n, width, from)
    const count = Math.min(rows, width)
    const v = work.subarray(0, rows * width)
    const w = work.subarray(rows * width, 2 * rows * width)
    const t = keep ? factors.subarray(from * width, from * width + count * count) : new Float64Array(count * count)
    await job.run(0, target, async () => {
      await job.native('dlacpy', 'L', width, width, a.at(from, from), a.leading, square, width)
      await job.native('dlacpy', 'A', rows, width, a.at(from + width, from), a.leading, v, rows)
    })
    copyDiagonal(square, width, from, width, band)
    await factorizePanel(job, v, rows, width, count, from, band, t)
    if (keep) await job.call(0, target, 'dlacpy', 'A', rows, count, v, rows, a.at(from + width, from), a.leading)
    const rest = part(a, from + width)
    await multiplySymmetric(job, rest, v, w, count, target)
    await completeW(job, v, w, rows, count, t)
    await updateSymmetric(job, rest, v, w, count, target)
  }
  await job.call(0, target, 'dlacpy', 'L', n - from, n - from, a.at(from, from), a.leading, square, width)
  copyDiagonal(square, n - from, from, width, band)
  return { width, band, factors }
}

/** Numbers of work space: V and W of the first panel. */
export const bandWork = (n: number, width: number): number => 2 * Math.max(0, n - width) * width

const part = (a: Triangle, from: number): Triangle => ({
  order: a.order - from,
  leading: a.leading,
  at: (row, column) => a.at(from + row, from + column)
})

/** The lower triangle of a diagonal block (by columns `width` apart) into the band. */
function copyDiagonal(block: Float64Array, size: number, from: number, width: number, band: Float64Array): void {
  for (let j = 0; j < size; j++) band.set(block.subarray(j * width + j, j * width + size), 2 * width * (from + j))
}

/**
 * QR of the panel in `v`: R goes to the band, V gets its ones and zeros, `t` the triangle T. Recursive (dgeqrt3; Elmroth & Gustavson 2000): dgeqrf's products with
 * one vector wake every thread for microseconds of work, which takes it three times as long on two threads as on one.
 */
async function factorizePanel(
  job: Job,
  v: Float64Array,
  rows: number,
  width: number,
  count: number,
  from: number,
  band: Float64Array,
  t: Float64Array
): Promise<void> {
  await job.call(0, 'private', 'dgeqrt3', rows, count, v, rows, t, count)
  for (let j = 0; j < count; j++) {
    t.fill(0, j * count + j + 1, (j + 1) * count)
    band.set(v.subarray(j * rows, j * rows + j + 1), 2 * width * (from + j) + width - j)
    v.fill(0, j * rows, j * rows + j)
    v[j * rows + j] = 1
  }
  if (count === width) return
  // The last panel may be wider than high: Qᵀ on its other columns, all of which is R's.
  const [rest, columns] = [v.subarray(count * rows), width - count]
  const s = new Float64Array(count * columns)
  await job.run(0, 'private', () => reflect(job, v, rows, t, rows, count, rest, rows, columns, s, true))
  for (let j = count; j < width; j++) band.set(v.subarray(j * rows, j * rows + count), 2 * width * (from + j) + width - j)
}

/** Z ← Q_p Z, or Q_pᵀ Z when `transposed`, for rows × columns numbers by columns, `leading` apart; V is `vLeading` apart, `s` has room for count × columns. */
async function reflect(
  job: Job,
  v: Argument,
  vLeading: number,
  t: Float64Array,
  rows: number,
  count: number,
  z: Float64Array,
  leading: number,
  columns: number,
  s: Float64Array,
  transposed: boolean
): Promise<void> {
  await job.native('dgemm', 'T', 'N', count, columns, rows, 1, v, vLeading, z, leading, 0, s, count)
  await job.native('dtrmm', 'L', 'U', transposed ? 'T' : 'N', 'N', count, columns, 1, t, count, s, count)
  await job.native('dgemm', 'N', 'N', rows, columns, count, -1, v, vLeading, s, count, 1, z, leading)
}

/** From W = A V the W of the update: X = W T, then X − ½ V (Tᵀ Vᵀ X). */
async function completeW(job: Job, v: Float64Array, w: Float64Array, rows: number, count: number, t: Float64Array): Promise<void> {
  const s = new Float64Array(count * count)
  await job.run(0, 'private', async () => {
    await job.native('dtrmm', 'R', 'U', 'N', 'N', rows, count, 1, t, count, w, rows)
    await job.native('dgemm', 'T', 'N', count, count, rows, 1, v, rows, w, rows, 0, s, count)
    await job.native('dtrmm', 'L', 'U', 'T', 'N', count, count, 1, t, count, s, count)
    await job.native('dgemm', 'N', 'N', rows, count, count, -0.5, v, rows, s, count, 1, w, rows)
  })
}

/** W = A V, A symmetric: by strips of columns where all of it takes too long for one piece. */
async function multiplySymmetric(job: Job, a: Triangle, v: Float64Array, w: Float64Array, count: number, target: Target): Promise<void> {
  const n = a.order
  const strip = pieceLength(job, 4 * n * count)
  if (strip < n) w.fill(0)
  const beta = strip < n ? 1 : 0
  for (let from = 0; from < n; from += strip) {
    const size = Math.min(strip, n - from)
    const rest = n - from - size
    const [v0, v1, w0, w1] = [v.subarray(from), v.subarray(from + size), w.subarray(from), w.subarray(from + size)]
    await job.run(2 * size * (size + 2 * rest) * count, target, async () => {
      await job.native('dsymm', 'L', 'L', size, count, 1, a.at(from, from), a.leading, v0, n, beta, w0, n)
      if (rest === 0) return
      const side = a.at(from + size, from)
      await job.native('dgemm', 'T', 'N', size, count, rest, 1, side, a.leading, v1, n, 1, w0, n)
      await job.native('dgemm', 'N', 'N', rest, count, size, 1, side, a.leading, v0, n, 1, w1, n)
    })
  }
}

/** A −= V Wᵀ + W Vᵀ, the same way. */
async function updateSymmetric(job: Job, a: Triangle, v: Float64Array, w: Float64Array, count: number, target: Target): Promise<void> {
  const n = a.order
  const strip = pieceLength(job, 4 * n * count)
  for (let from = 0; from < n; from += strip) {
    const size = Math.min(strip, n - from)
    const rest = n - from - size
    const [v0, v1, w0, w1] = [v.subarray(from), v.subarray(from + size), w.subarray(from), w.subarray(from + size)]
    await job.run(2 * size * (size + 2 * rest) * count, target, async () => {
      await job.native('dsyr2k', 'L', 'N', size, count, -1, v0, n, w0, n, 1, a.at(from, from), a.leading)
      if (rest === 0) return
      const side = a.at(from + size, from)
      await job.native('dgemm', 'N', 'T', rest, size, count, -1, v1, n, w0, n, 1, side, a.leading)
      await job.native('dgemm', 'N', 'T', rest, size, count, -1, w1, n, v0, n, 1, side, a.leading)
    })
  }
}

/** Z ← Q Z for column-major Z (n × columns, contiguous), memory of the job; Qᵀ Z when `transposed`. The reflectors are those that `reduceToBand` kept. */
export async function applyPanels(
  job: Job,
  a: Triangle,
  { width, factors }: Omit<BandForm, 'band'>,
  z: Float64Array,
  columns: number,
  transposed: boolean
): Promise<void> {
  const n = a.order
  const panels = Math.ceil(Math.max(0, n - width) / width)
  const w = new Float64Array(width * columns)
  for (let turn = 0; turn < panels; turn++) {
    const from = (transposed ? turn : panels - 1 - turn) * width
    const rows = below(n, width, from)
    const count = Math.min(rows, width)
    const [v, rest] = [a.at(from + width, from), z.subarray(from + width)]
    const t = factors.subarray(from * width, from * width + count * count)
    await job.run(4 * rows * count * columns, 'private', () => reflect(job, v, a.leading, t, rows, count, rest, n, columns, w, transposed))
  }
}
