// What transforms make of a sample's shape: the one place that knows how wide the network's input is.
import type { Transform } from './schema'

export const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1)

/** Thrown where a transform does not fit what comes to it. */
export class TransformFault extends Error {
  constructor(
    readonly path: string,
    readonly reason: string
  ) {
    super(`${path}: ${reason}`)
    this.name = 'TransformFault'
  }
}

/** The shape of a sample after one transform; `path` is the transform's, for the fault. Throws TransformFault. */
export function shapeAfter(shape: readonly number[], transform: Transform, path: string): readonly number[] {
  if (transform.kind === 'affine') return shape
  if (transform.kind === 'random-projection') return [transform.dim]
  const { height, width, colour } = transform
  if (shape.length !== 3)
    throw new TransformFault(path, `resize takes images, and what comes to it is ${sizeOf(shape)} numbers a sample without a shape`)
  const [channels, high, wide] = shape
  if (colour === 'grey' && channels !== 3)
    throw new TransformFault(path, `"colour": "grey" takes images of 3 channels, these have ${channels}; use "keep"`)
  if (transform.filter === 'area' && (height > high || width > wide))
    throw new TransformFault(path, `"filter": "area" only makes images smaller, these are ${high} × ${wide}; use "bilinear"`)
  return [colour === 'grey' ? 1 : channels, height, width]
}

/** The shape of a sample after all transforms. Throws TransformFault. */
export const transformedShape = (shape: readonly number[], transforms: readonly Transform[]): readonly number[] =>
  transforms.reduce((before, transform, k) => shapeAfter(before, transform, `data.transforms.${k}`), shape)

/** Inputs of the network as far as the transforms alone say them; null where they leave it to the data. */
export function statedWidth(transforms: readonly Transform[]): number | null {
  for (const transform of [...transforms].reverse()) {
    if (transform.kind === 'random-projection') return transform.dim
    if (transform.kind === 'resize') return transform.colour === 'grey' ? transform.height * transform.width : null
  }
  return null
}
