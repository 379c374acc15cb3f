// The kind `density`: stochastic Lanczos quadrature of the Hessian, held against a product of its own.
import type { AnalysisOptions } from '../../shared/analyses/kinds'
import { spectralDensity, type Quadrature } from '../curvature/density'
import { requireBytes } from '../curvature/memory'
import { matrix, type Linalg } from '../linalg'
import { dot } from '../linalg/vectors'
import type { CurvatureProduct } from '../objective'
import { fillSigns, randomStream } from '../random'
import type { AnalysisCall, AnalysisEngine, AnalysisOutcome } from './interface'
import { samplesNote } from './which-samples'

const stream = 'density'

/** ∫ by the trapezoidal rule. */
function integral(grid: Float64Array, values: Float64Array): number {
  let sum = 0
  for (let k = 1; k < grid.length; k++) sum += ((values[k] + values[k - 1]) / 2) * (grid[k] - grid[k - 1])
  return sum
}

/** vᵀHv and ‖Hv‖² of the first probe by a product, over ‖v‖², against Σ w λ and Σ w λ². */
async function momentError(product: CurvatureProduct, size: number, seed: number, { nodes, weights }: Quadrature, signal: AbortSignal) {
  const probe = fillSigns(randomStream(seed, stream), new Float64Array(size))
  const { data } = await product(matrix(1, size, probe), { signal })
  const [first, second] = [dot(probe, data) / size, dot(data, data) / size]
  const moment = (power: number) => nodes.reduce((sum, node, k) => sum + weights[k] * node ** power, 0)
  if (second === 0) return Math.abs(moment(1)) + Math.sqrt(moment(2))
  return Math.max(Math.abs(moment(1) - first) / Math.sqrt(second), Math.abs(moment(2) - second) / second)
}

/**
 * The density of a symmetric operator on P = `size` dimensions with its figures and checks, as the analysis keeps them. Throws LinalgError
 * `out-of-memory` with needed and available bytes where the Krylov basis does not fit.
 */
export async function densityOf(
  linalg: Linalg,
  product: CurvatureProduct,
  size: number,
  { probes, vectors, points, bandwidth, seed }: Omit<AnalysisOptions<'density'>, 'data'>,
  { signal, onProgress }: AnalysisCall
): Promise<AnalysisOutcome> {
  requireBytes(
    `a basis of ${Math.min(vectors, size)} vectors of ${size} weights`,
    8 * size * Math.min(vectors, size),
    linalg.availableBytes
  )
  const found = await spectralDensity(linalg, product, size, {
    random: randomStream(seed, stream),
    probes,
    steps: vectors,
    points,
    bandwidth,
    signal,
    onProgress: (fraction) => onProgress(fraction, 'products with the Hessian')
  })
  const { grid, trace, traceError, sigma, quadratures } = found
  const lowest = Math.min(...quadratures.map(({ nodes }) => nodes[0]))
  const highest = Math.max(...quadratures.map(({ nodes }) => nodes[nodes.length - 1]))
  const shape = [points]
  return {
    arrays: {
      grid: { shape, data: grid },
      density: { shape, data: found.density },
      error: { shape, data: found.error }
    },
    figures: { trace, traceError, sigma, lowest, highest },
    checks: {
      integral: { value: Math.abs(integral(grid, found.density) - 1), limit: 1e-3 },
      moments: { value: await momentError(product, size, seed, quadratures[0], signal), limit: 1e-10 }
    },
    notes: [
      `Each eigenvalue is drawn as a Gaussian of standard deviation ${sigma.toPrecision(3)}: what is closer together is not told apart.`
    ],
    said: `eigenvalues from ${lowest.toPrecision(4)} to ${highest.toPrecision(4)}, trace ${trace.toPrecision(4)} ± ${traceError.toPrecision(2)}`
  }
}

export const density: AnalysisEngine<AnalysisOptions<'density'>> = {
  cost({ parameterCount: size, samples }, { probes, vectors, points }) {
    const steps = Math.min(vectors, size)
    return {
      seconds: 0.1 + probes * steps * (2e-4 + 2e-9 * size * (samples + 4 * steps)),
      memoryBytes: 8 * size * (steps + 20) + 64e6,
      diskBytes: 24 * points
    }
  },
  async work(source, options, call) {
    const point = await source.point()
    const { objective, parameters, linalg } = point
    const product = await objective.products(parameters, 'hessian', { signal: call.signal })
    const found = await densityOf(linalg, product, objective.parameterCount, options, call)
    return { ...found, notes: [...samplesNote(point, options.data), ...found.notes] }
  }
}
