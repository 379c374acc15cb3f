// What the critical points of a map are: loss, and the signs of the Hessian's eigenvalues there.
import { matrix } from '../../linalg'
import { zeroTolerance } from '../../../shared/run/curvature'
import { positionOf, type StepParts, type TrainingState } from '../../training'
import type { AnalysisArray } from '../interface'
import type { Centre } from '../../../shared/analyses/gathering'

/** Arrays by their names in the facts of the kind. On the batch that the next step trains on. */
export async function centreArrays(
  { problem, plan, linalg }: StepParts,
  state: TrainingState,
  centres: readonly Centre[],
  outcome: Float64Array,
  signal: AbortSignal
): Promise<Record<string, AnalysisArray>> {
  const size = state.parameters.length
  const points = new Float64Array(centres.length * size)
  const [loss, negative, zero] = [0, 1, 2].map(() => new Float64Array(centres.length))
  const objective = problem.objective(plan.at(positionOf(state)).batch, 'step')
  for (const [k, { point }] of centres.entries()) {
    points.set(point, k * size)
    loss[k] = await objective.loss(point, { signal })
    const [block] = await objective.curvature(point, { scope: 'full', signal })
    try {
      const values = await linalg.eigenvalues(matrix(size, size, block.data), { signal })
      const tolerance = zeroTolerance(values, size)
      negative[k] = values.filter((value) => value < -tolerance).length
      zero[k] = values.filter((value) => Math.abs(value) <= tolerance).length
    } finally {
      linalg.release(block.data)
    }
  }
  const list = (data: Float64Array): AnalysisArray => ({ shape: [centres.length], data })
  const pixels = new Float64Array(centres.length)
  for (const code of outcome) if (code > 0) pixels[code - 1]++
  return {
    centres: { shape: [centres.length, size], data: points },
    centreLoss: list(loss),
    centreGradNorm: list(Float64Array.from(centres, ({ gradNorm }) => gradNorm)),
    centreNegative: list(negative),
    centreZero: list(zero),
    centrePixels: list(pixels)
  }
}
