// What the loop trains: a network on a dataset or a function, reduced to objectives bound to batches and an evaluation.
import type { Evaluation } from '../../shared/run/schema'
import type { ParameterBlock } from '../../shared/model/layout'
import type { CallOptions } from '../linalg'
import type { Batch as Samples } from '../nn/forward'
import type { Network } from '../nn/network'
import type { Objective } from '../objective'
import type { Batch } from './batches'

export interface TrainingProblem {
  readonly parameterCount: number
  readonly blocks: readonly ParameterBlock[]
  /** Training samples; 1 for a function. */
  readonly samples: number
  readonly batchSize: number | null
  readonly shuffle: boolean
  /** True when the loss is a sum over the batch: curvature of a batch of another size is then scaled to the gradient's. */
  readonly sumLoss: boolean
  /**
   * `factor` (default 1) times the loss on these samples, and the spec's weight decay, which is never scaled. Valid until the next call for the
   * same `use`: memory is shared between batches.
   */
  objective(batch: Batch, use: 'step' | 'curvature', factor?: number): Objective
  /** The network and its samples, valid as long as the objective of the same batch and use; null for a function. */
  readonly network: { readonly network: Network; samplesOf(batch: Batch, use: 'step' | 'curvature'): Samples } | null
  /** Loss and accuracy on the test set and on the validation samples; null where there are neither. */
  evaluate(parameters: Float64Array, options?: CallOptions): Promise<Evaluation | null>
  /** Names a point of a small problem for people, "x = 0, y = 1"; null for networks. */
  point(parameters: Float64Array): string | null
  dispose(): void
}
