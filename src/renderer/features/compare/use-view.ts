// What is compared and how it is looked at: all of it in the address.
import { computed, inject, provide, type InjectionKey } from 'vue'
import { useViewNumber, useViewSwitch, useViewText } from '../../app/view'
import type { ScaleKind } from '../../charts/scale'
import { metricLabel } from '../run/metrics'
import { xAxes, xLabels } from '../run/use-metrics'
import { bandKinds } from './curves'
import type { Grouping } from './groups'

/** More at once than anyone can tell apart; the address stays below what browsers and servers take. */
export const mostRuns = 200
const mostMetrics = 12

export interface Axis {
  readonly value: string
  readonly short: string
  readonly long: string
}
export const axes: readonly Axis[] = [
  ...xAxes.map((value) => ({ value: value as string, ...xLabels[value] })),
  { value: 'learningRateTime', short: 'η·t', long: 'η·t (sum of the learning rates)' }
].filter((axis, place, all) => all.findIndex((one) => one.value === axis.value) === place)

const scales = ['linear', 'log', 'symlog'] as const satisfies readonly ScaleKind[]
/** Figures that are signed or lie between 0 and 1. */
const linearFigures = ['testAccuracy', 'trainAccuracy', 'valAccuracy', 'lambdaMin', 'index', 'cosine', 'trace', 'flipped', 'zero']

function createView() {
  const runsText = useViewText('runs', '')
  const metricsText = useViewText('metrics', 'lossPerSample,testAccuracy,lambdaMin')
  const smoothText = useViewText('smooth', '0')
  const groupingText = useViewText('groups', 'over:seed')
  const yScalesText = useViewText('yscales', '')
  const yScales = computed(
    () =>
      new Map(
        yScalesText.value.split(',').flatMap((pair) => {
          const [metric, scale] = pair.split(':')
          const known = scales.find((one) => one === scale)
          return known ? [[metric, known] as const] : []
        })
      )
  )
  const x = useViewText(
    'x',
    'step',
    axes.map((axis) => axis.value)
  )
  return {
    ids: computed({
      get: () => [...new Set(runsText.value.split(',').filter((id) => /^[a-z0-9][a-z0-9-]{0,63}$/.test(id)))].slice(0, mostRuns),
      set: (next: string[]) => (runsText.value = next.slice(0, mostRuns).join(','))
    }),
    metrics: computed({
      get: () => metricsText.value.split(',').filter(Boolean).slice(0, mostMetrics),
      set: (next: string[]) => (metricsText.value = next.join(','))
    }),
    x,
    axis: computed(() => axes.find((axis) => axis.value === x.value) ?? axes[0]),
    xScale: useViewText('xscale', 'linear', scales),
    /** Of each figure its own: `loss:linear,index:symlog`; what is not named has what suits it. */
    yScaleOf: (metric: string): ScaleKind => yScales.value.get(metric) ?? suitingScale(metric),
    setYScale(metric: string, scale: ScaleKind) {
      const next = new Map(yScales.value)
      if (scale === suitingScale(metric)) next.delete(metric)
      else next.set(metric, scale)
      yScalesText.value = [...next].map((pair) => pair.join(':')).join(',')
    },
    weight: computed({
      get: () => Math.min(0.99, Math.max(0, Number(smoothText.value) || 0)),
      set: (value: number) => (smoothText.value = String(value))
    }),
    grouping: computed({
      get: () => (/^(none|(over|by):.{1,120})$/.test(groupingText.value) ? (groupingText.value as Grouping) : 'none'),
      set: (next: Grouping) => (groupingText.value = next)
    }),
    band: useViewText('band', 'deviation', bandKinds),
    /** What a constant learning rate bears, beside the largest eigenvalue. */
    limits: useViewSwitch('limits', true),
    naming: useViewText('names', 'auto', ['auto', 'differences', 'own']),
    pattern: useViewText('pattern', ''),
    patternHides: useViewSwitch('hides', false),
    baseline: useViewText('baseline', ''),
    at: useViewNumber('at'),
    tab: useViewText('tab', 'curves', ['curves', 'spectra', 'scatter'])
  }
}
export type CompareView = ReturnType<typeof createView>

const key: InjectionKey<CompareView> = Symbol('compare view')
export function provideView(): CompareView {
  const view = createView()
  provide(key, view)
  return view
}
export function useView(): CompareView {
  const view = inject(key)
  if (!view) throw new Error('outside of the comparison')
  return view
}

const suitingScale = (metric: string): ScaleKind => (linearFigures.includes(metric.split('.')[0]) ? 'linear' : 'log')

/** A figure's name with the steps it is of where that is not plain. */
export const figureTitle = (metric: string) => (metric === 'lossPerSample' ? 'Loss per sample (batch)' : metricLabel(metric))
