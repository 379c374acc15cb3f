// Fast finite-difference Newton for networks (Lee 2019, docs/finite-difference-newton.md): from a batch to the direction H⁻¹ g without a Hessian.
import type { LossKind } from '../../../shared/spec/schema'
import type { CallOptions } from '../../linalg'
import { linearize, outerGradient, type Batch, type Linearization } from '../../nn/forward'
import { lossFunction } from '../../nn/losses'
import type { Network } from '../../nn/network'
import { matrix } from '../../linalg'
import type {
  CurvatureProduct,
  EngineContext,
  InverseGradientMode,
  InverseGradientOptions,
  InverseGradientResult,
  Objective
} from '../../objective'
import { addProducts } from '../products'
import { releaseFactorization, type FactorizationCache } from './cache'
import { layerwiseInverse, shapeRefusal } from './deep'
import { blockDistances } from './distance'
import { factorizeBatch, type BatchFactorization } from './factorization'
import { jointInverse } from './joint'
import { perceptronInverse, withOnes } from './perceptron'

export { memoryFactorizations, factorizationBytes, type FactorizationCache } from './cache'
export { applyPseudoinverse, factorizeBatch, type BatchFactorization } from './factorization'
export { shapeRefusal } from './deep'
export { fdSweep, sweepDifferences, type SweepRow } from './sweep'

/** Where the factorization of this batch is kept for the next epoch; leave it out for batches that do not come again. */
export interface BatchCache {
  readonly cache: FactorizationCache
  readonly key: string
}

/** Why fd-newton cannot run on this network at all, or null. Weights and data do not matter here; singular matrices show at the first step. */
export function inverseGradientRefusal(network: Network, loss: LossKind, samples: number, mode: InverseGradientMode): string | null {
  if (loss === 'softmax-cross-entropy')
    return 'fd-newton: softmax-cross-entropy mixes the outputs, so errors do not follow from gradients; use half-sse or mse'
  // A perceptron's own shapes are judged with the batch's rank in hand, but for `joint`, whose matrices must be square.
  return shapeRefusal(network, network.layers.length === 1 && mode !== 'joint' ? 0 : samples, mode)
}

async function withFactorization<Result>(
  context: EngineContext,
  batch: Batch,
  network: Network,
  cached: BatchCache | undefined,
  options: CallOptions,
  work: (x: Batch['inputs'], factorization: BatchFactorization) => Promise<Result>
): Promise<Result> {
  const { linalg } = context
  const x = withOnes(network.layers[0], batch.inputs)
  const known = cached === undefined ? null : await cached.cache.get(cached.key)
  const factorization = known ?? (await factorizeBatch(linalg, x, options))
  try {
    if (known === null && cached !== undefined) await cached.cache.put(cached.key, factorization)
    return await work(x, factorization)
  } finally {
    if (cached?.cache.owns(factorization) !== true) releaseFactorization(linalg, factorization)
  }
}

async function directionOf(
  context: EngineContext,
  network: Network,
  batch: Batch,
  state: Linearization,
  cached: BatchCache | undefined,
  options: InverseGradientOptions
): Promise<InverseGradientResult> {
  if (options.mode === 'joint') {
    const { linalg } = context
    const { signal } = options
    const g = new Float64Array(network.parameterCount)
    await outerGradient(linalg, state, state.deltas, g, false, { signal })
    const multiply: CurvatureProduct = async (vectors, call) => {
      const results = matrix(vectors.rows, network.parameterCount)
      await addProducts(linalg, state, 'hessian', vectors, results, call ?? {})
      return results
    }
    return jointInverse(linalg, state, { multiply, g }, options)
  }
  if (network.layers.length === 1)
    return withFactorization(
      context,
      batch,
      network,
      cached,
      { signal: options.signal, onProgress: options.onProgress },
      (x, factorization) => perceptronInverse(context.linalg, state, x, factorization, options)
    )
  const result = await layerwiseInverse(context.linalg, state, options)
  if (result.exact || options.mode !== 'limit') return result
  return {
    ...result,
    figures: { ...result.figures, ...(await blockDistances(context.linalg, state, result.direction, { signal: options.signal })) }
  }
}

/**
 * The `inverseGradient` of a network's objective on one batch: for a perceptron by one factorization of the batch (kept in `cached`), for deeper
 * networks layer by layer. Rejects with one sentence that names the matrix, its shape and rank where there is no inverse.
 */
export function networkInverseGradient(
  context: EngineContext,
  network: Network,
  loss: LossKind,
  batch: Batch,
  cached?: BatchCache
): NonNullable<Objective['inverseGradient']> {
  const f = lossFunction(loss)
  const weight = f.weight(batch.inputs.rows, batch.targets.columns)
  return async (parameters, options) => {
    const refusal = inverseGradientRefusal(network, loss, batch.inputs.rows, options.mode)
    if (refusal !== null) throw new Error(refusal)
    const state = await linearize(context.linalg, network, f, batch, weight, parameters, { signal: options.signal })
    return directionOf(context, network, batch, state, cached, options)
  }
}
