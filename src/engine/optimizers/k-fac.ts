// K-FAC (Martens and Grosse 2015): each layer's Gauss–Newton block as the Kronecker product of two small matrices, damped and inverted.
import { matrix, multiply, transposed, type Linalg, type Matrix } from '../linalg'
import { cosineToDescent, scaled } from '../linalg/vectors'
import type { KroneckerFactors } from '../objective'
import { besideExactStep } from './exact-step'
import type { OptimizerFactory } from './interface'

const traceOf = ({ data, rows }: Matrix) => {
  let sum = 0
  for (let i = 0; i < rows; i++) sum += data[i * (rows + 1)]
  return sum
}

/** (A + shift I)⁻¹ B in fresh memory. Rejects where A + shift I is not positive definite. */
async function solved(linalg: Linalg, a: Matrix, shift: number, b: Matrix, signal?: AbortSignal): Promise<Matrix> {
  const factor = matrix(a.rows, a.rows, a.data.slice())
  for (let i = 0; i < a.rows; i++) factor.data[i * (a.rows + 1)] += shift
  const { positiveDefinite } = await linalg.choleskyInPlace(factor, { signal })
  if (!positiveDefinite)
    throw new Error('k-fac: a Kronecker factor with its damping is not positive definite; a larger optimizer.damping.value makes it so')
  const result = matrix(b.rows, b.columns, b.data.slice())
  await linalg.solveCholeskyInPlace(factor, result, { signal })
  return result
}

type Damped = (linalg: Linalg, factors: KroneckerFactors, g: Matrix, damping: number, signal?: AbortSignal) => Promise<Matrix>

/** (A + π√δ I)⁻¹ G (B + √δ/π I)⁻¹ with π² the ratio of the factors' mean eigenvalues (Martens and Grosse 2015, §6.3); both shifts δ' = √δ where a factor is zero. */
const factored: Damped = async (linalg, { inputs, outputs }, g, damping, signal) => {
  const ratio = Math.sqrt(traceOf(inputs) / inputs.rows / (traceOf(outputs) / outputs.rows))
  const balance = Number.isFinite(ratio) && ratio > 0 ? ratio : 1
  const root = Math.sqrt(damping)
  const left = await solved(linalg, inputs, balance * root, g, signal)
  return transposed(await solved(linalg, outputs, root / balance, transposed(left), signal))
}

/** (A ⊗ B + δI)⁻¹ applied to G, by the eigenvectors of both factors. */
const exactlyDamped: Damped = async (linalg, { inputs, outputs }, g, damping, signal) => {
  const left = await linalg.eigenSymmetric(inputs, { signal })
  try {
    const right = await linalg.eigenSymmetric(outputs, { signal })
    try {
      const half = matrix(g.rows, g.columns)
      const turned = matrix(g.rows, g.columns)
      await multiply(linalg, left.vectors, g, half, { transposeA: 'transpose', signal })
      await multiply(linalg, half, right.vectors, turned, { signal })
      for (let i = 0; i < g.rows; i++)
        for (let j = 0; j < g.columns; j++) turned.data[i * g.columns + j] /= left.values[i] * right.values[j] + damping
      const result = matrix(g.rows, g.columns)
      await multiply(linalg, left.vectors, turned, half, { signal })
      await multiply(linalg, half, right.vectors, result, { transposeB: 'transpose', signal })
      return result
    } finally {
      right.release()
    }
  } finally {
    left.release()
  }
}

/** Δ_l = −η (A_l ⊗ B_l + δI)⁻¹ g_l, the factors running means over the steps (min(1 − 1/k, `factorDecay`) of the old ones). */
export const kroneckerFactored: OptimizerFactory<'k-fac'> = ({ damping: { kind }, factorDecay }) => ({
  init: () => ({ arrays: {}, numbers: { count: 0 } }),
  async step(state, input) {
    const {
      linalg,
      objective,
      curvatureObjective,
      parameters,
      gradient,
      learningRate,
      damping,
      signal,
      onPhase,
      onProgress,
      wantSpectrum
    } = input
    if (curvatureObjective.kroneckerFactors === undefined)
      throw new Error('optimizer.kind: k-fac needs a network, whose layers have Kronecker factors; a function has none')
    const seconds: Record<string, number> = { assembly: 0, solve: 0 }
    onPhase?.('Kronecker factors')
    let began = performance.now()
    const { factors, shift } = await curvatureObjective.kroneckerFactors(parameters, { signal, onProgress })
    const count = state.numbers.count + 1
    const keep = Math.min(1 - 1 / count, factorDecay)
    const arrays: Record<string, Float64Array> = {}
    for (const [place, { name }] of objective.blocks.entries())
      for (const side of ['inputs', 'outputs'] as const) {
        const { data } = factors[place][side]
        const before = state.arrays[`${side} ${name}`]
        if (before !== undefined) for (let i = 0; i < data.length; i++) data[i] = keep * before[i] + (1 - keep) * data[i]
        arrays[`${side} ${name}`] = data
      }
    seconds.assembly = (performance.now() - began) / 1000
    began = performance.now()
    onPhase?.('solve')
    const direction = new Float64Array(gradient.length)
    const apply = kind === 'exact' ? exactlyDamped : factored
    for (const [place, { offset, rows, columns }] of objective.blocks.entries()) {
      const g = matrix(rows, columns, gradient.slice(offset, offset + rows * columns))
      direction.set((await apply(linalg, factors[place], g, damping + shift, signal)).data, offset)
    }
    seconds.solve = (performance.now() - began) / 1000
    const update = scaled(-learningRate, direction)
    const passes = objective.blocks[objective.blocks.length - 1].columns / 2
    const exact = wantSpectrum ? await besideExactStep(direction, damping, input) : {}
    return {
      update,
      state: { arrays, numbers: { count } },
      diagnostics: {
        ...exact,
        cosine: cosineToDescent(update, gradient),
        damping,
        seconds,
        extraGradients: passes + (exact.extraGradients ?? 0)
      }
    }
  }
})
