// Saddle-free Newton in a Krylov subspace (Dauphin et al. 2014): Lanczos vectors from the gradient, |T|⁻¹ in their span, no matrix of P × P.
import { lanczosBasis, tridiagonalEigen } from '../curvature/lanczos'
import { chooseDamping, lossCost, type Trial } from './adapt'
import { dampedInverse } from './damped-inverse'
import { countFlipped, spectrumFigures } from './figures'
import type { OptimizerFactory } from './interface'
import { cosineToDescent, dot, norm } from '../linalg/vectors'

/** A product in gradients, by its flops (Pearlmutter 1994): six products a layer beside the gradient's three. */
const productCost = 2

/**
 * s = −η Qᵀ |T|⁻¹ Q g with Q the Lanczos basis of `vectors` Hessian-vector products from g. With as many vectors as parameters this is exact
 * saddle-free Newton; with few it sees the extreme eigenvalues that the gradient has a share in. Spectrum figures are those of T (Ritz values).
 */
export const krylovSaddleFreeNewton: OptimizerFactory<'sfn-krylov'> = ({ vectors, damping: { kind: rule, adapt, candidates } }) => ({
  init: () => ({ arrays: {}, numbers: { damping: 0 } }),
  async step(state, input) {
    const { linalg, curvatureObjective, parameters, gradient, learningRate, signal, onPhase, onProgress } = input
    const length = norm(gradient)
    if (length === 0) return { update: new Float64Array(gradient.length), state, diagnostics: { notes: ['the gradient is zero: no step'] } }
    const began = performance.now()
    onPhase?.('lanczos')
    const product = await curvatureObjective.products(parameters, 'hessian', { signal })
    const krylov = await lanczosBasis(product, gradient, vectors, { signal, onProgress })
    const assembled = performance.now()
    const { values, vectors: ritz } = await tridiagonalEigen(linalg, krylov)
    const decomposed = performance.now()
    const { basis } = krylov
    const size = values.length

    const attempt = async (damping: number): Promise<Trial> => {
      // g is ‖g‖ times the first basis vector, so its coefficients in T's eigenvectors are their first row.
      const weights = values.map((value, j) => length * ritz.data[ritz.offset + j] * dampedInverse(rule, value, damping))
      const direction = new Float64Array(gradient.length)
      for (let r = 0; r < size; r++) {
        let factor = 0
        for (let j = 0; j < size; j++) factor += ritz.data[ritz.offset + r * ritz.stride + j] * weights[j]
        const from = basis.offset + r * basis.stride
        for (let i = 0; i < direction.length; i++) direction[i] += factor * basis.data[from + i]
      }
      const curvature = weights.reduce((sum, weight, j) => sum + values[j] * weight * weight, 0)
      const predicted = learningRate * dot(gradient, direction) - (learningRate * learningRate * curvature) / 2
      return { damping, direction, update: direction.map((x) => -learningRate * x), predicted, path: { full: 'krylov' } }
    }
    const choice = await chooseDamping({ adapt, candidates }, attempt, state.numbers.damping, input)
    const { trial } = choice
    const flipped = countFlipped(values, size, rule, trial.damping)
    const seconds = {
      assembly: (assembled - began) / 1000,
      decomposition: (decomposed - assembled) / 1000,
      solve: (performance.now() - decomposed) / 1000
    }
    return {
      update: trial.update,
      state: { arrays: {}, numbers: { damping: choice.nextDamping ?? 0 } },
      diagnostics: {
        spectrum: { full: spectrumFigures(values, size, flipped) },
        path: trial.path,
        predictedDecrease: trial.predicted,
        cosine: cosineToDescent(trial.update, gradient),
        damping: trial.damping,
        seconds,
        extraGradients: 1 + productCost * size + choice.losses * lossCost,
        figures: { vectors: size },
        notes: choice.notes
      }
    }
  }
})
