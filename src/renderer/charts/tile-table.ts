// The entries of a matrix that a view shows, as a table: those of largest magnitude first.
import type { MatrixSides } from './tile-sides'
import { tileSize, type TilePlace, type TileValues } from './tiles'
import type { PlotTable } from './table'

export interface ShownTile {
  readonly place: TilePlace
  readonly tile: TileValues
}

interface Cells {
  /** First row and column of each cell, its value. */
  readonly rows: number[]
  readonly columns: number[]
  readonly values: number[]
}

/** Cells of one level within rows and columns [top, bottom) × [left, right) of the matrix. */
export function cellsInView(
  tiles: readonly ShownTile[],
  { top, bottom, left, right }: Record<'top' | 'bottom' | 'left' | 'right', number>
): Cells {
  const cells: Cells = { rows: [], columns: [], values: [] }
  for (const { place, tile } of tiles) {
    const span = 2 ** place.level
    for (let r = 0; r < tile.rows; r++) {
      const row = (place.row * tileSize + r) * span
      if (row + span <= top || row >= bottom) continue
      for (let c = 0; c < tile.columns; c++) {
        const column = (place.column * tileSize + c) * span
        if (column + span <= left || column >= right) continue
        cells.rows.push(row)
        cells.columns.push(column)
        cells.values.push(tile.values[r * tile.columns + c])
      }
    }
  }
  return cells
}

const most = 20_000

/** Rows and columns are those of the file, with the weights' names at single entries; of coarser cells they are places in the order that is shown. */
export function tileTable(
  cells: Cells,
  level: number,
  sides: Pick<MatrixSides, 'layers' | 'rowName' | 'columnName' | 'stored' | 'rowLabel' | 'columnLabel'>
): PlotTable {
  const size = (value: number) => (Number.isNaN(value) ? Infinity : Math.abs(value))
  const order = Uint32Array.from(cells.values.keys()).sort((a, b) => size(cells.values[b]) - size(cells.values[a]) || a - b)
  const kept = Array.from(order.subarray(0, most))
  const borders = sides.layers.columns
  const partOf = (at: number) => borders.filter((border) => border.at <= at).at(-1)?.name ?? ''
  const span = 2 ** level
  const place = (at: number) => (span === 1 ? sides.stored(at) : `${at}–${at + span - 1}`)
  const all = cells.values.length
  const which = all > most ? `the ${most} of largest magnitude of ${all} in view` : 'all in view, the largest magnitude first'
  const what = span === 1 ? '' : `; each stands for ${span} × ${span} entries and is the largest of them`
  return {
    header: [
      ...(span === 1 ? ['row', 'column'] : [sides.rowLabel, sides.columnLabel]),
      'value',
      ...(borders.length > 1 ? ['parts'] : []),
      ...(span === 1 ? ['row weight', 'column weight'] : [])
    ],
    columns: [
      kept.map((i) => place(cells.rows[i])),
      kept.map((i) => place(cells.columns[i])),
      kept.map((i) => cells.values[i]),
      ...(borders.length > 1 ? [kept.map((i) => `${partOf(cells.rows[i])} × ${partOf(cells.columns[i])}`)] : []),
      ...(span === 1 ? [kept.map((i) => sides.rowName(cells.rows[i])), kept.map((i) => sides.columnName(cells.columns[i]))] : [])
    ],
    note: `${which}${what}; as drawn, in single precision`
  }
}
