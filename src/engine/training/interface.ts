// What the training loop is handed and what it hands out. The loop knows neither files nor windows.
import type { RunSpec } from '../../shared/spec/schema'
import type { Evaluation, HistogramLine, MetricsLine } from '../../shared/run/schema'
import type { FactorizationCache } from '../curvature/inverse-gradient'
import type { Snapshot } from '../curvature/snapshot'
import type { SampleRows } from '../data/split'
import type { CurvatureBlock } from '../objective'
import type { OptimizerState } from '../optimizers/interface'
import type { WallClock } from './wall-clock'

/** A dataset after transforms: inputs and targets as matrices of doubles, one sample a row. */
export interface TrainingData {
  readonly train: SampleRows
  /** Split off the training data by `data.validation`; null where nothing is. */
  readonly validation: SampleRows | null
  readonly test: SampleRows | null
}

/** Everything needed to go on after `step` finished steps, bit by bit. */
export interface TrainingState {
  readonly step: number
  readonly epoch: number
  /** Position inside the epoch, in samples, and the epoch's order when shuffled (rebuilt from the generator's state at the epoch's start). */
  readonly samplesIntoEpoch: number
  readonly parameters: Float64Array
  readonly optimizer: OptimizerState
  /** Saved states of the random streams by name (`batches`, …), as JSON. */
  readonly random: Readonly<Record<string, unknown>>
  /** Seconds of the steps' own work since the start. */
  readonly seconds: number
  /** Seconds since the start, everything included, pauses excluded, when the state was checkpointed; null for a run that began before it was counted. */
  readonly wallSeconds: number | null
  readonly gradientEvaluations: number
}

/** Where a run's results go. Implemented by the store for a run folder, by arrays in tests. Calls are awaited one after the other. */
export interface TrainingSink {
  /** Undefined where there is nothing to wait for: cheap steps are not slowed by a promise each. */
  metrics(line: MetricsLine): Promise<void> | undefined
  checkpoint(state: TrainingState): Promise<void>
  /**
   * True: writing a checkpoint takes time, and of a run's checkpoints only the first, the newest and `checkpoints.keep` others stay. Those that fall due
   * less than a second or so after the last writing then wait in memory, and older ones than these are never written.
   */
  readonly rests?: boolean
  /** False when a snapshot of at most so many bytes, everything included, must not be made. */
  admitsSnapshot(step: number, bytes: number): Promise<boolean>
  /** A matrix of the snapshot of `step`, which follows; called where `snapshots.hessian` asks for it. Its memory is decomposed in place when this returns. */
  matrix(step: number, block: CurvatureBlock): Promise<void>
  snapshot(snapshot: Snapshot): Promise<void>
  /** The snapshot cannot follow: what `matrix` was given is not wanted. */
  dropMatrices(): Promise<void>
  log(message: string): Promise<void>
  /** The evaluation of the start weights, before step 1, when the spec asks for evaluations at all. */
  startEvaluation?(evaluation: Evaluation): Promise<void>
  /** Of every evaluation, the start's included, where the spec asks for histograms. */
  histograms?(line: HistogramLine): Promise<void>
  /** Asked on resume, so that a snapshot that an interruption prevented is made up for. Left out: it was made. */
  hasSnapshot?(step: number): Promise<boolean>
}

/** Small events for whoever watches; never big arrays. */
export type TrainingEvent =
  | { readonly kind: 'phase'; readonly step: number; readonly phase: string; readonly fraction: number; readonly etaSeconds: number | null }
  | { readonly kind: 'step'; readonly line: MetricsLine }
  | { readonly kind: 'snapshot'; readonly step: number }
  | { readonly kind: 'checkpoint'; readonly step: number }

export type StopReason = 'budget' | 'target-loss' | 'stopped' | 'diverged'

export interface TrainingOutcome {
  readonly reason: StopReason
  readonly state: TrainingState
  /** For `diverged`: the step and what was not finite, in one sentence. */
  readonly message: string | null
}

export interface TrainingRequest {
  readonly spec: RunSpec
  readonly state: TrainingState
  readonly sink: TrainingSink
  readonly onEvent?: (event: TrainingEvent) => void
  /** Runs since work on the run began in this process, before its data were loaded; left out: since `train` was called. */
  readonly clock?: WallClock
  /** First request to stop: the step in hand is finished when it takes less than 2 s, else cancelled; a checkpoint is written either way. */
  readonly stop?: AbortSignal
  /**
   * Where fast finite-difference Newton keeps the factorizations of its batches, by `first sample + samples`; left out: in memory, in half of what is
   * free. One that outlives the run must tell datasets, transforms and seeds apart by itself. The loop does not release it.
   */
  readonly factorizations?: FactorizationCache
}
