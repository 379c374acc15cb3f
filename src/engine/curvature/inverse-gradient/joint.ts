// Fast finite-difference Newton on the whole network: the circular equations, by the first method that is seen to converge (docs/finite-difference-newton.md).
import { requireBytes, type CallOptions, type Linalg } from '../../linalg'
import { norm, plusScaled } from '../../linalg/vectors'
import type { Linearization } from '../../nn/forward'
import type { CurvatureProduct, InverseGradientResult } from '../../objective'
import { circularEquations } from './circular'
import { invertNetwork } from './deep'
import { anderson, minres, relax, ritzRange, type Equations, type Relaxation } from './relaxation'

/** In the order in which they are tried. */
export const jointMethods = ['plain', 'damped', 'anderson', 'minres'] as const
export type JointMethod = (typeof jointMethods)[number]

/** ‖g − H u‖ / ‖g‖ of a direction that counts as found. */
export const jointTolerance = 1e-9
/** Steps of Lanczos that a damping factor is judged by. */
const lanczosSteps = 12
const andersonMemory = 6

/** Slower than `rate` an iteration over the last `window` of them. */
const slowerThan = (rate: number, window: number) => (residuals: readonly number[]) => {
  const last = residuals.length - 1
  return last >= window && !(residuals[last] <= rate ** window * residuals[last - window])
}

/** MINRES, again on what is left where rounding has parted the recurrence from the residual itself. */
async function refinedMinres({ hessian, preconditioner, g }: Equations, iterations: number, options: CallOptions): Promise<Relaxation> {
  let solution: Float64Array = new Float64Array(g.length)
  let left: Float64Array = g
  const residuals = [1]
  for (let pass = 0; pass < 3 && residuals[residuals.length - 1] > jointTolerance; pass++) {
    const size = norm(left) / norm(g)
    const found = await minres(
      { hessian, preconditioner, g: left },
      { iterations, tolerance: (0.3 * jointTolerance) / size, signal: options.signal }
    )
    solution = plusScaled(solution, 1, found.solution)
    left = plusScaled(g, -1, await hessian(solution))
    residuals.push(...found.residuals.slice(1, -1).map((value) => value * size), norm(left) / norm(g))
  }
  const outcome = residuals[residuals.length - 1] <= jointTolerance ? 'converged' : 'unfinished'
  return { solution, residuals, outcome }
}

export interface JointSolution extends Relaxation {
  readonly method: JointMethod
  /** Of every method tried, the last one included. */
  readonly iterations: number
}

/**
 * Plain relaxation where its residuals prove that it contracts; else damped, where Lanczos sees no eigenvalue of M⁻¹H that is not positive; else Anderson
 * acceleration; else MINRES. Throws one sentence where none of them comes to the tolerance.
 */
export async function solveJoint(linalg: Linalg, equations: Equations, options: CallOptions = {}): Promise<JointSolution> {
  const { signal } = options
  const size = equations.g.length
  // MINRES keeps every vector twice.
  requireBytes(`mode joint on ${size} weights`, 16 * size * size, linalg.availableBytes)
  const tolerance = jointTolerance
  const tries: { readonly [Method in JointMethod]: () => Promise<Relaxation | null> } = {
    plain: () => relax(equations, { tolerance, signal, hopeless: slowerThan(0.9, 4) }),
    async damped() {
      const { smallest, largest } = await ritzRange(linalg, equations, lanczosSteps, signal)
      if (smallest <= 0) return null
      return relax(equations, { omega: 2 / (smallest + largest), tolerance, signal, hopeless: slowerThan(0.95, 6) })
    },
    anderson: () => anderson(linalg, equations, { memory: andersonMemory, tolerance, signal, hopeless: slowerThan(0.93, 10) }),
    minres: () => refinedMinres(equations, 200 + 3 * size, { signal })
  }
  let iterations = 0
  const said: string[] = []
  for (const [place, method] of jointMethods.entries()) {
    const found = await tries[method]()
    options.onProgress?.((place + 1) / jointMethods.length)
    if (found === null) {
      said.push(`${method}: M⁻¹H has an eigenvalue that is not positive`)
      continue
    }
    iterations += found.residuals.length - 1
    if (found.outcome === 'converged') return { ...found, method, iterations }
    const reached = found.residuals[found.residuals.length - 1]
    said.push(`${method}: residual ${reached.toExponential(1)} after ${found.residuals.length - 1} iterations`)
  }
  throw new Error(
    `fd-newton: mode joint does not come to a residual of ${jointTolerance} by any method (${said.join('; ')}), so there is no step; the Hessian is singular or nearly so at this point: take mode limit, or damped-newton`
  )
}

/** u with H u = g for the Hessian of the whole network. Rejects with one sentence where M⁻¹ does not exist or nothing converges. */
export async function jointInverse(
  linalg: Linalg,
  state: Linearization,
  loss: { readonly multiply: CurvatureProduct; readonly g: Float64Array },
  options: CallOptions = {}
): Promise<InverseGradientResult> {
  const inverted = await invertNetwork(linalg, state, { signal: options.signal })
  try {
    const equations = await circularEquations(linalg, state, inverted, { system: 'joint', ...loss }, { signal: options.signal })
    if (norm(loss.g) === 0) return { direction: new Float64Array(loss.g.length), notes: [], figures: { iterations: 0, residual: 0 } }
    const { solution, residuals, method, iterations } = await solveJoint(linalg, equations, options)
    return {
      direction: solution,
      notes: [`the circular equations of all layers, solved by ${method}`],
      figures: { method: jointMethods.indexOf(method), iterations, residual: residuals[residuals.length - 1] }
    }
  } finally {
    inverted.release()
  }
}
