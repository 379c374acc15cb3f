// A network on a batch, or on a whole training set worked through in chunks, as the objective that optimizers minimize.
import { layerArrays } from '../../shared/model/layout'
import type { LossKind } from '../../shared/spec/schema'
import { assembleCurvature } from '../curvature/hessian'
import { assembleRows } from '../curvature/rows'
import { networkInverseGradient, type BatchCache } from '../curvature/inverse-gradient'
import { addKroneckerFactors, emptyFactors } from '../curvature/kronecker'
import { addProducts } from '../curvature/products'
import { networkJets } from '../jets/network'
import { matrix, type CallOptions } from '../linalg'
import type { EngineContext, Objective } from '../objective'
import { batchRows, forward, linearize, lossOf, outerGradient, type Batch, type Linearization } from '../nn/forward'
import { lossFunction } from '../nn/losses'
import type { Network } from '../nn/network'
import { createPacer } from '../linalg/pacer'

export interface ObjectiveOptions {
  /** Samples worked on at a time; default: so many that the activations of a chunk take about 3 MB. */
  readonly chunkSamples?: number
  /** Where fast finite-difference Newton keeps the factorization of this batch. */
  readonly factorization?: BatchCache
}

/** Numbers that the activations, errors and slopes of a whole pass may take to be kept between products. */
const keptLength = 32e6

function checkBatch(network: Network, { inputs, targets }: Batch): void {
  const width = network.widths[network.widths.length - 1]
  if (inputs.rows < 1) throw new Error('batch: needs at least one sample')
  if (inputs.columns !== network.widths[0])
    throw new Error(`batch: the inputs have ${inputs.columns} columns, the network takes ${network.widths[0]}`)
  if (targets.columns !== width) throw new Error(`batch: the targets have ${targets.columns} columns, the network gives ${width}`)
  if (targets.rows !== inputs.rows) throw new Error(`batch: ${inputs.rows} inputs and ${targets.rows} targets`)
}

/** Samples of a chunk in which each of a pass's sets of arrays takes about 3 MB: larger ones are no faster, their fresh memory costs page faults. */
export function defaultChunk(network: Network): number {
  return Math.max(1, Math.floor(4e5 / network.widths.slice(1).reduce((sum, width) => sum + width, 0)))
}

/**
 * The loss of a network over a batch as a function of its parameters (layout: see Network). A batch of any size works: it is gone through in
 * chunks, so a whole training set may be given, and only the inputs themselves must be in memory. Throws when widths do not meet.
 */
export function networkObjective(
  context: EngineContext,
  network: Network,
  loss: LossKind,
  batch: Batch,
  options: ObjectiveOptions = {}
): Objective {
  checkBatch(network, batch)
  const { linalg } = context
  const samples = batch.inputs.rows
  const f = lossFunction(loss)
  const weight = f.weight(samples, batch.targets.columns)
  const chunk = Math.min(samples, options.chunkSamples ?? defaultChunk(network))

  /** Calls `work` for one chunk after the other. */
  const eachChunk = async (call: CallOptions, work: (part: Batch, from: number) => Promise<void>): Promise<void> => {
    const pace = createPacer(call.signal)
    for (let from = 0; from < samples; from += chunk) {
      const pause = pace()
      if (pause) await pause
      const count = Math.min(chunk, samples - from)
      await work(count === samples ? batch : batchRows(batch, from, count), from)
      call.onProgress?.((from + count) / samples)
    }
  }
  const pass = (part: Batch, parameters: Float64Array, call: CallOptions) =>
    linearize(linalg, network, f, part, weight, parameters, { signal: call.signal })

  return {
    parameterCount: network.parameterCount,
    blocks: network.blocks,
    arrays: layerArrays(network.blocks, network.bias),
    samples,
    outputsDecouple: f.elementwise,
    async loss(parameters, call = {}) {
      let sum = 0
      await eachChunk(call, async (part) => {
        const { hidden } = await forward(linalg, network, part.inputs, parameters, { signal: call.signal })
        sum += lossOf(f, hidden[network.layers.length], part.targets, weight)
      })
      return sum
    },
    async gradient(parameters, gradient, call = {}) {
      let sum = 0
      await eachChunk(call, async (part, from) => {
        const state = await pass(part, parameters, call)
        await outerGradient(linalg, state, state.deltas, gradient, from > 0, { signal: call.signal })
        sum += state.loss
      })
      return sum
    },
    curvature: (parameters, call) => assembleCurvature(linalg, { network, lossFunction: f, batch, weight }, parameters, call),
    curvatureRows: (parameters, call) => assembleRows(linalg, { network, lossFunction: f, batch, weight }, parameters, call),
    async products(parameters, kind, call = {}) {
      const point = parameters.slice()
      const perSample = 6 * network.widths.slice(1).reduce((sum, width) => sum + width, 0)
      const keep = samples * perSample <= keptLength
      const kept: Linearization[] = []
      if (keep) await eachChunk(call, async (part) => void kept.push(await pass(part, point, call)))
      return async (vectors, productCall = {}) => {
        const results = matrix(vectors.rows, network.parameterCount)
        await eachChunk(productCall, async (part, from) => {
          const state = keep ? kept[from / chunk] : await pass(part, point, productCall)
          await addProducts(linalg, state, kind, vectors, results, { signal: productCall.signal })
        })
        return results
      }
    },
    jets: (parameters, curves, call) =>
      networkJets(linalg, { network, lossFunction: f, batch, weight, chunkSamples: options.chunkSamples }, parameters, curves, call),
    async kroneckerFactors(parameters, call = {}) {
      const factors = emptyFactors(network)
      await eachChunk(call, async (part) => {
        await addKroneckerFactors(linalg, await pass(part, parameters, call), samples, factors, { signal: call.signal })
      })
      return { factors, shift: 0 }
    },
    inverseGradient: networkInverseGradient(context, network, loss, batch, options.factorization)
  }
}
