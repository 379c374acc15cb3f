// Metrics across runs: several runs as one curve. Full columns are read, one run after the other; only the result is thinned.
import type { AggregateCurve } from '../shared/api/contract'
import { aggregate, thinned, type Curve, type MetricsService } from '../store'

interface AggregateRequest {
  readonly columns: readonly string[]
  readonly x: string
  readonly pixels?: number
  readonly smooth?: number
}

export async function aggregatedMetrics(
  metrics: MetricsService,
  ids: readonly string[],
  { columns, x, pixels, smooth = 0 }: AggregateRequest
): Promise<Record<string, AggregateCurve>> {
  const byStep = x === 'step'
  const curves = new Map<string, Curve[]>(columns.map((name) => [name, []]))
  for (const id of ids) {
    const table = await metrics.read(id, { columns: byStep ? columns : [...columns, x], smooth })
    const axis = byStep ? table.steps : table.columns[x]
    if (!axis) continue
    for (const [name, list] of curves) {
      const y = (smooth > 0 ? table.smoothed : table.columns)[name]
      if (y) list.push({ x: axis, y })
    }
  }
  return Object.fromEntries(
    [...curves]
      .filter(([, list]) => list.length > 0)
      .map(([name, list]) => {
        const whole = aggregate(list, byStep)
        const total = whole.x.length
        return [name, { ...(pixels === undefined ? whole : thinned(whole, pixels)), total }]
      })
  )
}
