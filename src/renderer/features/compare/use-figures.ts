// Last, least and largest value of figures of the compared runs, and the one at a chosen step.
import { computed, type ComputedRef } from 'vue'
import type { MetricPlace, RunColumn } from '../../../shared/run/column'
import { useQueries } from '../../app/data'

/** A figure of several runs, an entry a run in the order asked for; NaN where a run has none. The finite values count. */
export interface FigureColumn {
  readonly last: Float64Array
  readonly lastStep: Float64Array
  readonly min: Float64Array
  readonly minStep: Float64Array
  readonly max: Float64Array
  readonly maxStep: Float64Array
  /** At the step asked for; NaN where that step has none. */
  readonly at: Float64Array
}

export interface FigureRequest {
  readonly ids: readonly string[]
  readonly metrics: readonly string[]
  readonly at: number | null
}

const placesOf = (at: number | null): readonly MetricPlace[] => ['last', 'min', 'max', ...(at === null ? [] : [{ step: at }])]
const columnsOf = (metric: string, at: number | null): RunColumn[] =>
  placesOf(at).map((place) => ({ kind: 'metric', name: metric, at: place }))
const numbers = (list: readonly unknown[]) => Float64Array.from(list, (value) => (typeof value === 'number' ? value : NaN))

/** One request a figure; figures that no run has are left out, as are those that are still to come. */
export function useFigures(request: () => FigureRequest): {
  columns: ComputedRef<Record<string, FigureColumn>>
  failure: ComputedRef<string | null>
} {
  const wanted = computed(request)
  const { data, errors } = useQueries('runs.values', () => {
    const { ids, metrics, at } = wanted.value
    return ids.length === 0 ? [] : metrics.map((metric) => ({ ids: [...ids], columns: columnsOf(metric, at) }))
  })
  const columns = computed(() => {
    const { ids, metrics } = wanted.value
    const none = new Float64Array(ids.length).fill(NaN)
    return Object.fromEntries(
      metrics.flatMap((metric, i) => {
        const answer = data.value[i]?.columns
        if (!answer || answer[0].values.every((value) => value === null)) return []
        const [last, min, max, at] = answer.map(({ values, steps }) => ({ values: numbers(values), steps: numbers(steps ?? []) }))
        const column: FigureColumn = {
          last: last.values,
          lastStep: last.steps,
          min: min.values,
          minStep: min.steps,
          max: max.values,
          maxStep: max.steps,
          at: at?.values ?? none
        }
        return [[metric, column] as const]
      })
    )
  })
  return { columns, failure: computed(() => errors.value.find((error) => error !== null)?.message ?? null) }
}
