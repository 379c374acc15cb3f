// One study as its screen looks at it: its details, kept up by events, and the view, which is in the address.
import { computed } from 'vue'
import type { StudyDetails } from '../../../shared/api/contract'
import { useQuery } from '../../app/data'
import { useViewNumber, useViewText } from '../../app/view'
import { shapeOf } from './shape'

export type StudyView = ReturnType<typeof useStudy>

export function useStudy(id: string) {
  const query = useQuery('studies.get', () => ({ id }), { keep: true })
  const study = computed<StudyDetails | undefined>(() => query.data.value)
  const across = useViewText('x', '')
  const chosen = useViewNumber('cell')
  const facetPlace = useViewNumber('of')
  const colours = useViewText('colours', 'auto', ['auto', 'linear', 'log'])

  const shape = computed(() => (study.value ? shapeOf(study.value, across.value) : null))
  const facets = computed(() => (shape.value && shape.value.kind !== 'table' ? shape.value.facets : []))
  const cellAt = (index: number | null | undefined) =>
    index === null || index === undefined ? null : (study.value?.table.find((cell) => cell.index === index) ?? null)
  const best = computed(() => cellAt(study.value?.best?.cell))
  /** Where none is chosen, the best one is looked at. */
  const cell = computed(() => cellAt(chosen.value) ?? best.value)
  const facet = computed(() => {
    const list = facets.value
    const own =
      facetPlace.value === null ? list.find(({ cells }) => cell.value !== null && cells.includes(cell.value)) : list[facetPlace.value]
    return own ?? list[0] ?? null
  })
  return {
    id,
    query,
    study,
    shape,
    facets,
    facet,
    best,
    cell,
    across,
    colours,
    facetPlace,
    choose(index: number) {
      chosen.value = index
    },
    /** Shows the picture of another facet; a cell outside of it is no longer the chosen one. */
    turnTo(place: number) {
      facetPlace.value = place
      if (cell.value !== null && !facets.value[place]?.cells.includes(cell.value)) chosen.value = null
    }
  }
}
