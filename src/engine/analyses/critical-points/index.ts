// The kind `critical-points`: Newton searches from a checkpoint with noise, on all of its training data, one after the other.
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { curvatureBytes, requireBytes } from '../../curvature/memory'
import { matrix } from '../../linalg'
import { norm } from '../../linalg/vectors'
import type { Objective } from '../../objective'
import { randomStream } from '../../random'
import type { AnalysisArray, AnalysisEngine } from '../interface'
import { criticalPoint, noisyStart, type CriticalOutcome, type CriticalPoint } from './search'

const codes: Readonly<Record<CriticalOutcome, number>> = { 'not-converged': 0, critical: 1, 'gradient-flat': 2 }

/** ‖Hg‖ by a product, against the eigendecomposition's. */
async function productError(objective: Objective, { parameters, flatness, largest, gradNorm }: CriticalPoint): Promise<number> {
  if (largest === 0 || gradNorm === 0) return 0
  const gradient = new Float64Array(parameters.length)
  await objective.gradient(parameters, gradient)
  const product = await objective.products(parameters, 'hessian')
  const { data } = await product(matrix(1, gradient.length, gradient))
  return Math.abs(norm(data) / gradNorm - flatness) / largest
}

function arraysOf(points: readonly CriticalPoint[]): Record<string, AnalysisArray> {
  const vector = (of: (point: CriticalPoint) => number): AnalysisArray => ({ shape: [points.length], data: Float64Array.from(points, of) })
  const rows = (of: (point: CriticalPoint) => Float64Array): AnalysisArray => ({
    shape: [points.length, points[0].parameters.length],
    pieces: points.map(of)
  })
  const scalars = ['loss', 'gradNorm', 'flatness', 'largest', 'index', 'zero', 'iterations'] as const
  return {
    ...Object.fromEntries(scalars.map((name) => [name, vector((point) => point[name])])),
    outcome: vector(({ outcome }) => codes[outcome]),
    eigenvalues: rows(({ eigenvalues }) => eigenvalues),
    points: rows(({ parameters }) => parameters)
  }
}

export const criticalPoints: AnalysisEngine<AnalysisOptions<'critical-points'>> = {
  // What is critical for all training data is critical for the run's loss.
  data: 'all',
  cost: ({ parameterCount: size }, { starts, iterations }) => ({
    seconds: starts * iterations * (0.005 + 3e-9 * size ** 3),
    memoryBytes: 24 * size * size + 64e6,
    diskBytes: 16 * starts * size + 64 * starts + 16_384
  }),
  async work(source, { starts, noise, seed, tolerance, iterations, cutoff }, { signal, onProgress }) {
    const { objective, parameters, linalg, step, samples } = await source.point()
    requireBytes('the Hessian of scope full', curvatureBytes(objective.blocks, 'full', { eigen: 'all' }).peak, linalg.availableBytes)
    const points: CriticalPoint[] = []
    let error = 0
    for (let k = 0; k < starts; k++) {
      const start = noisyStart(parameters, noise, randomStream(seed, `critical-points-${step}-${k}`))
      const onIteration = (iteration: number, gradNorm: number) => {
        signal.throwIfAborted()
        onProgress((k + Math.min(1, iteration / iterations)) / starts, `search ${k + 1} of ${starts}, ‖g‖ ${gradNorm.toPrecision(2)}`)
      }
      const point = await criticalPoint(linalg, objective, start, { tolerance, iterations, cutoff, signal, onIteration })
      error = Math.max(error, await productError(objective, point))
      points.push(point)
    }
    const count = (outcome: CriticalOutcome) => points.filter((point) => point.outcome === outcome).length
    const figures = { critical: count('critical'), gradientFlat: count('gradient-flat'), notConverged: count('not-converged') }
    return {
      arrays: arraysOf(points),
      figures,
      checks: { product: { value: error, limit: 1e-9 } },
      notes: [`On all ${samples} training samples as one batch, without test or validation samples.`],
      said: `${figures.critical} of ${points.length} searches ended at a critical point, ${figures.gradientFlat} in a gradient-flat region, ${figures.notConverged} elsewhere`
    }
  }
}
