// The layers' pieces of a block's vector (an eigenvector, a row of a Hessian), and what its entries are called.
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

/** The name of a parameter for people: `W1[12, 3]` (input 12 to unit 3, from 0) or `b1[3]`. */
export function parameterName(pieces: readonly LayerPiece[] | null, index: number): string {
  const piece = pieces?.find((one) => index >= one.offset && index < one.offset + one.rows * one.columns)
  if (!piece) return `#${index}`
  const row = Math.floor((index - piece.offset) / piece.columns)
  const column = (index - piece.offset) % piece.columns
  return row >= piece.inputs ? `${biasName(piece.name)}[${column}]` : `${piece.name}[${row}, ${column}]`
}
