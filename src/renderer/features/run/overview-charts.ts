// Which curves the Overview draws, and what each is of: pure but for the colours.
import type { MetricsTable } from '../../../shared/api/contract'
import type { SnapshotCurvature } from '../../../shared/run/curvature'
import type { RunSummary } from '../../../shared/run/summary'
import { formatCount } from '../../app/format'
import { notFinitePlaces } from '../../app/not-finite'
import { blockLine, type LinePattern } from '../../charts/line-style'
import type { LineSeries } from '../../charts/series'
import { placesOf } from './places'
import { decayMeaning, lossMeaning } from './run-figures'
import { metricColour } from './metric-colour'
import { columnsOf, metricLabel } from './metrics'

export interface OverviewChart {
  readonly title: string
  readonly y: string
  readonly series: readonly LineSeries[]
  readonly log: boolean
  readonly zero?: boolean
  /** Points without a line between them. */
  readonly points?: boolean
  /** What has to be known to read it. */
  readonly note?: string
}

export interface OverviewInput {
  readonly run: RunSummary
  readonly table: MetricsTable | undefined
  readonly snapshots: readonly SnapshotCurvature[]
  /** Column of the x axis, `step` or another. */
  readonly x: string
  readonly log: boolean
}

/** What the Overview asks for; `loss` in place of the loss per sample where that is not known. */
export const overviewMetrics = [
  'lossPerSample',
  'loss',
  'testLoss',
  'valLoss',
  'testAccuracy',
  'valAccuracy',
  'trainAccuracy',
  'gradNorm',
  'stepNorm',
  'lambdaMin',
  'lambdaMax',
  'index',
  'epoch',
  'seconds',
  'wallSeconds',
  'gradientEvaluations'
]

/** Training, validation and test are told apart by name and by line. */
const lineOf = (base: string): LinePattern => (base.startsWith('val') ? 'dashed' : base.startsWith('test') ? 'dash-dot' : 'solid')

/** Each figure as one series, or as one for each block. */
function seriesOf(table: MetricsTable | undefined, xs: ArrayLike<number>, bases: readonly string[]): LineSeries[] {
  if (!table) return []
  return bases.flatMap((base) =>
    columnsOf(table, base).map((column, k) => ({
      id: column,
      name: metricLabel(column),
      colour: metricColour(base),
      ...(column === base ? { line: lineOf(base) } : blockLine(k)),
      x: xs,
      y: table.columns[column],
      notFinite: notFinitePlaces(table, column, xs)
    }))
  )
}

function snapshotSeries(
  { snapshots, table, x, run }: OverviewInput,
  base: 'lambdaMin' | 'lambdaMax' | 'index',
  drawn: boolean
): LineSeries[] {
  // What the steps tell exactly needs no second telling.
  if (!table || snapshots.length === 0 || (drawn && run.curvatureSource === 'step') || (drawn && run.optimizer !== 'sfn-krylov')) return []
  return [
    {
      id: `snapshot.${base}`,
      name: `${metricLabel(base)}, exact (snapshots)`,
      colour: metricColour(base),
      line: 'dotted',
      x: placesOf(
        snapshots.map(({ step }) => step),
        table,
        x
      ),
      y: snapshots.map((one) => one[base] ?? NaN)
    }
  ]
}

/** The words for estimates: which vectors, and that they lie within. */
const lanczosTitle = (run: RunSummary, vectors: number | null) =>
  run.optimizer === 'sfn-krylov' ? ` (Ritz value of ${vectors === null ? 'the' : formatCount(vectors)} Lanczos vectors)` : ''

function curvatureCharts(input: OverviewInput, xs: ArrayLike<number>, vectors: number | null): OverviewChart[] {
  const { run, table, log } = input
  const chart = (base: 'lambdaMin' | 'lambdaMax' | 'index', title: string, y: string, more: Partial<OverviewChart>): OverviewChart => {
    const own = seriesOf(table, xs, [base])
    const snapshots = snapshotSeries(input, base, own.length > 0)
    return {
      title: `${title}${own.length > 0 ? lanczosTitle(run, vectors) : ''}${own.length === 0 && snapshots.length > 0 ? ' (snapshots)' : ''}`,
      y,
      series: [...own, ...snapshots],
      log: false,
      points: own.length === 0,
      ...more
    }
  }
  const matrix =
    run.optimizer === 'levenberg-marquardt' && table && columnsOf(table, 'lambdaMin').length > 0 ? ' of the Gauss–Newton matrix' : ''
  const estimates = run.optimizer === 'sfn-krylov' && table && columnsOf(table, 'lambdaMin').length > 0
  const ritz = (bound: string) => (estimates ? `Ritz values lie within the spectrum: ${bound}.` : undefined)
  return [
    chart('lambdaMin', `Smallest eigenvalue${matrix}`, 'λ min', {
      zero: true,
      note: ritz('the smallest eigenvalue is at most what they show')
    }),
    chart('lambdaMax', `Largest eigenvalue${matrix}`, 'λ max', { log, note: ritz('the largest eigenvalue is at least what they show') }),
    chart('index', 'Index: fraction of negative eigenvalues', 'index (fraction)', {})
  ]
}

const reported = 'Choices are made on the validation figures; test figures are only reported.'

/** With the loss per sample where it is known: then test and validation loss share its axis, else they have one of their own. */
function lossCharts({ run, table, log }: OverviewInput, xs: ArrayLike<number>): OverviewChart[] {
  const decay = decayMeaning(run)
  // Metrics from elsewhere: their spec is none, and nothing says what their loss is.
  if (run.loss === null && run.dataset === 'imported') {
    const note =
      'Imported: whether the loss is a mean or a sum over the batch its file does not say. What was understood of it stands under Config.'
    return [{ title: 'Loss', y: 'loss, as in the file', series: seriesOf(table, xs, ['loss', 'valLoss', 'testLoss']), log, note }]
  }
  if (run.loss === null) {
    const value = { title: 'Loss: value of the function', y: 'value', series: seriesOf(table, xs, ['loss']), log }
    return [decay === '' ? value : { ...value, note: decay.trim() }]
  }
  const apart = seriesOf(table, xs, ['valLoss', 'testLoss'])
  const meaning = `Loss per sample: ${lossMeaning(run.loss)}.${decay}`
  const choice = apart.some(({ id }) => id === 'valLoss') ? ` ${reported}` : ''
  if (!table || 'lossPerSample' in table.columns || !('loss' in table.columns)) {
    const sum =
      run.loss === 'half-sse' ? ' metrics.ndjson keeps the sum over the batch; gradient, step and eigenvalues are those of that sum.' : ''
    const series = [...seriesOf(table, xs, ['lossPerSample']), ...apart]
    return [{ title: 'Loss', y: 'loss per sample', series, log, note: `${meaning}${sum}${choice}` }]
  }
  const unknown =
    'How many samples a batch of this run has is recorded nowhere: this is their sum, as in metrics.ndjson, and not to be compared with a test loss.'
  return [
    { title: 'Loss: sum over the batch', y: 'loss of the batch', series: seriesOf(table, xs, ['loss']), log, note: unknown },
    { title: 'Loss of the samples held back', y: 'loss per sample', series: apart, log, note: `${meaning}${choice}` }
  ]
}

/** All charts that the run has figures for; before the first step the loss waits alone. */
export function overviewCharts(input: OverviewInput, vectors: number | null): OverviewChart[] {
  const { run, table, x, log } = input
  const xs = (x === 'step' ? table?.steps : table?.columns[x]) ?? new Float64Array()
  const charts: OverviewChart[] = [
    ...lossCharts(input, xs),
    {
      title: 'Accuracy',
      y: 'accuracy (fraction)',
      series: seriesOf(table, xs, ['trainAccuracy', 'valAccuracy', 'testAccuracy']),
      log: false
    },
    ...curvatureCharts(input, xs, vectors),
    { title: 'Gradient norm', y: '‖g‖', series: seriesOf(table, xs, ['gradNorm']), log },
    { title: 'Step norm', y: '‖s‖', series: seriesOf(table, xs, ['stepNorm']), log }
  ]
  return charts.filter((chart, k) => chart.series.length > 0 || (k === 0 && run.step === 0))
}

/** Why there are no eigenvalues; null where there are some, or nothing is known yet. */
export function noEigenvalues({ run, table, snapshots }: OverviewInput): string | null {
  if (!table || run.step === 0 || snapshots.length > 0 || columnsOf(table, 'lambdaMin').length > 0) return null
  return 'No eigenvalues: the steps of this run compute none and no snapshot was made. Set snapshots.everySteps or diagnostics.everySteps in the spec to see them.'
}
