// Critical points by exact Newton on the gradient, and the test that tells them from gradient-flat regions (Frye et al. 2021, "Critical point-finding methods reveal gradient-flat regions of deep network losses").
import { countSigns, zeroTolerance } from '../../shared/run/curvature'
import { matrix, type Linalg } from '../linalg'
import { dot, firstNonFinite, norm, plusScaled } from '../linalg/vectors'
import type { Objective } from '../objective'
import type { RandomGenerator } from '../random'

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
 * `critical`: ‖g‖ ≤ tolerance. `gradient-flat`: ‖g‖ is above it and ‖Hg‖ ≤ 10⁻³ · max|λ| · ‖g‖: to first order no step lowers ‖g‖ but one a thousand
 * times longer than the gradient asks for. `not-converged`: neither, where the search ended.
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
/** A step is halved so often before the search gives up. */
const halvings = 30
/** Armijo's constant for ½‖g‖². */
const sufficient = 1e-4

interface Local {
  readonly gradient: Float64Array
  readonly loss: number
  readonly eigenvalues: Float64Array
  readonly largest: number
  /** −H⁺ g. */
  readonly step: Float64Array
  /** Squared length of the part of g that the inverse sees. */
  readonly seen: number
  readonly flatness: number
}

async function localModel(linalg: Linalg, objective: Objective, point: Float64Array, options: CriticalPointOptions): Promise<Local> {
  const { signal, cutoff } = options
  const size = objective.parameterCount
  const gradient = new Float64Array(size)
  const loss = await objective.gradient(point, gradient, { signal })
  const [block] = await objective.curvature(point, { scope: 'full', signal })
  try {
    const eigen = await linalg.eigenSymmetric(matrix(size, size, block.data), { overwrite: true, signal })
    try {
      const eigenvalues = eigen.values.slice()
      const largest = Math.max(Math.abs(eigenvalues[0]), Math.abs(eigenvalues[size - 1]))
      const coefficients = matrix(1, size)
      await linalg.gemm(matrix(1, size, gradient), eigen.vectors, coefficients, { signal })
      let [seen, bent] = [0, 0]
      const weights = matrix(1, size)
      for (let i = 0; i < size; i++) {
        const c = coefficients.data[i]
        bent += (eigenvalues[i] * c) ** 2
        if (Math.abs(eigenvalues[i]) <= cutoff * largest) continue
        seen += c * c
        weights.data[i] = -c / eigenvalues[i]
      }
      const step = matrix(1, size)
      await linalg.gemm(weights, eigen.vectors, step, { transposeB: 'transpose', signal })
      const length = norm(gradient)
      return { gradient, loss, eigenvalues, largest, step: step.data, seen, flatness: length === 0 ? 0 : Math.sqrt(bent) / length }
    } finally {
      eigen.release()
    }
  } finally {
    linalg.release(block.data)
  }
}

/** The largest of 1, ½, ¼ … of the step that lowers ½‖g‖² enough; null where none does. */
async function shorter(
  objective: Objective,
  point: Float64Array,
  { gradient, step, seen }: Local,
  signal?: AbortSignal
): Promise<Float64Array | null> {
  const before = dot(gradient, gradient)
  const trial = new Float64Array(point.length)
  for (let t = 1, k = 0; k <= halvings; k++, t /= 2) {
    const next = plusScaled(point, t, step)
    if (firstNonFinite(next) >= 0) continue
    await objective.gradient(next, trial, { signal })
    const after = dot(trial, trial)
    if (after <= before - 2 * sufficient * t * seen && after < before) return next
  }
  return null
}

/**
 * From `start` w ← w − t H⁺∇f(w), with the pseudo-inverse of the whole Hessian and t halved until ½‖∇f‖² falls (Armijo), until ‖∇f‖ ≤ tolerance, the
 * steps are spent, five steps together lower ‖∇f‖ by less than a millionth, or no t helps. Goes to saddles as well as to minima. Near a point with a regular Hessian it converges
 * quadratically; a degenerate one is approached linearly.
 */
export async function criticalPoint(
  linalg: Linalg,
  objective: Objective,
  start: Float64Array,
  options: CriticalPointOptions
): Promise<CriticalPoint> {
  const { tolerance, iterations, signal } = options
  let point = start.slice()
  const course: number[] = []
  for (;;) {
    const local = await localModel(linalg, objective, point, options)
    const gradNorm = norm(local.gradient)
    course.push(gradNorm)
    options.onIteration?.(course.length - 1, gradNorm)
    const converged = gradNorm <= tolerance
    const flat = local.flatness <= flatShare * local.largest
    const stalled = course.length > stallSteps && gradNorm > (1 - stallShare) * course[course.length - 1 - stallSteps]
    const next = converged || stalled || course.length > iterations ? null : await shorter(objective, point, local, signal)
    if (next !== null) {
      point = next
      continue
    }
    const { eigenvalues, loss, flatness, largest } = local
    const { negative, zero } = countSigns(eigenvalues, Math.max(zeroTolerance(eigenvalues, eigenvalues.length), options.cutoff * largest))
    return {
      outcome: converged ? 'critical' : flat ? 'gradient-flat' : 'not-converged',
      parameters: point,
      loss,
      gradNorm,
      flatness,
      largest,
      eigenvalues,
      index: negative / eigenvalues.length,
      zero,
      iterations: course.length - 1,
      course
    }
  }
}

/** `point` with noise uniform in ±amplitude added to every parameter: where a search from a snapshot starts (Dauphin et al. 2014). */
export function noisyStart(point: Float64Array, amplitude: number, random: RandomGenerator): Float64Array {
  return point.map((x) => x + amplitude * (2 * random.uniform() - 1))
}
