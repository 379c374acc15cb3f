// The minimizer of f − ε ℓ_n as a power series in ε, and what it does to the losses of other samples.
import { networkJets, sampleLossJets } from '../../jets/network'
import { matrix, type Matrix } from '../../linalg'
import { batchRows } from '../../nn/forward'
import { lossFunction } from '../../nn/losses'
import type { Objective } from '../../objective'
import { ownWeight, type Samples } from './samples'
import type { DampedSolver } from './solver'

export interface SeriesProblem {
  /** f at the weights that the series starts from, with its weight decay. */
  readonly objective: Objective
  readonly parameters: Float64Array
  readonly solver: DampedSolver
  readonly train: Samples
  readonly test: Samples
}

/** Training samples whose curves are gone along at a time. */
const together = 32

/**
 * s_1 … s_order of w(ε) = w + Σ εᵏ s_k for the training samples from `from` on, one matrix (order × P) each, by
 * (H + δ) s_1 = ∇ℓ_n and (H + δ) s_k = −(c_k − [∇ℓ_n(w(ε))]_{k−1}), with c_k the coefficient of εᵏ in ∇f along the curve without s_k.
 */
async function curvesOf(
  { objective, parameters, solver, train }: SeriesProblem,
  firsts: Matrix,
  from: number,
  count: number,
  order: number,
  signal: AbortSignal
): Promise<Matrix[]> {
  const size = parameters.length
  const { linalg, network, loss, batch } = train
  const curves = Array.from({ length: count }, (_, i) => {
    const curve = matrix(order, size)
    curve.data.set(firsts.data.subarray((from + i) * size, (from + i + 1) * size))
    return curve
  })
  if (order > 1 && objective.jets === undefined) throw new Error('influence: the loss has no power series, so only order 1 can be had')
  for (let k = 2; k <= order; k++) {
    const known = curves.map(({ data }) => matrix(k - 1, size, data.subarray(0, (k - 1) * size)))
    const whole = (await objective.jets?.(parameters, known, { order: k, signal })) ?? []
    const right = matrix(count, size)
    for (let i = 0; i < count; i++) {
      const own = { network, lossFunction: lossFunction(loss), batch: batchRows(batch, from + i, 1), weight: ownWeight(train) }
      const [alone] = await networkJets(linalg, own, parameters, [known[i]], { order: k, signal })
      for (let p = 0; p < size; p++)
        right.data[i * size + p] = alone.gradient.data[(k - 1) * size + p] - whole[i].gradient.data[k * size + p]
    }
    const solved = await solver.solve(right)
    for (const [i, { data }] of curves.entries()) data.set(solved.data.subarray(i * size, (i + 1) * size), (k - 1) * size)
  }
  return curves
}

/**
 * Order × train × test: minus the change of each test loss to that order, over c. `firsts` are (H + δ)⁻¹∇ℓ_n of the training samples, c their weight.
 * `given` hears of each training sample that is done.
 */
export async function influenceSeries(
  problem: SeriesProblem,
  firsts: Matrix,
  c: number,
  order: number,
  { signal, given }: { readonly signal: AbortSignal; readonly given: (sample: number) => void }
): Promise<Float64Array> {
  const { test, parameters } = problem
  const { linalg, network, loss, batch } = test
  const [trainCount, testCount] = [firsts.rows, batch.inputs.rows]
  const orders = new Float64Array(order * trainCount * testCount)
  const own = { network, lossFunction: lossFunction(loss), batch, weight: ownWeight(test) }
  for (let from = 0; from < trainCount; from += together) {
    const count = Math.min(together, trainCount - from)
    const curves = await curvesOf(problem, firsts, from, count, order, signal)
    for (const [i, curve] of curves.entries()) {
      signal.throwIfAborted()
      const losses = await sampleLossJets(linalg, own, parameters, curve, { order, signal })
      const newest = new Float64Array(testCount)
      for (let m = 0; m < testCount; m++)
        for (let k = 1; k <= order; k++) {
          newest[m] -= losses.data[m * (order + 1) + k] * c ** (k - 1)
          orders[((k - 1) * trainCount + from + i) * testCount + m] = newest[m]
        }
      given(from + i)
    }
  }
  return orders
}
