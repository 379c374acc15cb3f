// Ticked rows of a table: one, a range with Shift, the rows of a group, all.
import { computed, type Ref } from 'vue'
import type { TableLine } from './table'

export interface SelectionOptions<Row> {
  readonly selection: Ref<ReadonlySet<string>>
  lines(): readonly TableLine<Row>[]
  rows(): readonly Row[]
  rowId(row: Row): string
}

export function useTableSelection<Row>({ selection, lines, rows, rowId }: SelectionOptions<Row>) {
  let lastPlace: number | null = null

  /** Whether all, some or none of these rows are ticked. */
  function ticked(some: readonly Row[]): boolean | 'indeterminate' {
    const count = some.reduce((sum, row) => sum + (selection.value.has(rowId(row)) ? 1 : 0), 0)
    return count === 0 ? false : count === some.length ? true : 'indeterminate'
  }
  return {
    ticked,
    /** The row at a place; `range`: and all from the one ticked last. */
    select(id: string, place: number, range: boolean) {
      const next = new Set(selection.value)
      const on = !next.has(id)
      const [from, to] = range && lastPlace !== null ? [Math.min(lastPlace, place), Math.max(lastPlace, place)] : [place, place]
      for (const line of lines().slice(from, to + 1)) {
        if (line.kind !== 'row') continue
        if (on) next.add(line.id)
        else next.delete(line.id)
      }
      lastPlace = place
      selection.value = next
    },
    selectRows(some: readonly Row[]) {
      const next = new Set(selection.value)
      const off = ticked(some) === true
      for (const row of some) {
        if (off) next.delete(rowId(row))
        else next.add(rowId(row))
      }
      selection.value = next
    },
    all: computed({
      get: () => (selection.value.size === 0 ? false : ticked(rows())),
      set: (on) => (selection.value = on === false ? new Set() : new Set(rows().map(rowId)))
    })
  }
}
