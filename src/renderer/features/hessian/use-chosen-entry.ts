// The entry that is pointed at and the one that is chosen, by place in the order that is shown; their values; copying one in full.
import { computed, shallowRef, type ComputedRef, type Ref } from 'vue'
import { sayError } from '../../app/actions'
import { copyText } from '../../app/clipboard'
import type { MatrixSides } from '../../charts/tile-sides'
import type { Entry } from '../../charts/tiles'
import type { ShownMatrix } from './shown-matrix'
import { entryValue, useEntryValues } from './use-entry-values'

/** `stored`: the chosen entry by its place in the first matrix' file, as the address has it. */
export function useChosenEntry(
  matrices: () => readonly ShownMatrix[],
  sides: ComputedRef<readonly MatrixSides[]>,
  stored: Ref<Entry | null>
) {
  const cursor = shallowRef<Entry | null>(null)
  const selected = computed<Entry | null>({
    get() {
      const { rows, columns } = matrices()[0].facts
      const entry = stored.value
      if (!entry || entry.row >= rows || entry.column >= columns) return null
      return { row: sides.value[0].place(entry.row), column: sides.value[0].place(entry.column) }
    },
    set: (next) => (stored.value = next && { row: sides.value[0].stored(next.row), column: sides.value[0].stored(next.column) })
  })
  const shown = computed(() => cursor.value ?? selected.value)
  const storedIn = (place: Entry, i: number) => ({
    matrix: matrices()[i].text,
    row: sides.value[i].stored(place.row),
    column: sides.value[i].stored(place.column)
  })
  const namesIn = (place: Entry, i: number) => [sides.value[i].rowName(place.row), sides.value[i].columnName(place.column)] as const
  const values = useEntryValues(() => {
    const place = shown.value
    return place ? matrices().map((_, i) => storedIn(place, i)) : []
  })
  const readout = computed(() => {
    const place = shown.value
    return {
      entry: place && storedIn(place, 0),
      names: place ? matrices().map((_, i) => namesIn(place, i)) : [],
      titles: matrices().map(({ title }) => title),
      values: values.value
    }
  })

  /** Chooses an entry and copies that of the i-th matrix: 17 digits are all of a double. */
  async function pick(place: Entry, i: number) {
    selected.value = place
    const { name } = matrices()[i]
    const [row, column] = namesIn(place, i)
    try {
      const text = (await entryValue(storedIn(place, i))).toPrecision(17)
      await copyText(text, `Copied ${text}: ${row} × ${column} of ${name}.`)
    } catch (error) {
      sayError(error)
    }
  }
  return { cursor, selected, readout, pick }
}
