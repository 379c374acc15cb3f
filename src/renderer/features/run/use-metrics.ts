// The metrics of a run for the screen: only the columns wanted, thinned to the pixels there are.
import { computed } from 'vue'
import { useQuery } from '../../app/data'
import { wantedColumns } from './metrics'

export const xAxes = ['step', 'epoch', 'seconds', 'wallSeconds', 'gradientEvaluations'] as const
export const xLabels: Readonly<Record<(typeof xAxes)[number], { short: string; long: string }>> = {
  step: { short: 'Step', long: 'step' },
  epoch: { short: 'Epoch', long: 'epoch' },
  seconds: { short: 'Step time', long: 'step time (s)' },
  wallSeconds: { short: 'Wall time', long: 'wall time (s)' },
  gradientEvaluations: { short: 'Gradients', long: 'gradient evaluations' }
}

const noAxis: Partial<Record<(typeof xAxes)[number], string>> = {
  wallSeconds: 'Not counted here: only runs begun since wall time is recorded have it'
}

/** The axes as a control offers them; what none of these runs has is disabled and says why. `available`: the figures that at least one of them has, null while not known. */
export function axisOptions(available: readonly string[] | null): AxisOption[] {
  return xAxes.map((value) => {
    const reason = available === null || available.length === 0 || available.includes(value) ? undefined : noAxis[value]
    return { value, label: xLabels[value].short, ...(reason === undefined ? {} : { disabled: true, title: reason }) }
  })
}
type AxisOption = { value: (typeof xAxes)[number]; label: string; disabled?: boolean; title?: string }

const pixels = 1200

/** Columns of the given figures, by block where they come so. */
export function useMetrics(id: () => string, bases: readonly string[]) {
  // What there is has to be known before columns by block can be named.
  const names = useQuery('runs.metrics', () => ({ id: id(), columns: [], pixels: 1 }))
  const columns = computed(() => {
    const { available } = names.data.value ?? {}
    return available ? wantedColumns(available, bases).slice(0, 100) : null
  })
  const query = useQuery('runs.metrics', () => (columns.value ? { id: id(), columns: columns.value, pixels } : null), { keep: true })
  return {
    table: query.data,
    available: computed(() => names.data.value?.available ?? []),
    error: computed(() => (query.error.value ?? names.error.value)?.message ?? null)
  }
}
