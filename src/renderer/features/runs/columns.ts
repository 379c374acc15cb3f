// The columns of the table of runs.
import type { RunSummary } from '../../../shared/run/summary'
import { formatAgo, formatBytes, formatCount, formatDuration, formatNumber, formatPercent } from '../../app/format'
import type { TableColumn } from '../../ui/table'

type Column = TableColumn<RunSummary> & { readonly hiddenAtFirst?: boolean }

/** The states in the order in which they want attention. */
const stateOrder = ['running', 'queued', 'paused', 'interrupted', 'failed', 'diverged', 'done']

export const runColumns: readonly Column[] = [
  { id: 'state', header: 'State', width: '118px', fixed: true, value: (run) => stateOrder.indexOf(run.state) },
  { id: 'name', header: 'Name', width: 'minmax(200px, 3fr)', fixed: true, value: (run) => run.name },
  {
    id: 'progress',
    header: 'Step',
    title: 'Step, of the budget where it is given in steps',
    width: '116px',
    align: 'end',
    value: (run) => run.step
  },
  { id: 'sparkline', header: 'Loss curve', width: '88px' },
  { id: 'optimizer', header: 'Optimizer', width: '104px', value: (run) => run.optimizer },
  { id: 'dataset', header: 'Dataset', width: '86px', value: (run) => run.dataset },
  {
    id: 'parameters',
    header: 'P',
    title: 'Parameters',
    width: '58px',
    align: 'end',
    value: (run) => run.parameterCount,
    text: (run) => formatCount(run.parameterCount),
    hiddenAtFirst: true
  },
  {
    id: 'lastLoss',
    header: 'Loss',
    title: 'Last loss (of a batch)',
    width: '92px',
    align: 'end',
    value: (run) => run.lastLoss,
    text: (run) => formatNumber(run.lastLoss)
  },
  { id: 'minLoss', header: 'Min loss', title: 'Lowest loss (of a batch)', width: '74px', align: 'end', value: (run) => run.minLoss },
  { id: 'accuracy', header: 'Accuracy', title: 'Last test accuracy', width: '88px', align: 'end', value: (run) => run.lastAccuracy },
  {
    id: 'bestAccuracy',
    header: 'Best acc.',
    title: 'Best test accuracy',
    width: '80px',
    align: 'end',
    value: (run) => run.bestAccuracy,
    hiddenAtFirst: true,
    hiddenAtFirst: true
  },
  {
    id: 'testLoss',
    header: 'Test loss',
    title: 'Last test loss',
    width: '82px',
    align: 'end',
    value: (run) => run.lastTestLoss,
    text: (run) => formatNumber(run.lastTestLoss),
    hiddenAtFirst: true
  },
  {
    id: 'lambdaMin',
    header: 'λ min',
    title: 'Smallest eigenvalue of the last step',
    width: '74px',
    align: 'end',
    value: (run) => run.lambdaMin,
    text: (run) => formatNumber(run.lambdaMin, 3)
  },
  {
    id: 'lambdaMax',
    header: 'λ max',
    title: 'Largest eigenvalue of the last step',
    width: '78px',
    align: 'end',
    value: (run) => run.lambdaMax,
    text: (run) => formatNumber(run.lambdaMax, 3),
    hiddenAtFirst: true
  },
  {
    id: 'index',
    header: 'Index',
    title: 'Fraction of negative eigenvalues, beyond rounding',
    width: '62px',
    align: 'end',
    value: (run) => run.index,
    text: (run) => formatPercent(run.index)
  },
  {
    id: 'seconds',
    header: 'Time, disk',
    title: 'Time of the steps’ own work',
    width: '78px',
    align: 'end',
    value: (run) => run.seconds,
    text: (run) => formatDuration(run.seconds)
  },
  { id: 'bytes', header: 'Disk', width: '68px', align: 'end', value: (run) => run.bytes, text: (run) => formatBytes(run.bytes) },
  { id: 'snapshots', header: 'Snapshots', width: '82px', align: 'end', value: (run) => run.snapshots, hiddenAtFirst: true },
  { id: 'group', header: 'Group', width: '100px', value: (run) => run.group, hiddenAtFirst: true },
  { id: 'tags', header: 'Tags', width: 'minmax(100px, 1fr)', value: (run) => run.tags.join(' '), hiddenAtFirst: true },
  {
    id: 'created',
    header: 'Created',
    width: '92px',
    align: 'end',
    value: (run) => run.createdAt,
    text: (run) => formatAgo(run.createdAt),
    hiddenAtFirst: true,
    hiddenAtFirst: true
  },
  { id: 'actions', header: '', title: 'Actions', width: '68px', fixed: true, align: 'end' }
]

/** Columns in which all runs have the same value (two runs or more). */
export function constantColumns(runs: readonly RunSummary[], columns: readonly Column[]): string[] {
  if (runs.length < 2) return []
  return columns
    .filter((column) => !column.fixed && column.value && runs.every((run) => column.value?.(run) === column.value?.(runs[0])))
    .map((column) => column.id)
}
