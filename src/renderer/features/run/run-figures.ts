// The figures at the top of a run: each with its unit, what it is of, and of which step.
import { isBatchSum } from '../../../shared/run/per-sample'
import type { RunSummary } from '../../../shared/run/summary'
import { curvatureMatrixNote, curvatureNote, curvatureSentence, isNegativeCurvature, lambdaBounds } from '../../app/curvature'
import { formatCount, formatDuration, formatNumber, formatPercent } from '../../app/format'

export interface HeadFigure {
  readonly name: string
  readonly value: string
  readonly note: string
  /** For a tooltip. */
  readonly meaning: string
  readonly negative?: boolean
}

/** Some figures are there only where a run counts them. */
type Run = RunSummary & {
  readonly wallSeconds?: number | null
  readonly lastValAccuracy?: number | null
  readonly bestValAccuracy?: number | null
  readonly bestValAccuracyStep?: number | null
}

/** What a loss per sample is, by its kind. */
export function lossMeaning(loss: string | null): string {
  if (loss === 'half-sse') return 'half the squared error, summed over the outputs'
  if (loss === 'mse') return 'squared error, mean over samples and outputs'
  if (loss === 'softmax-cross-entropy') return 'cross-entropy, mean over samples'
  return loss === null ? 'value of the function' : 'the batch’s loss'
}

function lossFigure(run: Run): HeadFigure {
  const { lastLoss, minLoss, minLossStep, lastLossPerSample, minLossPerSample, minLossPerSampleStep, loss } = run
  const known = lastLossPerSample !== null || lastLoss === null
  const min = known ? minLossPerSample : minLoss
  const at = known ? minLossPerSampleStep : minLossStep
  const of = loss === null ? '' : known ? 'per sample' : 'sum over the batch'
  const lowest = min === null ? '' : `min ${formatNumber(min, 3)} at ${formatCount(at)}`
  const file = isBatchSum(run)
    ? ` metrics.ndjson, budget.targetLoss and the filter keep the sum over the batch: ${formatNumber(lastLoss, 6)}.`
    : ''
  return {
    name: 'Loss',
    value: formatNumber(known ? lastLossPerSample : lastLoss),
    note: [of, lowest].filter(Boolean).join(' · '),
    meaning: known
      ? `Of the last step’s training batch, before its update: ${lossMeaning(loss)}.${file}`
      : 'The sum over the last step’s training batch: how many samples it has is recorded nowhere, so it cannot be given per sample.'
  }
}

function accuracy(name: string, last: number | null, best: number | null, at: number | null, of: string): HeadFigure {
  const note = best === null ? '' : `best ${formatPercent(best)} at ${formatCount(at)}`
  return { name, value: formatPercent(last), note, meaning: `Fraction of the ${of} samples classified rightly, at the last evaluation.` }
}

function curvatureFigures(run: Run): HeadFigure[] {
  const note = [curvatureMatrixNote(run), curvatureNote(run)].filter((word) => word !== null).join(', ')
  const meaning = curvatureSentence(run) ?? 'Neither the optimizer nor a snapshot has computed eigenvalues.'
  const bound = lambdaBounds(run)
  const value = (figure: number | null, before: string) => (figure === null ? '–' : `${before}${formatNumber(figure, 3)}`)
  const negative = isNegativeCurvature(run)
  return [
    { name: 'λ min', value: value(run.lambdaMin, bound.min), note, meaning, negative },
    { name: 'λ max', value: value(run.lambdaMax, bound.max), note, meaning },
    {
      name: 'Index',
      value: formatPercent(run.index),
      note: run.index === null ? '' : note,
      meaning: `Fraction of negative eigenvalues, beyond rounding. ${meaning}`
    }
  ]
}

export function headFigures(run: Run): HeadFigure[] {
  const steps = run.budgetSteps === null ? formatCount(run.step) : `${formatCount(run.step)} / ${formatCount(run.budgetSteps)}`
  const wall = run.wallSeconds ?? null
  const [lastVal, bestVal, bestValStep] = [run.lastValAccuracy ?? null, run.bestValAccuracy ?? null, run.bestValAccuracyStep ?? null]
  return [
    { name: 'Step', value: steps, note: '', meaning: 'Steps done, of the budget where it is given in steps.' },
    lossFigure(run),
    ...(run.lastTestLoss === null
      ? []
      : [
          {
            name: 'Test loss',
            value: formatNumber(run.lastTestLoss),
            note: 'per sample',
            meaning: `Over the whole test set, at the last evaluation: ${lossMeaning(run.loss)}.`
          }
        ]),
    ...(lastVal === null ? [] : [accuracy('Validation accuracy', lastVal, bestVal, bestValStep, 'validation')]),
    ...(run.lastAccuracy === null ? [] : [accuracy('Test accuracy', run.lastAccuracy, run.bestAccuracy, run.bestAccuracyStep, 'test')]),
    ...curvatureFigures(run),
    { name: 'P', value: formatCount(run.parameterCount), note: 'parameters', meaning: 'Number of trained parameters.' },
    { name: 'Step time', value: formatDuration(run.seconds), note: '', meaning: 'The steps’ own work: without snapshots and evaluations.' },
    ...(wall === null
      ? []
      : [{ name: 'Wall time', value: formatDuration(wall), note: '', meaning: 'Since the start, everything included, pauses excluded.' }])
  ]
}
