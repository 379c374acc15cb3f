// How layers couple in the loss: Frobenius norms of the layers' blocks of the whole Hessian, and of its linear response (H + δ)⁻¹.
import type { ParameterBlock } from '../../../shared/model/layout'
import { curvatureBytes } from '../../curvature/memory'
import { matrix, rowOf, type Linalg, type Matrix } from '../../linalg'
import { norm } from '../../linalg/vectors'
import { fillNormal, randomStream } from '../../random'
import { dividedInEigenbasis } from '../eigenpairs'
import type { AnalysisPoint } from '../interface'

/** More weights take minutes for all eigenvectors. */
const mostWeights = 6000

export interface LayerCoupling {
  /** L × L: ‖A_lm‖_F / √(‖A_ll‖_F ‖A_mm‖_F). */
  readonly matrix: Float64Array
  /** L: ‖A_ll‖_F. */
  readonly self: Float64Array
  /** Mean over all pairs |l − m| apart; NaN where no pair has one. */
  readonly byDistance: Float64Array
}

/** Why there is none, one sentence; null where there can be. */
export function couplingRefusal({ objective, linalg }: Pick<AnalysisPoint, 'objective' | 'linalg'>): string | null {
  const size = objective.parameterCount
  if (size > mostWeights)
    return `The coupling of layers and the linear response are left out: they need all eigenvectors of the Hessian of ${size} weights, and more than ${mostWeights} take minutes.`
  const { peak } = curvatureBytes(objective.blocks, 'full', { eigen: 'all' })
  if (peak <= linalg.availableBytes) return null
  return `The coupling of layers and the linear response are left out: the Hessian of ${size} weights takes ${Math.ceil(peak / 1e6)} MB, and ${Math.floor(linalg.availableBytes / 1e6)} MB are free.`
}

const lengthOf = ({ rows, columns }: ParameterBlock) => rows * columns

/** ‖A_lm‖²_F of one layer's rows (n_l × P) with all layers. */
function squaresOf(rows: Matrix, blocks: readonly ParameterBlock[]): Float64Array {
  const sums = new Float64Array(blocks.length)
  for (let row = 0; row < rows.rows; row++) {
    const entries = rowOf(rows, row)
    blocks.forEach(({ offset, ...shape }, m) => {
      let sum = 0
      for (let j = offset, end = offset + lengthOf({ offset, ...shape }); j < end; j++) sum += entries[j] * entries[j]
      sums[m] += sum
    })
  }
  return sums
}

export function layerCoupling(squares: readonly Float64Array[]): LayerCoupling {
  const depth = squares.length
  const self = Float64Array.from(squares, (row, l) => Math.sqrt(row[l]))
  const ratios = new Float64Array(depth * depth)
  squares.forEach((row, l) => row.forEach((square, m) => (ratios[l * depth + m] = Math.sqrt(square) / Math.sqrt(self[l] * self[m]))))
  const byDistance = Float64Array.from({ length: depth }, (_, distance) => {
    const pairs = Array.from({ length: depth - distance }, (_none, l) => ratios[l * depth + l + distance]).filter(Number.isFinite)
    return pairs.reduce((sum, ratio) => sum + ratio, 0) / pairs.length
  })
  return { matrix: ratios, self, byDistance }
}

export interface Couplings {
  readonly hessian: LayerCoupling
  /** Null where H + δ has an eigenvalue that is zero within rounding. */
  readonly response: LayerCoupling | null
  readonly negative: number
  readonly nearest: number
  readonly checks: Readonly<Record<string, { readonly value: number; readonly limit: number }>>
}

interface CouplingCall {
  readonly damping: number
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, message: string) => void
}

export async function couplingsAt(point: AnalysisPoint, { damping, signal, onProgress }: CouplingCall): Promise<Couplings> {
  const { objective, parameters, linalg } = point
  const { blocks, parameterCount: size } = objective
  const [{ data }] = await objective.curvature(parameters, {
    scope: 'full',
    signal,
    onProgress: (done) => onProgress(0.3 * done, 'curvature')
  })
  try {
    const hessian = matrix(size, size, data)
    const rowsOf = ({ offset, ...shape }: ParameterBlock): Matrix => ({
      ...hessian,
      rows: lengthOf({ offset, ...shape }),
      offset: offset * size
    })
    const coupling = layerCoupling(blocks.map((layer) => squaresOf(rowsOf(layer), blocks)))
    const product = await objective.products(parameters, 'hessian', { signal })
    const probe = fillNormal(randomStream(0, 'depth-probe'), new Float64Array(size))
    const byProduct = rowOf(await product(matrix(1, size, probe), { signal }), 0)
    const assembled = new Float64Array(size)
    await linalg.symv(hessian, probe, assembled, { signal })
    const apart = relative(assembled, byProduct)

    const eigen = await linalg.eigenSymmetric(hessian, {
      overwrite: true,
      signal,
      onProgress: (done) => onProgress(0.3 + 0.6 * done, 'eigendecomposition')
    })
    try {
      const shifted = eigen.values.map((value) => value + damping)
      const nearest = shifted.reduce((least, value) => Math.min(least, Math.abs(value)), Infinity)
      const furthest = shifted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      const negative = shifted.filter((value) => value < 0).length
      const checks: Record<string, { value: number; limit: number }> = { hessian: { value: apart, limit: 1e-10 } }
      if (nearest <= 8 * size * 2 ** -52 * furthest) return { hessian: coupling, response: null, negative, nearest, checks }
      onProgress(0.9, 'linear response')
      const squares = await responseSquares(linalg, eigen.vectors, shifted, blocks, signal)
      const { data: solution } = await dividedInEigenbasis(
        linalg,
        { values: shifted, vectors: eigen.vectors },
        matrix(1, size, probe),
        signal
      )
      const back = rowOf(await product(matrix(1, size, solution), { signal }), 0).map((entry, i) => entry + damping * solution[i])
      checks.response = { value: relative(back, probe), limit: Math.max(1e-10, (100 * size * 2 ** -52 * furthest) / nearest) }
      return { hessian: coupling, response: layerCoupling(squares), negative, nearest, checks }
    } finally {
      eigen.release()
    }
  } finally {
    linalg.release(data)
  }
}

/** ‖a − b‖ / ‖b‖. */
const relative = (a: Float64Array, b: Float64Array) => (norm(b) === 0 ? norm(a) : norm(a.map((entry, i) => entry - b[i])) / norm(b))

/** Layer by layer: rows Q_l Λ⁻¹ Qᵀ of the inverse, never all of it. */
async function responseSquares(
  linalg: Linalg,
  vectors: Matrix,
  shifted: Float64Array,
  blocks: readonly ParameterBlock[],
  signal: AbortSignal
) {
  const size = shifted.length
  const squares: Float64Array[] = []
  for (const layer of blocks) {
    const count = lengthOf(layer)
    const divided = matrix(count, size)
    for (let row = 0; row < count; row++) {
      const entries = rowOf(vectors, layer.offset + row)
      for (let k = 0; k < size; k++) divided.data[row * size + k] = entries[k] / shifted[k]
    }
    const rows = matrix(count, size)
    await linalg.gemm(divided, vectors, rows, { transposeB: 'transpose', signal })
    squares.push(squaresOf(rows, blocks))
  }
  return squares
}
