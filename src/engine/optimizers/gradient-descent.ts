// Gradient descent, with heavy-ball momentum (Polyak 1964) and Nesterov's; the rules of torch.optim.SGD, dampening 0.
import type { Optimizer, OptimizerFactory } from './interface'
import { scaled } from '../linalg/vectors'

/** Δ = −η g. */
export const gradientDescent: OptimizerFactory<'gd'> = () => ({
  init: () => ({ arrays: {}, numbers: {} }),
  step: async (state, { gradient, learningRate }) => ({ update: scaled(-learningRate, gradient), state, diagnostics: {} })
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
