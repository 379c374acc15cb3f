// The parameter vector as named arrays: W1 (in × out), b1, W2, … for networks, x for functions.
import { fittingWidths, functionBlocks, layerBlocks, weightArrays, type WeightArray } from '../../shared/model/layout'
import { NpyError, requireShape, type NpyArray } from '../../shared/npy'
import { isFunctionSpec, type RunSpec } from '../../shared/spec/schema'
import { messageOf } from '../../shared/format/message-of'

/**
 * The arrays of a spec's parameter vector. An input width left to the transforms (null) follows from `parameterCount`.
 * Throws when the count does not fit the spec's layers.
 */
export function weightLayout(spec: RunSpec, parameterCount: number): WeightArray[] {
  if (isFunctionSpec(spec)) return weightArrays(spec, functionBlocks(parameterCount))
  const { layers, bias } = spec.model
  const widths = fittingWidths(spec.model, parameterCount)
  if (!widths)
    throw new Error(
      `${parameterCount} parameters do not fit layers ${layers.map((width) => width ?? '?').join(' → ')}${bias ? ' with biases' : ''}`
    )
  return weightArrays(spec, layerBlocks(widths, bias))
}

/** Views of the parameter vector under their names. */
export function toWeightArrays(spec: RunSpec, parameters: Float64Array): Record<string, NpyArray> {
  return Object.fromEntries(
    weightLayout(spec, parameters.length).map(({ name, shape, offset, count }) => [
      name,
      { shape, data: parameters.subarray(offset, offset + count) }
    ])
  )
}

/** The parameter vector from named arrays, every shape checked. Throws NpyError naming `file` and the array. */
export function fromWeightArrays(spec: RunSpec, arrays: ReadonlyMap<string, NpyArray>, file: string): Float64Array {
  const total = [...arrays.values()].reduce((sum, array) => sum + array.data.length, 0)
  const parameters = new Float64Array(total)
  let filled = 0
  for (const { name, shape, offset, count } of layoutOrError(spec, total, file)) {
    const array = arrays.get(name)
    if (!array) throw new NpyError(`${file}: has no array ${name}; it has ${[...arrays.keys()].slice(0, 20).join(', ') || 'none'}`)
    parameters.set(requireShape(array, shape, `${file}: ${name}`), offset)
    filled += count
  }
  if (filled !== total) throw new NpyError(`${file}: has arrays the model does not: ${[...arrays.keys()].slice(0, 20).join(', ')}`)
  return parameters
}

function layoutOrError(spec: RunSpec, total: number, file: string): WeightArray[] {
  try {
    return weightLayout(spec, total)
  } catch (error) {
    throw new NpyError(`${file}: ${messageOf(error)}`)
  }
}
