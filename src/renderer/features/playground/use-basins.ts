// Basins of the function in view for one of the optimizers: asked for pass by pass, and dropped by any change.
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { call } from '../../app/data'
import { messageOf } from '../../../shared/format/message-of'
import type { ContourView } from '../../charts/contour-geometry'
import { mapPixels, type MapPalette } from '../analyses/panels/map-picture'
import { mapPalette } from '../analyses/panels/use-map'
import { basinsOf, type Basins } from './basin-picture'
import { curvatureKind } from './local-model'
import type { PlayOptimizer } from './optimizers'

export interface BasinWish {
  readonly function: string
  readonly optimizer: PlayOptimizer
  readonly view: ContourView
  /** At most so many of each training. */
  readonly steps: number
}

const [columns, rows] = [144, 104]
const passes = [8, 4, 2, 1] as const
/** A change within this does not start anything yet. */
const restMilliseconds = 300

/** Trajectories stand out from what lies under them. */
const pale = (palette: MapPalette): MapPalette => {
  const towards = (colour: readonly [number, number, number]) =>
    [0, 1, 2].map((k) => palette.ground[k] + 0.62 * (colour[k] - palette.ground[k])) as [number, number, number]
  return { ...palette, converged: towards(palette.converged), other: towards(palette.other), series: palette.series.map(towards) }
}
export const basinPalette = computed(() => pale(mapPalette.value))

export function useBasins(wish: () => BasinWish | null) {
  const basins = shallowRef<Basins | null>(null)
  const shownView = shallowRef<ContourView | null>(null)
  const kinds = shallowRef<readonly string[]>([])
  const done = ref(0)
  const fault = ref<string | null>(null)
  let current: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | null = null

  async function kindsOf(name: string, found: Basins, signal: AbortSignal): Promise<string[]> {
    const all: string[] = []
    for (const { point } of found.centres.slice(0, 40)) {
      const { eigenvalues } = await call('functions.local', { function: name, at: [...point] }, { signal })
      const [low, high] = eigenvalues
      all.push(low > 0 ? 'minimum' : high < 0 ? 'maximum' : low < 0 && high > 0 ? 'saddle' : curvatureKind(eigenvalues))
    }
    return all
  }
  async function draw({ function: name, optimizer, view, steps }: BasinWish, signal: AbortSignal) {
    const add = basinsOf(columns, rows)
    const box: [number, number, number, number] = [...view]
    for (const [k, stride] of passes.entries()) {
      const pass = await call(
        'functions.basins',
        { function: name, optimizer: optimizer as never, view: box, columns, rows, steps, stride },
        { signal }
      )
      if (signal.aborted) return
      const found = add(pass)
      const named = await kindsOf(name, found, signal)
      if (signal.aborted) return
      kinds.value = named
      basins.value = found
      shownView.value = view
      done.value = (k + 1) / passes.length
    }
  }
  function stop() {
    if (timer) clearTimeout(timer)
    timer = null
    current?.abort()
    current = null
  }
  watch(
    () => JSON.stringify(wish()),
    () => {
      stop()
      const asked = wish()
      fault.value = null
      done.value = 0
      if (!asked) {
        basins.value = null
        return
      }
      timer = setTimeout(() => {
        const controller = new AbortController()
        current = controller
        draw(asked, controller.signal).catch((error: unknown) => {
          if (!controller.signal.aborted) fault.value = messageOf(error)
        })
      }, restMilliseconds)
    },
    { immediate: true }
  )
  onScopeDispose(stop)
  const underlay = computed(() => {
    const found = basins.value
    if (!found || !shownView.value) return null
    const shape = [rows, columns]
    const data = {
      of: 'basin' as const,
      value: { shape, data: found.steps },
      outcome: { shape, data: found.outcome },
      x: new Float64Array(columns),
      y: new Float64Array(rows)
    }
    return { bytes: mapPixels(data, basinPalette.value), columns, rows, view: shownView.value }
  })
  return { basins, kinds, underlay, done, fault }
}
