// The layers' pieces of a block's vector (an eigenvector, a row of a Hessian): what its entries are called, and their order by unit.
import { biasName, fittingWidths, layerBlocks, layerName, wholeName, type ModelShape, type ParameterBlock } from './layout'

export interface LayerPiece extends ParameterBlock {
  /** Rows without the biases'. */
  readonly inputs: number
}

/** The layers' pieces of a block's vector of `length` entries: all of them for `full`, one for `W2` and the like; null when they do not fit. */
export function piecesOf({ layers, bias }: ModelShape, block: string, length: number): LayerPiece[] | null {
  const place = layers.slice(1).findIndex((_, k) => layerName(k) === block)
  if (place === -1 && block !== wholeName) return null
  // A layer by itself is a network of one layer.
  const first = Math.max(place, 0)
  const widths = fittingWidths({ layers: place === -1 ? layers : layers.slice(place, place + 2), bias }, length)
  return widths && layerBlocks(widths, bias).map((piece, k) => ({ ...piece, name: layerName(first + k), inputs: widths[k] }))
}

const lengthOf = ({ rows, columns }: ParameterBlock) => rows * columns

/** The name of a parameter for people: `W1[12, 3]` (input 12 to unit 3, from 0) or `b1[3]`. */
export function parameterName(pieces: readonly LayerPiece[] | null, index: number): string {
  const piece = pieces?.find((one) => index >= one.offset && index < one.offset + lengthOf(one))
  if (!piece) return `#${index}`
  const row = Math.floor((index - piece.offset) / piece.columns)
  const column = (index - piece.offset) % piece.columns
  return row >= piece.inputs ? `${biasName(piece.name)}[${column}]` : `${piece.name}[${row}, ${column}]`
}

/** The index of a parameter by its name, as `parameterName` writes it (spaces do not count); or in one sentence why there is none. */
export function parameterIndex(pieces: readonly LayerPiece[] | null, name: string): number | { readonly fault: string } {
  const found = /^([wb]\d+)\s*\[\s*(\d+)\s*(?:,\s*(\d+)\s*)?\]$/i.exec(name.trim())
  if (!found) return { fault: `“${name.trim()}” is no number and no weight such as W1[3, 5] or b1[5]` }
  if (!pieces) return { fault: 'the weights of this matrix have no names: give a number' }
  const [array, first, second] = [found[1].toUpperCase(), Number(found[2]), found[3] === undefined ? null : Number(found[3])]
  const bias = array.startsWith('B')
  const piece = pieces.find((one) => one.name === array.replace('B', 'W'))
  if (!piece || (bias && piece.inputs === piece.rows)) {
    const names = pieces.flatMap((one) => (one.inputs < one.rows ? [one.name, biasName(one.name)] : [one.name]))
    return { fault: `there is no ${array.replace('B', 'b')} here: there are ${names.join(', ')}` }
  }
  const [row, column] = bias ? [piece.inputs, first] : [first, second]
  if (column === null || (bias && second !== null))
    return {
      fault: bias ? `a bias has one place: ${biasName(piece.name)}[${first}]` : `a weight has two places: ${piece.name}[${first}, unit]`
    }
  if (column >= piece.columns) return { fault: `the units of ${piece.name} are 0 to ${piece.columns - 1}` }
  if (!bias && row >= piece.inputs) return { fault: `the inputs of ${piece.name} are 0 to ${piece.inputs - 1}` }
  return piece.offset + row * piece.columns + column
}

/** The order by unit: at each place the index of the parameter that stands there. Within a layer the weights of a unit follow each other, its bias last. */
export function unitOrder(pieces: readonly LayerPiece[]): Uint32Array {
  const order = new Uint32Array(pieces.reduce((sum, piece) => sum + lengthOf(piece), 0))
  for (const { offset, rows, columns } of pieces)
    for (let unit = 0, at = offset; unit < columns; unit++) for (let row = 0; row < rows; row++) order[at++] = offset + row * columns + unit
  return order
}

/** Where each parameter stands in an order. */
export function placesIn(order: Uint32Array): Uint32Array {
  const places = new Uint32Array(order.length)
  order.forEach((index, place) => (places[index] = place))
  return places
}

export interface Part {
  readonly at: number
  readonly name: string
}

/** Where the layers begin. */
export const layerParts = (pieces: readonly LayerPiece[]): Part[] => pieces.map(({ offset, name }) => ({ at: offset, name }))

/** Where the weights of each unit begin, in the order by unit. */
export const unitParts = (pieces: readonly LayerPiece[]): Part[] =>
  pieces.flatMap(({ offset, rows, columns, name }) =>
    Array.from({ length: columns }, (_, unit) => ({ at: offset + unit * rows, name: `${name}[·, ${unit}]` }))
  )

/** Where the weights from each input (and the biases) begin, as stored. */
export const inputParts = (pieces: readonly LayerPiece[]): Part[] =>
  pieces.flatMap(({ offset, rows, columns, name, inputs }) =>
    Array.from({ length: rows }, (_, row) => ({
      at: offset + row * columns,
      name: row < inputs ? `${name}[${row}, ·]` : biasName(name)
    }))
  )
