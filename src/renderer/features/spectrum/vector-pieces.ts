// Which parts of a parameter vector are which layer's weights, and how a layer's input weights make pictures.
import { isNetworkLayers, type LayerPiece } from './pieces'

export type { LayerPiece }

export interface ModelShape {
  /** Input width (null: not in the spec), hidden…, output. */
  readonly layers: readonly (number | null)[]
  readonly bias: boolean
}

/** The layers' pieces of a block's vector of `length` entries: all of them for `full`, one for `W2` and the like; null when they do not fit. */
export function piecesOf(model: ModelShape, block: string, length: number): LayerPiece[] | null {
  if (!isNetworkLayers(model.layers)) return null
  const outputs = model.layers.slice(1)
  const extra = model.bias ? 1 : 0
  const layer = /^W(\d+)$/.exec(block)
  if (layer) {
    const place = Number(layer[1])
    const columns = outputs[place - 1]
    if (columns === undefined || columns === null || length % columns !== 0) return null
    return [{ name: block, offset: 0, rows: length / columns, columns, inputs: length / columns - extra }]
  }
  if (block !== 'full') return null
  const rest = outputs.slice(1).reduce<number>((sum, columns, i) => sum + ((outputs[i] ?? 0) + extra) * (columns ?? 0), 0)
  const first = outputs[0] ?? 0
  const rows = (length - rest) / first
  if (!Number.isInteger(rows) || rows <= extra) return null
  const pieces: LayerPiece[] = []
  let offset = 0
  outputs.forEach((columns, i) => {
    const count = i === 0 ? rows : (outputs[i - 1] ?? 0) + extra
    pieces.push({ name: `W${i + 1}`, offset, rows: count, columns: columns ?? 0, inputs: count - extra })
    offset += count * (columns ?? 0)
  })
  return offset === length ? pieces : null
}

/** The name of a parameter for people: `W1[12, 3]` (input 12 to unit 3, from 0) or `b1[3]`. */
export function parameterName(pieces: readonly LayerPiece[] | null, index: number): string {
  const piece = pieces?.find((one) => index >= one.offset && index < one.offset + one.rows * one.columns)
  if (!piece) return `#${index}`
  const row = Math.floor((index - piece.offset) / piece.columns)
  const column = (index - piece.offset) % piece.columns
  return row >= piece.inputs ? `b${piece.name.slice(1)}[${column}]` : `${piece.name}[${row}, ${column}]`
}

/** Height, width and channels of images of `inputs` numbers; null when they are no images. */
export function imageShape(shape: readonly number[], inputs: number): { channels: number; height: number; width: number } | null {
  const product = shape.reduce((all, length) => all * length, 1)
  if (product !== inputs) return null
  if (shape.length === 3) return { channels: shape[0], height: shape[1], width: shape[2] }
  if (shape.length === 2) return { channels: 1, height: shape[0], width: shape[1] }
  const side = Math.round(Math.sqrt(inputs))
  return side * side === inputs ? { channels: 1, height: side, width: side } : null
}

/** One unit's input weights as rows of pixels, one array a channel. */
export function unitImage(vector: ArrayLike<number>, piece: LayerPiece, unit: number, pixels: number, channel: number): Float64Array {
  return Float64Array.from({ length: pixels }, (_, i) => vector[piece.offset + (channel * pixels + i) * piece.columns + unit])
}
