// RMSProp (Tieleman and Hinton 2012), optionally centred (Graves 2013) and with momentum; the rules of torch.optim.RMSprop.
import type { OptimizerFactory } from './interface'

/** v ← α v + (1 − α) g²; d = g / (√v + ε), √(v − ḡ²) when centred; Δ = −η d, or −η b with b ← μ b + d. */
export const rmsprop: OptimizerFactory<'rmsprop'> = ({ alpha, epsilon, momentum, centered }) => ({
  init: (parameterCount) => ({
    arrays: {
      square: new Float64Array(parameterCount),
      ...(centered ? { average: new Float64Array(parameterCount) } : {}),
      ...(momentum > 0 ? { momentum: new Float64Array(parameterCount) } : {})
    },
    numbers: {}
  }),
  async step(state, { gradient, learningRate }) {
    const length = gradient.length
    const square = new Float64Array(length)
    const average = centered ? new Float64Array(length) : null
    const buffer = momentum > 0 ? new Float64Array(length) : null
    const update = new Float64Array(length)
    for (let i = 0; i < length; i++) {
      const g = gradient[i]
      square[i] = alpha * state.arrays.square[i] + (1 - alpha) * g * g
      let variance = square[i]
      if (average !== null) {
        average[i] = state.arrays.average[i] + (1 - alpha) * (g - state.arrays.average[i])
        variance -= average[i] * average[i]
      }
      let direction = g / (Math.sqrt(variance) + epsilon)
      if (buffer !== null) direction = buffer[i] = momentum * state.arrays.momentum[i] + direction
      update[i] = -learningRate * direction
    }
    const arrays = { square, ...(average === null ? {} : { average }), ...(buffer === null ? {} : { momentum: buffer }) }
    return { update, state: { arrays, numbers: {} }, diagnostics: {} }
  }
})
