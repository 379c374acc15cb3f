// The columns of the table of runs.
import type { RunSummary } from '../../../shared/run/summary'
import { formatAgo, formatBytes, formatCount, formatDuration, formatNumber, formatPercent } from '../../app/format'
import type { TableColumn } from '../../ui/table'

type Column = TableColumn<RunSummary> & { readonly hiddenAtFirst?: boolean }

/** The states in the order in which they want attention. */
const stateOrder = ['running', 'queued', 'paused', 'interrupted', 'failed', 'diverged', 'done']

/** A column of figures: its value is sorted by and shown through `format`. */
function figure(
  id: string,
  header: string,
  width: string,
  value: (run: RunSummary) => number | null,
  format: (value: number | null) => string,
  title = header
): Column {
  return { id, header, title, width, align: 'end', value, text: (run) => format(value(run)) }
}
const atFirstHidden = (column: Column): Column => ({ ...column, hiddenAtFirst: true })
const three = (value: number | null) => formatNumber(value, 3)

export const runColumns: readonly Column[] = [
  { id: 'state', header: 'State', width: '112px', fixed: true, value: (run) => stateOrder.indexOf(run.state) },
  { id: 'name', header: 'Name', width: 'minmax(150px, 3fr)', fixed: true, value: (run) => run.name },
  figure('progress', 'Step', '90px', (run) => run.step, formatCount, 'Step, of the budget where it is given in steps'),
  { id: 'sparkline', header: 'Loss curve', width: '78px' },
  { id: 'optimizer', header: 'Optimizer', width: '96px', value: (run) => run.optimizer },
  { id: 'dataset', header: 'Dataset', title: 'Dataset, and parameters P', width: '78px', value: (run) => run.dataset },
  figure('lastLoss', 'Loss', '78px', (run) => run.lastLoss, formatNumber, 'Last and lowest loss (of a batch)'),
  figure('accuracy', 'Accuracy', '80px', (run) => run.lastAccuracy, formatPercent, 'Last and best test accuracy'),
  figure('lambdaMin', 'λ min', '76px', (run) => run.lambdaMin, three, 'Smallest eigenvalue of the last step'),
  figure('index', 'Index', '56px', (run) => run.index, formatPercent, 'Fraction of negative eigenvalues, beyond rounding'),
  figure('seconds', 'Time, disk', '74px', (run) => run.seconds, formatDuration, 'Time of the steps’ own work, and disk space'),
  atFirstHidden(figure('parameters', 'P', '66px', (run) => run.parameterCount, formatCount, 'Parameters')),
  atFirstHidden(figure('minLoss', 'Min loss', '82px', (run) => run.minLoss, formatNumber, 'Lowest loss (of a batch)')),
  atFirstHidden(figure('testLoss', 'Test loss', '82px', (run) => run.lastTestLoss, formatNumber, 'Last test loss')),
  atFirstHidden(figure('bestAccuracy', 'Best acc.', '80px', (run) => run.bestAccuracy, formatPercent, 'Best test accuracy')),
  atFirstHidden(figure('lambdaMax', 'λ max', '78px', (run) => run.lambdaMax, three, 'Largest eigenvalue of the last step')),
  atFirstHidden(figure('bytes', 'Disk', '76px', (run) => run.bytes, formatBytes, 'Disk space')),
  atFirstHidden(figure('snapshots', 'Snapshots', '82px', (run) => run.snapshots, formatCount)),
  { id: 'group', header: 'Group', width: '100px', value: (run) => run.group, hiddenAtFirst: true },
  { id: 'tags', header: 'Tags', width: 'minmax(100px, 1fr)', value: (run) => run.tags.join(' '), hiddenAtFirst: true },
  {
    id: 'created',
    header: 'Created',
    width: '92px',
    align: 'end',
    value: (run) => run.createdAt,
    text: (run) => formatAgo(run.createdAt),
    hiddenAtFirst: true
  },
  { id: 'actions', header: '', title: 'Actions', width: '62px', fixed: true, align: 'end' }
]

/** Columns in which all runs have the same value (two runs or more). */
export function constantColumns(runs: readonly RunSummary[], columns: readonly Column[]): string[] {
  if (runs.length < 2) return []
  return columns
    .filter((column) => !column.fixed && column.value && runs.every((run) => column.value?.(run) === column.value?.(runs[0])))
    .map((column) => column.id)
}
