// The colours of one matrix or two, on one scale: by default up to the largest magnitude of both.
import { computed, shallowRef, type Ref } from 'vue'
import { magnitudes } from '../../charts/magnitudes'
import type { MatrixColours } from '../../charts/tile-colours'
import { coarsestLevel, type TileValues } from '../../charts/tiles'
import type { ShownMatrix } from './shown-matrix'

type Wish = Ref<number | null>
const defaultDecades = 4

export function useMatrixColours(matrices: () => readonly ShownMatrix[], wish: { limit: Wish; decades: Wish; threshold: Wish }) {
  /** The coarsest level of each, by its name. */
  const wholes = shallowRef<Readonly<Record<string, TileValues>>>({})
  function keep(text: string, whole: TileValues) {
    const others = Object.entries(wholes.value).filter(([old]) => matrices().some((one) => one.text === old))
    wholes.value = { ...Object.fromEntries(others), [text]: whole }
  }
  const counts = computed(() => {
    const found = matrices().flatMap(({ text }) => (text in wholes.value ? [wholes.value[text].values] : []))
    return magnitudes(found)
  })
  const decades = computed({ get: () => wish.decades.value ?? defaultDecades, set: (value) => (wish.decades.value = value) })
  const colours = computed<MatrixColours>(() => {
    const limit = wish.limit.value ?? counts.value.largest
    return {
      limit,
      constant: limit * 10 ** -decades.value || 1,
      threshold: wish.threshold.value ?? 0,
      beyond: limit < counts.value.largest
    }
  })
  const limit = computed({ get: () => colours.value.limit, set: (value) => (wish.limit.value = value) })
  const threshold = computed({ get: () => colours.value.threshold, set: (value) => (wish.threshold.value = value > 0 ? value : null) })
  /** Entries along a side of what one count stands for. */
  const span = computed(() => 2 ** coarsestLevel(matrices()[0].facts))
  const changed = computed(() => [wish.limit, wish.decades, wish.threshold].some(({ value }) => value !== null))
  function reset() {
    wish.limit.value = wish.decades.value = wish.threshold.value = null
  }
  return { keep, counts, colours, limit, decades, threshold, span, changed, reset }
}
