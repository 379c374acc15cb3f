// Start weights, and the way between the parameter vector and the arrays W1, b1, W2, … of a .npz file.
import { biasOffset, layerArrays } from '../../shared/model/layout'
import { fillNormal, type RandomGenerator } from '../random'
import type { Network } from './network'

export type WeightScale =
  | { readonly kind: 'fan-sum-normal' }
  | { readonly kind: 'fan-in-normal'; readonly gain: number }
  | { readonly kind: 'mean-field-normal'; readonly sigmaW: number; readonly sigmaB: number }

/**
 * Draws W_1, W_2, … row by row from the generator: `fan-sum-normal` randn(in, out)/(in + out), `fan-in-normal` randn(in, out)·gain/√in,
 * `mean-field-normal` randn(in, out)·sigmaW/√in. Then come the biases of all layers where sigmaB is above 0; elsewhere they are 0 and draw nothing.
 * So biases do not move the weights.
 */
export function drawParameters(network: Network, scale: WeightScale, generator: RandomGenerator): Float64Array {
  const parameters = new Float64Array(network.parameterCount)
  for (const { inputs, outputs, offset } of network.layers)
    for (let i = offset; i < offset + inputs * outputs; i++) {
      const normal = generator.normal()
      // The quotient and the order of the products are those that stored runs began with.
      parameters[i] =
        scale.kind === 'fan-sum-normal'
          ? normal / (inputs + outputs)
          : (normal * (scale.kind === 'fan-in-normal' ? scale.gain : scale.sigmaW)) / Math.sqrt(inputs)
    }
  if (scale.kind === 'mean-field-normal' && scale.sigmaB > 0)
    for (const layer of network.layers) {
      if (!layer.bias) continue
      const from = biasOffset(layer)
      fillNormal(generator, parameters.subarray(from, from + layer.outputs), scale.sigmaB)
    }
  return parameters
}

export interface NamedArray {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

/** The parameter vector of named arrays. Throws one sentence about the first array that is missing, left over, of another shape, or not finite. */
export function parametersFromArrays(network: Network, arrays: Readonly<Record<string, NamedArray>>): Float64Array {
  const parameters = new Float64Array(network.parameterCount)
  const known = layerArrays(network.blocks, network.bias)
  for (const { name, shape, offset } of known) {
    const array = arrays[name]
    if (array === undefined) throw new Error(`start weights: the array ${name} (${shape.join(' × ')}) is missing`)
    if (array.shape.length !== shape.length || array.shape.some((length, axis) => length !== shape[axis]))
      throw new Error(`start weights: ${name} must be ${shape.join(' × ')}, got ${array.shape.join(' × ') || 'a single number'}`)
    const wrong = array.data.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0) throw new Error(`start weights: ${name} must be finite, got ${array.data[wrong]} at entry ${wrong}`)
    parameters.set(array.data, offset)
  }
  const names = known.map(({ name }) => name)
  const extra = Object.keys(arrays).find((name) => !names.includes(name))
  if (extra !== undefined) throw new Error(`start weights: the array ${extra} does not belong to this network (${names.join(', ')})`)
  return parameters
}
