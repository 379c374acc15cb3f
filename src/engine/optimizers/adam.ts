// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019); the rules of torch.optim.Adam and AdamW.
import type { Optimizer, OptimizerFactory } from './interface'

export interface AdamOptions {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
}

/** m and v; `count` steps were done. */
export interface Moments {
  readonly first: Float64Array
  readonly second: Float64Array
  readonly count: number
}

/** m, v: running means of g and g²; Δ = −η m̂ / (√v̂ + ε). Weight decay is added to g (Adam) or, `decoupled`, taken off the weights apart (AdamW). */
export function adamStep(
  { beta1, beta2, epsilon, weightDecay }: AdamOptions,
  decoupled: boolean,
  before: Moments,
  gradient: Float64Array,
  parameters: Float64Array,
  learningRate: number
): { readonly update: Float64Array; readonly moments: Moments } {
  const length = gradient.length
  const count = before.count + 1
  const first = new Float64Array(length)
  const second = new Float64Array(length)
  const update = new Float64Array(length)
  const stepSize = learningRate / (1 - beta1 ** count)
  const root = Math.sqrt(1 - beta2 ** count)
  for (let i = 0; i < length; i++) {
    const g = decoupled ? gradient[i] : gradient[i] + weightDecay * parameters[i]
    first[i] = before.first[i] + (1 - beta1) * (g - before.first[i])
    second[i] = beta2 * before.second[i] + (1 - beta2) * g * g
    update[i] = (-stepSize * first[i]) / (Math.sqrt(second[i]) / root + epsilon)
    if (decoupled) update[i] -= learningRate * weightDecay * parameters[i]
  }
  return { update, moments: { first, second, count } }
}

function adamRule(options: AdamOptions, decoupled: boolean): Optimizer {
  return {
    init: (parameterCount) => ({
      arrays: { first: new Float64Array(parameterCount), second: new Float64Array(parameterCount) },
      numbers: { count: 0 }
    }),
    async step({ arrays: { first, second }, numbers: { count } }, { gradient, parameters, learningRate }) {
      const { update, moments } = adamStep(options, decoupled, { first, second, count }, gradient, parameters, learningRate)
      return {
        update,
        state: { arrays: { first: moments.first, second: moments.second }, numbers: { count: moments.count } },
        diagnostics: {}
      }
    }
  }
}

export const adam: OptimizerFactory<'adam'> = (spec) => adamRule(spec, false)
export const adamw: OptimizerFactory<'adamw'> = (spec) => adamRule(spec, true)
