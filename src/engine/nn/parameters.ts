// Start weights, and the way between the parameter vector and the arrays W1, b1, W2, … of a .npz file.
import type { RandomGenerator } from '../random'
import type { Network } from './network'

export type WeightScale = { readonly kind: 'fan-sum-normal' } | { readonly kind: 'fan-in-normal'; readonly gain: number }

/**
 * Draws W_1, W_2, … row by row from the generator: `fan-sum-normal` randn(in, out)/(in + out), `fan-in-normal` randn(in, out)·gain/√in.
 * Biases are 0 and draw nothing, so that they do not move the weights.
 */
export function drawParameters(network: Network, scale: WeightScale, generator: RandomGenerator): Float64Array {
  const parameters = new Float64Array(network.parameterCount)
  for (const layer of network.layers) {
    const end = layer.offset + layer.inputs * layer.outputs
    const sum = layer.inputs + layer.outputs
    for (let i = layer.offset; i < end; i++) {
      const normal = generator.normal()
      parameters[i] = scale.kind === 'fan-sum-normal' ? normal / sum : (normal * scale.gain) / Math.sqrt(layer.inputs)
    }
  }
  return parameters
}

export interface NamedArray {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

/** W1 (in × out), b1 (out), W2, … as copies. */
export function parametersToArrays(network: Network, parameters: Float64Array): Record<string, NamedArray> {
  const arrays: Record<string, NamedArray> = {}
  network.layers.forEach((layer, place) => {
    const end = layer.offset + layer.inputs * layer.outputs
    arrays[`W${place + 1}`] = { shape: [layer.inputs, layer.outputs], data: parameters.slice(layer.offset, end) }
    if (layer.bias) arrays[`b${place + 1}`] = { shape: [layer.outputs], data: parameters.slice(end, end + layer.outputs) }
  })
  return arrays
}

/** The parameter vector of named arrays. Throws one sentence about the first array that is missing, left over, of another shape, or not finite. */
export function parametersFromArrays(network: Network, arrays: Readonly<Record<string, NamedArray>>): Float64Array {
  const parameters = new Float64Array(network.parameterCount)
  const known = new Set<string>()
  const place = (name: string, shape: readonly number[], offset: number) => {
    known.add(name)
    const array = arrays[name]
    if (array === undefined) throw new Error(`start weights: the array ${name} (${shape.join(' × ')}) is missing`)
    if (array.shape.length !== shape.length || array.shape.some((length, axis) => length !== shape[axis]))
      throw new Error(`start weights: ${name} must be ${shape.join(' × ')}, got ${array.shape.join(' × ') || 'a single number'}`)
    const wrong = array.data.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0) throw new Error(`start weights: ${name} must be finite, got ${array.data[wrong]} at entry ${wrong}`)
    parameters.set(array.data, offset)
  }
  network.layers.forEach((layer, index) => {
    place(`W${index + 1}`, [layer.inputs, layer.outputs], layer.offset)
    if (layer.bias) place(`b${index + 1}`, [layer.outputs], layer.offset + layer.inputs * layer.outputs)
  })
  const extra = Object.keys(arrays).find((name) => !known.has(name))
  if (extra !== undefined) throw new Error(`start weights: the array ${extra} does not belong to this network (${[...known].join(', ')})`)
  return parameters
}
