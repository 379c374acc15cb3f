// From a spec to the problem that the loop trains.
import { isFunctionSpec, type FunctionSpec, type NetworkSpec, type RunSpec } from '../../shared/spec/schema'
import { describePoint, functionDefinition } from '../functions/list'
import { functionObjective } from '../objectives/function'
import { inverseGradientRefusal, memoryFactorizations, type FactorizationCache } from '../curvature/inverse-gradient'
import { block, type Linalg, type Matrix } from '../linalg'
import type { Batch as Samples } from '../nn/forward'
import { createNetwork, type Network } from '../nn/network'
import { evaluate, type EvaluationSet } from '../objectives/evaluate'
import { networkObjective } from '../objectives/network'
import { regularizedObjective } from '../objectives/regularized'
import { scaledObjective } from '../objectives/scaled'
import type { EngineContext } from '../objective'
import type { Batch } from './batches'
import type { TrainingData } from './interface'
import type { TrainingProblem } from './problem'

function functionProblem(context: EngineContext, spec: FunctionSpec): TrainingProblem {
  const definition = functionDefinition(spec.problem)
  const objective = regularizedObjective(functionObjective(context, definition), spec.regularization.l2)
  return {
    parameterCount: objective.parameterCount,
    blocks: objective.blocks,
    samples: 1,
    batchSize: null,
    shuffle: false,
    sumLoss: false,
    objective: () => objective,
    network: null,
    evaluate: async () => null,
    point: (parameters) => describePoint(definition, parameters),
    dispose: () => undefined
  }
}

/** The network of a spec, its open input width as given. */
export function networkOfWidth(spec: NetworkSpec, inputs: number): Network {
  const [, ...rest] = spec.model.layers
  return createNetwork({ ...spec.model, layers: [inputs, ...rest] }, spec.loss)
}

/** The network of a spec with its data. Whoever opens the data has checked that they meet: here that is certain. */
export function networkOf(spec: NetworkSpec, { train: { inputs, targets } }: TrainingData): Network {
  const [first] = spec.model.layers
  const network = networkOfWidth(spec, inputs.columns)
  if ((first ?? inputs.columns) !== inputs.columns || network.widths.at(-1) !== targets.columns)
    throw new Error('model.layers: the widths do not meet the data')
  return network
}

/** Rows of a matrix by index, copied into memory that is used again by the next call of the same size. */
function gatherer(linalg: Linalg) {
  let memory: Float64Array | null = null
  return {
    rows(from: Matrix, indices: Uint32Array): Matrix {
      const length = indices.length * from.columns
      if (memory === null || memory.length < length) {
        if (memory !== null) linalg.release(memory)
        memory = linalg.allocate(length)
      }
      for (let row = 0; row < indices.length; row++) {
        const start = from.offset + indices[row] * from.stride
        memory.set(from.data.subarray(start, start + from.columns), row * from.columns)
      }
      return { data: memory, rows: indices.length, columns: from.columns, offset: 0, stride: from.columns }
    },
    release() {
      if (memory !== null) linalg.release(memory)
      memory = null
    }
  }
}

/** Part of the free memory that factorizations kept for later epochs may take. */
export const factorizationShare = 0.5

function networkProblem(context: EngineContext, spec: NetworkSpec, data: TrainingData, given?: FactorizationCache): TrainingProblem {
  const { linalg } = context
  const network = networkOf(spec, data)
  const { train, validation, test } = data
  if (train.inputs.rows === 0) throw new Error('data: there are no training samples')
  const memory = { step: [gatherer(linalg), gatherer(linalg)], curvature: [gatherer(linalg), gatherer(linalg)] } as const
  const samplesOf = ({ indices, from }: Batch, use: 'step' | 'curvature'): Samples => {
    if (from !== null)
      return {
        inputs: block(train.inputs, from, 0, indices.length, train.inputs.columns),
        targets: block(train.targets, from, 0, indices.length, train.targets.columns)
      }
    const [inputs, targets] = memory[use]
    return { inputs: inputs.rows(train.inputs, indices), targets: targets.rows(train.targets, indices) }
  }
  const { optimizer } = spec
  if (optimizer.kind === 'fd-newton') {
    const refusal = inverseGradientRefusal(network, spec.loss, Math.min(spec.batch.size ?? Infinity, train.inputs.rows), optimizer.mode)
    if (refusal !== null) throw new Error(refusal)
  }
  // Batches in file order come round again every epoch; shuffled ones do not.
  const comeAgain = network.layers.length === 1 && !spec.batch.shuffle
  const factorizations = comeAgain ? (given ?? memoryFactorizations(linalg, factorizationShare * linalg.availableBytes)) : null
  return {
    parameterCount: network.parameterCount,
    blocks: network.blocks,
    samples: train.inputs.rows,
    batchSize: spec.batch.size,
    shuffle: spec.batch.shuffle,
    sumLoss: spec.loss === 'half-sse',
    objective(batch, use, factor = 1) {
      const key = batch.from === null ? null : `${batch.from}+${batch.indices.length}`
      const factorization = factorizations === null || key === null ? undefined : { cache: factorizations, key }
      const loss = networkObjective(context, network, spec.loss, samplesOf(batch, use), { factorization })
      return regularizedObjective(scaledObjective(loss, factor), spec.regularization.l2)
    },
    network: { network, samplesOf },
    async evaluate(parameters, options = {}) {
      const rows = [validation, test].map((set) => set?.inputs.rows ?? 0)
      const all = rows[0] + rows[1]
      if (all === 0) return null
      const on = async (set: EvaluationSet | null, before: number) => {
        if (set === null || set.inputs.rows === 0) return { loss: null, accuracy: null }
        const onProgress = (fraction: number) => options.onProgress?.((before + fraction * set.inputs.rows) / all)
        const { loss, accuracy } = await evaluate(context, network, spec.loss, parameters, set, { signal: options.signal, onProgress })
        return { loss: Number.isFinite(loss) ? loss : null, accuracy }
      }
      const held = await on(validation, 0)
      const tested = await on(test, rows[0])
      return {
        testLoss: tested.loss,
        testAccuracy: tested.accuracy,
        ...(validation === null ? {} : { valLoss: held.loss, valAccuracy: held.accuracy })
      }
    },
    point: () => null,
    dispose() {
      if (given === undefined) factorizations?.release()
      for (const gatherers of Object.values(memory)) for (const { release } of gatherers) release()
    }
  }
}

/** Throws one sentence when the spec needs data and none is given, or does not meet it. */
export function openProblem(
  context: EngineContext,
  spec: RunSpec,
  data: TrainingData | null,
  factorizations?: FactorizationCache
): TrainingProblem {
  if (isFunctionSpec(spec)) return functionProblem(context, spec)
  if (data === null) throw new Error('data: the spec trains a network, but no data was given')
  return networkProblem(context, spec, data, factorizations)
}
