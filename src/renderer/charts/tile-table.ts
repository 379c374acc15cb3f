// The entries of a matrix that a view shows, as a table: those of largest magnitude first.
import { symlogInverse } from './scale'
import { formatTick } from '../app/format'
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

export function tileTable(cells: Cells, level: number, borders: readonly { at: number; name: string }[]): PlotTable {
  const size = (value: number) => (Number.isNaN(value) ? Infinity : Math.abs(value))
  const order = Uint32Array.from(cells.values.keys()).sort((a, b) => size(cells.values[b]) - size(cells.values[a]) || a - b)
  const kept = Array.from(order.subarray(0, most))
  const partOf = (at: number) => borders.filter((border) => border.at <= at).at(-1)?.name ?? ''
  const span = 2 ** level
  const place = (at: number) => (span === 1 ? at : `${at}–${at + span - 1}`)
  const all = cells.values.length
  const which = all > most ? `the ${most} of largest magnitude of ${all} in view` : 'all in view, the largest magnitude first'
  const what = span === 1 ? '' : `; each stands for ${span} × ${span} entries and is the largest of them`
  return {
    header: ['row', 'column', 'value', ...(borders.length > 1 ? ['parts'] : [])],
    columns: [
      kept.map((i) => place(cells.rows[i])),
      kept.map((i) => place(cells.columns[i])),
      kept.map((i) => cells.values[i]),
      ...(borders.length > 1 ? [kept.map((i) => `${partOf(cells.rows[i])} × ${partOf(cells.columns[i])}`)] : [])
    ],
    note: `${which}${what}; as drawn, in single precision`
  }
}

/** Ticks of the signed symlog colour bar: the ends, zero, and between. */
export function colourTicks(limit: number, constant: number): { place: number; text: string }[] {
  if (limit === 0) return [{ place: 0.5, text: '0' }]
  const most = Math.log10(1 + limit / constant)
  return [-1, -0.5, 0, 0.5, 1].map((side) => ({
    place: (side + 1) / 2,
    text: formatTick(Number(symlogInverse(side * most, constant).toPrecision(2)))
  }))
}
