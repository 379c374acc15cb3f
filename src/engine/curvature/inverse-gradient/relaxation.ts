// Four ways to the solution of H x = g with an approximate inverse M⁻¹ at hand: relaxation plain and damped (Pineda 1987), Anderson acceleration, MINRES.
import { LinalgError, matrix, type CallOptions, type Linalg, type Matrix } from '../../linalg'
import { dot, norm, plusScaled } from '../../linalg/vectors'

/** v ↦ A v for a symmetric matrix; the result is the caller's. */
export type Operator = (v: Float64Array) => Promise<Float64Array>

/** H x = g with H symmetric, and M⁻¹ symmetric positive definite. */
export interface Equations {
  readonly hessian: Operator
  readonly preconditioner: Operator
  readonly g: Float64Array
}

export interface RelaxationOptions extends CallOptions {
  readonly iterations?: number
  /** Of ‖g − H x‖ / ‖g‖. */
  readonly tolerance?: number
  /** Asked after every iteration with all relative residuals so far; true ends it unfinished. */
  readonly hopeless?: (residuals: readonly number[]) => boolean
  /** Told after every iteration. */
  readonly onResidual?: (residuals: readonly number[]) => void
}

export interface Relaxation {
  readonly solution: Float64Array
  /** ‖g − H x‖ / ‖g‖ before the first and after every iteration. */
  readonly residuals: readonly number[]
  readonly outcome: 'converged' | 'diverged' | 'unfinished'
}

/** A residual that has grown so much does not come back. */
const lost = 1e6

/** Geometric mean of the residual's ratios from iteration to iteration over the second half: below 1 it converges. Null before the first iteration and at 0. */
export function observedRate(residuals: readonly number[]): number | null {
  const last = residuals.length - 1
  const from = Math.floor(last / 2)
  const ratio = residuals[last] / residuals[from]
  return last > 0 && ratio > 0 && Number.isFinite(ratio) ? ratio ** (1 / (last - from)) : null
}

/** Keeps the residuals and says when to stop. */
function course(g: Float64Array, { iterations = 200, tolerance = 1e-10, hopeless, onResidual, signal, onProgress }: RelaxationOptions) {
  const scale = norm(g)
  const residuals = [scale > 0 ? 1 : 0]
  const newest = () => residuals[residuals.length - 1]
  return {
    goesOn(): boolean {
      signal?.throwIfAborted()
      const done = residuals.length - 1
      return done < iterations && newest() > tolerance && newest() < lost && !(done > 0 && hopeless?.(residuals) === true)
    },
    note(size: number): void {
      residuals.push(size / scale)
      onProgress?.((residuals.length - 1) / iterations)
      onResidual?.(residuals)
    },
    end(solution: Float64Array): Relaxation {
      const outcome = newest() <= tolerance ? 'converged' : newest() < lost ? 'unfinished' : 'diverged'
      return { solution, residuals, outcome }
    }
  }
}

async function residualOf({ hessian, g }: Equations, x: Float64Array): Promise<Float64Array> {
  return plusScaled(g, -1, await hessian(x))
}

/** x ← x + ω M⁻¹(g − H x) from x = 0; with ω = 1 plain. Its error shrinks by max |1 − ωμ| over the eigenvalues μ of M⁻¹H in the long run. */
export async function relax(equations: Equations, options: RelaxationOptions & { readonly omega?: number } = {}): Promise<Relaxation> {
  const { omega = 1 } = options
  const { g, preconditioner } = equations
  const way = course(g, options)
  let solution: Float64Array = new Float64Array(g.length)
  let residual: Float64Array = g
  while (way.goesOn()) {
    solution = plusScaled(solution, omega, await preconditioner(residual))
    residual = await residualOf(equations, solution)
    way.note(norm(residual))
  }
  return way.end(solution)
}

/** Columns of unit length, so that the rank is not judged by how fast the residuals fall. */
function columnsOf(vectors: readonly Float64Array[], lengths: readonly number[]): Matrix {
  const result = matrix(vectors[0].length, vectors.length)
  for (const [j, vector] of vectors.entries())
    for (let i = 0; i < vector.length; i++) result.data[i * vectors.length + j] = vector[i] / lengths[j]
  return result
}

/**
 * Anderson acceleration of plain relaxation (Anderson 1965; Walker & Ni 2011): of the last `memory` differences of x and of f = M⁻¹(g − H x) the combination
 * that makes f smallest in the Euclidean norm. With a memory of all iterations its iterate k + 1 is one plain step from iterate k of GMRES on M⁻¹H x = M⁻¹g.
 */
export async function anderson(
  linalg: Linalg,
  equations: Equations,
  options: RelaxationOptions & { readonly memory?: number } = {}
): Promise<Relaxation> {
  const { memory = 6, signal } = options
  const { g, preconditioner } = equations
  const way = course(g, options)
  const moves: Float64Array[] = []
  const changes: Float64Array[] = []
  let solution: Float64Array = new Float64Array(g.length)
  let correction = await preconditioner(g)
  while (way.goesOn()) {
    let next = plusScaled(solution, 1, correction)
    if (changes.length > 0) {
      const lengths = changes.map(norm)
      const found = await linalg.leastSquares(columnsOf(changes, lengths), matrix(g.length, 1, correction), { signal })
      for (const [j, change] of changes.entries()) {
        const weight = found.solution.data[found.solution.offset + j * found.solution.stride] / lengths[j]
        next = plusScaled(plusScaled(next, -weight, moves[j]), -weight, change)
      }
      found.release()
    }
    const residual = await residualOf(equations, next)
    const following = await preconditioner(residual)
    way.note(norm(residual))
    const change = plusScaled(following, -1, correction)
    if (norm(change) > 0) {
      moves.push(plusScaled(next, -1, solution))
      changes.push(change)
      if (changes.length > memory) for (const list of [moves, changes]) list.shift()
    }
    solution = next
    correction = following
  }
  return way.end(solution)
}

/** One step of the Lanczos process: v of unit length in the norm of M, H v, and the entries α_k and β_{k+1} of the tridiagonal matrix. */
interface LanczosStep {
  readonly v: Float64Array
  readonly image: Float64Array
  readonly alpha: number
  readonly beta: number
}

/**
 * Lanczos in the inner product of M⁻¹, from g: the tridiagonal matrix is that of M^−½ H M^−½. Every vector is kept and taken out of those that follow: eigenvalues
 * far apart cost the short recurrence its orthogonality within a few steps, and with it the end after at most P. Ends where the Krylov space does.
 */
async function* lanczos({ hessian, preconditioner, g }: Equations): AsyncGenerator<LanczosStep> {
  /** v_j and M v_j. */
  const kept: { readonly v: Float64Array; readonly dual: Float64Array }[] = []
  let current: Float64Array = g.slice()
  let preconditioned = await preconditioner(current)
  let beta = lengthBy(current, preconditioned)
  let scale = 0
  while (beta > 0 && kept.length < g.length) {
    const [length, dual] = [beta, current]
    const v = preconditioned.map((value) => value / length)
    kept.push({ v, dual: dual.map((value) => value / length) })
    const image = await hessian(v)
    const alpha = dot(v, image)
    current = image.slice()
    // Twice is enough (Parlett 1980).
    for (let pass = 0; pass < 2; pass++)
      for (const one of kept) {
        const along = dot(one.v, current)
        for (let i = 0; i < current.length; i++) current[i] -= along * one.dual[i]
      }
    preconditioned = await preconditioner(current)
    beta = lengthBy(current, preconditioned)
    scale = Math.max(scale, Math.abs(alpha), beta)
    // What is below the rounding of what was taken out is no new direction.
    if (beta <= 64 * Number.EPSILON * scale) beta = 0
    yield { v, image, alpha, beta }
  }
}

/** √(vᵀM⁻¹v); throws where M⁻¹ is seen not to be positive definite. */
function lengthBy(v: Float64Array, preconditioned: Float64Array): number {
  const square = dot(v, preconditioned)
  if (square < -1e-8 * norm(v) * norm(preconditioned))
    throw new LinalgError('not-positive-definite', `M⁻¹ is not positive definite (vᵀM⁻¹v = ${square.toExponential(2)}), which MINRES needs`)
  return Math.sqrt(Math.max(0, square))
}

/** Smallest and largest eigenvalue of M⁻¹H as `steps` steps of Lanczos from g see them: both lie within the spectrum. */
export async function ritzRange(
  linalg: Linalg,
  equations: Equations,
  steps: number,
  signal?: AbortSignal
): Promise<{ readonly smallest: number; readonly largest: number }> {
  const [alphas, betas]: [number[], number[]] = [[], []]
  for await (const { alpha, beta } of lanczos(equations)) {
    signal?.throwIfAborted()
    alphas.push(alpha)
    betas.push(beta)
    if (alphas.length === steps) break
  }
  const k = alphas.length
  const tridiagonal = matrix(k, k)
  for (let i = 0; i < k; i++) {
    tridiagonal.data[i * (k + 1)] = alphas[i]
    if (i + 1 < k) tridiagonal.data[i * (k + 1) + 1] = tridiagonal.data[i * (k + 1) + k] = betas[i]
  }
  const values = k === 0 ? new Float64Array(1) : await linalg.eigenvalues(tridiagonal, { signal })
  return { smallest: values[0], largest: values[values.length - 1] }
}

/**
 * MINRES (Paige & Saunders 1975) for symmetric, possibly indefinite H: makes √(rᵀM⁻¹r) smallest over the Krylov space. `measured`: every residual by a product
 * of its own in place of the recurrence that carries H x along.
 */
export async function minres(equations: Equations, options: RelaxationOptions & { readonly measured?: boolean } = {}): Promise<Relaxation> {
  const { g, preconditioner } = equations
  const way = course(g, options)
  const n = g.length
  const solution = new Float64Array(n)
  const residual = g.slice()
  const zeros = () => ({ w: new Float64Array(n), image: new Float64Array(n) })
  let [older, newer] = [zeros(), zeros()]
  let beta = 0
  let [dbar, epsilon, cosine, sine] = [0, 0, -1, 0]
  let phi = lengthBy(g, await preconditioner(g))
  const process = lanczos(equations)
  while (way.goesOn()) {
    const { value: step } = await process.next()
    if (step === undefined) break
    const { v, alpha, image } = step as LanczosStep
    // Givens rotations bring the tridiagonal matrix to upper triangular form.
    const oldEpsilon = epsilon
    const delta = cosine * dbar + sine * alpha
    const gammaBar = sine * dbar - cosine * alpha
    beta = step.beta
    epsilon = sine * beta
    dbar = -cosine * beta
    const gamma = Math.max(Math.hypot(gammaBar, beta), Number.MIN_VALUE)
    cosine = gammaBar / gamma
    sine = beta / gamma
    const along = cosine * phi
    phi *= sine
    const next = {
      w: v.map((value, i) => (value - oldEpsilon * older.w[i] - delta * newer.w[i]) / gamma),
      image: image.map((value, i) => (value - oldEpsilon * older.image[i] - delta * newer.image[i]) / gamma)
    }
    for (let i = 0; i < n; i++) {
      solution[i] += along * next.w[i]
      residual[i] -= along * next.image[i]
    }
    ;[older, newer] = [newer, next]
    way.note(norm(options.measured === true ? await residualOf(equations, solution) : residual))
  }
  return way.end(solution)
}
