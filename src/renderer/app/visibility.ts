// Which runs are drawn where several are: the eyes of the table of runs and of comparisons are the same. State of the page, kept over navigation.
import { shallowRef } from 'vue'

export const hiddenRuns = shallowRef<ReadonlySet<string>>(new Set())

export const isVisible = (id: string): boolean => !hiddenRuns.value.has(id)

export function setVisible(ids: readonly string[], visible: boolean) {
  const next = new Set(hiddenRuns.value)
  for (const id of ids) {
    if (visible) next.delete(id)
    else next.add(id)
  }
  hiddenRuns.value = next
}

export const toggleVisible = (id: string) => setVisible([id], !isVisible(id))
