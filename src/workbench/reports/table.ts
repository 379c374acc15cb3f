// The data behind a report: tables and JSON, as they are written beside the page and as its figures read them.
import { csvLine } from '../../shared/csv'

export type Cell = string | number | boolean | null

/** Rows of figures under named columns; `name` ends in .csv. */
export interface Table {
  readonly name: string
  /** What a row is, in a sentence. */
  readonly about: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** Data that are no rows; `name` ends in .json. */
export interface JsonData {
  readonly name: string
  readonly about: string
  readonly json: unknown
}

export type ReportData = Table | JsonData

/** Values by column that a row must have. */
export type Where = Readonly<Record<string, Cell>>

export const isTable = (data: ReportData): data is Table => 'rows' in data
export const contentOf = (data: ReportData) =>
  isTable(data) ? [data.columns, ...data.rows].map((row) => csvLine(row)).join('') : `${JSON.stringify(data.json, null, 1)}\n`

/** The table of rows whose keys are its columns; `columns` null: every key of the first row. */
export function tableOf<Row extends object>(
  name: string,
  about: string,
  columns: readonly (keyof Row & string)[] | null,
  rows: readonly Row[]
): Table {
  const shown = columns ?? (Object.keys(rows[0] ?? {}) as (keyof Row & string)[])
  return { name, about, columns: shown, rows: rows.map((row) => shown.map((column) => row[column] as Cell)) }
}

/** Throws Error for a name that no table has: a fault of the report's own. */
export function tableNamed(data: readonly ReportData[], name: string): Table {
  const found = data.find((one) => one.name === name)
  if (!found || !isTable(found)) throw new Error(`the report has no table ${name}`)
  return found
}

/** Rows of `table` that have the values of `where`. */
export function rowsWhere(table: Table, where: Where = {}): readonly (readonly Cell[])[] {
  const conditions = Object.entries(where).map(([column, value]) => {
    const place = table.columns.indexOf(column)
    if (place < 0) throw new Error(`${table.name} has no column ${column}`)
    return [place, value] as const
  })
  return table.rows.filter((row) => conditions.every(([place, value]) => row[place] === value))
}
