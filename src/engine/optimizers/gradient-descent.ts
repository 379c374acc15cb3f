// Gradient descent, with heavy-ball momentum (Polyak 1964) and Nesterov's; the rules of torch.optim.SGD, dampening 0.
import type { Optimizer, OptimizerFactory } from './interface'
import { scaled } from '../linalg/vectors'

/** Δ = −η g; with rates of layers Δ = −η r_l g on the weights and biases of layer l. */
export const gradientDescent: OptimizerFactory<'gd'> = ({ layerRates }) => ({
  init: () => ({ arrays: {}, numbers: {} }),
  async step(state, { gradient, learningRate, objective }) {
    const update = scaled(-learningRate, gradient)
    if (layerRates !== null)
      for (const [place, { offset, rows, columns }] of objective.blocks.entries())
        for (let i = offset; i < offset + rows * columns; i++) update[i] *= layerRates[place]
    return { update, state, diagnostics: {} }
  }
})

function withMomentum(momentum: number, nesterov: boolean): Optimizer {
  return {
    init: (parameterCount) => ({ arrays: { momentum: new Float64Array(parameterCount) }, numbers: {} }),
    async step(state, { gradient, learningRate }) {
      const before = state.arrays.momentum
      const buffer = new Float64Array(before.length)
      const update = new Float64Array(before.length)
      for (let i = 0; i < buffer.length; i++) {
        buffer[i] = momentum * before[i] + gradient[i]
        update[i] = -learningRate * (nesterov ? gradient[i] + momentum * buffer[i] : buffer[i])
      }
      return { update, state: { arrays: { momentum: buffer }, numbers: {} }, diagnostics: {} }
    }
  }
}

/** b ← μ b + g; Δ = −η b. */
export const heavyBall: OptimizerFactory<'momentum'> = (spec) => withMomentum(spec.momentum, false)

/** b ← μ b + g; Δ = −η (g + μ b). */
export const nesterov: OptimizerFactory<'nesterov'> = (spec) => withMomentum(spec.momentum, true)
