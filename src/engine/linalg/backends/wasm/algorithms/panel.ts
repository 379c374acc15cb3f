// QR of a panel that lies by rows: its columns are rows here, so that a reflector is a row too, as everywhere in this backend.
import type { Team } from '../team'
import { formTriangularFactor } from './back-transform'
import { at, part, type Block } from './block'
import { multiplyInto } from './product'
import { makeReflector, negligibleEntry } from './tridiagonalize'

/** Rows that meet each other's reflectors one by one; those of rows before them come as products. */
const innerRows = 16

/** Numbers of work space: S = V Vᵀ, and the two small products of inner rows with what came before. */
export const panelWorkspace = (width: number): number => width * width + 2 * innerRows * width

interface Triangles {
  /** Row j of the panel leaves its part of R, min(j + 1, count) numbers, at r + 8 · rStep · j. */
  readonly r: number
  readonly rStep: number
  /** T (count × count, row-major) of Q = I − V T Vᵀ. */
  readonly t: number
  /** panelWorkspace numbers. */
  readonly work: number
}

/**
 * P = Q R for the panel P, whose column j is row j of `panel` (width × length). Its first `count` = min(width, length) rows become V's columns, with their ones and
 * zeros; the others are used up.
 */
export function factorizePanel(team: Team, panel: Block, { r, rStep, t, work }: Triangles): void {
  const { rows: width, columns: length } = panel
  const count = Math.min(width, length)
  const view = (address: number, size: number) => new Float64Array(team.memory.buffer, address, size)
  const tau = new Float64Array(count)
  const [products, scaled] = [work + 8 * width * width, work + 8 * width * (width + innerRows)]
  const [gram, factor] = [view(work, count * count), view(t, count * count).fill(0)]
  for (let from = 0; from < width; from += innerRows) {
    const rows = part(panel, from, 0, Math.min(innerRows, width - from), length)
    const before = Math.min(from, count)
    if (before > 0) {
      const v = part(panel, 0, 0, before, length)
      const small = (address: number): Block => ({ address, rows: rows.rows, columns: before, stride: before })
      multiplyInto(team, small(products), rows, v, { transposeB: true })
      multiplyInto(team, small(scaled), small(products), { address: t, rows: before, columns: before, stride: count })
      multiplyInto(team, rows, small(scaled), v, { alpha: -1, beta: 1 })
    }
    reflectRows(team, panel, from, from + rows.rows, tau, r, rStep)
    const to = Math.min(from + rows.rows, count)
    if (to <= from) continue
    const corner: Block = { address: work + 8 * from, rows: to, columns: to - from, stride: count }
    multiplyInto(team, corner, part(panel, 0, 0, to, length), part(panel, from, 0, to - from, length), { transposeB: true })
    formTriangularFactor(factor, gram, tau, count, from, to)
  }
}

/** Rows `from` … to − 1, to which the reflectors before `from` are applied already. */
function reflectRows(team: Team, panel: Block, from: number, to: number, tau: Float64Array, r: number, rStep: number): void {
  const { kernels } = team
  const length = panel.columns
  const count = tau.length
  const heap = new Float64Array(team.memory.buffer)
  for (let j = from; j < to; j++) {
    const x = at(panel, j, 0)
    for (let q = from; q < Math.min(j, count); q++) {
      const v = at(panel, q, q)
      kernels.scaleAndAdd(length - q, -tau[q] * kernels.dot(length - q, v, x + 8 * q), v, 1, x + 8 * q)
    }
    kernels.copyBlock(1, Math.min(j, count), x, length, r + 8 * rStep * j, length)
    if (j >= count) continue
    const own = makeReflector(team, heap, x + 8 * j, length - j)
    heap[r / 8 + rStep * j + j] = own.beta
    tau[j] = own.tau
    kernels.scaleBlock(1, j, 0, x, j)
    kernels.flushTiny(length - j - 1, negligibleEntry, x + 8 * (j + 1))
  }
}
