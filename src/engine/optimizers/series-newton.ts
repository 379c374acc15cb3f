// Newton's method of order K + 1 on a power series, saddle-free if asked (docs/higher-order-newton.md): one eigendecomposition a step, K terms from jets.
import { matrix } from '../linalg'
import { cosineToDescent } from '../linalg/vectors'
import { chooseDamping, lossCost, type Trial } from './adapt'
import { curvatureMemory, type CurvatureMemory } from './curvature-memory'
import { eigenbasis, jetGradients, requireJets, type Eigenbasis } from './eigenbasis'
import { countFlipped, spectrumFigures } from './figures'
import type { OptimizerFactory, OptimizerState, StepInput } from './interface'
import { guardedLength, sizesOf, sumSeries } from './series-sum'

/** What an adapted damping grows by after a step that the guard cut short. */
const cutGrowth = 4

export interface SeriesOptions {
  /** K. */
  readonly terms: number
  readonly saddleFree: boolean
  readonly damping: number
}

export interface SeriesTerms {
  /** s_1 … s_K in the eigenbasis. */
  readonly terms: readonly Float64Array[]
  /** ±1 an eigenvalue: the diagonal of S in the eigenbasis. */
  readonly signs: Float64Array
  /** Directions without curvature and without damping, in which no step has a length. */
  readonly leftOut: number
}

/**
 * The terms of w(t) = w + Σ s_k t^k along which ∇f(w(t)) + δS(w(t) − w) = g − tSg + O(t^{K+1}), with S = Q sign(Λ) Qᵀ, or S = I where the step is not to
 * be saddle-free; sign(λ) = +1 for |λ| ≤ τ. (H + δS)s_1 = −Sg and (H + δS)s_k = −c_k, where c_k is the coefficient of t^k in ∇f along the curve with
 * s_k = 0. Where |λ| ≤ τ and δ = 0 no length is determined: the terms have no share in that direction. `gradient` is Qᵀg.
 */
export async function seriesTerms(
  basis: Eigenbasis,
  gradient: Float64Array,
  options: SeriesOptions,
  coefficient: (earlier: readonly Float64Array[]) => Promise<Float64Array>
): Promise<SeriesTerms> {
  const { values, tolerance } = basis
  const { saddleFree, damping } = options
  let leftOut = 0
  const signs = values.map((value) => (saddleFree && value < -tolerance ? -1 : 1))
  const inverse = values.map((value, i) => {
    if (damping === 0 && Math.abs(value) <= tolerance) {
      leftOut++
      return 0
    }
    return saddleFree ? signs[i] / (Math.abs(value) + damping) : 1 / (value + damping)
  })
  const terms = [gradient.map((g, i) => -inverse[i] * signs[i] * g)]
  const points = [await basis.from(terms[0])]
  while (terms.length < options.terms) {
    const c = await basis.into(await coefficient(points))
    terms.push(c.map((value, i) => -inverse[i] * value))
    if (terms.length < options.terms) points.push(await basis.from(terms[terms.length - 1]))
  }
  return { terms, signs, leftOut }
}

/** c_k along the curve of s_1 … s_{k − 1}: the last row of its jet of order k. */
function curveCoefficient(input: StepInput, count: (gradients: number) => void) {
  const jets = requireJets(input, 'series-newton')
  const { parameters, signal } = input
  return async (earlier: readonly Float64Array[]) => {
    const order = earlier.length + 1
    const curve = matrix(earlier.length, parameters.length)
    earlier.forEach((term, row) => curve.data.set(term, row * parameters.length))
    const [{ gradient }] = await jets(parameters, [curve], { order, signal })
    count(jetGradients(order))
    const from = gradient.offset + order * gradient.stride
    return gradient.data.slice(from, from + parameters.length)
  }
}

interface StepOptions extends Omit<SeriesOptions, 'damping'> {
  readonly damping: { readonly adapt: 'none' | 'levenberg' | 'best-of'; readonly candidates: readonly number[] }
  readonly summation: 'taylor' | 'pade'
  readonly guard: number | null
}

interface SeriesTrial extends Trial {
  readonly figures: Readonly<Record<string, number>>
}

async function seriesStep(options: StepOptions, memory: CurvatureMemory, state: OptimizerState, input: StepInput) {
  const { gradient, learningRate, onPhase } = input
  let jetsDone = 0
  const coefficient = curveCoefficient(input, (gradients) => (jetsDone += gradients))
  const basis = await eigenbasis(memory, input)
  try {
    const { values } = basis
    const began = performance.now()
    onPhase?.('power series')
    const g = await basis.into(gradient)
    const attempt = async (damping: number): Promise<SeriesTrial> => {
      const { terms, signs, leftOut } = await seriesTerms(basis, g, { ...options, damping }, coefficient)
      const sizes = sizesOf(terms)
      const t = guardedLength(sizes, learningRate, options.guard)
      const { value, integral, approximants } = sumSeries(terms, t, options.summation)
      const update = await basis.from(value)
      // f falls by −∫ ∇f·w' with ∇f(w(τ)) = g − τSg − δS(w(τ) − w).
      let predicted = 0
      for (let i = 0; i < value.length; i++)
        predicted += -g[i] * value[i] + signs[i] * (g[i] * (t * value[i] - integral[i]) + (damping / 2) * value[i] * value[i])
      const figures: Record<string, number> = { t }
      sizes.forEach((size, k) => (figures[`term${k + 1}`] = size))
      const [before, last] = sizes.slice(-2)
      // Where the last term vanishes the two say nothing of a radius.
      if (sizes.length > 1 && last > 0) figures.radius = before / last
      if (options.summation === 'pade') figures.approximants = approximants
      if (leftOut > 0) figures.leftOut = leftOut
      return { damping, direction: update, update, predicted, path: { full: 'eigen' }, figures }
    }
    const choice = await chooseDamping(options.damping, attempt, state.numbers.damping, input)
    const { trial } = choice
    // A step that the guard cut short kept to its model whatever the damping: more damping is what lengthens the series' reach.
    const cut = trial.figures.t < learningRate
    const next = choice.nextDamping === null ? 0 : cut ? Math.max(choice.nextDamping, cutGrowth * trial.damping) : choice.nextDamping
    const flipped = countFlipped(values, values.length, options.saddleFree ? 'shifted-abs' : 'shifted', trial.damping)
    const notes =
      trial.figures.leftOut > 0 ? ['directions without curvature are left out of the step: without damping it has no length there'] : []
    return {
      update: trial.update,
      state: { arrays: {}, numbers: { damping: next } },
      diagnostics: {
        spectrum: { full: spectrumFigures(values, values.length, flipped) },
        path: trial.path,
        predictedDecrease: trial.predicted,
        cosine: cosineToDescent(trial.update, gradient),
        damping: trial.damping,
        seconds: { ...basis.seconds, solve: (performance.now() - began) / 1000 },
        extraGradients: basis.gradients + jetsDone + choice.losses * lossCost,
        figures: trial.figures,
        notes: [...choice.notes, ...notes]
      }
    }
  } finally {
    basis.release()
  }
}

/** w ← w + Σ_{k<order} s_k t^k with t ≤ η as far as the terms allow. Order 2, saddle-free, is sfn with |Λ| + δ. */
export const seriesNewton: OptimizerFactory<'series-newton'> = ({ order, saddleFree, damping, summation, guard }) => {
  const memory = curvatureMemory()
  return {
    // 0: not adapted yet, the spec's damping holds.
    init: () => ({ arrays: {}, numbers: { damping: 0 } }),
    step: (state, input) => seriesStep({ terms: order - 1, saddleFree, damping, summation, guard }, memory, state, input),
    dispose: () => memory.release()
  }
}
