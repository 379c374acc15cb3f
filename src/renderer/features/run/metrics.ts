// The figures of a run: their names for people, which belong together, and how blocks are told apart.
import type { MetricsTable } from '../../../shared/api/contract'

export interface MetricInfo {
  readonly label: string
  readonly axis: string
}

const infos: Readonly<Record<string, MetricInfo>> = {
  lossPerSample: { label: 'Training loss (batch)', axis: 'loss per sample' },
  loss: { label: 'Batch loss as in metrics.ndjson', axis: 'loss of the batch' },
  testLoss: { label: 'Test loss', axis: 'loss per sample' },
  valLoss: { label: 'Validation loss', axis: 'loss per sample' },
  testAccuracy: { label: 'Test accuracy', axis: 'accuracy (fraction)' },
  valAccuracy: { label: 'Validation accuracy', axis: 'accuracy (fraction)' },
  trainAccuracy: { label: 'Train accuracy', axis: 'accuracy (fraction)' },
  gradNorm: { label: 'Gradient norm', axis: '‖g‖' },
  stepNorm: { label: 'Step norm', axis: '‖s‖' },
  lambdaMin: { label: 'λ min', axis: 'eigenvalue' },
  lambdaMax: { label: 'λ max', axis: 'eigenvalue' },
  index: { label: 'Index', axis: 'fraction of λ < 0' },
  flipped: { label: 'Flipped eigenvalues', axis: 'eigenvalues' },
  zero: { label: 'Zero eigenvalues', axis: 'eigenvalues' },
  trace: { label: 'Trace', axis: 'tr H' },
  effectiveRank: { label: 'Effective rank', axis: 'rank' },
  predictedDecreasePerSample: { label: 'Predicted decrease', axis: 'decrease of the loss per sample' },
  actualDecreasePerSample: { label: 'Actual decrease', axis: 'decrease of the loss per sample' },
  predictedDecrease: { label: 'Predicted decrease as in metrics.ndjson', axis: 'decrease of the batch’s loss' },
  actualDecrease: { label: 'Actual decrease as in metrics.ndjson', axis: 'decrease of the batch’s loss' },
  cosine: { label: 'Cosine of step and −gradient', axis: 'cosine' },
  damping: { label: 'Damping δ', axis: 'δ' },
  learningRate: { label: 'Learning rate', axis: 'learning rate' },
  seconds: { label: 'Step time', axis: 'step time (s)' },
  wallSeconds: { label: 'Wall time', axis: 'wall time (s)' },
  learningRateTime: { label: 'Sum of learning rates, η·t', axis: 'η·t' },
  epoch: { label: 'Epoch', axis: 'epoch' },
  gradientEvaluations: { label: 'Gradient evaluations', axis: 'gradient evaluations' }
}

/** `lambdaMin.W1` → `lambdaMin` and `W1`. */
export function splitMetric(name: string): { base: string; block: string | null } {
  const dot = name.indexOf('.')
  return dot < 0 ? { base: name, block: null } : { base: name.slice(0, dot), block: name.slice(dot + 1) }
}

export function metricLabel(name: string): string {
  const { base, block } = splitMetric(name)
  if (base === 'phases') return `Seconds: ${block}`
  const label = infos[base]?.label ?? base
  return block ? `${label}, ${block}` : label
}

export function metricAxis(name: string): string {
  const { base } = splitMetric(name)
  return base === 'phases' ? 'seconds' : (infos[base]?.axis ?? base)
}

/** The columns a figure comes in: itself, or one for each block. */
export function columnsOf(table: MetricsTable, base: string): string[] {
  if (base in table.columns) return [base]
  return Object.keys(table.columns).filter((name) => name.startsWith(`${base}.`))
}

/** Those of `bases` that a run has, by its list of available names. */
export function wantedColumns(available: readonly string[], bases: readonly string[]): string[] {
  return available.filter((name) => bases.includes(splitMetric(name).base))
}
