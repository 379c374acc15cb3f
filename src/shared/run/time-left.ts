// How long a run still takes: by its own pace once it has one, before that by the estimate.
import type { BudgetSpec } from '../spec/schema'
import type { SpecEstimate } from './estimate'

interface Progress {
  readonly step: number
  /** Of the steps' own work, which is what budget.seconds counts. */
  readonly seconds: number
  /** Everything included; null where it was not counted. */
  readonly wallSeconds: number | null
}

/** Seconds that will pass; null when it cannot be told. A target loss may end the run sooner. */
export function secondsLeft(
  { step, seconds, wallSeconds }: Progress,
  budget: BudgetSpec,
  { steps, secondsPerStep }: Pick<SpecEstimate, 'steps' | 'secondsPerStep'>
): number | null {
  const pace = step > 0 && seconds > 0 ? seconds / step : secondsPerStep
  const bySteps = steps === null || pace === null ? null : Math.max(0, steps - step) * pace
  const byTime = budget.seconds === null ? null : Math.max(0, budget.seconds - seconds)
  const left = bySteps === null || byTime === null ? (bySteps ?? byTime) : Math.min(bySteps, byTime)
  const beside = wallSeconds !== null && seconds > 0 ? Math.max(1, wallSeconds / seconds) : 1
  return left === null ? null : left * beside
}
