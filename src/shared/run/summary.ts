// What a list of runs shows of each: small, complete, without opening the run.
import type { Curvature } from './curvature'
import type { PerSample } from './figures'
import type { BatchLoss } from './per-sample'
import type { RunState } from './schema'
import type { Scope } from '../spec/schema'

/** Per sample: null where nothing says how many samples a batch has. Of the eigenvalue figures: whose they are, and of which step. */
export interface RunSummary extends BatchLoss, PerSample, Curvature {
  readonly id: string
  readonly name: string
  readonly state: RunState
  readonly tags: readonly string[]
  readonly group: string | null
  readonly colour: string | null
  readonly pinned: boolean
  readonly notes: string
  readonly optimizer: string
  /** Blocks of the curvature that its steps work with; `full` where the kind has no such choice. */
  readonly optimizerScope: Scope
  readonly dataset: string
  /** Weight decay in the objective: training losses hold ½·l2·‖w‖² where this is above 0. */
  readonly l2?: number
  readonly parameterCount: number | null
  readonly step: number
  /** Steps of the budget, when it is given in steps. */
  readonly budgetSteps: number | null
  readonly budgetEpochs: number | null
  readonly budgetSeconds: number | null
  /** As in metrics.ndjson: for half-sse the sum over the batch. */
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
  /** The steps' own work. */
  readonly seconds: number
  /** Since the start, everything included, pauses excluded; null for runs that began before it was counted. */
  readonly wallSeconds: number | null
  readonly bytes: number
  readonly snapshots: number
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** At most 60 points of the loss, per sample where that is known, evenly spaced in steps. */
  readonly sparkline: readonly number[]
  /** Why it is not going on, or what of its small files is damaged. */
  readonly error: string | null
  /** What is wrong with spec.json, meta.json or status.json; null when they are whole. */
  readonly damage: string | null
}
