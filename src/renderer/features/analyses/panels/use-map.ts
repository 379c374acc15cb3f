// What the panels of maps share: the axes by the run's spec, and the colours of the theme.
import { computed, ref, shallowRef } from 'vue'
import { map } from '../../../../shared/analyses/map'
import { mapAxes, type MapAxis } from '../../../../shared/analyses/map-axes'
import { isFunctionSpec } from '../../../../shared/spec/schema'
import { seriesColour } from '../../../app/colours'
import { useQuery } from '../../../app/data'
import { rgb } from '../../../charts/diverging'
import { themeVersion, token } from '../../../ui/theme-version'
import type { MapPalette } from './map-picture'

export const mapPalette = computed<MapPalette>(() => {
  void themeVersion.value
  return {
    ground: rgb(token('--surface')),
    text: rgb(token('--text')),
    converged: rgb(token('--plot-positive')),
    other: rgb(token('--plot-negative')),
    series: Array.from({ length: 10 }, (_, k) => rgb(seriesColour(k)))
  }
})

/** `spec`, `axes` null until the run is known, or where the options are no map's. */
export function useMap(given: () => { readonly run: string; readonly options: Readonly<Record<string, unknown>> }) {
  const details = useQuery('runs.get', () => ({ id: given().run }), { keep: true })
  const spec = computed(() => details.data.value?.spec ?? null)
  const called = computed(() => (spec.value && isFunctionSpec(spec.value) ? spec.value.problem : null))
  const described = useQuery('functions.describe', () => (called.value ? { function: called.value.function } : null), { keep: true })
  const options = computed(() => {
    const parsed = map.options.safeParse(given().options)
    return parsed.success ? parsed.data : null
  })
  const axes = computed<readonly [MapAxis, MapAxis] | null>(() => {
    if (options.value === null || spec.value === null || (called.value && !described.data.value)) return null
    const variables = called.value?.variables ?? described.data.value?.variables ?? []
    const view = described.data.value?.view ?? null
    return mapAxes(
      options.value,
      spec.value,
      variables,
      view && [
        [view[0], view[1]],
        [view[2], view[3]]
      ]
    )
  })
  return { spec, options, axes }
}

/** Maps that were left for a part of themselves, the way back. */
export const mapTrail = shallowRef<readonly { readonly run: string; readonly name: string }[]>([])
/** Whether a part is computed as soon as the picture rests; kept from map to map. */
export const zoomsByItself = ref(false)
