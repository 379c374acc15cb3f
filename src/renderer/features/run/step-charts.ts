// The charts of the Steps tab: did the step's model hold, what was flipped, which way the steps went.
import type { LineSeries } from '../../charts/series'
import type { MetricsTable } from '../../../shared/api/contract'
import { blockLines, type Colours } from './block-lines'

export interface StepChart {
  readonly id: string
  readonly title: string
  readonly y: string
  readonly series: readonly LineSeries[]
  /** Of its axis when the tab is logarithmic: symlog where a figure changes its sign. */
  readonly logScale: 'log' | 'symlog' | 'linear'
  readonly levels?: readonly { y: number; label: string }[]
}

/** Columns the charts are made of. */
export const stepColumns = [
  'predictedDecrease',
  'actualDecrease',
  'predictedDecreasePerSample',
  'actualDecreasePerSample',
  'flipped',
  'zero',
  'cosine',
  'damping',
  'learningRate',
  'effectiveRank',
  'trace',
  'figures'
] as const

/** Sizes of the terms of a power series, of which order 6 has five. */
const terms = [1, 2, 3, 4, 5].map((k) => `figures.term${k}`)

/** Actual over predicted decrease; NaN where the model predicted none. */
export function gainRatio(predicted: ArrayLike<number>, actual: ArrayLike<number>): Float64Array {
  return Float64Array.from(predicted, (value, i) => (value === 0 ? NaN : actual[i] / value))
}

function decreaseChart(table: MetricsTable, colours: Colours): StepChart {
  const perSample = 'predictedDecreasePerSample' in table.columns && 'actualDecreasePerSample' in table.columns
  const bases = perSample ? ['predictedDecreasePerSample', 'actualDecreasePerSample'] : ['predictedDecrease', 'actualDecrease']
  return {
    id: 'decrease',
    title: 'Decrease of the batch’s loss: predicted by the step’s model, and actual',
    y: perSample ? 'decrease per sample' : 'decrease',
    series: blockLines(table, bases, colours),
    logScale: 'symlog'
  }
}

function ratioChart(table: MetricsTable, colours: Colours): StepChart {
  const { predictedDecrease: predicted, actualDecrease: actual } = table.columns
  const series =
    predicted && actual
      ? [{ id: 'ratio', name: 'actual / predicted', colour: colours(2), x: table.steps, y: gainRatio(predicted, actual) }]
      : []
  const levels = [{ y: 1, label: 'model exact' }]
  return { id: 'ratio', title: 'Gain ratio: actual over predicted decrease', y: 'ratio', series, logScale: 'linear', levels }
}

/** Those of which the run has figures. */
export function stepCharts(table: MetricsTable, colours: Colours): StepChart[] {
  const chart = (
    id: string,
    title: string,
    y: string,
    bases: readonly string[],
    logScale: StepChart['logScale'] = 'linear'
  ): StepChart => ({
    id,
    title,
    y,
    series: blockLines(table, bases, colours),
    logScale
  })
  return [
    decreaseChart(table, colours),
    ratioChart(table, colours),
    chart('flipped', 'Eigenvalues flipped by the step, and counted as zero', 'eigenvalues', ['flipped', 'zero']),
    chart('cosine', 'Cosine of step and −gradient', 'cosine', ['cosine']),
    'damping' in table.columns
      ? chart('damping', 'Damping δ and learning rate η', 'δ, η', ['learningRate', 'damping'], 'log')
      : chart('damping', 'Learning rate η', 'η', ['learningRate'], 'log'),
    chart(
      'series',
      'Length t gone along the power series, and its radius by the last two terms',
      't',
      ['figures.t', 'figures.radius'],
      'log'
    ),
    chart('terms', 'Sizes of the power series’ terms at t = 1', '‖sₖ‖', terms, 'log'),
    chart('sigma', 'Weight σ of the quartic regularizer', 'σ', ['figures.sigma'], 'log'),
    chart('inner', 'Iterations on the third-order model', 'iterations', ['figures.innerIterations']),
    chart('rank', 'Effective rank', 'rank', ['effectiveRank']),
    chart('trace', 'Trace', 'tr H', ['trace'])
  ].filter(({ series }) => series.length > 0)
}
