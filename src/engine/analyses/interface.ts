// What a kind of analysis is given and gives back: a point (weights, data, objective) or the points of a run in, arrays with figures and checks out.
import type { LossKind, RunSpec } from '../../shared/spec/schema'
import type { Linalg } from '../linalg'
import type { Batch } from '../nn/forward'
import type { Network } from '../nn/network'
import type { Objective } from '../objective'
import type { StepParts, TrainingState } from '../training'

/** Weights with the loss that they are judged by. */
export interface AnalysisPoint {
  readonly step: number
  readonly spec: RunSpec
  readonly linalg: Linalg
  readonly parameters: Float64Array
  /** On the samples asked for: the batch that the next step trains on (as snapshots take it), or all training data. */
  readonly objective: Objective
  readonly samples: number
  /** What the objective is made of; null for a function. */
  readonly network: { readonly network: Network; readonly batch: Batch; readonly loss: LossKind } | null
}

/** True where an activation has a kink: the loss is smooth in pieces only. */
export const hasKinks = ({ network }: { readonly network: { readonly network: Network } | null }): boolean =>
  network?.network.layers.some(({ activation }) => activation.piecewiseLinear && activation.lowerSlope !== 1) ?? false

export interface ChosenRows {
  readonly batch: Batch
  /** Classes; null where there are none. */
  readonly labels: Int32Array | null
  /** Their places in the dataset's training or test part, which a split for validation moves. */
  readonly places: Uint32Array
}

export interface AnalysisSource {
  /** Null for a spec's start point. */
  readonly run: string | null
  readonly step: number
  readonly spec: RunSpec
  readonly linalg: Linalg
  /** Steps whose weights are stored, in checkpoints or snapshots, ascending; [0] for a spec. */
  readonly steps: readonly number[]
  readonly checkpoints: readonly number[]
  /** Default: the step asked for. Valid until the next call: batches share memory. */
  point(step?: number): Promise<AnalysisPoint>
  parametersAt(step: number): Promise<Float64Array>
  /**
   * The run as its trainer has it at a checkpoint (default: of the step asked for), or at a spec's start: what `finishStep` goes on from. Its batches
   * share memory with those of `point`. Throws naming the checkpoints there are.
   */
  training(step?: number): Promise<{ readonly parts: StepParts; readonly state: TrainingState }>
  /** Rows of the run's training data behind the objective of `point`, in its order. */
  batchRows(step?: number): Uint32Array
  /** Rows of the run's test data; 0 where there are none. */
  readonly testSamples: number
  /** Rows of the run's training or test data by themselves, copied. Throws for a function, which has none. */
  chosenRows(rows: Uint32Array, from: 'training' | 'test'): ChosenRows
  /**
   * Σ c·ℓ over the chosen rows and the run's own weight decay, c being a sample's weight in the loss of `point` (1 for half-sse, 1/N for the means over N
   * samples): all rows of the batch give that loss again, all but one the loss that is left without it.
   */
  objectiveOf(rows: Uint32Array, from: 'training' | 'test'): Objective
  /** The loss that the run wrote down for the step after this one: of its batch, before its update. Null where there is none. */
  recordedLoss(step: number): Promise<number | null>
  /** All eigenvalues of the whole Hessian, ascending, as the run's snapshot of that step has them; null where it has none. */
  storedSpectrum(step: number): Promise<Float64Array | null>
}

/** What is known before anything is opened. */
export interface AnalysisShape {
  readonly parameterCount: number
  /** Behind the objective. */
  readonly samples: number
  /** Of the network; 1 for a function. */
  readonly outputs: number
  /** Stored ones, of the run. */
  readonly steps: number
}

export interface AnalysisCost {
  /** Rough. */
  readonly seconds: number
  readonly memoryBytes: number
  readonly diskBytes: number
}

/** What is known of arrays while the work goes on, by the names in the facts of the kind; NaN where nothing is known yet. */
export type AnalysisPreview = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>>

export type AnalysisArray = { readonly shape: readonly number[] } & (
  | { readonly data: Float64Array }
  | { readonly pieces: Iterable<Float64Array> | AsyncIterable<Float64Array> }
)

export interface AnalysisOutcome {
  /** By the names in the facts of the kind; doubles in C order. */
  readonly arrays: Readonly<Record<string, AnalysisArray>>
  readonly figures: Readonly<Record<string, number | null>>
  /** It holds where value ≤ limit. */
  readonly checks: Readonly<Record<string, { readonly value: number | null; readonly limit: number }>>
  readonly notes: readonly string[]
  /** Figures and checks that only the arrays as they were written can give, asked for once all their pieces are taken. */
  readonly afterwards?: () => Pick<AnalysisOutcome, 'figures' | 'checks'>
  /** What came of it, in one sentence for people. */
  readonly said: string
}

/** Where an analysis that takes long puts aside what it has, to go on from there after an interruption; numbered as it likes. */
export interface AnalysisTiles {
  /** What was put aside under this number by this one or an earlier one with the same options at the same step; null where there is nothing. */
  read(index: number): Promise<Float64Array | null>
  write(index: number, values: Float64Array): Promise<void>
}

export interface AnalysisCall {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, message: string) => void
  /** Called as often as one likes: the newest is shown twice a second, and copied only then. */
  readonly onPreview?: (arrays: AnalysisPreview) => void
  /** Left out where nothing is put aside: of a spec's start point. */
  readonly tiles?: AnalysisTiles
}

export interface AnalysisEngine<Options> {
  /** Which samples the points are judged on; left out: the option `data` says. */
  readonly data?: 'batch' | 'all'
  cost(shape: AnalysisShape, options: Options, spec: RunSpec): AnalysisCost
  /** Why not, one sentence, before anything is opened; null when it can be done. */
  refusal?(spec: RunSpec, shape: AnalysisShape, options: Options): string | null
  /** Throws one sentence; AbortError when stopped. */
  work(source: AnalysisSource, options: Options, call: AnalysisCall): Promise<AnalysisOutcome>
}
