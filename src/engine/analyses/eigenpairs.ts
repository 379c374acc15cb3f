// Eigenpairs of the whole Hessian at a point: from all of it where it fits into memory, by Lanczos where it does not.
import { extremeEigenpairs } from '../curvature/lanczos'
import { curvatureBytes, requireBytes } from '../curvature/memory'
import { matrix, type Linalg, type Matrix } from '../linalg'
import { norm } from '../linalg/vectors'
import { randomStream } from '../random'
import type { AnalysisCall, AnalysisPoint } from './interface'

/** So many at both ends of the spectrum (what `chosenVectors` gives will do), or these numbers counted from 0 for the smallest. */
export type WantedEigenpairs = { readonly smallest: number; readonly largest: number } | { readonly indices: readonly number[] }

export interface Eigenpairs {
  /** Places in the ascending spectrum, ascending. */
  readonly indices: readonly number[]
  readonly values: Float64Array
  /** k × P, one unit eigenvector a row, its largest entry by magnitude positive: which of ±v comes out must not depend on the library. */
  readonly vectors: Matrix
  /** max |λ| of all eigenvalues; by Lanczos, of those found. */
  readonly largest: number
  /** max ‖Hv − λv‖ by Hessian-vector products, over max |λ|. */
  readonly residual: number
}

/** Each row v ← Q Λ⁻¹ Qᵀ v of the symmetric matrix Q Λ Qᵀ (vectors in columns, none of the values 0), in fresh memory. */
export async function dividedInEigenbasis(
  linalg: Linalg,
  { values, vectors }: { readonly values: Float64Array; readonly vectors: Matrix },
  rows: Matrix,
  signal: AbortSignal
): Promise<Matrix> {
  const size = values.length
  const [along, result] = [matrix(rows.rows, size), matrix(rows.rows, size)]
  await linalg.gemm(rows, vectors, along, { signal })
  for (let i = 0; i < along.data.length; i++) along.data[i] /= values[i % size]
  await linalg.gemm(along, vectors, result, { transposeB: 'transpose', signal })
  return result
}

/** What rounding may leave of a figure of eigenpairs that is relative to max |λ|, such as `residual`. */
export const roundingLimit = (parameterCount: number): number => Math.max(1e-10, 10 * parameterCount * 2 ** -52)

/** Signs, in place: the largest entry of each row becomes positive. */
export function orient(vectors: Matrix): void {
  const { data, rows, columns } = vectors
  for (let row = 0; row < rows; row++) {
    const entries = data.subarray(row * columns, (row + 1) * columns)
    let largest = 0
    for (let i = 1; i < columns; i++) if (Math.abs(entries[i]) > Math.abs(entries[largest])) largest = i
    if (entries[largest] < 0) for (let i = 0; i < columns; i++) entries[i] = -entries[i]
  }
}

/** max ‖Hv − λv‖ over `scale`, by Hessian-vector products. */
export async function residualOf(
  { objective, parameters }: Pick<AnalysisPoint, 'objective' | 'parameters'>,
  values: Float64Array,
  vectors: Matrix,
  scale: number,
  signal: AbortSignal
) {
  if (scale === 0) return 0
  const product = await objective.products(parameters, 'hessian', { signal })
  const { data, offset, stride } = await product(vectors, { signal })
  let worst = 0
  for (let k = 0; k < vectors.rows; k++) {
    const error = new Float64Array(vectors.columns)
    for (let i = 0; i < error.length; i++) error[i] = data[offset + k * stride + i] - values[k] * vectors.data[k * vectors.columns + i]
    worst = Math.max(worst, norm(error))
  }
  return worst / scale
}

/** Places of so many eigenvalues at each end, all where they meet. */
const placesAtEnds = ({ smallest, largest }: { readonly smallest: number; readonly largest: number }, size: number): number[] =>
  Array.from({ length: Math.min(size, smallest + largest) }, (_, i) => (i < smallest ? i : Math.max(i, size - smallest - largest + i)))

async function fromWhole(point: AnalysisPoint, wanted: WantedEigenpairs, { signal, onProgress }: AnalysisCall) {
  const { objective, parameters, linalg } = point
  const size = objective.parameterCount
  onProgress(0, 'curvature')
  const [{ data }] = await objective.curvature(parameters, {
    scope: 'full',
    signal,
    onProgress: (done) => onProgress(0.3 * done, 'curvature')
  })
  try {
    const indices = 'smallest' in wanted ? placesAtEnds(wanted, size) : [...wanted.indices].sort((a, b) => a - b)
    const select = 'smallest' in wanted && indices.length < size ? wanted : undefined
    const eigen = await linalg.eigenSymmetric(matrix(size, size, data), {
      overwrite: true,
      signal,
      select,
      onProgress: (done) => onProgress(0.3 + 0.6 * done, 'eigendecomposition')
    })
    try {
      const { vectors: found } = eigen
      // A backend may give more vectors than were selected.
      const column = (place: number) => (found.columns === size ? indices[place] : place)
      const vectors = matrix(indices.length, size)
      for (let i = 0; i < size; i++)
        for (let k = 0; k < indices.length; k++) vectors.data[k * size + i] = found.data[found.offset + i * found.stride + column(k)]
      const values = Float64Array.from(indices, (index) => eigen.values[index])
      return { indices, vectors, values, largest: Math.max(Math.abs(eigen.values[0]), Math.abs(eigen.values[size - 1])) }
    } finally {
      eigen.release()
    }
  } finally {
    linalg.release(data)
  }
}

/** Eigenpairs at the ends, where the whole Hessian does not fit. */
async function byLanczos(
  { objective, parameters, linalg }: AnalysisPoint,
  { smallest, largest }: { readonly smallest: number; readonly largest: number },
  { signal, onProgress }: AnalysisCall
) {
  const size = objective.parameterCount
  const product = await objective.products(parameters, 'hessian', { signal })
  const options = {
    random: randomStream(0, 'eigenpairs'),
    smallest,
    largest,
    signal,
    onProgress: (done: number) => onProgress(0.9 * done, 'Lanczos')
  }
  const { values, vectors, converged } = await extremeEigenpairs(linalg, product, size, options)
  if (!converged) throw new Error('the eigenvectors did not converge by Lanczos: ask for fewer')
  const indices = Array.from(values, (_, k) => (k < smallest ? k : size - values.length + k))
  return { indices, values, vectors, largest: Math.max(Math.abs(values[0]), Math.abs(values[values.length - 1])) }
}

/** What is wrong with numbers of eigenvalues, one sentence; null where nothing is, or the size is not known yet (0). */
export function indexFault(indices: readonly number[], size: number): string | null {
  const wrong = indices.find((index) => !Number.isInteger(index) || index < 0 || (size > 0 && index >= size))
  return wrong === undefined ? null : `vectors: ${wrong} is no number of an eigenvalue; there are ${size}, counted from 0 for the smallest`
}

/**
 * Eigenpairs of the whole Hessian of the objective, P × P. Throws LinalgError `out-of-memory` where numbered ones are asked for and it does not fit, one
 * sentence where Lanczos does not converge, RangeError for a number that is none.
 */
export async function eigenpairsAt(point: AnalysisPoint, wanted: WantedEigenpairs, call: AnalysisCall): Promise<Eigenpairs> {
  const { objective, linalg } = point
  const size = objective.parameterCount
  const fault = 'smallest' in wanted ? null : indexFault(wanted.indices, size)
  if (fault !== null) throw new RangeError(fault)
  const { peak } = curvatureBytes(objective.blocks, 'full', { eigen: 'smallest' in wanted ? 'some' : 'all' })
  const fits = peak <= linalg.availableBytes
  if (!fits && !('smallest' in wanted)) requireBytes('the Hessian of scope full', peak, linalg.availableBytes)
  const found = 'smallest' in wanted && !fits ? await byLanczos(point, wanted, call) : await fromWhole(point, wanted, call)
  orient(found.vectors)
  return { ...found, residual: await residualOf(point, found.values, found.vectors, found.largest, call.signal) }
}
