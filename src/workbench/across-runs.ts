// Metrics across runs: several runs as one curve each, and their figures as rows of a table. Full columns are read, one run after the other.
import type { AggregateCurve, FigureColumn } from '../shared/api/contract'
import { aggregate, figureOf, thinned, type Curve, type Figure, type MetricsService } from '../store'

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

export async function figuresAcross(
  metrics: MetricsService,
  ids: readonly string[],
  { columns, at }: { readonly columns: readonly string[]; readonly at?: number }
): Promise<Record<string, FigureColumn>> {
  const rows: Map<string, Figure>[] = []
  for (const id of ids) {
    const { steps, columns: found } = await metrics.read(id, { columns })
    rows.push(new Map(columns.flatMap((name) => (found[name] ? [[name, figureOf(steps, found[name], at)] as const] : []))))
  }
  const column = (name: string): FigureColumn => {
    const take = (key: keyof FigureColumn) => Float64Array.from(rows, (row) => row.get(name)?.[key] ?? NaN)
    return {
      last: take('last'),
      lastStep: take('lastStep'),
      min: take('min'),
      minStep: take('minStep'),
      max: take('max'),
      maxStep: take('maxStep'),
      at: take('at')
    }
  }
  return Object.fromEntries(columns.filter((name) => rows.some((row) => row.has(name))).map((name) => [name, column(name)]))
}
