// Schedule-free AdamW (Defazio et al. 2024); the rule of the package schedulefree, AdamWScheduleFree.
import type { OptimizerFactory } from './interface'

/**
 * The parameters are y, at which gradients are taken: y = (1 − β₁)z + β₁x. z goes by normalized gradients, x is the weighted mean of all z and what an
 * evaluation looks at. State: z, the running mean of squared gradients, the sum of weights so far and the largest learning rate so far.
 */
export const scheduleFreeAdamw: OptimizerFactory<'schedule-free-adamw'> = (spec) => {
  const { beta1, beta2, epsilon, weightDecay, warmupSteps, r, weightLrPower } = spec
  return {
    init: (parameterCount) => ({
      arrays: { second: new Float64Array(parameterCount) },
      numbers: { count: 0, weightSum: 0, largestRate: 0 }
    }),
    async step(state, { gradient, parameters: y, learningRate }) {
      const { count, weightSum, largestRate } = state.numbers
      const before = state.arrays.z ?? y
      const rate = learningRate * (count < warmupSteps ? (count + 1) / warmupSteps : 1)
      const largest = Math.max(rate, largestRate)
      const weight = (count + 1) ** r * largest ** weightLrPower
      const sum = weightSum + weight
      const share = sum === 0 ? 0 : weight / sum
      const root = 1 - beta2 ** (count + 1)
      const second = new Float64Array(y.length)
      const z = new Float64Array(y.length)
      const update = new Float64Array(y.length)
      for (let i = 0; i < y.length; i++) {
        second[i] = beta2 * state.arrays.second[i] + (1 - beta2) * gradient[i] * gradient[i]
        const step = gradient[i] / (Math.sqrt(second[i] / root) + epsilon) + weightDecay * y[i]
        update[i] = share * (before[i] - y[i]) + rate * (beta1 * (1 - share) - 1) * step
        z[i] = before[i] - rate * step
      }
      return {
        update,
        state: { arrays: { second, z }, numbers: { count: count + 1, weightSum: sum, largestRate: largest } },
        diagnostics: {}
      }
    },
    evaluatedAt({ arrays: { z } }, y) {
      if (z === undefined) return y
      return y.map((value, i) => value + (1 - 1 / beta1) * (z[i] - value))
    }
  }
}
