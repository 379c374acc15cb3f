// A symmetric matrix in native memory to a band and back (first stage of Bischof, Lang & Sun 2000, as LAPACK's dsytrd_sy2sb; here panel by panel, so that it reports progress and can be left).
import type { BandForm } from '../../interface'
import type { Job } from './job'
import type { NativeMemory } from './native-memory'
import type { Address } from './signatures'

export const bandFlops = (n: number): number => (4 / 3) * n ** 3

/** Numbers that a reduction itself holds, work space included. */
export const bandNumbers = (n: number, width: number): number => n * (width + 1) + Math.ceil(n / width) * width ** 2 + n * (3 * width + 1)

/** Overwrites A's lower triangle (column-major; the upper one of row-major rows) by the reflectors. Cancelled between calls: A is lost then. */
export async function reduceToBand(job: Job, a: NativeMemory, n: number, width: number): Promise<BandForm> {
  const at = (row: number, column: number): Address => ({ address: a.address + 8 * (column * n + row) })
  const band = new Float64Array(n * (width + 1))
  const factors = new Float64Array(Math.ceil(n / width) * width ** 2)
  const keepColumn = (column: number) =>
    a.read(column * n + column, band.subarray(column * (width + 1), column * (width + 1) + Math.min(width + 1, n - column)))
  const work = job.take(3 * n * width)
  const tau = new Float64Array(width)
  const [vt, w, scratch] = [0, 1, 2].map((k) => work.subarray(k * n * width, (k + 1) * n * width))
  const square = new Float64Array(width * width)
  for (let from = 0; from < n; from += width) {
    const columns = Math.min(width, n - from)
    const below = from + width
    const rows = n - below
    if (rows <= 0) {
      for (let column = from; column < from + columns; column++) keepColumn(column)
      continue
    }
    const v = at(below, from)
    const size = Math.min(rows, columns)
    const t = factors.subarray((from / width) * width ** 2, (from / width + 1) * width ** 2)
    await job.call(0, 'in-place', 'dgeqrf', rows, columns, v, n, tau, scratch, scratch.length)
    for (let column = from; column < from + columns; column++) keepColumn(column)
    await job.call(0, 'in-place', 'dlaset', 'U', size, size, 0, 1, v, n)
    await job.call(0, 'in-place', 'dlarft', 'F', 'C', rows, size, v, n, tau, t, width)
    const flops = 2 * rows ** 2 * columns
    const rest = at(below, below)
    await job.call(0, 'in-place', 'dgemm', 'N', 'N', rows, size, size, 1, v, n, t, width, 0, vt, rows)
    await job.call(flops, 'in-place', 'dsymm', 'L', 'L', rows, size, 1, rest, n, vt, rows, 0, w, rows)
    await job.call(0, 'in-place', 'dgemm', 'T', 'N', size, size, rows, 1, vt, rows, w, rows, 0, square, width)
    await job.call(0, 'in-place', 'dgemm', 'N', 'N', rows, size, size, -0.5, v, n, square, width, 1, w, rows)
    await job.call(flops, 'in-place', 'dsyr2k', 'L', 'N', rows, size, -1, v, n, w, rows, 1, rest, n)
  }
  return { order: n, width, band, factors }
}

/** Z ← Q Z for column-major Z (n × columns, contiguous): the panels' I − V T Vᵀ, the last one first. */
export async function applyBandReflectors(
  job: Job,
  a: NativeMemory,
  { order: n, width, factors }: BandForm,
  z: Float64Array,
  columns: number
): Promise<void> {
  const [w, wt] = [new Float64Array(width * columns), new Float64Array(width * columns)]
  const panels = Math.max(0, Math.ceil((n - width) / width))
  for (let panel = panels - 1; panel >= 0; panel--) {
    const from = panel * width
    const rows = n - from - width
    const size = Math.min(rows, width)
    const v: Address = { address: a.address + 8 * (from * n + from + width) }
    const t = factors.subarray(panel * width ** 2, (panel + 1) * width ** 2)
    const below = z.subarray(from + width)
    const flops = 2 * rows * size * columns
    await job.call(flops, 'in-place', 'dgemm', 'T', 'N', size, columns, rows, 1, v, n, below, n, 0, w, width)
    await job.call(0, 'in-place', 'dgemm', 'N', 'N', size, columns, size, 1, t, width, w, width, 0, wt, width)
    await job.call(flops, 'in-place', 'dgemm', 'N', 'N', rows, columns, size, -1, v, n, wt, width, 1, below, n)
  }
}
