// Symmetric to band form, A = Q B Qᵀ, by panels of block reflectors (Dongarra, Hammarling & Sorensen 1989; Bischof, Lang & Sun 2000): nearly all of it products. The same algorithm as
// lapack/band.ts, on the same triangle, as one job of the pool.
import type { Team } from '../team'
import { at, part, type Block } from './block'
import { factorizePanel, panelWorkspace } from './panel'
import { multiplyInto } from './product'
import { copyRows } from './rows'
import { subtractPairs, trailing } from './symmetric'
import { negligibleEntry } from './tridiagonalize'

export interface BandJob {
  readonly width: number
  /** 2·width·order numbers, which receive the lower triangle of B: entry (i, j) at 2·width·j + i − j. */
  readonly band: number
  /**
   * 0, or order·width numbers, which receive T of each panel's Q = I − V T Vᵀ, from width · (its first row) on; then V stays in A's upper triangle, by rows, with its ones and
   * zeros.
   */
  readonly factors: number
}

/** Numbers of work space: W, V and W again of the first panel, T, S and small products. */
export const bandWorkspace = (order: number, width: number): number =>
  3 * width * Math.max(0, order - width) + 2 * width * width + panelWorkspace(width)

/** Overwrites A's upper triangle. `size`: its largest entry, far from over- and underflow. `work`: bandWorkspace numbers. */
export function reduceToBand(team: Team, a: Block, { width, band, factors }: BandJob, size: number, work: number): void {
  const { kernels } = team
  const order = a.rows
  const square = (address: number, rows: number): Block => ({ address, rows, columns: rows, stride: rows })
  const [small, own] = [work, work + 8 * width * width]
  const scratch = own + 8 * width * width
  const slots = scratch + 8 * panelWorkspace(width)
  kernels.scaleBlock(1, 2 * width * order, 0, band, 2 * width * order)
  let from = 0
  for (; order - from - width > 0; from += width) {
    const rows = order - from - width
    const count = Math.min(width, rows)
    const slot = (index: number, height = count): Block => ({
      address: slots + 8 * index * count * rows,
      rows: height,
      columns: rows,
      stride: rows
    })
    const [w, v, again, panel] = [slot(0), slot(1), slot(2), slot(1, width)]
    copyDiagonal(team, a, from, width, width, band)
    copyRows(team, part(a, from, from + width, width, rows), panel)
    const t = square(factors === 0 ? own : factors + 8 * width * from, count)
    factorizePanel(team, panel, { r: band + 8 * width * (2 * from + 1), rStep: 2 * width - 1, t: t.address, work: scratch })
    if (factors !== 0) copyRows(team, v, part(a, from, from + width, count, rows))
    // W = X − ½ V (Tᵀ Vᵀ X) with X = A V T, all of them by rows.
    const rest = trailing(a, from + width)
    multiplyInto(team, again, v, rest, { symmetric: true })
    multiplyInto(team, w, t, again, { transposeA: true })
    multiplyInto(team, square(small, count), w, v, { transposeB: true })
    multiplyInto(team, square(scratch, count), square(small, count), t)
    multiplyInto(team, w, square(scratch, count), v, { alpha: -0.5, beta: 1 })
    for (let i = 0; i < count; i++) kernels.flushTiny(rows, negligibleEntry * size, at(w, i, 0))
    copyRows(team, w, again)
    subtractPairs(team, rest, w.address, rows, count)
  }
  copyDiagonal(team, a, from, order - from, width, band)
}

/** The diagonal block of `rows` rows from row `from` on, into the band. */
function copyDiagonal(team: Team, a: Block, from: number, rows: number, width: number, band: number): void {
  for (let j = from; j < from + rows; j++) team.kernels.copyBlock(1, from + rows - j, at(a, j, j), a.stride, band + 16 * width * j, 1)
}

/** Rows z of `vectors` become (Q z)ᵀ, (Qᵀ z)ᵀ with `transposed`. The factors are not 0. `work`: 2 · width · vectors.rows numbers. */
export function applyPanels(
  team: Team,
  a: Block,
  { width, factors }: Pick<BandJob, 'width' | 'factors'>,
  vectors: Block,
  transposed: boolean,
  work: number
): void {
  const order = a.rows
  const panels = Math.ceil(Math.max(0, order - width) / width)
  for (let turn = 0; turn < panels; turn++) {
    const from = (transposed ? turn : panels - 1 - turn) * width
    const rows = order - from - width
    const count = Math.min(width, rows)
    const narrow = (address: number): Block => ({ address, rows: vectors.rows, columns: count, stride: count })
    const [x, y] = [narrow(work), narrow(work + 8 * width * vectors.rows)]
    const v = part(a, from, from + width, count, rows)
    const z = part(vectors, 0, from + width, vectors.rows, rows)
    const t: Block = { address: factors + 8 * width * from, rows: count, columns: count, stride: count }
    multiplyInto(team, x, z, v, { transposeB: true })
    multiplyInto(team, y, x, t, { transposeB: !transposed })
    multiplyInto(team, z, y, v, { alpha: -1, beta: 1 })
  }
}
