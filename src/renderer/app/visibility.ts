// Which runs are hidden in plots and comparisons; one choice for all screens, as long as the page lives.
import { shallowRef } from 'vue'

export const hiddenRuns = shallowRef<ReadonlySet<string>>(new Set())

export const isVisible = (id: string): boolean => !hiddenRuns.value.has(id)

export function toggleVisible(id: string) {
  const next = new Set(hiddenRuns.value)
  if (!next.delete(id)) next.add(id)
  hiddenRuns.value = next
}
