// The table of results of the compared runs, for the screen and for CSV.
import { computed } from 'vue'
import { curvatureMatrixNote, curvatureNote } from '../../app/curvature'
import { resultColumns, tableMetrics } from './result-columns'
import { leaves } from '../../../shared/spec/leaves'
import { useFigures } from './use-figures'
import type { Compared } from './use-compared'
import type { CompareView } from './use-view'

export function useResults(view: CompareView, compared: Compared) {
  const metrics = computed(() => tableMetrics(compared.metrics.value, compared.available.value))
  const figures = useFigures(() => ({ ids: compared.known.value.map((run) => run.id), metrics: metrics.value, at: view.at.value }))
  /** Losses of other data, or of another kind, are no better or worse. */
  const comparable = computed(() => {
    const what = compared.runs.value.map((run) => {
      const all = leaves(run.spec)
      return [all.get('data.dataset'), all.get('data.dataset.path'), all.get('problem.function'), all.get('loss')].join()
    })
    return what.every((one) => one === what[0])
  })
  const columns = computed(() =>
    resultColumns({
      runs: compared.known.value,
      metrics: metrics.value,
      figures: figures.columns.value,
      at: view.at.value,
      comparable: comparable.value,
      curvatureNote: (run) => [curvatureMatrixNote(run), curvatureNote(run)].filter((words) => words !== null).join(', ') || null
    })
  )
  const places = computed(() => new Map(compared.known.value.map((run, place) => [run.id, place])))
  const placeOf = (id: string) => places.value.get(id) ?? -1
  return { columns, comparable, placeOf, failure: figures.failure }
}
export type Results = ReturnType<typeof useResults>
