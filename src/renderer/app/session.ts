// What the page keeps over a reload, as long as its window lives.
import { shallowRef, watch, type ShallowRef } from 'vue'

function stored<Value extends object>(place: string, empty: Value): Value {
  try {
    return { ...empty, ...(JSON.parse(sessionStorage.getItem(place) ?? 'null') as Partial<Value> | null) }
  } catch {
    return empty
  }
}

/** A value that stands in the session's storage under `place`; what is not there is as in `empty`. */
export function keptInSession<Value extends object>(place: string, empty: Value): ShallowRef<Value> {
  const kept = shallowRef(stored(place, empty)) as ShallowRef<Value>
  watch(kept, (value) => {
    try {
      sessionStorage.setItem(place, JSON.stringify(value))
    } catch {
      // A page without storage keeps it as long as it lives.
    }
  })
  return kept
}
