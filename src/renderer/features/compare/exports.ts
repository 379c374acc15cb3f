// The comparison's tables as CSV. Runs of one name are told apart: every line has name and id.
import type { MetricsTable } from '../../../shared/api/contract'
import { csvLine } from '../../../shared/csv'
import type { ResultColumn } from './results'
import { spreadOf } from './results'
import type { GroupDiffRow } from './spec-diff'
import { leaves } from '../../../shared/spec/leaves'

export interface ExportedRun {
  readonly id: string
  readonly name: string
  readonly label: string
  readonly spec: unknown
}
export interface ExportedGroup {
  readonly label: string
  readonly runs: readonly ExportedRun[]
}

/** Long form: a line a value, of every step; the label says what differs. */
export function curvesCsv(
  groups: readonly ExportedGroup[],
  tables: ReadonlyMap<string, MetricsTable>,
  metrics: readonly string[],
  x: string
): string {
  const lines = [csvLine(['group', 'run', 'id', 'label', 'figure', 'step', ...(x === 'step' ? [] : [x]), 'value'])]
  for (const group of groups)
    for (const run of group.runs) {
      const table = tables.get(run.id)
      for (const metric of metrics)
        table?.columns[metric]?.forEach((value, row) => {
          if (Number.isNaN(value)) return
          const axis = x === 'step' ? [] : [table.columns[x]?.[row]]
          lines.push(csvLine([group.label, run.name, run.id, run.label, metric, table.steps[row], ...axis, value]))
        })
    }
  return lines.join('')
}

/** A line a run; then, for groups of several, a line with the mean and one with the sample deviation. */
export function resultsCsv(groups: readonly ExportedGroup[], columns: readonly ResultColumn[], placeOf: (id: string) => number): string {
  const headings = columns.flatMap((column) => {
    const name = [column.figure, column.statistic].filter(Boolean).join(', ')
    return column.steps ? [name, `${name} (step)`] : [name]
  })
  const lines = [csvLine(['group', 'row', 'run', 'id', 'label', 'n', ...headings])]
  for (const group of groups) {
    for (const run of group.runs) {
      const place = placeOf(run.id)
      const cells = columns.flatMap(({ values, steps }) => (steps ? [values[place], steps[place]] : [values[place]]))
      lines.push(csvLine([group.label, 'run', run.name, run.id, run.label, '', ...cells]))
    }
    if (group.runs.length < 2) continue
    const spreads = columns.map(({ values }) => spreadOf(group.runs.map((run) => values[placeOf(run.id)])))
    const row = (name: string, pick: (spread: (typeof spreads)[number]) => number) =>
      csvLine([
        group.label,
        name,
        '',
        '',
        group.label,
        group.runs.length,
        ...spreads.flatMap((one, i) => (columns[i].steps ? [pick(one), ''] : [pick(one)]))
      ])
    lines.push(
      row('mean', (one) => one.mean),
      row('sample deviation', (one) => one.deviation)
    )
  }
  return lines.join('')
}

/** Long form: a line a setting and run. */
export function diffCsv(groups: readonly ExportedGroup[], rows: readonly GroupDiffRow[]): string {
  const lines = [csvLine(['setting', 'differs', 'group', 'run', 'id', 'label', 'value'])]
  const specs = new Map(groups.flatMap((group) => group.runs.map((run) => [run.id, leaves(run.spec)] as const)))
  for (const row of rows)
    for (const group of groups)
      for (const run of group.runs)
        lines.push(
          csvLine([row.path, `${row.kind} groups`, group.label, run.name, run.id, run.label, specs.get(run.id)?.get(row.path) ?? ''])
        )
  return lines.join('')
}
