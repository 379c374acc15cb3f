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
function nextSparkline({ stride, points }: RunFigures['sparkline'], step: number, loss: number | null): RunFigures['sparkline'] {
  if ((step - 1) % stride !== 0) return { stride, points }
  const place = (step - 1) / stride
  if (place >= sparklinePoints) return nextSparkline({ stride: stride * 2, points: points.filter((_, k) => k % 2 === 0) }, step, loss)
  return { stride, points: [...points, ...Array<null>(Math.max(0, place - points.length)).fill(null), loss] }
}

export type PerSample = Pick<RunFigures, 'lastLossPerSample' | 'minLossPerSample' | 'minLossPerSampleStep'>

const noneBelow = { minLossPerSample: null, minLossPerSampleStep: null }

/** The losses per sample after one of step `step`. The smallest is known from the first loss on or not at all: what was not divided cannot be made up for. */
function perSampleAfter(figures: RunFigures, step: number, loss: number | null, divisor: Divisor | null): PerSample {
  if (divisor === null) return { lastLossPerSample: null, ...noneBelow }
  const { minLoss, minLossPerSample, minLossPerSampleStep } = figures
  const lastLossPerSample = loss === null ? null : loss / divisor(step)
  if (minLoss !== null && minLossPerSample === null) return { lastLossPerSample, ...noneBelow }
  const better = lastLossPerSample !== null && (minLossPerSample === null || lastLossPerSample < minLossPerSample)
  if (better) return { lastLossPerSample, minLossPerSample: lastLossPerSample, minLossPerSampleStep: step }
  return { lastLossPerSample, minLossPerSample, minLossPerSampleStep }
}

/** The same of figures that were gathered when nobody divided: the smallest only where every step is divided by the same number. */
export function perSampleOf(figures: RunFigures, step: number, batch: BatchLoss): PerSample {
  const divisor = lossDivisor(batch)
  if (divisor === null) return { lastLossPerSample: null, ...noneBelow }
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

/** The figures after one more line. `divisor`: null where the samples of a batch are not known. */
export function withLine(figures: RunFigures, line: MetricsLine, divisor: Divisor | null): RunFigures {
  const loss = finite(line.loss)
  const better = loss !== null && (figures.minLoss === null || loss < figures.minLoss)
  const accuracy = finite(line.testAccuracy)
  const best = accuracy !== null && (figures.bestAccuracy === null || accuracy > figures.bestAccuracy)
  const valAccuracy = finite(line.valAccuracy)
  const bestVal = valAccuracy !== null && (figures.bestValAccuracy === null || valAccuracy > figures.bestValAccuracy)
  return {
    ...figures,
    lastLoss: loss,
    minLoss: better ? loss : figures.minLoss,
    minLossStep: better ? line.step : figures.minLossStep,
    ...perSampleAfter(figures, line.step, loss, divisor),
    lastTestLoss: finite(line.testLoss) ?? figures.lastTestLoss,
    lastAccuracy: accuracy ?? figures.lastAccuracy,
    bestAccuracy: best ? accuracy : figures.bestAccuracy,
    bestAccuracyStep: best ? line.step : figures.bestAccuracyStep,
    lastValLoss: finite(line.valLoss) ?? figures.lastValLoss,
    lastValAccuracy: valAccuracy ?? figures.lastValAccuracy,
    bestValAccuracy: bestVal ? valAccuracy : figures.bestValAccuracy,
    bestValAccuracyStep: bestVal ? line.step : figures.bestValAccuracyStep,
    accuracyAtBestVal: bestVal ? accuracy : figures.accuracyAtBestVal,
    ...lineCurvature(line),
    sparkline: nextSparkline(figures.sparkline, line.step, loss)
  }
}
