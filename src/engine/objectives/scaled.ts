// An objective times a constant: brings the curvature of a batch of another size to the scale of the gradient's batch.
import type { Objective } from '../objective'

/** factor · objective, curvature and products included; inverse gradients do not depend on the factor and are left out on purpose. */
export function scaledObjective(objective: Objective, factor: number): Objective {
  if (factor === 1) return objective
  const scale = (array: Float64Array) => {
    for (let i = 0; i < array.length; i++) array[i] *= factor
  }
  const { jets, kroneckerFactors, curvatureRows } = objective
  return {
    ...objective,
    inverseGradient: undefined,
    loss: async (parameters, options) => factor * (await objective.loss(parameters, options)),
    async gradient(parameters, gradient, options) {
      const loss = await objective.gradient(parameters, gradient, options)
      scale(gradient)
      return factor * loss
    },
    async curvature(parameters, options) {
      const blocks = await objective.curvature(parameters, options)
      for (const { data } of blocks) scale(data)
      return blocks
    },
    curvatureRows:
      curvatureRows &&
      (async (parameters, options) => {
        const asymmetry = await curvatureRows(parameters, options)
        scale(options.data)
        return Math.abs(factor) * asymmetry
      }),
    jets:
      jets &&
      (async (parameters, curves, options) => {
        const found = await jets(parameters, curves, options)
        for (const { loss, gradient } of found) [loss, gradient.data].forEach(scale)
        return found
      }),
    kroneckerFactors:
      kroneckerFactors &&
      (async (parameters, options) => {
        const { factors, shift } = await kroneckerFactors(parameters, options)
        for (const { outputs } of factors) scale(outputs.data)
        return { factors, shift: factor * shift }
      }),
    async products(parameters, kind, options) {
      const product = await objective.products(parameters, kind, options)
      return async (vectors, callOptions) => {
        const result = await product(vectors, callOptions)
        for (let row = 0; row < result.rows; row++) {
          const start = result.offset + row * result.stride
          scale(result.data.subarray(start, start + result.columns))
        }
        return result
      }
    }
  }
}
