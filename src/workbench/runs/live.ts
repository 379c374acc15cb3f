// What is known of a running run beyond its files, which are written now and then only.
import type { LivePhase } from '../../shared/api/contract'
import { ownCurvature } from '../../shared/run/curvature'
import { lineCurvature } from '../../shared/run/figures'
import { lossDivisor } from '../../shared/run/per-sample'
import type { MetricsLine } from '../../shared/run/schema'
import type { RunSummary } from '../../shared/run/summary'

export interface LiveRun {
  readonly line: MetricsLine | null
  readonly phase: LivePhase | null
  /** Why it waits for somebody's word, if it does. */
  readonly trouble: string | null
}

export const notLive: LiveRun = { line: null, phase: null, trouble: null }

/** A Krylov run with a snapshot keeps the exact figures. */
function curvatureAfter(summary: RunSummary, line: MetricsLine): Partial<RunSummary> {
  const own = lineCurvature(line)
  if (own === null || (summary.optimizer === 'sfn-krylov' && summary.curvatureSource === 'snapshot')) return {}
  return ownCurvature(own, { kind: summary.optimizer, scope: summary.optimizerScope })
}

function perSampleAfter(summary: RunSummary, step: number, loss: number | null): Partial<RunSummary> {
  const divisor = lossDivisor(summary)
  if (divisor === null) return {}
  const lastLossPerSample = loss === null ? null : loss / divisor(step)
  const { minLoss, minLossPerSample: lowest } = summary
  const better = lastLossPerSample !== null && (lowest === null ? minLoss === null : lastLossPerSample < lowest)
  return { lastLossPerSample, ...(better ? { minLossPerSample: lastLossPerSample, minLossPerSampleStep: step } : {}) }
}

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
    ...perSampleAfter(noted, line.step, loss),
    ...curvatureAfter(noted, line)
  }
}
