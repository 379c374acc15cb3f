// Which samples each step sees: file order or a seeded shuffle an epoch, the shorter last batch kept. A pure function of the position in the run.
import { restoreRandom, shuffledOrder, type RandomState } from '../random'

/** Where a run stands in its data; `random` is the state of the stream `batches` at the epoch's start. */
export interface Position {
  readonly epoch: number
  readonly samplesIntoEpoch: number
  readonly random: RandomState
}

/** Samples of one step, as places in the training set. */
export interface Batch {
  readonly indices: Uint32Array
  /** First sample when the indices are consecutive, else null: consecutive batches need no copy. */
  readonly from: number | null
}

export interface BatchPlan {
  readonly samples: number
  readonly batchSize: number
  readonly batchesPerEpoch: number
  /** The batch at a position, and the position after it. */
  at(position: Position): { readonly batch: Batch; readonly next: Position }
  /** The first `count` samples of the batch, or the batch and as many of the samples that follow it in the epoch's order (then from the order's start). */
  resized(position: Position, count: number): Batch
}

/** size null: the full batch. The order of a shuffled epoch is drawn anew from the state that the position carries, so it needs no storage. */
export function planBatches(samples: number, size: number | null, shuffle: boolean): BatchPlan {
  const batchSize = Math.min(size ?? samples, samples)
  let known: { readonly random: RandomState; readonly order: Uint32Array; readonly after: RandomState } | null = null

  const shuffled = (random: RandomState) => {
    if (known?.random !== random) {
      const generator = restoreRandom(random)
      const order = shuffledOrder(generator, samples)
      known = { random, order, after: generator.save() }
    }
    return known
  }
  const slice = (position: Position, count: number): Batch => {
    const start = position.samplesIntoEpoch
    const indices = new Uint32Array(count)
    if (shuffle) {
      const { order } = shuffled(position.random)
      for (let i = 0; i < count; i++) indices[i] = order[(start + i) % samples]
      return { indices, from: null }
    }
    for (let i = 0; i < count; i++) indices[i] = (start + i) % samples
    return { indices, from: start + count <= samples ? start : null }
  }
  return {
    samples,
    batchSize,
    batchesPerEpoch: Math.ceil(samples / batchSize),
    at(position) {
      const end = Math.min(position.samplesIntoEpoch + batchSize, samples)
      const batch = slice(position, end - position.samplesIntoEpoch)
      const next =
        end < samples
          ? { ...position, samplesIntoEpoch: end }
          : { epoch: position.epoch + 1, samplesIntoEpoch: 0, random: shuffle ? shuffled(position.random).after : position.random }
      return { batch, next }
    },
    resized: (position, count) => slice(position, Math.min(count, samples))
  }
}

/** Where a run stands after so many steps, from where it began: what its checkpoints hold. */
export function positionAfter(plan: BatchPlan, start: Position, steps: number): Position {
  const last = (plan.batchesPerEpoch - 1) * plan.batchSize
  let position = start
  for (let epoch = 0; epoch < Math.floor(steps / plan.batchesPerEpoch); epoch++)
    position = plan.at({ ...position, samplesIntoEpoch: last }).next
  return { ...position, samplesIntoEpoch: (steps % plan.batchesPerEpoch) * plan.batchSize }
}
