// The float64 values of an entry in one matrix or two, asked for when the pointer rests.
import { shallowRef, watch, type ShallowRef } from 'vue'
import { call } from '../../app/data'

/** An entry by its place in the file. */
export interface StoredEntry {
  readonly matrix: string
  readonly row: number
  readonly column: number
}

export async function entryValue({ matrix, row, column }: StoredEntry): Promise<number> {
  return (await call('matrices.values', { matrix, row, column, rows: 1, columns: 1 })).values[0]
}

const rest = 50

/** In the order of the entries; null while one is on its way or cannot be had. */
export function useEntryValues(entries: () => readonly StoredEntry[]): ShallowRef<readonly (number | null)[]> {
  const values = shallowRef<readonly (number | null)[]>([])
  let round = 0
  watch(
    () => JSON.stringify(entries()),
    (text) => {
      const own = ++round
      const asked = JSON.parse(text) as StoredEntry[]
      values.value = asked.map(() => null)
      if (asked.length === 0) return
      setTimeout(async () => {
        if (own !== round) return
        const answers = await Promise.all(asked.map((entry) => entryValue(entry).catch(() => null)))
        if (own === round) values.value = answers
      }, rest)
    },
    { immediate: true }
  )
  return values
}
