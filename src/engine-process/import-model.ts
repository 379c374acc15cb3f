// Takes a network from elsewhere in as a run at step 0: its weights, the data it is looked at with, and the loss that proves both.
import { resolve } from 'node:path'
import type { z } from 'zod'
import { openLinalg, type Linalg } from '../engine/linalg'
import { initialState, openProblem, type TrainingData } from '../engine/training'
import type { modelImportSchema, ModelQuestion } from '../shared/models/inspection'
import { checkSpec } from '../shared/spec/check'
import { isFunctionSpec, losses, type Activation, type LossKind, type NetworkSpec } from '../shared/spec/schema'
import { StorageError, type Workspace } from '../store'
import { builtInIds, installDataset, readDatasetSource } from '../store/datasets'
import { networkIn, placeModelRun, readWeights, specOf, widthsOf, withModel, type ModelRun, type Network } from '../store/models'
import { prepareRun, SpecFault, type Prepared } from './prepare'
import { versions } from './versions'

export type ModelOrder = z.output<typeof modelImportSchema>

export interface ImportModelOptions {
  readonly signal?: AbortSignal
  readonly onPhase?: (phase: string) => void
  readonly onProgress?: (fraction: number) => void
}

export interface ImportedModel {
  readonly id: string
  readonly widths: readonly number[]
  readonly parameters: number
  /** On all training samples, as the spec's loss is defined for a batch. */
  readonly loss: number
  readonly samples: number
  /** Id of the dataset, installed by this import where it was a file. */
  readonly dataset: string
  /** What came of it, a sentence or two. */
  readonly message: string
}

const kinds = 'relu, leaky-relu, tanh, sigmoid, softplus or identity'
/** How each open question is answered on the command line. */
const answers: Readonly<Record<ModelQuestion, string>> = {
  order: 'the order of its layers (--order WEIGHT,WEIGHT,…)',
  activation: `the activation of its hidden layers (--activation ${kinds})`,
  outputActivation: `the activation of its outputs (--output-activation ${kinds})`,
  loss: `the loss (--loss ${losses.join(', ')})`
}

/** How a loss takes samples and outputs together. */
const summed: Readonly<Record<LossKind, string>> = {
  'half-sse': 'half-sse: ½ Σ over samples and outputs',
  mse: 'mse: mean over samples and outputs',
  'softmax-cross-entropy': 'softmax-cross-entropy: mean over samples'
}

const tolerance = 1e-9
const agrees = (found: number, expected: number) => Math.abs(found - expected) <= tolerance * Math.abs(expected)

/** As `expected` is to be compared: half-sse is written as the sum, or as its mean over samples. Null where neither is it. */
function agreement(kind: LossKind, loss: number, samples: number, expected: number): string | null {
  if (agrees(loss, expected)) return `it is the expected ${expected} (to ${tolerance}, relative)`
  if (kind === 'half-sse' && agrees(loss / samples, expected))
    return `divided by the ${samples} samples it is the expected ${expected} (to ${tolerance}, relative)`
  return null
}

/** The complete spec, or one sentence with all that is still open. */
async function completeSpec(network: Network, order: ModelOrder, weights: string): Promise<NetworkSpec> {
  const { spec, asked } = specOf(network, order, weights)
  if (asked.length > 0) {
    const orders = network.orders.map((names) => names.join(',')).slice(0, 4)
    const fit = asked.includes('order')
      ? `; orders that fit by shape: ${orders.join(' or ')}${network.orders.length > 4 ? ' or …' : ''}`
      : ''
    throw new StorageError('bad-input', `${network.file} does not say ${asked.map((one) => answers[one]).join(', nor ')}${fit}`)
  }
  const { spec: checked, problems } = await checkSpec(spec)
  if (checked === null || isFunctionSpec(checked)) throw new SpecFault(problems)
  return checked
}

async function lossOf(linalg: Linalg, spec: NetworkSpec, { data, parameters }: Prepared, signal: AbortSignal | undefined) {
  const problem = openProblem({ linalg }, spec, data)
  try {
    const { samples } = problem
    const batch = { indices: Uint32Array.from({ length: samples }, (_, k) => k), from: 0 }
    const loss = await problem.objective(batch, 'step').loss(parameters, { signal })
    return { loss, samples, startEvaluation: await problem.evaluate(parameters, { signal }) }
  } finally {
    problem.dispose()
  }
}

/** The data of a file under the first free id after its own. */
async function install(workspace: Workspace, path: string, signal: AbortSignal | undefined): Promise<string> {
  const source = await readDatasetSource(workspace.fileSystem, path, { signal })
  const { id } = source.description
  for (let k = 1; ; k++) {
    const description = { ...source.description, id: k === 1 ? id : `${id.slice(0, 56)}-${k}` }
    if (builtInIds.includes(description.id)) continue
    try {
      return (await installDataset(workspace, { ...source, description }, { signal })).id
    } catch (error) {
      if (k === 100 || !(error instanceof StorageError && error.code === 'conflict')) throw error
    }
  }
}

const activationText = (activation: Activation) =>
  activation.kind === 'leaky-relu' ? `leaky-relu (slope ${activation.slope})` : activation.kind

function describe({ model, loss }: NetworkSpec, network: Network): string {
  const hidden = network.layers.length > 1 ? `${activationText(model.activation)}, ` : ''
  return `${widthsOf(network).join(' → ')}, ${hidden}outputs ${activationText(model.outputActivation ?? model.activation)}, ${model.bias ? 'with' : 'without'} biases, ${loss}`
}

/** Imports it: all that can be refused is refused before anything of the workspace changes. Rejects with one sentence. */
export async function importModel(workspace: Workspace, order: ModelOrder, options: ImportModelOptions = {}): Promise<ImportedModel> {
  const { signal, onPhase, onProgress } = options
  const path = resolve(order.path)
  const reference = typeof order.dataset === 'string' ? order.dataset : { path: resolve(order.dataset.path) }
  const wish: ModelOrder = { ...order, dataset: reference }
  onPhase?.('reading the network')
  const { network, arrays } = await withModel(workspace.fileSystem, path, async (model) => {
    const found = networkIn(model, order.order)
    await completeSpec(found, wish, 'inputs/init.npz')
    return { network: found, arrays: await readWeights(found) }
  })
  const linalg = await openLinalg()
  let imported: Omit<ImportedModel, 'id'> | null = null
  try {
    const prepare = async (weights: string): Promise<ModelRun> => {
      const spec = await completeSpec(network, wish, weights)
      onPhase?.('reading the data')
      const prepared = await prepareRun({ workspace, linalg, signal, onProgress }, spec)
      onPhase?.('loss')
      const { loss, samples, startEvaluation } = await lossOf(linalg, spec, prepared, signal)
      const found = `the loss on all ${samples} training samples is ${loss} (${summed[spec.loss]})`
      if (!Number.isFinite(loss)) throw new StorageError('bad-input', `${network.file}: ${found}, which is no finite number`)
      let proof = ''
      if (order.expectLoss !== undefined && order.expectLoss !== null) {
        const words = agreement(spec.loss, loss, samples, order.expectLoss)
        if (words === null)
          throw new StorageError(
            'bad-input',
            `${network.file}: ${found}, not the expected ${order.expectLoss}: activation, loss, order of layers or data are others than where it was computed (${describe(spec, network)})`
          )
        proof = `; ${words}`
      }
      onPhase?.('writing')
      const dataset = typeof reference === 'string' ? reference : await install(workspace, reference.path, signal)
      const message = `${describe(spec, network)}, ${prepared.parameters.length} parameters; ${found}${proof}`
      imported = { widths: widthsOf(network), parameters: prepared.parameters.length, loss, samples, dataset, message }
      const stored: NetworkSpec = { ...spec, data: { ...spec.data, dataset } }
      return {
        spec: stored,
        state: initialState(stored, prepared.parameters),
        hashes: prepared.hashes,
        status: {
          backend: linalg.info,
          versions: versions(),
          parameterCount: prepared.parameters.length,
          trainingSamples: (prepared.data as TrainingData).train.inputs.rows,
          startEvaluation
        },
        log: [`imported from ${network.file}: ${message}`, ...network.notes]
      }
    }
    const name = order.name ?? network.file.replace(/\.[^.]*$/, '')
    const id = await placeModelRun(workspace, arrays, { name, ...(order.id === undefined ? {} : { id: order.id }) }, prepare)
    return { id, ...(imported as unknown as Omit<ImportedModel, 'id'>) }
  } finally {
    await linalg.dispose()
  }
}
