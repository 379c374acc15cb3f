// Where everything lies in a parameter vector: the layers' blocks, the named weights, the blocks of a curvature scope, and how many parameters there are.
import { isFunctionSpec, type RunSpec, type Scope } from '../spec/schema'

/** A named, contiguous piece of the parameter vector: rows × columns, row-major. */
export interface ParameterBlock {
  readonly name: string
  readonly offset: number
  readonly rows: number
  readonly columns: number
}

/** Blocks W1, W2, …: a layer's weights (inputs × outputs), then one row of biases if any. `widths` are those of the inputs, the hidden layers, the outputs. */
export function layerBlocks(widths: readonly number[], bias: boolean): ParameterBlock[] {
  let offset = 0
  return widths.slice(1).map((columns, place) => {
    const rows = widths[place] + (bias ? 1 : 0)
    const block = { name: `W${place + 1}`, offset, rows, columns }
    offset += rows * columns
    return block
  })
}

/** The variables of a function as its one block. */
export const functionBlocks = (variables: number): ParameterBlock[] => [{ name: 'x', offset: 0, rows: variables, columns: 1 }]

export function parameterCount(blocks: readonly ParameterBlock[]): number {
  return blocks.reduce((sum, { rows, columns }) => sum + rows * columns, 0)
}

/** One array of weights.npz, in the order of the parameter vector. */
export interface WeightArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly offset: number
  readonly count: number
}

/** W1 (in × out), b1 (out), W2, … of a network with these blocks; x of a function. */
export function weightArrays(spec: RunSpec, blocks: readonly ParameterBlock[]): WeightArray[] {
  if (isFunctionSpec(spec)) return blocks.map(({ name, offset, rows }) => ({ name, shape: [rows], offset, count: rows }))
  const { bias } = spec.model
  return blocks.flatMap(({ name, offset, rows, columns }) => {
    const inputs = bias ? rows - 1 : rows
    const count = inputs * columns
    const weights = { name, shape: [inputs, columns], offset, count }
    return bias ? [weights, { name: name.replace('W', 'b'), shape: [columns], offset: offset + count, count: columns }] : [weights]
  })
}

/** Size of one block of a curvature scope: `units` matrices of `size` × `size`, more than one only for the last layer of `unit-blocks`. */
export interface BlockShape {
  readonly name: string
  readonly offset: number
  readonly size: number
  readonly units: number
}

export function blockShapes(blocks: readonly ParameterBlock[], scope: Scope): BlockShape[] {
  if (scope === 'full') return [{ name: 'full', offset: 0, size: parameterCount(blocks), units: 1 }]
  return blocks.map(({ name, offset, rows, columns }, place) =>
    scope === 'unit-blocks' && place === blocks.length - 1
      ? { name, offset, size: rows, units: columns }
      : { name, offset, size: rows * columns, units: 1 }
  )
}
