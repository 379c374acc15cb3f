// Where everything lies in a parameter vector: the layers' blocks, the named weights, the blocks of a curvature scope, and how many parameters there are.
import { isFunctionSpec, type ModelSpec, type RunSpec, type Scope } from '../spec/schema'

/** A named, contiguous piece of the parameter vector: rows × columns, row-major. */
export interface ParameterBlock {
  readonly name: string
  readonly offset: number
  readonly rows: number
  readonly columns: number
}

/** Widths of the inputs (null: not in the spec), the hidden layers, the outputs. */
export type ModelShape = Pick<ModelSpec, 'layers' | 'bias'>

/** The block that is all parameters. */
export const wholeName = 'full'
/** W1, W2, …: the layer at a place from 0. */
export const layerName = (place: number) => `W${place + 1}`
/** b1 of W1, and so on. */
export const biasName = (layer: string) => layer.replace('W', 'b')
const biasRows = (bias: boolean) => (bias ? 1 : 0)

/** Blocks W1, W2, …: a layer's weights (inputs × outputs), then one row of biases if any. `widths` are those of the inputs, the hidden layers, the outputs. */
export function layerBlocks(widths: readonly number[], bias: boolean): ParameterBlock[] {
  let offset = 0
  return widths.slice(1).map((columns, place) => {
    const rows = widths[place] + biasRows(bias)
    const block = { name: layerName(place), offset, rows, columns }
    offset += rows * columns
    return block
  })
}

/** The variables of a function as its one block. */
export const functionBlocks = (variables: number): ParameterBlock[] => [{ name: 'x', offset: 0, rows: variables, columns: 1 }]

export function parameterCount(blocks: readonly ParameterBlock[]): number {
  return blocks.reduce((sum, { rows, columns }) => sum + rows * columns, 0)
}

/** Where the row of biases of a layer that has one begins. */
export const biasOffset = ({ offset, rows, columns }: ParameterBlock) => offset + (rows - 1) * columns

/** The widths of a network of `count` parameters: an input width that is not in the spec follows from the count. Null where they do not fit. */
export function fittingWidths({ layers, bias }: ModelShape, count: number): number[] | null {
  const [first, ...rest] = layers
  const widths = rest.flatMap((width) => width ?? [])
  if (widths.length === 0 || widths.length < rest.length) return null
  const later = parameterCount(layerBlocks(widths, bias))
  const inputs = (count - later) / widths[0] - biasRows(bias)
  return Number.isInteger(inputs) && inputs > 0 && (first === null || first === inputs) ? [inputs, ...widths] : null
}

/** One array of weights.npz, in the order of the parameter vector. */
export interface WeightArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly offset: number
  readonly count: number
}

/** W1 (in × out), b1 (out), W2, … of a network with these blocks. */
export function layerArrays(blocks: readonly ParameterBlock[], bias: boolean): WeightArray[] {
  return blocks.flatMap((block) => {
    const { name, offset, columns } = block
    const inputs = block.rows - biasRows(bias)
    const weights = { name, shape: [inputs, columns], offset, count: inputs * columns }
    return bias ? [weights, { name: biasName(name), shape: [columns], offset: biasOffset(block), count: columns }] : [weights]
  })
}

/** The variables of a function, a vector. */
export const variableArrays = (blocks: readonly ParameterBlock[]): WeightArray[] =>
  blocks.map(({ name, offset, rows }) => ({ name, shape: [rows], offset, count: rows }))

/** The arrays of a network; x of a function. */
export const weightArrays = (spec: RunSpec, blocks: readonly ParameterBlock[]): WeightArray[] =>
  isFunctionSpec(spec) ? variableArrays(blocks) : layerArrays(blocks, spec.model.bias)

/** Size of one block of a curvature scope: `units` matrices of `size` × `size`, more than one only for the last layer of `unit-blocks`. */
export interface BlockShape {
  readonly name: string
  readonly offset: number
  readonly size: number
  readonly units: number
}

export function blockShapes(blocks: readonly ParameterBlock[], scope: Scope): BlockShape[] {
  if (scope === 'full') return [{ name: wholeName, offset: 0, size: parameterCount(blocks), units: 1 }]
  return blocks.map(({ name, offset, rows, columns }, place) =>
    scope === 'unit-blocks' && place === blocks.length - 1
      ? { name, offset, size: rows, units: columns }
      : { name, offset, size: rows * columns, units: 1 }
  )
}
