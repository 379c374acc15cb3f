// How far a run is, and how long it still takes: by its own pace once it has one, before that by the estimate.
import type { BudgetSpec } from '../spec/schema'
import type { SpecEstimate } from './estimate'
import type { RunSummary } from './summary'

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
  budget: Pick<BudgetSpec, 'seconds'>,
  { steps, secondsPerStep }: Pick<SpecEstimate, 'steps' | 'secondsPerStep'>
): number | null {
  const pace = step > 0 && seconds > 0 ? seconds / step : secondsPerStep
  const bySteps = steps === null || pace === null ? null : Math.max(0, steps - step) * pace
  const byTime = budget.seconds === null ? null : Math.max(0, budget.seconds - seconds)
  const left = bySteps === null || byTime === null ? (bySteps ?? byTime) : Math.min(bySteps, byTime)
  const beside = wallSeconds !== null && seconds > 0 ? Math.max(1, wallSeconds / seconds) : 1
  return left === null ? null : left * beside
}

export type Budgeted = Pick<RunSummary, 'budgetSteps' | 'budgetEpochs' | 'batchSize' | 'trainingSamples' | 'loss'>

/** Steps of the budget, by its steps or epochs, whichever is fewer; null where neither says it. */
export function budgetedSteps({ budgetSteps, budgetEpochs, batchSize, trainingSamples, loss }: Budgeted): number | null {
  const found = budgetSteps === null ? [] : [budgetSteps]
  // A function has one step an epoch.
  const samples = loss === null ? 1 : trainingSamples
  if (budgetEpochs !== null && samples !== null) {
    const size = Math.min(batchSize ?? samples, samples)
    const whole = Math.floor(budgetEpochs + 1e-9)
    found.push(whole * Math.ceil(samples / size) + Math.ceil(((budgetEpochs - whole) * samples - 1e-6) / size))
  }
  return found.length === 0 ? null : Math.min(...found)
}

/** How much of the run is done, by the budget that ends it first; null where that is not known. */
export function fractionDone(run: Budgeted & Pick<RunSummary, 'step' | 'seconds' | 'budgetSeconds'>): number | null {
  const steps = budgetedSteps(run)
  const fractions = [
    ...(steps === null ? [] : [run.step / steps]),
    ...(run.budgetSeconds === null ? [] : [run.seconds / run.budgetSeconds])
  ]
  return fractions.length === 0 ? null : Math.min(1, Math.max(...fractions))
}
