// What a table is made of, independent of the library under it.

export interface TableColumn<Row> {
  readonly id: string
  readonly header: string
  /** A longer name, for the column chooser and the tooltip. */
  readonly title?: string
  /** What is sorted by; null sorts last. Left out: the column cannot be sorted. */
  readonly value?: (row: Row) => number | string | null
  /** Text of a cell without its own slot; by default the value. */
  readonly text?: (row: Row) => string
  readonly align?: 'start' | 'end'
  /** Any grid track size, such as `90px` or `minmax(160px, 2fr)`. */
  readonly width: string
  /** Cannot be hidden. */
  readonly fixed?: boolean
}

export interface TableSort {
  readonly id: string
  readonly descending: boolean
}
