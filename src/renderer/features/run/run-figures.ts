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

/** What a loss per sample is, by its kind. */
export function lossMeaning(loss: string | null): string {
  if (loss === 'half-sse') return 'half the squared error, summed over the outputs'
  if (loss === 'mse') return 'squared error, mean over samples and outputs'
  if (loss === 'softmax-cross-entropy') return 'cross-entropy, mean over samples'
  return loss === null ? 'value of the function' : 'the batch’s loss'
}

/** What a training loss holds beside that; empty without weight decay. */
export const decayMeaning = ({ l2 = 0 }: Pick<RunSummary, 'l2'>) =>
  l2 > 0 ? ` The training loss holds weight decay too, ½ · ${l2} · ‖w‖², once a batch; validation and test figures do not.` : ''

function lossFigure(run: RunSummary): HeadFigure {
  const { lastLoss, minLoss, minLossStep, lastLossPerSample, minLossPerSample, minLossPerSampleStep, loss } = run
  const known = lastLossPerSample !== null || lastLoss === null
  const min = known ? minLossPerSample : minLoss
  const at = known ? minLossPerSampleStep : minLossStep
  const of = `${loss === null ? '' : known ? 'per sample' : 'sum over the batch'}${(run.l2 ?? 0) > 0 ? ' with weight decay' : ''}`.trim()
  const lowest = min === null ? '' : `min ${formatNumber(min, 3)} at ${formatCount(at)}`
  const file = isBatchSum(run)
    ? ` metrics.ndjson, budget.targetLoss and the filter keep the sum over the batch: ${formatNumber(lastLoss, 6)}.`
    : ''
  return {
    name: 'Loss',
    value: formatNumber(known ? lastLossPerSample : lastLoss),
    note: [of, lowest].filter(Boolean).join(' · '),
    meaning: known
      ? `Of the last step’s training batch, before its update: ${lossMeaning(loss)}.${decayMeaning(run)}${file}`
      : 'The sum over the last step’s training batch: how many samples it has is recorded nowhere, so it cannot be given per sample.'
  }
}

const bestNote = (best: number | null, at: number | null) => (best === null ? '' : `best ${formatPercent(best)} at ${formatCount(at)}`)

/** Where validation chooses, the test accuracy of its choice; else the best, which the test set itself chose. */
function testNote(run: RunSummary): string {
  if (run.bestValAccuracyStep === null) return bestNote(run.bestAccuracy, run.bestAccuracyStep)
  return `${formatPercent(run.accuracyAtBestVal ?? null)} at best validation, ${formatCount(run.bestValAccuracyStep)}`
}

/** Figures of the samples that no step trains on, as far as the run has them. */
function heldBackFigures(run: RunSummary): HeadFigure[] {
  const classified = (of: string) => `Fraction of the ${of} samples classified rightly, at the last evaluation.`
  const testLoss = {
    name: 'Test loss',
    value: formatNumber(run.lastTestLoss),
    note: 'per sample',
    meaning: `Over all test samples, at the last evaluation: ${lossMeaning(run.loss)}.`
  }
  const validation = {
    name: 'Validation accuracy',
    value: formatPercent(run.lastValAccuracy),
    note: bestNote(run.bestValAccuracy, run.bestValAccuracyStep),
    meaning: classified('validation')
  }
  const test = { name: 'Test accuracy', value: formatPercent(run.lastAccuracy), note: testNote(run), meaning: classified('test') }
  return [
    ...(run.lastTestLoss === null ? [] : [testLoss]),
    ...(run.lastValLoss === null ? [] : [validation]),
    ...(run.lastAccuracy === null ? [] : [test])
  ]
}

function curvatureFigures(run: RunSummary): HeadFigure[] {
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

export function headFigures(run: RunSummary): HeadFigure[] {
  const steps = run.budgetSteps === null ? formatCount(run.step) : `${formatCount(run.step)} / ${formatCount(run.budgetSteps)}`
  return [
    { name: 'Step', value: steps, note: '', meaning: 'Steps done, of the budget where it is given in steps.' },
    lossFigure(run),
    ...heldBackFigures(run),
    ...curvatureFigures(run),
    { name: 'P', value: formatCount(run.parameterCount), note: 'parameters', meaning: 'Number of trained parameters.' },
    { name: 'Step time', value: formatDuration(run.seconds), note: '', meaning: 'The steps’ own work: without snapshots and evaluations.' },
    {
      name: 'Wall time',
      value: formatDuration(run.wallSeconds),
      note: '',
      meaning:
        run.wallSeconds === null
          ? 'Not counted: the run began before wall time was recorded.'
          : 'Since the start, everything included, pauses excluded.'
    }
  ]
}
