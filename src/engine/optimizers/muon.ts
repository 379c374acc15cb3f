// Muon (Jordan et al. 2024): momentum whose matrices are orthogonalized by a Newton–Schulz iteration; the rule of torch.optim.Muon in double precision.
import type { SpecOf } from '../../shared/spec/optimizers'
import { matrix, multiply, type Linalg, type Matrix } from '../linalg'
import { norm } from '../linalg/vectors'
import { adamStep } from './adam'
import { gathered, isMatrix, matrixOf, partOf, scatter } from './arrays'
import type { OptimizerFactory } from './interface'

type MuonSpec = SpecOf<'muon'>

/**
 * X ← aX + b(XXᵀ)X + c(XXᵀ)²X, `steps` times from G/max(‖G‖_F, ε): moves every singular value of G towards 1 (0.7 … 1.2 with the usual coefficients and steps)
 * and keeps the singular vectors. The products are taken on the shorter side, which gives the same polynomial.
 */
export async function orthogonalized(
  linalg: Linalg,
  g: Matrix,
  { nsCoefficients: [a, b, c], nsSteps, epsilon }: Pick<MuonSpec, 'nsCoefficients' | 'nsSteps' | 'epsilon'>,
  signal?: AbortSignal
): Promise<Matrix> {
  const { rows, columns } = g
  const tall = rows > columns
  const side = Math.min(rows, columns)
  const scale = 1 / Math.max(norm(g.data), epsilon)
  let x = matrix(
    rows,
    columns,
    g.data.map((value) => scale * value)
  )
  for (let step = 0; step < nsSteps; step++) {
    const gram = matrix(side, side)
    await multiply(linalg, x, x, gram, { ...(tall ? { transposeA: 'transpose' } : { transposeB: 'transpose' }), signal })
    const squared = matrix(side, side)
    await multiply(linalg, gram, gram, squared, { signal })
    const polynomial = matrix(
      side,
      side,
      gram.data.map((value, i) => b * value + c * squared.data[i])
    )
    const next = matrix(rows, columns)
    await multiply(linalg, tall ? x : polynomial, tall ? polynomial : x, next, { signal })
    for (let i = 0; i < next.data.length; i++) next.data[i] += a * x.data[i]
    x = next
  }
  return x
}

/** What the learning rate of a matrix is multiplied with; `rows` × `columns` as PyTorch holds it, out × in. */
function rateFactor(rule: MuonSpec['adjustLrFn'], rows: number, columns: number): number {
  switch (rule) {
    case 'original':
      return Math.sqrt(Math.max(1, rows / columns))
    case 'match-rms-adamw':
      return 0.2 * Math.sqrt(Math.max(rows, columns))
    case 'spectral-unclamped':
      return Math.sqrt(rows / columns)
  }
}

/** B ← μB + (1 − μ)G, U = (1 − μ)G + μB (Nesterov) or B, ΔW = −η r O(U) − ηλW; biases by AdamW at η times their own factor. */
export const muon: OptimizerFactory<'muon'> = (spec) => ({
  init: (parameterCount) => ({ arrays: { momentum: new Float64Array(parameterCount) }, numbers: { count: 0 } }),
  async step(state, { linalg, objective, parameters, gradient, learningRate, signal, onPhase }) {
    const matrices = objective.arrays.filter(isMatrix)
    const vectors = objective.arrays.filter((array) => !isMatrix(array))
    const momentum = new Float64Array(gradient.length)
    const update = new Float64Array(gradient.length)
    onPhase?.('orthogonalization')
    for (const array of matrices) {
      const [inputs, outputs] = array.shape
      const g = partOf(array, gradient)
      const before = partOf(array, state.arrays.momentum)
      const buffer = partOf(array, momentum)
      const direction = matrix(inputs, outputs)
      for (let i = 0; i < g.length; i++) {
        buffer[i] = before[i] + (1 - spec.momentum) * (g[i] - before[i])
        direction.data[i] = spec.nesterov ? g[i] + spec.momentum * (buffer[i] - g[i]) : buffer[i]
      }
      const orthogonal = await orthogonalized(linalg, direction, spec, signal)
      const rate = learningRate * rateFactor(spec.adjustLrFn, outputs, inputs)
      const weights = partOf(array, parameters)
      const change = matrixOf(array, update).data
      for (let i = 0; i < change.length; i++) change[i] = -rate * orthogonal.data[i] - learningRate * spec.weightDecay * weights[i]
    }
    const { rate, ...adamw } = spec.biases
    const first = state.arrays.first ?? gathered(vectors, new Float64Array(gradient.length))
    const second = state.arrays.second ?? gathered(vectors, new Float64Array(gradient.length))
    const moments = { first, second, count: state.numbers.count }
    const biases = adamStep(adamw, true, moments, gathered(vectors, gradient), gathered(vectors, parameters), rate * learningRate)
    scatter(vectors, biases.update, update)
    const arrays = { momentum, ...(vectors.length > 0 ? { first: biases.moments.first, second: biases.moments.second } : {}) }
    return { update, state: { arrays, numbers: { count: biases.moments.count } }, diagnostics: {} }
  }
})
