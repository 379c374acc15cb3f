// The numbers behind a plot: shown as a table beside it, saved as CSV.

export interface PlotTable {
  readonly header: readonly string[]
  readonly columns: readonly ArrayLike<number | string>[]
  /** What the rows are, where they are not all there is. */
  readonly note?: string
}

export const rowCount = ({ columns }: PlotTable) => columns.reduce((most, column) => Math.max(most, column.length), 0)

const cell = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Comma-separated text with a header line; numbers in full precision, what is missing empty. */
export function csv(table: PlotTable): string {
  const lines = [table.header.map(cell).join(',')]
  const length = rowCount(table)
  for (let i = 0; i < length; i++)
    lines.push(
      table.columns
        .map((column) => {
          const value = column[i]
          if (value === undefined || (typeof value === 'number' && Number.isNaN(value))) return ''
          return typeof value === 'number' ? String(value) : cell(value)
        })
        .join(',')
    )
  return `${lines.join('\n')}\n`
}

/** Row by row, both counted from 0. */
export function matrixTable({
  values,
  rows,
  columns
}: {
  readonly values: ArrayLike<number>
  readonly rows: number
  readonly columns: number
}): PlotTable {
  const places = Array.from({ length: rows * columns }, (_, i) => i)
  return {
    header: ['row', 'column', 'value'],
    columns: [places.map((i) => Math.floor(i / columns)), places.map((i) => i % columns), Float64Array.from(places, (i) => values[i])]
  }
}
