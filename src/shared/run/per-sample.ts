// From the loss of a batch to that of a sample: `half-sse` is a sum over the batch and is divided by its samples, every other loss is a mean already.
import { isFunctionSpec, type RunSpec } from '../spec/schema'

/** What a run's batch loss is of. */
export interface BatchLoss {
  /** Kind of loss; null for a function, whose value belongs to no samples. */
  readonly loss: string | null
  /** As the spec has it: null is the full batch. */
  readonly batchSize: number | null
  /** Training samples an epoch goes through; null where nothing says how many. */
  readonly trainingSamples: number | null
}

/** By what the loss of a step is divided. */
export type Divisor = (step: number) => number

const one: Divisor = () => 1

/** True for a loss that is a sum over the batch. */
export const isBatchSum = ({ loss }: Pick<BatchLoss, 'loss'>) => loss === 'half-sse'

export function batchLossOf(spec: RunSpec, trainingSamples: number | null): BatchLoss {
  if (isFunctionSpec(spec)) return { loss: null, batchSize: null, trainingSamples: null }
  return { loss: spec.loss, batchSize: spec.batch.size, trainingSamples }
}

/** Samples of a step's batch: an epoch's last one may be shorter. */
function batchSamples(batchSize: number | null, samples: number): Divisor {
  const size = Math.min(batchSize ?? samples, samples)
  const batches = Math.ceil(samples / size)
  const last = samples - (batches - 1) * size
  return (step) => (step % batches === 0 ? last : size)
}

/** Null where the number of samples is not known, or the loss is of a kind that nothing is known of. */
export function lossDivisor({ loss, batchSize, trainingSamples }: BatchLoss): Divisor | null {
  if (loss === null || loss === 'mse' || loss === 'softmax-cross-entropy') return one
  return loss === 'half-sse' && trainingSamples !== null && trainingSamples > 0 ? batchSamples(batchSize, trainingSamples) : null
}

/** Every step is divided by the same number. */
export function dividesEvenly({ loss, batchSize, trainingSamples }: BatchLoss): boolean {
  if (loss !== 'half-sse' || trainingSamples === null) return true
  return batchSize === null || batchSize >= trainingSamples || trainingSamples % batchSize === 0
}

/**
 * Training samples by the `epoch` of a line of the first epoch, the fraction that was seen after its step; null where that says nothing (a full
 * batch ends an epoch whatever its size).
 */
export function samplesByEpoch(batchSize: number | null, step: number, epoch: number): number | null {
  if (batchSize === null || !(epoch > 0 && epoch < 1)) return null
  return Math.round((step * batchSize) / epoch)
}
