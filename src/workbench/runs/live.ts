// What is known of a running run beyond its files, which are written now and then only.
import type { LivePhase } from '../../shared/api/contract'
import { acrossBlocks } from '../../shared/run/figures'
import type { MetricsLine } from '../../shared/run/schema'
import type { RunSummary } from '../../shared/run/summary'

export interface LiveRun {
  readonly line: MetricsLine | null
  readonly phase: LivePhase | null
  /** Why it waits for somebody's word, if it does. */
  readonly trouble: string | null
}

export const notLive: LiveRun = { line: null, phase: null, trouble: null }

const smaller = (a: number | null, b: number) => (a === null ? b : Math.min(a, b))

/** The summary with the newest step on it. */
export function withLive(summary: RunSummary, live: LiveRun | undefined): RunSummary {
  if (!live) return summary
  const { line, trouble } = live
  const noted = trouble === null ? summary : { ...summary, error: trouble }
  if (line === null || line.step <= noted.step) return noted
  const accuracy = line.testAccuracy ?? noted.lastAccuracy
  const valAccuracy = line.valAccuracy ?? noted.lastValAccuracy
  const bestVal = valAccuracy !== null && (noted.bestValAccuracy === null || valAccuracy > noted.bestValAccuracy)
  const loss = Number.isFinite(line.loss) ? line.loss : null
  const best = loss !== null && (noted.minLoss === null || loss < noted.minLoss)
  const bestAccuracy = accuracy !== null && (noted.bestAccuracy === null || accuracy > noted.bestAccuracy)
  return {
    ...noted,
    step: line.step,
    seconds: line.seconds,
    wallSeconds: line.wallSeconds ?? noted.wallSeconds,
    lastLoss: loss,
    minLoss: loss === null ? noted.minLoss : smaller(noted.minLoss, loss),
    minLossStep: best ? line.step : noted.minLossStep,
    lastTestLoss: line.testLoss ?? noted.lastTestLoss,
    lastAccuracy: accuracy,
    bestAccuracy: bestAccuracy ? accuracy : noted.bestAccuracy,
    bestAccuracyStep: bestAccuracy ? line.step : noted.bestAccuracyStep,
    lastValLoss: line.valLoss ?? noted.lastValLoss,
    lastValAccuracy: valAccuracy,
    bestValAccuracy: bestVal ? valAccuracy : noted.bestValAccuracy,
    bestValAccuracyStep: bestVal ? line.step : noted.bestValAccuracyStep,
    accuracyAtBestVal: bestVal ? accuracy : noted.accuracyAtBestVal,
    lambdaMin: acrossBlocks(line.lambdaMin, Math.min) ?? noted.lambdaMin,
    lambdaMax: acrossBlocks(line.lambdaMax, Math.max) ?? noted.lambdaMax,
    index: acrossBlocks(line.index, Math.max) ?? noted.index
  }
}
