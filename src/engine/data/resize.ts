// Images to another size as a matrix: planes (channels × height × width, row-major) times it are the resized planes.
import type { Transform } from '../../shared/spec/schema'
import { shapeAfter, sizeOf } from '../../shared/spec/transforms'
import { matrix, type Matrix } from '../linalg/matrix'

type Resize = Extract<Transform, { kind: 'resize' }>

/** ITU-R BT.601 luma, as common image programs make grey. */
const luma = [0.299, 0.587, 0.114]

/** Share of each of `from` pixels in each of `to`: result[target][source]; rows sum to 1. */
function lineWeights(from: number, to: number, filter: Resize['filter']): number[][] {
  const step = from / to
  return Array.from({ length: to }, (_, target) => {
    const weights = Array.from({ length: from }, () => 0)
    if (filter === 'area') {
      // The target pixel covers [target, target + 1) · step of the source; each source pixel by its overlap.
      for (let source = 0; source < from; source++)
        weights[source] = Math.max(0, Math.min(source + 1, (target + 1) * step) - Math.max(source, target * step)) / step
    } else {
      // Between the two source pixels whose centres enclose the target's centre; at the edges the nearest one.
      const centre = Math.min(Math.max((target + 0.5) * step - 0.5, 0), from - 1)
      const low = Math.min(Math.floor(centre), from - 1)
      weights[low] += 1 - (centre - low)
      if (low + 1 < from) weights[low + 1] += centre - low
    }
    return weights
  })
}

/** (channels · height · width) × (channels after · height after · width after). Throws TransformFault where the shape is no image or does not fit. */
export function resizeMatrix(shape: readonly number[], transform: Resize): Matrix {
  const after = shapeAfter(shape, transform, 'resize')
  const [channels, high, wide] = shape
  const [kept, height, width] = after
  const [rows, columns] = [lineWeights(high, height, transform.filter), lineWeights(wide, width, transform.filter)]
  const result = matrix(sizeOf(shape), sizeOf(after))
  for (let channel = 0; channel < channels; channel++)
    for (let y = 0; y < high; y++)
      for (let x = 0; x < wide; x++)
        for (let v = 0; v < height; v++)
          for (let u = 0; u < width; u++) {
            const weight = rows[v][y] * columns[u][x] * (kept === channels ? 1 : luma[channel])
            if (weight === 0) continue
            const target = ((kept === channels ? channel : 0) * height + v) * width + u
            result.data[((channel * high + y) * wide + x) * result.columns + target] += weight
          }
  return result
}
