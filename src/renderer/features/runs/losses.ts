// The losses that the table shows: per sample where that is known, else as they stand in metrics.ndjson.
import type { RunSummary } from '../../../shared/run/summary'

interface PerSample {
  readonly lastLossPerSample?: number | null
  readonly minLossPerSample?: number | null
  readonly minLossPerSampleStep?: number | null
}

export interface ShownLosses {
  readonly last: number | null
  readonly min: number | null
  readonly minStep: number | null
  /** False: as in metrics.ndjson, which may be a sum over the batch. */
  readonly perSample: boolean
}

export function lossesOf(run: RunSummary & PerSample): ShownLosses {
  const last = run.lastLossPerSample ?? null
  if (last === null) return { last: run.lastLoss, min: run.minLoss, minStep: run.minLossStep, perSample: false }
  // The smallest per sample may not be known; that of the file would be another figure.
  return { last, min: run.minLossPerSample ?? null, minStep: run.minLossPerSampleStep ?? null, perSample: true }
}
