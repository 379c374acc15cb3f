// Fast finite-difference Newton (Lee 2019): the step is −η times the derivative of the inverse gradient map along the gradient (docs/finite-difference-newton.md).
import { defaultDifference } from '../../shared/spec/optimizers'
import type { OptimizerFactory } from './interface'
import { cosineToDescent, scaled } from '../linalg/vectors'

/** Rejects with one sentence where the objective's gradient map has no inverse. */
export const finiteDifferenceNewton: OptimizerFactory<'fd-newton'> = ({ mode, r }) => ({
  init: () => ({ arrays: {}, numbers: {} }),
  async step(state, { objective, parameters, gradient, learningRate, signal, onPhase, onProgress }) {
    if (objective.inverseGradient === undefined)
      throw new Error(
        'optimizer.kind: fd-newton needs a gradient map with an inverse, which this problem has not; use sfn or damped-newton'
      )
    onPhase?.('inverse gradient')
    const began = performance.now()
    const { direction, notes, figures } = await objective.inverseGradient(parameters, {
      mode,
      r: r ?? defaultDifference,
      signal,
      onProgress
    })
    const update = scaled(-learningRate, direction)
    const seconds = (performance.now() - began) / 1000
    return {
      update,
      state,
      diagnostics: {
        path: { full: 'inverse-gradient' },
        cosine: cosineToDescent(update, gradient),
        seconds: { solve: seconds },
        notes,
        figures
      }
    }
  }
})
