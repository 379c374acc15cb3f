// The metrics a study may be judged by: whose figures they are, and whether its runs will have them.
import { nearest } from '../spec/describe'
import { isFunctionSpec, type RunSpec } from '../spec/schema'
import type { JudgedOn } from './answers'
import { analysisFigure } from './analyses'
import type { Select, Target } from './spec'

const curvature = ['lambdaMin', 'lambdaMax', 'index', 'flipped', 'zero', 'trace', 'effectiveRank']
const training = [
  'loss',
  'lossPerSample',
  'gradNorm',
  'stepNorm',
  ...curvature,
  'damping',
  'learningRate',
  'learningRateTime',
  'predictedDecrease',
  'actualDecrease',
  'cosine',
  'epoch',
  'seconds',
  'wallSeconds',
  'gradientEvaluations'
]
const validation = ['valLoss', 'valAccuracy']
const test = ['testLoss', 'testAccuracy']
const evaluated = [...validation, ...test]
export const studyMetrics: readonly string[] = ['valLoss', 'valAccuracy', ...training, 'testLoss', 'testAccuracy']

export function judgedOn(metric: string): JudgedOn {
  if (test.includes(metric)) return 'test'
  return validation.includes(metric) ? 'validation' : 'training'
}

/** Of the whole matrix, by block (`lambdaMin.W1`), or one of the figures that optimizers give by names of their own (`figures.vectors`). */
function isKnown(metric: string): boolean {
  const [head, rest] = [metric.split('.')[0], metric.slice(metric.indexOf('.') + 1)]
  if (!metric.includes('.')) return studyMetrics.includes(metric)
  return rest !== '' && (head === 'figures' || curvature.includes(head))
}

/** Why no run has such a figure, in words that follow the path; null where runs may have it. */
export function unknownMetric(metric: string): string | null {
  if (isKnown(metric)) return null
  const near = nearest(metric, studyMetrics)
  return `must be a metric of metrics.ndjson, got "${metric}"${near === null ? `; there are ${studyMetrics.join(', ')}` : `; did you mean "${near}"?`}`
}

/** Why runs of this spec will not have the figure; null where they will, as far as the spec says. */
export function missingMetric(spec: RunSpec, metric: string): string | null {
  if (!evaluated.includes(metric)) {
    if (metric === 'lossPerSample' && isFunctionSpec(spec)) return 'lossPerSample is of samples, and a function has none; take loss'
    return null
  }
  if (isFunctionSpec(spec)) return `${metric} is of data, and a function has none; take loss`
  const { everySteps, everyEpochs } = spec.evaluate
  if (validation.includes(metric) && spec.data.validation === null)
    return `${metric} needs data.validation, which splits off the samples that it is of`
  if (everySteps === null && everyEpochs === null)
    return `${metric} needs evaluate.everySteps or evaluate.everyEpochs: no evaluation is asked for`
  const { steps } = spec.budget
  if (everySteps !== null && everyEpochs === null && steps !== null && everySteps > steps)
    return `${metric} is never there: evaluate.everySteps is ${everySteps}, and the run ends after ${steps} steps`
  return null
}

/** What is asked for where the study does not say. */
export function defaultSelect(base: RunSpec): Select {
  const metric = !isFunctionSpec(base) && base.data.validation !== null ? 'valLoss' : 'loss'
  return { metric, goal: 'min', at: 'last' }
}

/** A target is reached from above, but by what is to be as large as can be from below. */
export const reachesUpwards = ({ metric }: Target, select: Select) =>
  metric === select.metric ? select.goal === 'max' : /accuracy$/i.test(metric)

function placeText(goal: string, at: Select['at']): string {
  if (at === 'last') return `${goal} at the last step`
  if (at === 'best') return `${goal} of all steps`
  if ('step' in at) return `${goal} at step ${at.step}`
  if ('seconds' in at) return `${goal} after ${at.seconds} s of steps`
  return `${goal} after ${at.gradientEvaluations} gradient evaluations`
}

/** "valLoss, lowest at the last step, mean over 3 seeds; validation". */
export function selectionText({ metric, goal, at }: Select, seeds: number): string {
  const on = judgedOn(metric)
  const extreme = goal === 'min' ? 'lowest' : 'highest'
  const place = analysisFigure(metric) === null ? placeText(extreme, at) : `${extreme} of the analysis`
  const source = on === 'test' ? 'test figures, as asked: the choice itself is made on the test set' : on
  return `${metric}, ${place}${seeds === 1 ? '' : `, mean over ${seeds} seeds`}; ${source}`
}
