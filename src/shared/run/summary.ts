// What a list of runs shows of each: small, complete, without opening the run.
import type { RunState } from './schema'

export interface RunSummary {
  readonly id: string
  readonly name: string
  readonly state: RunState
  readonly tags: readonly string[]
  readonly group: string | null
  readonly colour: string | null
  readonly pinned: boolean
  readonly notes: string
  readonly optimizer: string
  readonly dataset: string
  readonly parameterCount: number | null
  readonly step: number
  /** Steps of the budget, when it is given in steps. */
  readonly budgetSteps: number | null
  readonly lastLoss: number | null
  readonly minLoss: number | null
  readonly minLossStep: number | null
  readonly lastTestLoss: number | null
  readonly lastAccuracy: number | null
  readonly bestAccuracy: number | null
  readonly bestAccuracyStep: number | null
  /** Figures on the samples that `data.validation` splits off; null where it splits off none. */
  readonly lastValLoss: number | null
  readonly lastValAccuracy: number | null
  readonly bestValAccuracy: number | null
  readonly bestValAccuracyStep: number | null
  /** The test accuracy of that step: the one to report of what validation chose. */
  readonly accuracyAtBestVal?: number | null
  readonly lambdaMin: number | null
  readonly lambdaMax: number | null
  readonly index: number | null
  /** The steps' own work. */
  readonly seconds: number
  /** Since the start, everything included, pauses excluded; null for runs that began before it was counted. */
  readonly wallSeconds: number | null
  readonly bytes: number
  readonly snapshots: number
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** At most 60 points of the loss, evenly spaced in steps. */
  readonly sparkline: readonly number[]
  /** Why it is not going on, or what of its small files is damaged. */
  readonly error: string | null
  /** What is wrong with spec.json, meta.json or status.json; null when they are whole. */
  readonly damage: string | null
}
