// Rules that go by array, not by number: a vector of all parameters taken apart into the network's matrices and bias vectors.
import { matrix, multiply, type Linalg, type Matrix } from '../linalg'
import type { Objective } from '../objective'

type WeightArray = Objective['arrays'][number]

export const isMatrix = ({ shape }: WeightArray): boolean => shape.length === 2

/** The array's part of a vector of all parameters, sharing memory. */
export const partOf = ({ offset, count }: WeightArray, vector: Float64Array): Float64Array => vector.subarray(offset, offset + count)

/** A matrix (in × out, the transpose of PyTorch's weight) of a vector of all parameters, or a bias vector as n × 1, sharing memory. */
export const matrixOf = (array: WeightArray, vector: Float64Array): Matrix =>
  matrix(array.shape[0], array.shape[1] ?? 1, partOf(array, vector))

/** What a side of a gradient matrix is called in an optimizer's state. */
export const sides = ['inputs', 'outputs'] as const
export type Side = (typeof sides)[number]

/** The gradient's second moment on one side: GGᵀ (in × in) or GᵀG (out × out). */
export async function secondMoment(linalg: Linalg, g: Matrix, side: Side, signal?: AbortSignal): Promise<Matrix> {
  const size = side === 'inputs' ? g.rows : g.columns
  const moment = matrix(size, size)
  await multiply(linalg, g, g, moment, { [side === 'inputs' ? 'transposeB' : 'transposeA']: 'transpose', signal })
  return moment
}

/** The named arrays of a vector of all parameters, one after the other in fresh memory. */
export function gathered(arrays: readonly WeightArray[], vector: Float64Array): Float64Array {
  const result = new Float64Array(arrays.reduce((sum, { count }) => sum + count, 0))
  let at = 0
  for (const array of arrays) {
    result.set(partOf(array, vector), at)
    at += array.count
  }
  return result
}

/** Puts what `gathered` took out back into its places. */
export function scatter(arrays: readonly WeightArray[], from: Float64Array, vector: Float64Array): void {
  let at = 0
  for (const { offset, count } of arrays) {
    vector.set(from.subarray(at, at + count), offset)
    at += count
  }
}
