// The columns of the table of runs that every run's summary has.
import type { RunSummary } from '../../../shared/run/summary'
import { formatAgo, formatBytes, formatCount, formatDuration, formatNumber, formatPercent } from '../../app/format'
import type { TableColumn } from '../../ui/table'
import { commonFigure, groupTitle, meanFigure } from './groups'

export type RunTableColumn = TableColumn<RunSummary> & {
  readonly hiddenAtFirst?: boolean
  /** In the menu of columns, where the heading alone would say too little. */
  readonly menuName?: string
}

/** The states in the order in which they want attention. */
const stateOrder = ['running', 'queued', 'paused', 'interrupted', 'failed', 'diverged', 'done']

/** A column of figures: sorted by size, shown through `format`, in groups as mean and deviation. */
export function figure(
  id: string,
  header: string,
  width: string,
  value: (run: RunSummary) => number | null,
  format: (value: number | null) => string,
  title = header
): RunTableColumn {
  return {
    id,
    header,
    title: `${title}. ${groupTitle}`,
    width,
    align: 'end',
    value,
    text: (run) => format(value(run)),
    group: (runs) => meanFigure(runs.map(value), format)
  }
}

/** A column of words; groups show what their runs have in common. */
export function words(
  id: string,
  header: string,
  width: string,
  value: (run: RunSummary) => string | null,
  title = header
): RunTableColumn {
  return { id, header, title, width, value, text: (run) => value(run) ?? '–', group: (runs) => commonFigure(runs.map(value)) }
}

const atFirstHidden = (column: RunTableColumn): RunTableColumn => ({ ...column, hiddenAtFirst: true })
const three = (value: number | null) => formatNumber(value, 3)

const before: readonly RunTableColumn[] = [
  { id: 'visible', header: '', title: 'Drawn in comparisons', width: '26px', fixed: true, pin: 'start' },
  { id: 'name', header: 'Name', width: 'minmax(160px, 3fr)', fixed: true, pin: 'start', value: (run) => run.name }
]
const state: RunTableColumn = {
  id: 'state',
  header: 'State',
  width: '110px',
  fixed: true,
  value: (run) => stateOrder.indexOf(run.state),
  group: (runs) => commonFigure(runs.map((run) => run.state))
}
const after: readonly RunTableColumn[] = [
  { id: 'actions', header: '', title: 'Actions', width: '62px', fixed: true, align: 'end', pin: 'end' }
]

export const summaryColumns: readonly RunTableColumn[] = [
  figure('progress', 'Step', '90px', (run) => run.step, formatCount, 'Step, of the budget where it is given in steps'),
  { id: 'sparkline', header: 'Loss curve', width: '78px' },
  words('optimizer', 'Optimizer', '96px', (run) => run.optimizer),
  words('dataset', 'Dataset', '78px', (run) => run.dataset, 'Dataset, and parameters P'),
  figure('lastLoss', 'Loss', '78px', (run) => run.lastLoss, formatNumber, 'Last and lowest loss (of a batch)'),
  figure('accuracy', 'Accuracy', '80px', (run) => run.lastAccuracy, formatPercent, 'Last and best test accuracy'),
  figure('lambdaMin', 'λ min', '76px', (run) => run.lambdaMin, three, 'Smallest eigenvalue of the last step'),
  figure('index', 'Index', '60px', (run) => run.index, formatPercent, 'Fraction of negative eigenvalues, beyond rounding'),
  figure('seconds', 'Time, disk', '74px', (run) => run.seconds, formatDuration, 'Time of the steps’ own work, and disk space'),
  atFirstHidden({
    ...figure('parameters', 'P', '66px', (run) => run.parameterCount, formatCount, 'Parameters'),
    menuName: 'P (parameters)'
  }),
  atFirstHidden(figure('minLoss', 'Min loss', '82px', (run) => run.minLoss, formatNumber, 'Lowest loss (of a batch)')),
  atFirstHidden(figure('testLoss', 'Test loss', '82px', (run) => run.lastTestLoss, formatNumber, 'Last test loss')),
  atFirstHidden(figure('bestAccuracy', 'Best acc.', '80px', (run) => run.bestAccuracy, formatPercent, 'Best test accuracy')),
  atFirstHidden(figure('lambdaMax', 'λ max', '78px', (run) => run.lambdaMax, three, 'Largest eigenvalue of the last step')),
  atFirstHidden(figure('bytes', 'Disk', '76px', (run) => run.bytes, formatBytes, 'Disk space')),
  atFirstHidden(figure('snapshots', 'Snapshots', '82px', (run) => run.snapshots, formatCount)),
  atFirstHidden(words('group', 'Group', '100px', (run) => run.group)),
  atFirstHidden(words('tags', 'Tags', 'minmax(100px, 1fr)', (run) => run.tags.join(', ') || null)),
  atFirstHidden({
    ...words('created', 'Created', '92px', (run) => run.createdAt),
    align: 'end',
    text: (run) => formatAgo(run.createdAt),
    group: undefined
  })
]

/** All columns, with those of the user's choice behind the summary's. */
export const allColumns = (chosen: readonly RunTableColumn[]): RunTableColumn[] => [
  ...before,
  state,
  ...summaryColumns,
  ...chosen,
  ...after
]

/** While nobody has chosen columns, these give way in this order where the window is narrow. */
const yielding = ['index', 'dataset', 'lambdaMin', 'sparkline', 'seconds', 'optimizer']

/** The columns shown at first in a table of so many pixels. `least` gives a column's own. */
export function columnsThatFit(width: number, tick: number, least: (column: RunTableColumn) => number): string[] {
  const shown = summaryColumns.filter((column) => !column.hiddenAtFirst)
  const fixed = allColumns([]).filter((column) => column.fixed)
  let need = [...fixed, ...shown].reduce((sum, column) => sum + least(column), tick)
  const gone = new Set<string>()
  for (const id of yielding) {
    if (need <= width) break
    gone.add(id)
    need -= least(shown.find((column) => column.id === id) ?? shown[0])
  }
  return shown.filter((column) => !gone.has(column.id)).map((column) => column.id)
}

/** Columns in which all runs have the same value (two runs or more). */
export function constantColumns(runs: readonly RunSummary[], columns: readonly RunTableColumn[]): string[] {
  if (runs.length < 2) return []
  return columns
    .filter((column) => !column.fixed && column.value && runs.every((run) => column.value?.(run) === column.value?.(runs[0])))
    .map((column) => column.id)
}
