// AR3: a third-order Taylor model with a quartic regularizer whose weight adapts (Birgin et al. 2017; Cartis et al. 2025), globally convergent.
import { matrix } from '../linalg'
import { cosineToDescent, dot, firstNonFinite, norm, plusScaled, scaled } from '../linalg/vectors'
import { lossCost } from './adapt'
import { curvatureMemory, type CurvatureMemory } from './curvature-memory'
import { eigenbasis, jetGradients, requireJets, type Eigenbasis } from './eigenbasis'
import { spectrumFigures } from './figures'
import type { OptimizerFactory, OptimizerState, StepInput } from './interface'
import { minimizeQuartic } from './quartic-model'

/** After so many iterations on one model without a point that satisfies it, σ is doubled. */
const innerIterations = 50
/** Trials of a step, each with twice the σ of the one before, until one is accepted. */
const mostTrials = 60
/** Of ρ: below, the trial is not taken and σ doubles; from the second on, σ is halved. */
const acceptable = 0.1
const verySuccessful = 0.9
const smallestSigma = 1e-12
const largestSigma = 1e12
const limited = (sigma: number) => Math.min(Math.max(sigma, smallestSigma), largestSigma)

/** A point that satisfies the model, all in the eigenbasis. */
interface ModelStep {
  readonly step: Float64Array
  /** gᵀs, sᵀHs, T_3[s, s, s], ‖s‖. */
  readonly slope: number
  readonly curvature: number
  readonly third: number
  readonly length: number
}

/** f − m(ηs) without the regularizer, and with it. */
function decreases({ slope, curvature, third, length }: ModelStep, rate: number, sigma: number) {
  const taylor = -rate * (slope + rate * (curvature / 2 + (rate * third) / 6))
  return { taylor, model: taylor - (sigma / 4) * (rate * length) ** 4 }
}

export interface InnerSolution {
  /** Null where no iteration satisfied the model. */
  readonly found: ModelStep | null
  readonly iterations: number
}

/**
 * A point with ‖∇m(s)‖ ≤ θ‖s‖³ and m(s) < f of m(s) = f + gᵀs + ½ sᵀHs + ⅙ T_3[s,s,s] + (σ/4)‖s‖⁴ by the fixed point s ← argmin (g + ½ T_3[s,s])ᵀs +
 * ½ sᵀHs + (σ/4)‖s‖⁴ from s = 0. There ∇m is ½ T_3[s,s] less the one that s was found with, so the test costs nothing beside it. `halfThird(s)`
 * gives ½ T_3[s, s]. The zero step comes back where g = 0 and H has no negative eigenvalue.
 */
export async function minimizeModel(
  values: Float64Array,
  gradient: Float64Array,
  { sigma, theta }: { readonly sigma: number; readonly theta: number },
  halfThird: (step: Float64Array) => Promise<Float64Array>
): Promise<InnerSolution> {
  let assumed: Float64Array = new Float64Array(gradient.length)
  let towards = 1
  for (let iterations = 1; iterations <= innerIterations; iterations++) {
    const step = minimizeQuartic(values, plusScaled(gradient, 1, assumed), sigma, towards)
    const length = norm(step)
    const third = length === 0 ? assumed : await halfThird(step)
    if (firstNonFinite(third) >= 0) return { found: null, iterations }
    const curvature = step.reduce((sum, s, i) => sum + values[i] * s * s, 0)
    const found = { step, slope: dot(gradient, step), curvature, third: 2 * dot(third, step), length }
    const residual = norm(plusScaled(third, -1, assumed))
    if (length === 0 || (residual <= theta * length ** 3 && decreases(found, 1, sigma).model > 0)) return { found, iterations }
    assumed = third
    towards = step[0]
  }
  return { found: null, iterations: innerIterations }
}

interface Ar3Options {
  readonly theta: number
}

/** ½ T_3[s, s] in the eigenbasis: c_2 of the jet along w + ts. */
function halfThirdOf(basis: Eigenbasis, input: StepInput, count: (gradients: number) => void) {
  const jets = requireJets(input, 'ar3')
  const { parameters, signal } = input
  return async (step: Float64Array) => {
    const line = matrix(1, parameters.length, await basis.from(step))
    const [{ gradient }] = await jets(parameters, [line], { order: 2, signal })
    count(jetGradients(2))
    const from = gradient.offset + 2 * gradient.stride
    return basis.into(gradient.data.slice(from, from + parameters.length))
  }
}

/** Loss of a trial; null where it, or the point, is not finite: too far. */
async function lossAt({ objective, parameters, signal }: StepInput, update: Float64Array): Promise<number | null> {
  const point = plusScaled(parameters, 1, update)
  if (firstNonFinite(point) >= 0) return null
  const loss = await objective.loss(point, { signal })
  return Number.isFinite(loss) ? loss : null
}

async function ar3Step({ theta }: Ar3Options, memory: CurvatureMemory, state: OptimizerState, input: StepInput) {
  const { gradient, learningRate, loss, onPhase } = input
  const basis = await eigenbasis(memory, input)
  try {
    const { values } = basis
    const began = performance.now()
    onPhase?.('third-order model')
    let { gradients } = basis
    const halfThird = halfThirdOf(basis, input, (more) => (gradients += more))
    const g = await basis.into(gradient)
    // A difference of losses below their rounding says nothing against a model.
    const rounding = 10 * Number.EPSILON * Math.abs(loss)
    let sigma = limited(state.numbers.sigma)
    let iterations = 0
    const finished = (
      update: Float64Array,
      next: number,
      figures: Readonly<Record<string, number>>,
      predicted: number,
      notes: string[]
    ) => ({
      update,
      state: { arrays: {}, numbers: { sigma: limited(next) } },
      diagnostics: {
        spectrum: { full: spectrumFigures(values, values.length, 0) },
        path: { full: 'eigen' as const },
        predictedDecrease: predicted,
        cosine: cosineToDescent(update, gradient),
        seconds: { ...basis.seconds, solve: (performance.now() - began) / 1000 },
        extraGradients: gradients,
        figures: { ...figures, sigma, innerIterations: iterations },
        notes
      }
    })
    const still = (why: string) => finished(new Float64Array(gradient.length), sigma, {}, 0, [why])
    for (let trial = 0; trial < mostTrials; trial++) {
      const inner = await minimizeModel(values, g, { sigma, theta }, halfThird)
      iterations += inner.iterations
      if (inner.found?.length === 0) return still('the gradient is zero and no eigenvalue is negative: no step')
      if (inner.found !== null) {
        const { taylor, model } = decreases(inner.found, learningRate, sigma)
        const update = scaled(learningRate, await basis.from(inner.found.step))
        const after = await lossAt(input, update)
        gradients += lossCost
        const ratio = after === null ? -Infinity : (loss - after + rounding) / (taylor + rounding)
        if (taylor > 0 && ratio >= acceptable)
          return finished(update, ratio >= verySuccessful ? sigma / 2 : sigma, { ratio, modelDecrease: model }, taylor, [])
      }
      if (sigma === largestSigma) break
      sigma = limited(2 * sigma)
    }
    return still(`no step of the model up to σ = ${sigma} lowered the loss as it said: no step`)
  } finally {
    basis.release()
  }
}

/** Steps ηs with s a minimizer of the regularized third-order model; σ goes on from step to step. */
export const ar3: OptimizerFactory<'ar3'> = ({ sigma, theta }) => {
  const memory = curvatureMemory()
  return {
    init: () => ({ arrays: {}, numbers: { sigma } }),
    step: (state, input) => ar3Step({ theta }, memory, state, input),
    dispose: () => memory.release()
  }
}
