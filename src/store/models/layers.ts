// A file's network as layers in order, with all that the file leaves open; and the weights as the arrays W1, b1, W2, … of a run.
import type { ModelImport, ModelInspection, ModelLayer, ModelQuestion } from '../../shared/models/inspection'
import { biasName, layerName } from '../../shared/model/layout'
import type { NpyArray } from '../../shared/npy'
import { networkSpecSchema, type Activation, type LossKind } from '../../shared/spec/schema'
import { shown as shownValue } from '../../shared/spec/describe'
import { badData, badInput, shown } from '../formats/data-error'
import { chainTensors, type ChainedLayer } from './chain'
import { maximumParameters, type ModelFile } from './tensors'

interface Layer extends ChainedLayer {
  readonly activation: Activation | null
}

/** A network's file, understood. */
export interface Network {
  readonly file: string
  readonly layers: readonly Layer[]
  readonly orders: readonly (readonly string[])[]
  readonly orderIsOpen: boolean
  /** A softmax stands at the end. */
  readonly softmax: boolean
  readonly notes: readonly string[]
}

function statedNetwork(
  { name: file, graph, notes }: ModelFile & { graph: NonNullable<ModelFile['graph']> },
  order?: readonly string[]
): Network {
  const layers = graph.layers.map((layer) => {
    const [first, second] = layer.weight.shape
    return { ...layer, inputs: layer.transposed ? second : first, outputs: layer.transposed ? first : second }
  })
  const names = layers.map(({ weight }) => weight.name)
  if (order !== undefined && (order.length !== names.length || order.some((name, place) => name !== names[place])))
    throw badInput(`order: ${file} has a graph that says the order: ${names.map((name) => shown(name)).join(', ')}`)
  const some = layers.find(({ bias }) => bias === null)
  if (some !== undefined && layers.some(({ bias }) => bias !== null))
    throw badData(`${file}: ${shown(some.weight.name)} has no bias while other layers have one; all layers have one here or none has`)
  const [hidden, ...others] = layers.slice(0, -1)
  const other = others.find(({ activation }) => shownValue(activation) !== shownValue(hidden.activation))
  if (other !== undefined)
    throw badData(
      `${file}: the hidden layers have one activation here, these have ${hidden.activation.kind} (after ${shown(hidden.weight.name)}) and ${other.activation.kind} (after ${shown(other.weight.name)})`
    )
  return { file, layers, orders: [names], orderIsOpen: false, softmax: graph.softmax, notes }
}

/** The layers of an opened file; `order` names the weights from the inputs to the outputs. Throws one sentence. */
export function networkIn(model: ModelFile, order?: readonly string[]): Network {
  const { graph } = model
  const network =
    graph !== null
      ? statedNetwork({ ...model, graph }, order)
      : ((): Network => {
          const { layers, notes, ...rest } = chainTensors(model, order)
          const open = layers.map((layer) => ({ ...layer, activation: null }))
          return { file: model.name, layers: open, softmax: false, notes: [...model.notes, ...notes], ...rest }
        })()
  const count = parametersOf(network)
  if (count > maximumParameters) throw badData(`${model.name}: has ${count} parameters, more than the ${maximumParameters} that are read`)
  return network
}

export const widthsOf = ({ layers }: Network) => [layers[0].inputs, ...layers.map(({ outputs }) => outputs)]
const hasBias = ({ layers }: Network) => layers[0].bias !== null
const parametersOf = (network: Network) =>
  network.layers.reduce((sum, { inputs, outputs }) => sum + (inputs + (hasBias(network) ? 1 : 0)) * outputs, 0)

export type ModelAnswers = Omit<ModelImport, 'path' | 'order' | 'expectLoss' | 'id'>

/** What the file says, against what was given: null where neither says anything. */
function settle<T>(said: T | null, given: T | null | undefined, what: string, file: string): T | null {
  if (said !== null && given !== undefined && given !== null && shownValue(said) !== shownValue(given))
    throw badInput(`${what}: ${file} says ${shownValue(said)}, got ${shownValue(given)}`)
  return said ?? given ?? null
}

/** The spec as far as file and answers go, "?" for the rest, and what that is. `weights` is the path of the arrays W1, b1, W2, … */
export function specOf(
  network: Network,
  answers: Partial<ModelAnswers>,
  weights: string
): { readonly spec: unknown; readonly asked: readonly ModelQuestion[] } {
  const { file, layers, softmax } = network
  const loss = settle<LossKind>(softmax ? 'softmax-cross-entropy' : null, answers.loss, 'loss', file)
  const identity: Activation = { kind: 'identity' }
  const given = loss === 'softmax-cross-entropy' ? (answers.outputActivation ?? identity) : answers.outputActivation
  const outputActivation = settle(layers[layers.length - 1].activation, given, 'outputActivation', file)
  const said = settle(layers.length > 1 ? layers[0].activation : null, answers.activation, 'activation', file)
  // One layer has no hidden units: the activation of such is none.
  const activation = layers.length > 1 ? said : (said ?? outputActivation ?? identity)
  const complete = networkSpecSchema.parse({
    schemaVersion: 1,
    name: answers.name ?? file.replace(/\.[^.]*$/, '').slice(0, 200),
    tags: ['imported'],
    data: {
      dataset: answers.dataset ?? '?',
      transforms: answers.transforms ?? [],
      targets: answers.targets ?? 'one-hot',
      trainLimit: answers.trainLimit ?? null
    },
    model: {
      layers: widthsOf(network),
      activation: activation ?? identity,
      outputActivation,
      bias: hasBias(network),
      init: { kind: 'npz', path: weights }
    },
    loss: loss ?? 'mse',
    optimizer: { kind: 'gd' },
    budget: { steps: 0 }
  })
  const { model } = complete
  return {
    spec: {
      ...complete,
      model: { ...model, activation: activation ?? '?', outputActivation: outputActivation ?? '?' },
      loss: loss ?? '?'
    },
    asked: [
      ...(network.orderIsOpen ? (['order'] as const) : []),
      ...(activation === null ? (['activation'] as const) : []),
      ...(outputActivation === null ? (['outputActivation'] as const) : []),
      ...(loss === null ? (['loss'] as const) : [])
    ]
  }
}

const layerFacts = ({ weight, bias, inputs, outputs, transposed, activation }: Layer): ModelLayer => ({
  weight: weight.name,
  bias: bias?.name ?? null,
  inputs,
  outputs,
  type: weight.type,
  transposed,
  activation
})

export function inspectionOf(model: ModelFile, path: string, order?: readonly string[]): ModelInspection {
  const network = networkIn(model, order)
  const { name, format, bytes } = model
  return {
    path,
    name,
    format,
    bytes,
    layers: network.layers.map(layerFacts),
    widths: widthsOf(network),
    bias: hasBias(network),
    parameters: parametersOf(network),
    orders: network.orders,
    ...specOf(network, {}, 'inputs/init.npz'),
    notes: network.notes
  }
}

function turned(data: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(data.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column]
  return result
}

/** W1 (inputs × outputs), b1 (outputs), W2, …, read from the file that is still open. */
export async function readWeights({ layers }: Network): Promise<Record<string, NpyArray>> {
  const arrays: Record<string, NpyArray> = {}
  for (const [place, { weight, bias, inputs, outputs, transposed }] of layers.entries()) {
    const data = await weight.read()
    const name = layerName(place)
    arrays[name] = { shape: [inputs, outputs], data: transposed ? turned(data, outputs, inputs) : data }
    if (bias !== null) arrays[biasName(name)] = { shape: [outputs], data: await bias.read() }
  }
  return arrays
}
