// The eigenpairs of largest |λ| at a point: from the whole Hessian where that is small, by Lanczos where it is not.
import { lanczosBasis, tridiagonalEigen } from '../curvature/lanczos'
import { requireBytes } from '../curvature/memory'
import { matrix, rowsAt, type Matrix } from '../linalg'
import { fillNormal, randomStream } from '../random'
import { eigenpairsAt, residualOf } from './eigenpairs'
import type { AnalysisCall, AnalysisPoint } from './interface'

export interface LeadingPairs {
  /** Largest magnitude first; of equal ones the larger λ. */
  readonly values: Float64Array
  /** k × P, a row a vector. */
  readonly vectors: Matrix
  /** max ‖Hv − λv‖ by Hessian-vector products, over max |λ|. */
  readonly residual: number
}

/** Up to so many weights all eigenvalues are computed: seconds. */
export const mostWhole = 2000
/** Residual of a Ritz pair, relative to max |λ|. */
const tolerance = 1e-10
/** Most products for k pairs. */
export const mostProducts = (k: number, size: number) => Math.min(size, 20 * k + 300)

/** Places of the k values of largest magnitude, in that order. */
export const leadingPlaces = (values: Float64Array, k: number): number[] =>
  Array.from(values, (_, i) => i)
    .sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || values[b] - values[a])
    .slice(0, k)

async function fromEnds(point: AnalysisPoint, k: number, call: AnalysisCall): Promise<LeadingPairs> {
  const { values, vectors, residual } = await eigenpairsAt(point, { smallest: k, largest: k }, call)
  const order = leadingPlaces(values, k)
  return { values: Float64Array.from(order, (i) => values[i]), vectors: rowsAt(vectors, order), residual }
}

/** Null where the products are spent before the k pairs are good. */
async function byLanczos(point: AnalysisPoint, k: number, { signal, onProgress }: AnalysisCall): Promise<LeadingPairs | null> {
  const { objective, parameters, linalg } = point
  const size = objective.parameterCount
  const most = mostProducts(k, size)
  requireBytes(`a basis of ${most} vectors of ${size} weights`, 8 * most * size, linalg.availableBytes)
  const product = await objective.products(parameters, 'hessian', { signal })
  const random = randomStream(0, 'leading')
  const good = (values: Float64Array, vectors: Matrix, remainder: number) => {
    const order = leadingPlaces(values, k)
    const last = (vectors.rows - 1) * vectors.columns
    return (
      order.length === k &&
      order.every((place) => Math.abs(remainder * vectors.data[last + place]) <= tolerance * Math.abs(values[order[0]]))
    )
  }
  let next = k + 8
  const krylov = await lanczosBasis(product, fillNormal(random, new Float64Array(size)), most, {
    random,
    signal,
    onProgress: (fraction) => onProgress(fraction, 'Lanczos'),
    enough: async (diagonal, offDiagonal, remainder) => {
      if (diagonal.length < next) return false
      next = Math.ceil(diagonal.length * 1.15)
      const { values, vectors } = await tridiagonalEigen(linalg, { diagonal, offDiagonal })
      return good(values, vectors, remainder)
    }
  })
  const { values, vectors } = await tridiagonalEigen(linalg, krylov)
  if (!good(values, vectors, krylov.remainder)) return null
  const order = leadingPlaces(values, k)
  const steps = values.length
  const selected = matrix(k, steps)
  order.forEach((place, row) => {
    for (let i = 0; i < steps; i++) selected.data[row * steps + i] = vectors.data[i * steps + place]
  })
  const found = matrix(k, size)
  await linalg.gemm(selected, krylov.basis, found, { signal })
  const kept = Float64Array.from(order, (place) => values[place])
  return { values: kept, vectors: found, residual: await residualOf(point, kept, found, Math.abs(kept[0]), signal) }
}

/**
 * The k ≤ P eigenpairs of the Hessian with the largest |λ|. By Lanczos an eigenvalue with several eigenvectors shows one of them; where it does not converge
 * the whole Hessian is decomposed, or that is refused by its size (LinalgError).
 */
export async function leadingEigenpairs(point: AnalysisPoint, k: number, call: AnalysisCall): Promise<LeadingPairs> {
  const whole = point.objective.parameterCount <= mostWhole
  return (whole ? null : await byLanczos(point, k, call)) ?? fromEnds(point, k, call)
}
