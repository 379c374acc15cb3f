// Shampoo (Gupta, Koren and Singer 2018): gradients between inverse roots of their own second moments, one matrix for each side; the rule of the package pytorch-optimizer.
import { matrix, multiply, type Linalg, type Matrix } from '../linalg'
import { isMatrix, matrixOf, secondMoment, sides } from './arrays'
import { besideExactStep } from './exact-step'
import type { OptimizerFactory } from './interface'
import { scaled } from '../linalg/vectors'

/** A^(−1/root) of a symmetric positive semidefinite matrix; as with its singular values, what rounding made negative counts by its magnitude. */
async function inverseRoot(linalg: Linalg, a: Float64Array, size: number, root: number, signal?: AbortSignal): Promise<Float64Array> {
  const { values, vectors, release } = await linalg.eigenSymmetric(matrix(size, size, a.slice()), { signal })
  try {
    const weighted = matrix(size, size)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++)
        weighted.data[i * size + j] = vectors.data[vectors.offset + i * vectors.stride + j] * Math.abs(values[j]) ** (-1 / root)
    const result = matrix(size, size)
    await multiply(linalg, weighted, vectors, result, { transposeB: 'transpose', signal })
    return result.data
  } finally {
    release()
  }
}

/**
 * L ← L + GGᵀ, R ← R + GᵀG from `matrixEps` · I on, ΔW = −η L^(−1/4) G R^(−1/4); a vector has one side, to the power −1/2. The roots are taken at every
 * `preconditioningComputeSteps`-th step and at the first. Momentum blends the last preconditioned gradient into G before all that, as the package does.
 */
export const shampoo: OptimizerFactory<'shampoo'> = (spec) => ({
  init: () => ({ arrays: {}, numbers: { count: 0 } }),
  async step(state, input) {
    const { linalg, objective, parameters, learningRate, signal, onPhase, wantSpectrum } = input
    const { momentum, weightDecay, weightDecouple, fixedDecay, preconditioningComputeSteps, matrixEps, exactDamping } = spec
    const count = state.numbers.count + 1
    const gradient = input.gradient.slice()
    const last = state.arrays.momentum
    if (momentum > 0 && last !== undefined) for (let i = 0; i < gradient.length; i++) gradient[i] += momentum * (last[i] - gradient[i])
    if (!weightDecouple) for (let i = 0; i < gradient.length; i++) gradient[i] += weightDecay * parameters[i]

    onPhase?.('preconditioners')
    const arrays: Record<string, Float64Array> = {}
    const direction = gradient.slice()
    for (const array of objective.arrays) {
      const moved = matrixOf(array, gradient)
      // A vector has one side.
      const own = isMatrix(array) ? sides : (['inputs'] as const)
      const roots: Matrix[] = []
      for (const side of own) {
        const name = `${side} ${array.name}`
        const { data: sum, rows: size } = await secondMoment(linalg, moved, side, signal)
        const before = state.arrays[name]
        for (let i = 0; i < sum.length; i++) sum[i] += before === undefined ? (i % (size + 1) === 0 ? matrixEps : 0) : before[i]
        arrays[name] = sum
        const known = state.arrays[`root of ${name}`]
        const root =
          known === undefined || count % preconditioningComputeSteps === 0
            ? await inverseRoot(linalg, sum, size, 2 * own.length, signal)
            : known
        if (preconditioningComputeSteps > 1) arrays[`root of ${name}`] = root
        roots.push(matrix(size, size, root))
      }
      const g = matrixOf(array, direction)
      const left = matrix(g.rows, g.columns)
      await multiply(linalg, roots[0], g, left, { signal })
      if (roots.length === 1) g.data.set(left.data)
      else await multiply(linalg, left, roots[1], g, { signal })
    }
    if (momentum > 0) arrays.momentum = direction
    const update = scaled(-learningRate, direction)
    const decay = weightDecouple ? weightDecay * (fixedDecay ? 1 : learningRate) : 0
    if (decay > 0) for (let i = 0; i < update.length; i++) update[i] -= decay * parameters[i]
    const diagnostics = wantSpectrum ? await besideExactStep(direction, exactDamping, input) : {}
    return { update, state: { arrays, numbers: { count } }, diagnostics }
  }
})
