// The two orthonormal directions that a picture of the loss is drawn along.
import { matrix, rowOf, type Linalg } from '../../linalg'
import { requireBytes } from '../../curvature/memory'
import { dot, plusScaled, unit } from '../../linalg/vectors'
import { fillNormal, randomStream } from '../../random'

export type Axes = readonly [Float64Array, Float64Array]

/** Unit vectors of the same plane, at right angles (Gram & Schmidt, twice for the rounding). */
export function orthonormal([a, b]: Axes): Axes {
  const first = unit(a)
  let second = unit(b)
  for (let pass = 0; pass < 2; pass++) second = unit(plusScaled(second, -dot(first, second), first))
  return [first, second]
}

/** Two directions drawn uniformly from the sphere, the second at right angles to the first. Throws for a single parameter. */
export function randomAxes(size: number, seed: number): Axes {
  const random = randomStream(seed, 'landscape')
  return orthonormal([fillNormal(random, new Float64Array(size)), fillNormal(random, new Float64Array(size))])
}

export interface PrincipalAxes {
  readonly axes: Axes
  /** Of the sum of squared distances from the centre, along each axis. */
  readonly shares: readonly [number, number]
}

/**
 * The two principal components about `center` of points read one by one: eigenvectors of their Gram matrix of count × count, brought back to P dimensions
 * (Sirovich 1987). Along each the point furthest out is on the positive side. Null where the points lie on a line through the centre.
 */
export async function principalAxes(
  linalg: Linalg,
  center: Float64Array,
  count: number,
  read: (place: number) => Promise<Float64Array>,
  options: { readonly signal: AbortSignal }
): Promise<PrincipalAxes | null> {
  const size = center.length
  requireBytes(`the weights of ${count} checkpoints`, 8 * count * (size + 3 * count), linalg.availableBytes)
  const offsets = matrix(count, size, linalg.allocate(count * size))
  try {
    for (let place = 0; place < count; place++) {
      const point = await read(place)
      for (let i = 0; i < size; i++) offsets.data[place * size + i] = point[i] - center[i]
    }
    const gram = matrix(count, count)
    await linalg.syrk(offsets, gram, options)
    let total = 0
    for (let k = 0; k < count; k++) total += gram.data[k * (count + 1)]
    if (count < 2 || total === 0) return null
    const eigen = await linalg.eigenSymmetric(gram, { ...options, range: { from: count - 2, to: count - 1 } })
    try {
      const [second, first] = eigen.values
      // Squared distances: what is below their rounding is no direction.
      if (!(second > count * Number.EPSILON * first)) return null
      const axis = (column: number) => {
        const along = new Float64Array(size)
        for (let k = 0; k < count; k++) {
          const factor = eigen.vectors.data[eigen.vectors.offset + k * eigen.vectors.stride + column]
          for (let i = 0; i < size; i++) along[i] += factor * offsets.data[k * size + i]
        }
        return along
      }
      const axes = orthonormal([axis(1), axis(0)]).map((a) => {
        let furthest = 0
        for (let k = 0; k < count; k++) {
          const along = dot(a, rowOf(offsets, k))
          if (Math.abs(along) > Math.abs(furthest)) furthest = along
        }
        return furthest < 0 ? a.map((x) => 0 - x) : a
      })
      return { axes: [axes[0], axes[1]], shares: [first / total, second / total] }
    } finally {
      eigen.release()
    }
  } finally {
    linalg.release(offsets.data)
  }
}
