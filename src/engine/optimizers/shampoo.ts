// Shampoo (Gupta, Koren and Singer 2018): gradients between inverse roots of their own second moments, one matrix for each side; the rule of the package pytorch-optimizer.
import { matrix, multiply, type Linalg, type Matrix } from '../linalg'
import { isMatrix, matrixOf, partOf } from './arrays'
import { besideExactStep } from './exact-step'
import type { OptimizerFactory, StepInput } from './interface'
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

interface Side {
  readonly name: string
  readonly size: number
  /** The gradient's second moment on this side. */
  moment(): Promise<Matrix>
}

/** The sides of an array: in × in and out × out of a matrix, n × n of a vector. */
function sidesOf(input: StepInput, array: StepInput['objective']['arrays'][number], gradient: Float64Array): Side[] {
  const { linalg, signal } = input
  const side = (name: string, size: number, g: Matrix, transpose: 'transposeA' | 'transposeB'): Side => ({
    name: `${name} ${array.name}`,
    size,
    async moment() {
      const product = matrix(size, size)
      await multiply(linalg, g, g, product, { [transpose]: 'transpose', signal })
      return product
    }
  })
  if (!isMatrix(array)) return [side('inputs', array.count, matrix(array.count, 1, partOf(array, gradient)), 'transposeB')]
  const g = matrixOf(array, gradient)
  return [side('inputs', g.rows, g, 'transposeB'), side('outputs', g.columns, g, 'transposeA')]
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
      const sides = sidesOf(input, array, gradient)
      const roots: Float64Array[] = []
      for (const { name, size, moment } of sides) {
        const sum = (await moment()).data
        const before = state.arrays[name]
        for (let i = 0; i < sum.length; i++) sum[i] += before === undefined ? (i % (size + 1) === 0 ? matrixEps : 0) : before[i]
        arrays[name] = sum
        const known = state.arrays[`root of ${name}`]
        const root =
          known === undefined || count % preconditioningComputeSteps === 0
            ? await inverseRoot(linalg, sum, size, 2 * sides.length, signal)
            : known
        if (preconditioningComputeSteps > 1) arrays[`root of ${name}`] = root
        roots.push(root)
      }
      const g = isMatrix(array) ? matrixOf(array, direction) : matrix(array.count, 1, partOf(array, direction))
      const left = matrix(g.rows, g.columns)
      await multiply(linalg, matrix(g.rows, g.rows, roots[0]), g, left, { signal })
      if (roots.length === 1) g.data.set(left.data)
      else await multiply(linalg, left, matrix(g.columns, g.columns, roots[1]), g, { signal })
    }
    if (momentum > 0) arrays.momentum = direction
    const update = scaled(-learningRate, direction)
    const decay = weightDecouple ? weightDecay * (fixedDecay ? 1 : learningRate) : 0
    if (decay > 0) for (let i = 0; i < update.length; i++) update[i] -= decay * parameters[i]
    const diagnostics = wantSpectrum ? await besideExactStep(direction, exactDamping, input) : {}
    return { update, state: { arrays, numbers: { count } }, diagnostics }
  }
})
