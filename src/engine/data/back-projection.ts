// Weights on transformed inputs, taken back through the transforms to the inputs before them.
import type { ReadyTransform } from './transforms'

export interface BackProjected {
  /** features × units, row-major, as weights are stored. */
  readonly weights: Float64Array
  /** How many inputs there are before the first projection. */
  readonly features: number
  /** What one unit of a stored value is worth at the inputs before the first projection: the product of their 1/divide. */
  readonly scale: number
}

const rowsAtOnce = 64

/** M · weights, (in × dim) · (dim × units). */
async function through(
  { rows, columns, stride, offset, data }: Extract<ReadyTransform, { kind: 'projection' }>['matrix'],
  weights: Float64Array,
  units: number,
  signal: AbortSignal | undefined
): Promise<Float64Array> {
  const result = new Float64Array(rows * units)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const entry = data[offset + row * stride + column]
      for (let unit = 0; unit < units; unit++) result[row * units + unit] += entry * weights[column * units + unit]
    }
    if (row % rowsAtOnce === rowsAtOnce - 1) {
      await new Promise(setImmediate)
      signal?.throwIfAborted()
    }
  }
  return result
}

/**
 * For weights w on the transformed inputs: the weights v on the inputs before the first projection that say the same, v·Δx = w·Δ(transformed x) for every
 * change Δx. For one projection x ↦ x·M (in × dim) that is M·w; affine transforms after it scale by 1/divide. Without projections the weights themselves.
 */
export async function backProject(
  transforms: readonly ReadyTransform[],
  weights: Float64Array,
  units: number,
  signal?: AbortSignal
): Promise<BackProjected> {
  const first = transforms.findIndex(({ kind }) => kind === 'projection')
  const before = first === -1 ? transforms : transforms.slice(0, first)
  const scale = before.reduce((product, transform) => (transform.kind === 'affine' ? product / transform.divide : product), 1)
  let current = weights
  for (const transform of first === -1 ? [] : transforms.slice(first).reverse())
    current =
      transform.kind === 'affine'
        ? current.map((weight) => weight / transform.divide)
        : await through(transform.matrix, current, units, signal)
  return { weights: current, features: units === 0 ? 0 : current.length / units, scale }
}
