// The columns of the table of runs that every run's summary has.
import type { RunSummary } from '../../../shared/run/summary'
import { formatAgo } from '../../app/format'
import type { TableColumn } from '../../ui/table'
import { commonFigure, groupTitle, meanFigure } from './groups'
import { numberStyles, type NumberStyle } from './number-style'

export type RunTableColumn = TableColumn<RunSummary> & {
  readonly hiddenAtFirst?: boolean
  /** In the menu of columns, where the heading alone would say too little. */
  readonly menuName?: string
}

/** The states in the order in which they want attention. */
const stateOrder = ['running', 'queued', 'paused', 'interrupted', 'failed', 'diverged', 'done']

/** A column of figures: sorted by size, in groups as mean and deviation. */
export function figure(
  id: string,
  header: string,
  width: string,
  value: (run: RunSummary) => number | null,
  style: NumberStyle,
  title = header
): RunTableColumn {
  return {
    id,
    header,
    title: `${title}. ${groupTitle}`,
    width,
    align: 'end',
    value,
    text: (run) => style.value(value(run)),
    group: (runs) => meanFigure(runs.map(value), style)
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
const { measured, short, count, fraction, duration, bytes } = numberStyles

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
  figure('progress', 'Step', '90px', (run) => run.step, count, 'Step, of the budget where it is given in steps'),
  { id: 'sparkline', header: 'Curve', title: 'Loss over steps', width: '78px' },
  words('optimizer', 'Optimizer', '96px', (run) => run.optimizer),
  words('dataset', 'Dataset', '78px', (run) => run.dataset, 'Dataset, and parameters P'),
  figure('lastLoss', 'Loss', '78px', (run) => run.lastLossPerSample, measured, 'Last and lowest loss of a batch, per sample'),
  figure('accuracy', 'Accuracy', '80px', (run) => run.lastAccuracy, fraction, 'Last and best test accuracy'),
  figure('lambdaMin', 'λ min', '76px', (run) => run.lambdaMin, short, 'Smallest eigenvalue, of the step or snapshot that its cell names'),
  figure('index', 'Index', '60px', (run) => run.index, fraction, 'Fraction of negative eigenvalues, beyond rounding'),
  figure(
    'time',
    'Time',
    '82px',
    (run) => run.wallSeconds,
    duration,
    'Wall time since the start, everything but pauses; below it the steps’ own work'
  ),
  figure('bytes', 'Disk', '70px', (run) => run.bytes, bytes, 'Disk space'),
  atFirstHidden({
    ...figure('parameters', 'P', '66px', (run) => run.parameterCount, count, 'Parameters'),
    menuName: 'P (parameters)'
  }),
  atFirstHidden(figure('minLoss', 'Min loss', '82px', (run) => run.minLossPerSample, measured, 'Lowest loss of a batch, per sample')),
  atFirstHidden(figure('testLoss', 'Test loss', '82px', (run) => run.lastTestLoss, measured, 'Last test loss')),
  atFirstHidden(figure('bestAccuracy', 'Best acc.', '80px', (run) => run.bestAccuracy, fraction, 'Best test accuracy')),
  atFirstHidden(figure('lambdaMax', 'λ max', '78px', (run) => run.lambdaMax, short, 'Largest eigenvalue of the last step')),
  atFirstHidden(figure('seconds', 'Step time', '82px', (run) => run.seconds, duration, 'Time of the steps’ own work')),
  atFirstHidden(
    figure(
      'valAccuracy',
      'Val. acc.',
      '80px',
      (run) => run.bestValAccuracy,
      fraction,
      'Best accuracy on the samples that data.validation splits off'
    )
  ),
  atFirstHidden(figure('snapshots', 'Snapshots', '82px', (run) => run.snapshots, count)),
  atFirstHidden(words('group', 'Group', '100px', (run) => run.group)),
  atFirstHidden(words('tags', 'Tags', 'minmax(100px, 1fr)', (run) => run.tags.join(', ') || null)),
  {
    id: 'created',
    header: 'Created',
    width: '92px',
    align: 'end',
    // As a number: ten thousand of them are sorted at each look, and words are slow to compare.
    value: (run) => Date.parse(run.createdAt),
    text: (run) => formatAgo(run.createdAt),
    hiddenAtFirst: true
  }
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
const yielding = ['bytes', 'index', 'dataset', 'lambdaMin', 'sparkline', 'time', 'optimizer']

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
