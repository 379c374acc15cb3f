// The few figures a run list shows, gathered from metrics lines one by one.
import { dividesEvenly, lossDivisor, type BatchLoss, type Divisor } from './per-sample'
import type { MetricsLine, RunFigures } from './schema'

export const sparklinePoints = 60

/** Before the first step. */
export const emptyFigures: RunFigures = {
  lastLoss: null,
  minLoss: null,
  minLossStep: null,
  lastLossPerSample: null,
  minLossPerSample: null,
  minLossPerSampleStep: null,
  lastTestLoss: null,
  lastAccuracy: null,
  bestAccuracy: null,
  bestAccuracyStep: null,
  lastValLoss: null,
  lastValAccuracy: null,
  bestValAccuracy: null,
  bestValAccuracyStep: null,
  accuracyAtBestVal: null,
  lambdaMin: null,
  lambdaMax: null,
  index: null,
  curvatureStep: null,
  curvatureVectors: null,
  sparkline: { stride: 1, points: [] },
  bytes: { metrics: 0, checkpoints: 0, snapshots: 0, other: 0 },
  snapshots: 0
}

const finite = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/** A figure of the whole matrix from one by block: the smallest or the largest of the blocks. */
export function acrossBlocks(value: MetricsLine['lambdaMin'] | null, pick: (...values: number[]) => number): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number') return finite(value)
  const values = Object.values(value).flatMap((one) => finite(one) ?? [])
  return values.length === 0 ? null : pick(...values)
}

/** Each point has its own place, (step − 1) / stride: steps that have no line leave theirs empty. */
function nextSparkline(sparkline: RunFigures['sparkline'], step: number, loss: number | null): RunFigures['sparkline'] {
  const { stride, points } = sparkline
  if ((step - 1) % stride !== 0) return sparkline
  const place = (step - 1) / stride
  if (place >= sparklinePoints) return nextSparkline({ stride: stride * 2, points: points.filter((_, k) => k % 2 === 0) }, step, loss)
  return { stride, points: [...points, ...Array<null>(Math.max(0, place - points.length)).fill(null), loss] }
}

export type PerSample = Pick<RunFigures, 'lastLossPerSample' | 'minLossPerSample' | 'minLossPerSampleStep'>

/** The losses per sample after one of step `step`. The smallest is known from the first loss on or not at all: what was not divided cannot be made up for. */
function addPerSample(figures: RunFigures, step: number, loss: number | null, divisor: Divisor | null): void {
  const perSample = divisor === null || loss === null ? null : loss / divisor(step)
  figures.lastLossPerSample = perSample
  if (divisor === null || (figures.minLoss !== null && figures.minLossPerSample === null)) {
    figures.minLossPerSample = null
    figures.minLossPerSampleStep = null
  } else if (perSample !== null && (figures.minLossPerSample === null || perSample < figures.minLossPerSample)) {
    figures.minLossPerSample = perSample
    figures.minLossPerSampleStep = step
  }
}

function addEvaluation(figures: RunFigures, line: MetricsLine): void {
  const accuracy = finite(line.testAccuracy)
  const valAccuracy = finite(line.valAccuracy)
  figures.lastTestLoss = finite(line.testLoss) ?? figures.lastTestLoss
  figures.lastAccuracy = accuracy ?? figures.lastAccuracy
  figures.lastValLoss = finite(line.valLoss) ?? figures.lastValLoss
  figures.lastValAccuracy = valAccuracy ?? figures.lastValAccuracy
  if (accuracy !== null && (figures.bestAccuracy === null || accuracy > figures.bestAccuracy)) {
    figures.bestAccuracy = accuracy
    figures.bestAccuracyStep = line.step
  }
  if (valAccuracy !== null && (figures.bestValAccuracy === null || valAccuracy > figures.bestValAccuracy)) {
    figures.bestValAccuracy = valAccuracy
    figures.bestValAccuracyStep = line.step
    figures.accuracyAtBestVal = accuracy
  }
}

/** The same of figures that were gathered when nobody divided: the smallest only where every step is divided by the same number. */
export function perSampleOf(figures: RunFigures, step: number, batch: BatchLoss): PerSample {
  const divisor = lossDivisor(batch)
  if (divisor === null) return { lastLossPerSample: null, minLossPerSample: null, minLossPerSampleStep: null }
  const { lastLoss, minLoss, minLossStep } = figures
  const lastLossPerSample = figures.lastLossPerSample ?? (lastLoss === null ? null : lastLoss / divisor(step))
  if (figures.minLossPerSample !== null || minLoss === null || minLossStep === null || !dividesEvenly(batch))
    return { lastLossPerSample, minLossPerSample: figures.minLossPerSample, minLossPerSampleStep: figures.minLossPerSampleStep }
  return { lastLossPerSample, minLossPerSample: minLoss / divisor(minLossStep), minLossPerSampleStep: minLossStep }
}

/** The points there are, each per sample where that is known. */
export function sparklineOf({ sparkline: { stride, points } }: RunFigures, batch: BatchLoss): number[] {
  const divisor = lossDivisor(batch)
  return points.flatMap((point, place) => (point === null ? [] : [divisor === null ? point : point / divisor(1 + place * stride)]))
}

type LineCurvature = Pick<RunFigures, 'lambdaMin' | 'lambdaMax' | 'index' | 'curvatureStep' | 'curvatureVectors'>

/** The eigenvalue figures of a line; null where it has none. */
export function lineCurvature(line: MetricsLine): LineCurvature | null {
  const lambdaMin = acrossBlocks(line.lambdaMin, Math.min)
  const lambdaMax = acrossBlocks(line.lambdaMax, Math.max)
  if (lambdaMin === null && lambdaMax === null) return null
  return {
    lambdaMin,
    lambdaMax,
    index: acrossBlocks(line.index, Math.max),
    curvatureStep: line.step,
    curvatureVectors: finite(line.figures?.vectors)
  }
}

/** Adds one more line to the figures, in place: cheap enough for a million of them. `divisor`: null where the samples of a batch are not known. */
export function addLine(figures: RunFigures, line: MetricsLine, divisor: Divisor | null): void {
  const { step } = line
  const loss = finite(line.loss)
  // Before the smallest loss is: what was not divided from the first on is not known.
  addPerSample(figures, step, loss, divisor)
  figures.lastLoss = loss
  if (loss !== null && (figures.minLoss === null || loss < figures.minLoss)) {
    figures.minLoss = loss
    figures.minLossStep = step
  }
  figures.sparkline = nextSparkline(figures.sparkline, step, loss)
  if (line.testLoss !== undefined || line.testAccuracy !== undefined || line.valLoss !== undefined || line.valAccuracy !== undefined)
    addEvaluation(figures, line)
  if (line.lambdaMin !== undefined || line.lambdaMax !== undefined) Object.assign(figures, lineCurvature(line))
}

/** The figures after one more line. */
export function withLine(figures: RunFigures, line: MetricsLine, divisor: Divisor | null): RunFigures {
  const next = { ...figures }
  addLine(next, line, divisor)
  return next
}
