// Which bin of a histogram is pointed at, by the pointer or by the arrow keys, and which was picked.
import { computed, ref } from 'vue'
import { binMembers, type Histogram } from './histogram'

/** A bin by the places [from, to) of its values in ascending order, with the value that was pointed at. */
export interface PickedBin {
  readonly from: number
  readonly to: number
  readonly value: number
  readonly byKey: boolean
}

export function useBinCursor(bins: () => Histogram, ascending: () => Float64Array, pick: (bin: PickedBin) => void) {
  /** −1: none. */
  const pointed = ref(-1)
  let byKey = false
  function binAt(place: number): number {
    const { places, counts } = bins()
    const bin = Math.floor(((place - places[0]) / (places[counts.length] - places[0])) * counts.length)
    return bin >= 0 && bin < counts.length ? bin : -1
  }
  const filled = computed(() => Array.from(bins().counts.keys()).filter((bin) => bins().counts[bin] > 0))
  function go(bin: number | undefined) {
    if (bin === undefined) return
    byKey = true
    pointed.value = bin
  }
  const before = (bin: number) => filled.value.reduce<number | undefined>((found, one) => (one < bin ? one : found), undefined)
  const give = (bin: number, value?: number) => {
    const { from, to } = bin < 0 ? { from: 0, to: 0 } : binMembers(bins(), ascending(), bin)
    pick({ from, to, value: value ?? ascending()[from], byKey })
  }
  const keys: Readonly<Record<string, () => void>> = {
    ArrowRight: () => go(filled.value.find((bin) => bin > pointed.value)),
    ArrowLeft: () => go(before(pointed.value < 0 ? Infinity : pointed.value)),
    Home: () => go(filled.value[0]),
    End: () => go(before(Infinity)),
    Enter: () => pointed.value >= 0 && give(pointed.value),
    Escape: () => (pointed.value = -1)
  }
  return {
    pointed,
    point(place: number | null) {
      byKey = false
      pointed.value = place === null ? -1 : binAt(place)
    },
    press(event: KeyboardEvent) {
      const act = keys[event.key]
      if (!act) return
      event.preventDefault()
      act()
    },
    /** A click at a place, which is worth `value`. */
    click(place: number, value: number) {
      byKey = false
      give(binAt(place), value)
    }
  }
}
