// An objective with weight decay: ½·l2·‖w‖² added once, over all parameters, to value, gradient, curvature and products.
import { curveCoefficient } from '../jets/curves'
import type { Matrix } from '../linalg'
import { dot } from '../linalg/vectors'
import type { CurveJet, Objective } from '../objective'

/** The term's own jet: its gradient l2·w(t) has the coefficients of the curve, its value ½·l2·w(t)ᵀw(t) their products. */
function addPenalty({ loss, gradient }: CurveJet, l2: number, parameters: Float64Array, curve: Matrix): void {
  const along = [parameters, ...Array.from({ length: curve.rows }, (_, k) => curveCoefficient(curve, k + 1))]
  for (let k = 0; k < loss.length; k++) {
    let sum = 0
    for (let j = Math.max(0, k - curve.rows); j <= Math.min(k, curve.rows); j++) sum += dot(along[j], along[k - j])
    loss[k] += 0.5 * l2 * sum
    if (k > curve.rows || gradient.rows === 0) continue
    for (let i = 0; i < parameters.length; i++) gradient.data[k * parameters.length + i] += l2 * along[k][i]
  }
}

/**
 * objective + ½·l2·‖w‖², l2 ≥ 0. The term is its own convex part: it adds l2 to the diagonal of the Hessian, of the Gauss–Newton and of the Fisher matrix, of
 * each block at every scope, so blocks proven positive semidefinite stay so and outputs that do not mix still do not. It belongs to no sample and is
 * never scaled with the batch. The gradient map's inverse is that of the loss alone and is left out. With l2 = 0 the objective itself comes back, bit by bit.
 */
export function regularizedObjective(objective: Objective, l2: number): Objective {
  if (l2 === 0) return objective
  const penalty = (parameters: Float64Array) => {
    let squares = 0
    for (const value of parameters) squares += value * value
    return 0.5 * l2 * squares
  }
  const { jets, kroneckerFactors, curvatureRows } = objective
  return {
    ...objective,
    inverseGradient: undefined,
    penalty,
    loss: async (parameters, options) => (await objective.loss(parameters, options)) + penalty(parameters),
    async gradient(parameters, gradient, options) {
      const loss = await objective.gradient(parameters, gradient, options)
      for (let i = 0; i < gradient.length; i++) gradient[i] += l2 * parameters[i]
      return loss + penalty(parameters)
    },
    async curvature(parameters, options) {
      const blocks = await objective.curvature(parameters, options)
      for (const { data, size, units } of blocks)
        for (let unit = 0; unit < units; unit++) for (let i = 0; i < size; i++) data[(unit * size + i) * size + i] += l2
      return blocks
    },
    curvatureRows:
      curvatureRows &&
      (async (parameters, options) => {
        const asymmetry = await curvatureRows(parameters, options)
        const { columns, offset } = objective.blocks[options.place]
        const diagonal = offset + options.from * columns
        for (let row = 0; row < options.count * columns; row++) options.data[row * objective.parameterCount + diagonal + row] += l2
        return asymmetry
      }),
    jets:
      jets &&
      (async (parameters, curves, options) => {
        const found = await jets(parameters, curves, options)
        for (const [place, jet] of found.entries()) addPenalty(jet, l2, parameters, curves[place])
        return found
      }),
    kroneckerFactors:
      kroneckerFactors &&
      (async (parameters, options) => {
        const { factors, shift } = await kroneckerFactors(parameters, options)
        return { factors, shift: shift + l2 }
      }),
    async products(parameters, kind, options) {
      const product = await objective.products(parameters, kind, options)
      return async (vectors, callOptions) => {
        const result = await product(vectors, callOptions)
        for (let row = 0; row < result.rows; row++) {
          const [to, from] = [result.offset + row * result.stride, vectors.offset + row * vectors.stride]
          for (let i = 0; i < result.columns; i++) result.data[to + i] += l2 * vectors.data[from + i]
        }
        return result
      }
    }
  }
}
