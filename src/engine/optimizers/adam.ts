// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019); the rules of torch.optim.Adam and AdamW.
import type { Optimizer, OptimizerFactory } from './interface'

interface AdamOptions {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
}

/** m, v: running means of g and g²; Δ = −η m̂ / (√v̂ + ε). Weight decay is added to g (Adam) or taken off the weights apart (AdamW). */
function adamRule({ beta1, beta2, epsilon, weightDecay }: AdamOptions, decoupled: boolean): Optimizer {
  return {
    init: (parameterCount) => ({
      arrays: { first: new Float64Array(parameterCount), second: new Float64Array(parameterCount) },
      numbers: { count: 0 }
    }),
    async step(state, { gradient, parameters, learningRate }) {
      const length = gradient.length
      const count = state.numbers.count + 1
      const first = new Float64Array(length)
      const second = new Float64Array(length)
      const update = new Float64Array(length)
      const stepSize = learningRate / (1 - beta1 ** count)
      const root = Math.sqrt(1 - beta2 ** count)
      for (let i = 0; i < length; i++) {
        const g = decoupled ? gradient[i] : gradient[i] + weightDecay * parameters[i]
        first[i] = state.arrays.first[i] + (1 - beta1) * (g - state.arrays.first[i])
        second[i] = beta2 * state.arrays.second[i] + (1 - beta2) * g * g
        update[i] = (-stepSize * first[i]) / (Math.sqrt(second[i]) / root + epsilon)
        if (decoupled) update[i] -= learningRate * weightDecay * parameters[i]
      }
      return { update, state: { arrays: { first, second }, numbers: { count } }, diagnostics: {} }
    }
  }
}

export const adam: OptimizerFactory<'adam'> = (spec) => adamRule(spec, false)
export const adamw: OptimizerFactory<'adamw'> = (spec) => adamRule(spec, true)
