// Critical points by exact Newton on the gradient, and the test that tells them from gradient-flat regions (Frye et al. 2021, "Critical point-finding methods reveal gradient-flat regions of deep network losses").
import { countSigns, zeroTolerance } from '../../../shared/run/curvature'
import { matrix, type Linalg } from '../../linalg'
import { firstNonFinite, norm, plusScaled } from '../../linalg/vectors'
import type { Objective } from '../../objective'
import type { RandomGenerator } from '../../random'

export interface CriticalPointOptions {
  /** A point counts as critical where ‖g‖ is at most this. */
  readonly tolerance: number
  /** Most Newton steps. */
  readonly iterations: number
  /** Eigenvalues of at most this times max |λ| are left out of the inverse and count as zero: a valley's do, but for the distance that is left to it. */
  readonly cutoff: number
  readonly signal?: AbortSignal
  readonly onIteration?: (iteration: number, gradNorm: number) => void
}

/**
 * `critical`: ‖g‖ ≤ tolerance. `gradient-flat`: ‖g‖ is above it and ‖Hg‖ ≤ 10⁻³ · max|λ| · ‖g‖: no step lowers ‖g‖ to first order but one a thousand times
 * longer than elsewhere. `not-converged`: neither, where the search ended.
 */
export type CriticalOutcome = 'critical' | 'gradient-flat' | 'not-converged'

export interface CriticalPoint {
  readonly outcome: CriticalOutcome
  readonly parameters: Float64Array
  readonly loss: number
  readonly gradNorm: number
  /** ‖Hg‖/‖g‖: 0 where g = 0 exactly. */
  readonly flatness: number
  /** max |λ|, which `flatness` is measured against. */
  readonly largest: number
  /** Of the whole Hessian at the point, ascending. */
  readonly eigenvalues: Float64Array
  /** Fraction of eigenvalues below −θ and number within ±θ, θ the larger of τ (docs/numerics-curvature.md) and cutoff · max |λ|. */
  readonly index: number
  readonly zero: number
  /** Newton steps taken. */
  readonly iterations: number
  /** ‖g‖ before the first step and after each. */
  readonly course: readonly number[]
}

/** ‖Hg‖ of at most this share of max |λ|·‖g‖ means that the gradient lies in the Hessian's kernel but for a thousandth. */
export const flatShare = 1e-3
/** A search whose last so many steps lowered ‖g‖ by less than this share in all has stalled. */
const [stallSteps, stallShare] = [5, 1e-6]
/** Shares of max |λ| that are tried at every step, 0 (Newton) among them. */
const dampings = [0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]

interface Local {
  readonly gradient: Float64Array
  readonly loss: number
  readonly eigenvalues: Float64Array
  readonly largest: number
  readonly flatness: number
  /** −(H² + μ²)⁻¹ H g; with μ = 0 the Newton step −H⁺ g. Valid until `release`. */
  step(damping: number): Promise<Float64Array>
  release(): void
}

async function localModel(linalg: Linalg, objective: Objective, point: Float64Array, options: CriticalPointOptions): Promise<Local> {
  const { signal, cutoff } = options
  const size = objective.parameterCount
  const gradient = new Float64Array(size)
  const loss = await objective.gradient(point, gradient, { signal })
  const [{ data }] = await objective.curvature(point, { scope: 'full', signal })
  try {
    const eigen = await linalg.eigenSymmetric(matrix(size, size, data), { overwrite: true, signal })
    const eigenvalues = eigen.values.slice()
    const largest = Math.max(Math.abs(eigenvalues[0]), Math.abs(eigenvalues[size - 1]))
    const coefficients = matrix(1, size)
    await linalg.gemm(matrix(1, size, gradient), eigen.vectors, coefficients, { signal })
    const length = norm(gradient)
    return {
      gradient,
      loss,
      eigenvalues,
      largest,
      flatness: length === 0 ? 0 : norm(coefficients.data.map((c, i) => c * eigenvalues[i])) / length,
      async step(damping) {
        const inverse = (value: number) => (Math.abs(value) <= cutoff * largest ? 0 : value / (value * value + damping * damping))
        const weights = matrix(
          1,
          size,
          coefficients.data.map((c, i) => -c * inverse(eigenvalues[i]))
        )
        const step = matrix(1, size)
        await linalg.gemm(weights, eigen.vectors, step, { transposeB: 'transpose', signal })
        return step.data
      },
      release() {
        eigen.release()
        linalg.release(data)
      }
    }
  } catch (error) {
    linalg.release(data)
    throw error
  }
}

/** The point after the step, of all dampings tried, that leaves the smallest ‖∇f‖; null where none lowers it. */
async function lower(
  objective: Objective,
  point: Float64Array,
  { gradient, largest, step }: Local,
  signal?: AbortSignal
): Promise<Float64Array | null> {
  const trial = new Float64Array(point.length)
  let least = norm(gradient)
  /** The point, where its ‖∇f‖ is the least so far. */
  const attempt = async (damping: number): Promise<Float64Array | null> => {
    const next = plusScaled(point, 1, await step(damping * largest))
    if (firstNonFinite(next) >= 0) return null
    await objective.gradient(next, trial, { signal })
    const length = norm(trial)
    if (!(length < least)) return null
    least = length
    return next
  }
  let best: Float64Array | null = null
  for (const damping of dampings) best = (await attempt(damping)) ?? best
  // Where the landscape bends within the shortest of these steps, still shorter ones along the way down of ‖∇f‖².
  for (let damping = 10; best === null && damping <= 1e6; damping *= 10) best = await attempt(damping)
  return best
}

function ended(parameters: Float64Array, local: Local, course: readonly number[], options: CriticalPointOptions): CriticalPoint {
  const { eigenvalues, loss, flatness, largest } = local
  const size = eigenvalues.length
  const gradNorm = course[course.length - 1]
  const { negative, zero } = countSigns(eigenvalues, Math.max(zeroTolerance(eigenvalues, size), options.cutoff * largest))
  const outcome = gradNorm <= options.tolerance ? 'critical' : flatness <= flatShare * largest ? 'gradient-flat' : 'not-converged'
  return {
    outcome,
    parameters,
    loss,
    gradNorm,
    flatness,
    largest,
    eigenvalues,
    index: negative / size,
    zero,
    iterations: course.length - 1,
    course
  }
}

/**
 * From `start` w ← w − (H² + μ²)⁻¹ H ∇f(w) with the eigendecomposition of the whole Hessian: Newton's step with the pseudo-inverse for μ = 0, and of
 * the dampings μ tried the one that leaves the smallest ‖∇f‖. Ends where ‖∇f‖ ≤ tolerance, the steps are spent, five steps together lower ‖∇f‖ by less
 * than a millionth, or none lowers it. Goes to saddles as well as to minima. Near a point with a regular Hessian it converges quadratically; a
 * degenerate one is approached linearly.
 */
export async function criticalPoint(
  linalg: Linalg,
  objective: Objective,
  start: Float64Array,
  options: CriticalPointOptions
): Promise<CriticalPoint> {
  const { tolerance, iterations, signal } = options
  let point: Float64Array = start.slice()
  const course: number[] = []
  for (;;) {
    const local = await localModel(linalg, objective, point, options)
    try {
      const gradNorm = norm(local.gradient)
      course.push(gradNorm)
      options.onIteration?.(course.length - 1, gradNorm)
      const stalled = course.length > stallSteps && gradNorm > (1 - stallShare) * course[course.length - 1 - stallSteps]
      const over = gradNorm <= tolerance || stalled || course.length > iterations
      const next = over ? null : await lower(objective, point, local, signal)
      if (next === null) return ended(point, local, course, options)
      point = next
    } finally {
      local.release()
    }
  }
}

/** `point` with noise uniform in ±amplitude added to every parameter: where a search from a snapshot starts (Dauphin et al. 2014). */
export function noisyStart(point: Float64Array, amplitude: number, random: RandomGenerator): Float64Array {
  return point.map((x) => x + amplitude * (2 * random.uniform() - 1))
}
