// Where a run's time went: sums over every line of its metrics, none left out.
import type { RunTimes } from '../shared/api/contract'
import type { MetricsService } from '../store'

const sum = (values: Float64Array) => values.reduce((total, value) => total + (Number.isFinite(value) ? value : 0), 0)
const last = (values: Float64Array | undefined) => values?.filter((value) => Number.isFinite(value)).at(-1) ?? null
const prefix = 'phases.'

export async function timesOf(metrics: MetricsService, id: string): Promise<RunTimes> {
  const { available } = await metrics.read(id, { columns: [], pixels: 1 })
  const columns = available.filter((name) => name.startsWith(prefix) || name === 'seconds' || name === 'wallSeconds')
  const table = await metrics.read(id, { columns })
  return {
    phases: columns
      .filter((name) => name.startsWith(prefix))
      .map((name) => ({ name: name.slice(prefix.length), seconds: sum(table.columns[name]) }))
      .sort((a, b) => b.seconds - a.seconds),
    stepSeconds: last(table.columns.seconds) ?? 0,
    steps: table.steps.length,
    wallSeconds: last(table.columns.wallSeconds)
  }
}
