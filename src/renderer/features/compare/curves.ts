// Series of a comparison's charts: a line a run; for a group its runs pale, their mean thick, and a band around it.
import type { AggregateCurve, MetricsTable } from '../../../shared/api/contract'
import { notFinitePlaces } from '../../app/not-finite'
import { blockLine } from '../../charts/line-style'
import type { LineSeries } from '../../charts/series'
import { splitMetric } from '../run/metrics'
import { columnsFor, limitLines, snapshotLines, type CurvatureRun } from './curvature-lines'

export const bandKinds = ['deviation', 'range', 'none'] as const
export type BandKind = (typeof bandKinds)[number]

/** Its snapshots are known where its steps compute no eigenvalues and some of them are drawn. */
export type CurveRun = CurvatureRun

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
  if (table && xs && !y) return blockLines(run, table, xs, metric, pale)
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

/** A figure that comes by block: a line a block, told apart by pattern. */
function blockLines(run: CurveRun, table: MetricsTable, xs: Float64Array, metric: string, pale: boolean): LineSeries[] {
  return columnsFor(Object.keys(table.columns), metric).map((column, k) => ({
    id: `${run.id}\u0000${column}`,
    name: `${run.label}, ${splitMetric(column).block}`,
    colour: run.colour,
    ...blockLine(k),
    x: xs,
    y: table.columns[column],
    notFinite: notFinitePlaces(table, column, xs),
    ...(pale ? { faint: true } : {})
  }))
}

/** What the steps tell, else what the snapshots do. */
function linesOrSnapshots(run: CurveRun, metric: string, x: string, smoothed: boolean, pale: boolean): LineSeries[] {
  const own = lines(run, metric, x, smoothed, pale)
  return own.length > 0 ? own : snapshotLines(run, metric, x).map((line) => (pale ? { ...line, faint: true } : line))
}

function bandOf(curve: AggregateCurve, kind: BandKind): { low: Float64Array; high: Float64Array } | undefined {
  if (kind === 'none') return undefined
  if (kind === 'range') return { low: curve.low, high: curve.high }
  return { low: curve.mean.map((mean, i) => mean - curve.deviation[i]), high: curve.mean.map((mean, i) => mean + curve.deviation[i]) }
}

export function curvesOf(
  groups: readonly CurveGroup[],
  { metric, x, smoothed, band, limits = false }: { metric: string; x: string; smoothed: boolean; band: BandKind; limits?: boolean }
): LineSeries[] {
  return groups.flatMap((group): LineSeries[] => {
    const ofRun = (run: CurveRun, pale: boolean) => linesOrSnapshots(run, metric, x, smoothed, pale)
    const limit = limits && metric === 'lambdaMax' ? limitLines(group.runs[0], ofRun(group.runs[0], false)) : []
    if (group.runs.length < 2) return [...group.runs.flatMap((run) => ofRun(run, false)), ...limit]
    const pale = [...group.runs.flatMap((run) => ofRun(run, true)), ...limit]
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
