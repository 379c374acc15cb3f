// How a layer's input weights make pictures.
import type { LayerPiece } from '../../../shared/model/pieces'

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
