// A multilayer perceptron as plain data: widths, activations, and where each layer lies in the parameter vector.
import { layerBlocks, parameterCount, type ParameterBlock } from '../../shared/model/layout'
import type { LossKind, ModelSpec } from '../../shared/spec/schema'
import { activationFunction, type ActivationFunction } from './activations'

/**
 * `net_l = h_{l-1} W_l (+ b_l)`, `h_l = φ_l(net_l)`, `h_0 = x`. The parameter vector is [W_1 row-major (in × out), b_1, W_2, b_2, …],
 * so a layer's block is a row-major (in + 1) × out matrix whose last row is the bias (in × out without biases).
 */
export interface Network {
  /** Input width, hidden widths, output width. */
  readonly widths: readonly number[]
  readonly bias: boolean
  /** One a layer; `layers[l]` describes layer l + 1 of the formulas. */
  readonly layers: readonly Layer[]
  readonly blocks: readonly ParameterBlock[]
  readonly parameterCount: number
}

export interface Layer extends ParameterBlock {
  readonly inputs: number
  readonly outputs: number
  readonly bias: boolean
  readonly activation: ActivationFunction
}

export type NetworkShape = Pick<ModelSpec, 'layers' | 'activation' | 'outputActivation' | 'bias'>

/**
 * Lays a network out. The output activation left open is the hidden one, with softmax-cross-entropy the identity.
 * Throws when the input width is still open.
 */
export function createNetwork(model: NetworkShape, loss: LossKind): Network {
  const widths = model.layers.map((width, place) => {
    if (width === null) throw new Error(`model.layers[${place}]: the width must be known before the network is made, got null`)
    return width
  })
  const last = model.outputActivation ?? (loss === 'softmax-cross-entropy' ? { kind: 'identity' as const } : model.activation)
  const blocks = layerBlocks(widths, model.bias)
  const layers = blocks.map((block, place): Layer => {
    const activation = activationFunction(place === widths.length - 2 ? last : model.activation)
    return { ...block, inputs: widths[place], outputs: block.columns, bias: model.bias, activation }
  })
  return { widths, bias: model.bias, layers, blocks, parameterCount: parameterCount(blocks) }
}
