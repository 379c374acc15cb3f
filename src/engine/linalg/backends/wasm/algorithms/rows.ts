// Moving rows between arrays, shared among the threads.
import { task, type Team } from '../team'
import type { Block } from './block'

const tileRows = 32

/** target row r = source row r. */
export const copyRowTiles = task(['source', 'sourceStride', 'target', 'targetStride', 'rows', 'columns'], (on, p) => {
  const tiles = Math.ceil(p.rows / tileRows)
  for (let tile = on.nextTile(); tile < tiles && !on.cancelled(); tile = on.nextTile()) {
    const from = tile * tileRows
    const rows = Math.min(tileRows, p.rows - from)
    const target = p.target + 8 * from * p.targetStride
    on.kernels.copyBlock(rows, p.columns, p.source + 8 * from * p.sourceStride, p.sourceStride, target, p.targetStride)
  }
})

/** Entries of unit vectors below this are zero. */
const negligibleEntry = 1e-100

/** target row r = source row indices[r], a part of a unit vector; indices are int32 in shared memory. */
export const gatherRowTiles = task(['source', 'sourceStride', 'target', 'targetStride', 'rows', 'columns', 'indices'], (on, p) => {
  const indices = new Int32Array(on.memory.buffer, p.indices, p.rows)
  const tiles = Math.ceil(p.rows / tileRows)
  for (let tile = on.nextTile(); tile < tiles && !on.cancelled(); tile = on.nextTile())
    for (let r = tile * tileRows; r < Math.min(p.rows, (tile + 1) * tileRows); r++) {
      const source = p.source + 8 * indices[r] * p.sourceStride
      const target = p.target + 8 * r * p.targetStride
      on.kernels.copyBlock(1, p.columns, source, p.sourceStride, target, p.targetStride)
      on.kernels.flushTiny(p.columns, negligibleEntry, target)
    }
})

/** Zeroes rows. */
export const clearRowTiles = task(['target', 'stride', 'rows', 'columns'], (on, p) => {
  const tiles = Math.ceil(p.rows / tileRows)
  for (let tile = on.nextTile(); tile < tiles && !on.cancelled(); tile = on.nextTile()) {
    const from = tile * tileRows
    on.kernels.scaleBlock(Math.min(tileRows, p.rows - from), p.columns, 0, p.target + 8 * from * p.stride, p.stride)
  }
})

export function clearRows(team: Team, target: Block): void {
  const input = { target: target.address, stride: target.stride, rows: target.rows, columns: target.columns }
  team.run(clearRowTiles, input, target.rows * target.columns >= parallelNumbers)
}

/** Below so many numbers one thread is as fast. */
const parallelNumbers = 65_536

export function copyRows(team: Team, source: Block, target: { readonly address: number; readonly stride: number }): void {
  if (source.rows * source.columns === 0) return
  const input = { source: source.address, sourceStride: source.stride, target: target.address, targetStride: target.stride }
  const size = { rows: source.rows, columns: source.columns }
  team.run(copyRowTiles, { ...input, ...size }, source.rows * source.columns >= parallelNumbers)
}

/** Copies the rows of `source` (parts of unit vectors) named by `rows`, in their order, to `target`; negligible entries become zero. `indices`: rows.length int32 of work space. */
export function gatherRows(
  team: Team,
  source: Block,
  rows: readonly number[],
  target: { readonly address: number; readonly stride: number },
  indices: number
): void {
  if (rows.length * source.columns === 0) return
  new Int32Array(team.memory.buffer, indices, rows.length).set(rows)
  const input = { source: source.address, sourceStride: source.stride, target: target.address, targetStride: target.stride }
  const size = { rows: rows.length, columns: source.columns, indices }
  team.run(gatherRowTiles, { ...input, ...size }, rows.length * source.columns >= parallelNumbers)
}
