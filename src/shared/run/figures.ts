// The few figures a run list shows, gathered from metrics lines one by one.
import type { MetricsLine, RunFigures } from './schema'

export const sparklinePoints = 60

/** Before the first step. */
export const emptyFigures: RunFigures = {
  lastLoss: null,
  minLoss: null,
  minLossStep: null,
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
  sparkline: { stride: 1, points: [] },
  bytes: { metrics: 0, checkpoints: 0, snapshots: 0, other: 0 },
  snapshots: 0
}

const finite = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/** A figure of the whole matrix from one by block: the smallest or the largest of the blocks. */
export function acrossBlocks(value: MetricsLine['lambdaMin'] | null, pick: (...values: number[]) => number): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number') return finite(value)
  const values = Object.values(value).filter((one) => Number.isFinite(one))
  return values.length === 0 ? null : pick(...values)
}

/** Each point has its own place, (step − 1) / stride: steps that have no line leave theirs empty. */
function nextSparkline({ stride, points }: RunFigures['sparkline'], step: number, loss: number | null): RunFigures['sparkline'] {
  if ((step - 1) % stride !== 0) return { stride, points }
  const place = (step - 1) / stride
  if (place >= sparklinePoints) return nextSparkline({ stride: stride * 2, points: points.filter((_, k) => k % 2 === 0) }, step, loss)
  return { stride, points: [...points, ...Array<null>(Math.max(0, place - points.length)).fill(null), loss] }
}

/** The figures after one more line. */
export function withLine(figures: RunFigures, line: MetricsLine): RunFigures {
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
    lastTestLoss: finite(line.testLoss) ?? figures.lastTestLoss,
    lastAccuracy: accuracy ?? figures.lastAccuracy,
    bestAccuracy: best ? accuracy : figures.bestAccuracy,
    bestAccuracyStep: best ? line.step : figures.bestAccuracyStep,
    lastValLoss: finite(line.valLoss) ?? figures.lastValLoss,
    lastValAccuracy: valAccuracy ?? figures.lastValAccuracy,
    bestValAccuracy: bestVal ? valAccuracy : figures.bestValAccuracy,
    bestValAccuracyStep: bestVal ? line.step : figures.bestValAccuracyStep,
    accuracyAtBestVal: bestVal ? accuracy : figures.accuracyAtBestVal,
    lambdaMin: acrossBlocks(line.lambdaMin, Math.min) ?? figures.lambdaMin,
    lambdaMax: acrossBlocks(line.lambdaMax, Math.max) ?? figures.lambdaMax,
    index: acrossBlocks(line.index, Math.max) ?? figures.index,
    sparkline: nextSparkline(figures.sparkline, line.step, loss)
  }
}
