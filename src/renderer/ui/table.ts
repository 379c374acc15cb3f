// What a table is made of, independent of the library under it.

/** What a group shows of a column over its rows. */
export interface GroupFigure {
  readonly text: string
  /** A second line. */
  readonly note?: string
  /** In full, on hover. */
  readonly title?: string
  /** What groups are sorted by. */
  readonly value: number | string | null
}

export interface TableColumn<Row> {
  readonly id: string
  readonly header: string
  /** A longer name, for the column chooser and the tooltip. */
  readonly title?: string
  /** What is sorted by; null sorts last. Left out: the column cannot be sorted. */
  readonly value?: (row: Row) => number | string | null
  /** Text of a cell without its own slot; by default the value. */
  readonly text?: (row: Row) => string
  /** What the heading of a group shows; left out: nothing. */
  readonly group?: (rows: readonly Row[]) => GroupFigure | null
  readonly align?: 'start' | 'end'
  /** Any grid track size that begins with its least pixels, such as `90px` or `minmax(160px, 2fr)`. */
  readonly width: string
  /** Cannot be hidden. */
  readonly fixed?: boolean
  /** Stays in view while the table is scrolled sideways. Those at the start come first and, but for the last of them, have widths in pixels. */
  readonly pin?: 'start' | 'end'
}

export interface TableSort {
  readonly id: string
  readonly descending: boolean
}

export interface TableGroup<Row> {
  readonly key: string
  readonly rows: readonly Row[]
}

/** A line of the table: a row, or the heading of a group of rows. `key` is unlike any other line's. */
export type TableLine<Row> =
  | { readonly kind: 'row'; readonly key: string; readonly id: string; readonly row: Row }
  | { readonly kind: 'group'; readonly key: string; readonly group: TableGroup<Row>; readonly open: boolean }

/** The least pixels of a grid track. */
export const leastWidth = (width: string): number => Number(/(\d+)px/.exec(width)?.[1] ?? 0)

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Numbers by size, text by language order; what is missing comes last in both directions, the rest is turned around by whoever sorts. */
function compareValues(a: number | string | null | undefined, b: number | string | null | undefined, descending: boolean): number {
  const emptyA = a === null || a === undefined || Number.isNaN(a)
  const emptyB = b === null || b === undefined || Number.isNaN(b)
  if (emptyA || emptyB) return emptyA && emptyB ? 0 : (emptyA ? 1 : -1) * (descending ? -1 : 1)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return collator.compare(String(a), String(b))
}

/** Rows by a value, in the order they had where it is equal; null leaves them as they are. */
export function sortRows<Row>(
  rows: readonly Row[],
  value: ((row: Row) => number | string | null) | null,
  descending: boolean
): readonly Row[] {
  if (!value) return rows
  const keyed = rows.map((row, place) => ({ row, place, key: value(row) }))
  const sign = descending ? -1 : 1
  keyed.sort((a, b) => sign * compareValues(a.key, b.key, descending) || a.place - b.place)
  return keyed.map(({ row }) => row)
}

/** Sorted rows as groups, in the order of the sorted column's figure, else of the keys; the rows without a key ('') come last. A row may be in several. */
export function groupRows<Row>(
  rows: readonly Row[],
  keysOf: (row: Row) => readonly string[],
  figure: ((rows: readonly Row[]) => GroupFigure | null) | null,
  descending: boolean
): TableGroup<Row>[] {
  const byKey = new Map<string, Row[]>()
  for (const row of rows) {
    const keys = keysOf(row)
    for (const key of keys.length > 0 ? keys : ['']) {
      const group = byKey.get(key)
      if (group) group.push(row)
      else byKey.set(key, [row])
    }
  }
  const groups = [...byKey].map(([key, members]) => ({ key, rows: members, value: figure?.(members)?.value ?? null }))
  const sign = descending && figure ? -1 : 1
  groups.sort(
    (a, b) =>
      Number(a.key === '') - Number(b.key === '') || sign * compareValues(a.value, b.value, sign < 0) || collator.compare(a.key, b.key)
  )
  return groups.map(({ key, rows: members }) => ({ key, rows: members }))
}
