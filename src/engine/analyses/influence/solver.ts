// One factorization of H + δ for any number of right-hand sides.
import { zeroTolerance } from '../../../shared/run/curvature'
import { LinalgError, matrix, normInfinity, transposed, type Linalg, type Matrix } from '../../linalg'
import type { Objective } from '../../objective'
import { dividedInEigenbasis } from '../eigenpairs'

export interface DampedSolver {
  /** (H + δ)⁻¹ of each row (k × P), as rows. */
  solve(rows: Matrix): Promise<Matrix>
  /** Eigenvalues below zero; null where a Cholesky factorization proved that there are none. */
  readonly negative: number | null
  /** Of H + δ, estimated. */
  readonly condition: number
  release(): void
}

/** A matrix whose condition is larger is singular for the purpose of a derivative. */
const mostCondition = 1e13

const singular = (damping: number) =>
  new LinalgError(
    'not-positive-definite',
    `influence: the Hessian ${damping > 0 ? `with damping ${damping}` : 'without damping'} is singular to rounding, so nothing says how the weights would move; set damping to a number > 0${damping > 0 ? ' that is larger' : ''}, or train with regularization.l2`
  )

/** H + δ of the whole objective, P × P; from `linalg.allocate`. */
export async function dampedHessian(objective: Objective, parameters: Float64Array, damping: number, signal: AbortSignal): Promise<Matrix> {
  const [{ data, size }] = await objective.curvature(parameters, { scope: 'full', kind: 'hessian', signal })
  for (let i = 0; i < size; i++) data[i * (size + 1)] += damping
  return matrix(size, size, data)
}

/** By Cholesky where H + δ is positive definite, else by its eigenpairs: a saddle's stationary points move too. Throws one sentence where it is singular. */
export async function dampedSolver(
  linalg: Linalg,
  objective: Objective,
  parameters: Float64Array,
  damping: number,
  signal: AbortSignal
): Promise<DampedSolver> {
  const lower = await dampedHessian(objective, parameters, damping, signal)
  const norm1 = normInfinity(lower)
  const { positiveDefinite } = await linalg.choleskyInPlace(lower, { signal })
  if (positiveDefinite) {
    const condition = await linalg.choleskyCondition(lower, norm1, { signal })
    if (condition > mostCondition) {
      linalg.release(lower.data)
      throw singular(damping)
    }
    return {
      negative: null,
      condition,
      async solve(rows) {
        const columns = transposed(rows)
        await linalg.solveCholeskyInPlace(lower, columns, { signal })
        return transposed(columns)
      },
      release: () => linalg.release(lower.data)
    }
  }
  linalg.release(lower.data)
  const whole = await dampedHessian(objective, parameters, damping, signal)
  const pairs = await linalg.eigenSymmetric(whole, { signal })
  linalg.release(whole.data)
  const { values, vectors } = pairs
  const smallest = values.reduce((least, value) => Math.min(least, Math.abs(value)), Infinity)
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (smallest <= Math.max(zeroTolerance(values, values.length), largest / mostCondition)) {
    pairs.release()
    throw singular(damping)
  }
  return {
    negative: values.filter((value) => value < 0).length,
    condition: largest / smallest,
    solve: (rows) => dividedInEigenbasis(linalg, { values, vectors }, rows, signal),
    release: () => pairs.release()
  }
}
