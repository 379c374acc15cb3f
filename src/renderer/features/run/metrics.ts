// The figures of a run: their names for people, their colours, which belong together, and how blocks are told apart.
import type { MetricsTable } from '../../../shared/api/contract'

export interface MetricInfo {
  readonly label: string
  readonly axis: string
  /** Place among the series colours: inside a run's charts colour means the metric. */
  readonly colour: number
}

const infos: Readonly<Record<string, MetricInfo>> = {
  lossPerSample: { label: 'Training loss (batch)', axis: 'loss per sample', colour: 0 },
  loss: { label: 'Batch loss as in metrics.ndjson', axis: 'loss of the batch', colour: 0 },
  penalty: { label: 'Weight decay ½·l2·‖w‖²', axis: 'part of the batch’s loss', colour: 8 },
  testLoss: { label: 'Test loss', axis: 'loss per sample', colour: 1 },
  valLoss: { label: 'Validation loss', axis: 'loss per sample', colour: 2 },
  testAccuracy: { label: 'Test accuracy', axis: 'accuracy (fraction)', colour: 1 },
  valAccuracy: { label: 'Validation accuracy', axis: 'accuracy (fraction)', colour: 2 },
  trainAccuracy: { label: 'Training accuracy', axis: 'accuracy (fraction)', colour: 0 },
  gradNorm: { label: 'Gradient norm', axis: '‖g‖', colour: 7 },
  stepNorm: { label: 'Step norm', axis: '‖s‖', colour: 4 },
  lambdaMin: { label: 'λ min', axis: 'eigenvalue', colour: 6 },
  lambdaMax: { label: 'λ max', axis: 'eigenvalue', colour: 5 },
  index: { label: 'Index', axis: 'fraction of λ < 0', colour: 3 },
  flipped: { label: 'Flipped eigenvalues', axis: 'eigenvalues', colour: 3 },
  zero: { label: 'Zero eigenvalues', axis: 'eigenvalues', colour: 9 },
  trace: { label: 'Trace', axis: 'tr H', colour: 5 },
  effectiveRank: { label: 'Effective rank', axis: 'rank', colour: 8 },
  predictedDecreasePerSample: { label: 'Predicted decrease', axis: 'decrease of the loss per sample', colour: 4 },
  actualDecreasePerSample: { label: 'Actual decrease', axis: 'decrease of the loss per sample', colour: 0 },
  predictedDecrease: { label: 'Predicted decrease as in metrics.ndjson', axis: 'decrease of the batch’s loss', colour: 4 },
  actualDecrease: { label: 'Actual decrease as in metrics.ndjson', axis: 'decrease of the batch’s loss', colour: 0 },
  cosine: { label: 'Cosine of step and −gradient', axis: 'cosine', colour: 7 },
  damping: { label: 'Damping δ', axis: 'δ', colour: 8 },
  learningRate: { label: 'Learning rate', axis: 'learning rate', colour: 9 },
  learningRateTime: { label: 'Sum of learning rates, η·t', axis: 'η·t', colour: 9 },
  seconds: { label: 'Step time', axis: 'step time (s)', colour: 9 },
  wallSeconds: { label: 'Wall time', axis: 'wall time (s)', colour: 9 },
  epoch: { label: 'Epoch', axis: 'epoch', colour: 9 },
  gradientEvaluations: { label: 'Gradient evaluations', axis: 'gradient evaluations', colour: 9 }
}

/** What an optimizer says of its own steps, by the names it gives it. */
const ownFigures: Readonly<Record<string, string>> = {
  t: 'Length along the series, t',
  radius: 'Radius estimate',
  term1: '‖s₁‖',
  term2: '‖s₂‖',
  term3: '‖s₃‖',
  term4: '‖s₄‖',
  term5: '‖s₅‖',
  approximants: 'Components by Padé approximants',
  leftOut: 'Directions left out',
  ratio: 'Actual over predicted decrease',
  modelDecrease: 'Decrease of the regularized model',
  sigma: 'Regularizer σ',
  innerIterations: 'Inner iterations'
}

/** `lambdaMin.W1` → `lambdaMin` and `W1`. */
export function splitMetric(name: string): { base: string; block: string | null } {
  const dot = name.indexOf('.')
  return dot < 0 ? { base: name, block: null } : { base: name.slice(0, dot), block: name.slice(dot + 1) }
}

export function metricLabel(name: string): string {
  const { base, block } = splitMetric(name)
  if (base === 'phases') return `Seconds: ${block}`
  if (base === 'figures' && block !== null && Object.hasOwn(ownFigures, block)) return ownFigures[block]
  const label = infos[base]?.label ?? base
  return block ? `${label}, ${block}` : label
}

export function metricAxis(name: string): string {
  const { base } = splitMetric(name)
  return base === 'phases' ? 'seconds' : (infos[base]?.axis ?? base)
}

/** Its place among the series colours, also by block. */
export const metricPlace = (name: string) => infos[splitMetric(name).base]?.colour ?? 9

/** The columns a figure comes in: itself, or one for each block. */
export function columnsOf(table: MetricsTable, base: string): string[] {
  if (base in table.columns) return [base]
  return Object.keys(table.columns).filter((name) => name.startsWith(`${base}.`))
}

/** Those of `bases` that a run has, by its list of available names. */
export function wantedColumns(available: readonly string[], bases: readonly string[]): string[] {
  return available.filter((name) => bases.includes(splitMetric(name).base))
}
