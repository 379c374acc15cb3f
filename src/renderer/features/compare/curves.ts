// Series of a comparison's charts: a line a run; for a group its runs pale, their mean thick, and a band around it.
import type { AggregateCurve, MetricsTable } from '../../../shared/api/contract'
import { notFinitePlaces } from '../../app/not-finite'
import type { LineSeries } from '../../charts/series'

export const bandKinds = ['deviation', 'range', 'none'] as const
export type BandKind = (typeof bandKinds)[number]

export interface CurveRun {
  readonly id: string
  readonly label: string
  readonly colour: string
  readonly table: MetricsTable | undefined
}

export interface CurveGroup {
  readonly id: string
  readonly label: string
  readonly colour: string
  readonly runs: readonly CurveRun[]
  /** Of its runs together; undefined for a single run and while it loads. */
  readonly whole: Readonly<Record<string, AggregateCurve>> | undefined
}

function lines(run: CurveRun, metric: string, x: string, smoothed: boolean, pale: boolean): LineSeries[] {
  const { table } = run
  const xs = x === 'step' ? table?.steps : table?.columns[x]
  const y = table?.columns[metric]
  if (!table || !xs || !y) return []
  const base = { name: run.label, colour: run.colour, x: xs, notFinite: notFinitePlaces(table, metric, xs) }
  const smooth = smoothed ? table.smoothed[metric] : undefined
  if (pale) return [{ ...base, id: run.id, y: smooth ?? y, faint: true }]
  if (!smooth) return [{ ...base, id: run.id, y }]
  return [
    { ...base, id: `${run.id}\u0000raw`, y, faint: true, notFinite: undefined },
    { ...base, id: run.id, y: smooth }
  ]
}

function bandOf(curve: AggregateCurve, kind: BandKind): { low: Float64Array; high: Float64Array } | undefined {
  if (kind === 'none') return undefined
  if (kind === 'range') return { low: curve.low, high: curve.high }
  return { low: curve.mean.map((mean, i) => mean - curve.deviation[i]), high: curve.mean.map((mean, i) => mean + curve.deviation[i]) }
}

export function curvesOf(
  groups: readonly CurveGroup[],
  { metric, x, smoothed, band }: { metric: string; x: string; smoothed: boolean; band: BandKind }
): LineSeries[] {
  return groups.flatMap((group): LineSeries[] => {
    if (group.runs.length < 2) return group.runs.flatMap((run) => lines(run, metric, x, smoothed, false))
    const pale = group.runs.flatMap((run) => lines(run, metric, x, smoothed, true))
    const curve = group.whole?.[metric]
    if (!curve) return pale
    const mean = {
      id: `${group.id}\u0000mean`,
      name: `${group.label}, mean of ${group.runs.length}`,
      colour: group.colour,
      x: curve.x,
      y: curve.mean,
      band: bandOf(curve, band),
      weight: 'thick' as const
    }
    return [...pale, mean]
  })
}

/** From how few to how many runs the means of a figure were taken. */
export function countsOf(groups: readonly CurveGroup[], metric: string): { fewest: number; most: number; interpolated: boolean } | null {
  let [fewest, most, interpolated] = [Infinity, 0, false]
  for (const { whole } of groups) {
    const curve = whole?.[metric]
    if (!curve) continue
    interpolated ||= curve.interpolated
    for (const count of curve.count) {
      if (count < fewest) fewest = count
      if (count > most) most = count
    }
  }
  return most === 0 ? null : { fewest, most, interpolated }
}

/** What is drawn of the groups, in a sentence or two; null where every line is a run. */
export function bandNote(counts: ReturnType<typeof countsOf>, band: BandKind, smoothed: boolean): string | null {
  if (!counts) return null
  const n =
    counts.fewest === counts.most ? `n = ${counts.most}` : `n = ${counts.fewest} … ${counts.most}: runs take part where they have a value`
  const around = {
    deviation: '; band: ± one sample standard deviation (n − 1)',
    range: '; band: lowest to highest run',
    none: ''
  }[band]
  const between = counts.interpolated ? ' Runs are interpolated linearly between their own points, not beyond their ends.' : ''
  return `Thick: mean over the runs of a group${smoothed ? ', each smoothed before' : ''}, ${n}${around}.${between}`
}
