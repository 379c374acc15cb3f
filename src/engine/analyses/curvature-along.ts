// The Hessian's quadratic form along a few directions.
import { matrix, rowOf } from '../linalg'
import { dot } from '../linalg/vectors'
import type { Objective } from '../objective'

/** uᵀHu of each direction, by one product with all of them; the Hessian at these weights is opened once for any number of calls. */
export async function quadraticForm(objective: Objective, parameters: Float64Array, signal: AbortSignal) {
  const product = await objective.products(parameters, 'hessian', { signal })
  return async (directions: readonly Float64Array[]): Promise<number[]> => {
    const vectors = matrix(directions.length, parameters.length)
    directions.forEach((direction, k) => vectors.data.set(direction, k * parameters.length))
    const products = await product(vectors, { signal })
    return directions.map((direction, k) => dot(direction, rowOf(products, k)))
  }
}
