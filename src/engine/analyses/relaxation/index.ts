// The kind `relaxation`: the circular equations by one of four methods, with the spectrum that decides and the direct solution beside it.
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { isFunctionSpec } from '../../../shared/spec/schema'
import { inverseGradientRefusal } from '../../curvature/inverse-gradient'
import { circularEquations } from '../../curvature/inverse-gradient/circular'
import { invertNetwork } from '../../curvature/inverse-gradient/deep'
import { anderson, minres, observedRate, relax, type Equations, type Relaxation } from '../../curvature/inverse-gradient/relaxation'
import { requireBytes, type Linalg } from '../../linalg'
import { norm, plusScaled } from '../../linalg/vectors'
import { linearize } from '../../nn/forward'
import { lossFunction } from '../../nn/losses'
import { fillNormal, randomStream } from '../../random'
import type { AnalysisCall, AnalysisEngine, AnalysisPoint } from '../interface'
import { samplesNote } from '../which-samples'
import { assembleSystem, decidingSpectrum, frobenius, solveDirectly, timesBlocks } from './assembled'
import { dampingFactor, predictedRate } from './rates'

type Options = AnalysisOptions<'relaxation'>

/** H, M, their copies and what a decomposition takes; MINRES keeps two vectors an iteration. */
const bytesOf = (size: number, { method, iterations, memory }: Options) =>
  8 * (5 * size * size + 2 * size * (method === 'minres' ? Math.min(iterations, size) : method === 'anderson' ? memory : 1)) + 64e6

const softmaxRefusal =
  'loss must be half-sse or mse: softmax-cross-entropy mixes the outputs, so there is no layer-by-layer inverse to start from'
const decayRefusal = 'regularization.l2 must be 0: the layer-by-layer inverse is known for the loss without weight decay only'

async function equationsAt({ network: given, objective, parameters, linalg }: AnalysisPoint, { system }: Options, signal: AbortSignal) {
  if (given === null) throw new Error('relaxation: a function has no layers and so no circular equations')
  const { network, batch, loss } = given
  const refusal = inverseGradientRefusal(network, loss, batch.inputs.rows, 'joint')
  if (refusal !== null)
    throw new Error(`relaxation: there is no layer-by-layer inverse M⁻¹ to start from: ${refusal.replace('fd-newton: ', '')}`)
  if (objective.penalty !== undefined) throw new Error(`relaxation: ${decayRefusal}`)
  const f = lossFunction(loss)
  const state = await linearize(linalg, network, f, batch, f.weight(batch.inputs.rows, batch.targets.columns), parameters, { signal })
  const g = new Float64Array(parameters.length)
  await objective.gradient(parameters, g, { signal })
  if (norm(g) === 0) throw new Error('relaxation: the gradient is zero here, so there is nothing to solve')
  const multiply = await objective.products(parameters, 'hessian', { signal })
  const inverted = await invertNetwork(linalg, state, { signal })
  try {
    return await circularEquations(linalg, state, inverted, { system, multiply, g }, { signal })
  } finally {
    inverted.release()
  }
}

/** Nothing is iterated for `damped` without a factor. */
async function iterate(
  linalg: Linalg,
  equations: Equations,
  options: Options,
  spectrum: Float64Array,
  call: AnalysisCall
): Promise<Relaxation> {
  const { method, iterations, tolerance, memory } = options
  const { signal, onProgress, onPreview } = call
  const how = {
    iterations,
    tolerance,
    signal,
    onProgress: (done: number) => onProgress(0.5 + 0.5 * done, 'iterating'),
    onResidual: (residuals: readonly number[]) =>
      onPreview?.({ residuals: { shape: [residuals.length], data: Float64Array.from(residuals) } })
  }
  if (method === 'anderson') return anderson(linalg, equations, { ...how, memory })
  if (method === 'minres') return minres(equations, { ...how, measured: true })
  if (method === 'plain') return relax(equations, how)
  const omega = dampingFactor(spectrum)
  return omega === null
    ? { solution: new Float64Array(equations.g.length), residuals: [1], outcome: 'unfinished' }
    : relax(equations, { ...how, omega })
}

const ended = { converged: 'converges', diverged: 'diverges', unfinished: 'has not converged' } as const

function sentence(
  { method }: Options,
  { residuals, outcome }: Relaxation,
  spectrum: Float64Array,
  rates: readonly (number | null)[]
): string {
  const [low, high] = [spectrum[0], spectrum[spectrum.length - 1]]
  const range = `M⁻¹H has its ${spectrum.length} eigenvalues in ${low.toPrecision(3)} … ${high.toPrecision(3)}`
  if (method === 'damped' && low <= 0)
    return `damped relaxation was not tried: ${spectrum.filter((mu) => mu <= 0).length} eigenvalues of M⁻¹H are not positive, so no factor contracts; ${range}`
  const [predicted, observed] = rates.map((rate) => (rate === null ? 'unknown' : rate.toPrecision(3)))
  const last = residuals.length - 1
  return `${method} ${ended[outcome]} (residual ${residuals[last].toExponential(1)} after ${last} iterations); rate ${observed}, by the spectrum ${predicted}; ${range}`
}

export const relaxation: AnalysisEngine<Options> = {
  cost({ parameterCount: size, samples }, options) {
    const iteration =
      1e-9 * (40 * size * samples + (options.method === 'minres' ? 4 * size * Math.min(options.iterations, size) : 10 * size))
    return {
      seconds: 0.1 + 2e-9 * size * size * samples + 8e-10 * size ** 3 + options.iterations * iteration,
      memoryBytes: bytesOf(size, options),
      diskBytes: 8 * (options.iterations + 2 * size)
    }
  },
  refusal(spec) {
    if (isFunctionSpec(spec)) return 'a function has no layers and so no circular equations; give a run or spec of a network'
    if (spec.loss === 'softmax-cross-entropy') return softmaxRefusal
    return spec.regularization.l2 === 0 ? null : decayRefusal
  },
  async work(source, options, call) {
    const { signal, onProgress } = call
    const point = await source.point()
    const { linalg, objective, parameters } = point
    const size = parameters.length
    requireBytes(`the relaxation of ${size} weights with its matrices`, bytesOf(size, options), linalg.availableBytes)
    const equations = await equationsAt(point, options, signal)
    const assembled = await assembleSystem(linalg, objective, parameters, options.system, signal)
    try {
      onProgress(0.1, 'spectrum of M⁻¹H')
      const { spectrum, condition } = await decidingSpectrum(linalg, assembled, signal)
      onProgress(0.4, 'direct solution')
      const direct = await solveDirectly(linalg, assembled, equations.g, signal)
      const found = await iterate(linalg, equations, options, spectrum, call)
      const { solution, residuals, outcome } = found
      const last = residuals[residuals.length - 1]

      const v = fillNormal(randomStream(0, 'relaxation'), new Float64Array(size))
      const there = await timesBlocks(linalg, assembled.blocks, await equations.preconditioner(v), signal)
      const scale = norm(equations.g)
      const image = await timesBlocks(linalg, assembled.hessian, solution, signal)
      const again = norm(plusScaled(equations.g, -1, image)) / scale
      const allowed = (frobenius(assembled.hessian) * norm(solution)) / scale + 1
      const converged = outcome === 'converged'
      const exact = norm(direct.solution)
      const distance = converged && !direct.singular && exact > 0 ? norm(plusScaled(solution, -1, direct.solution)) / exact : null
      const rates = [predictedRate(options.method, spectrum), observedRate(residuals)]
      const count = (of: (mu: number) => boolean) => spectrum.filter(of).length
      return {
        arrays: {
          residuals: { shape: [residuals.length], data: Float64Array.from(residuals) },
          spectrum: { shape: [size], data: spectrum },
          solution: { shape: [size], data: solution }
        },
        figures: {
          predictedRate: rates[0],
          observedRate: rates[1],
          converged: converged ? 1 : 0,
          iterations: residuals.length - 1,
          residual: last,
          omega: options.method === 'damped' ? dampingFactor(spectrum) : null,
          smallest: spectrum[0],
          largest: spectrum[size - 1],
          outside: count((mu) => mu <= 0 || mu >= 2),
          nonPositive: count((mu) => mu <= 0),
          condition: direct.singular ? null : direct.condition,
          distance
        },
        checks: {
          preconditioner: { value: norm(plusScaled(there, -1, v)) / norm(v), limit: Math.max(1e-10, 1e-14 * condition) },
          residual: { value: Math.abs(again - last) / allowed, limit: 1e-11 },
          ...(distance === null ? {} : { solution: { value: distance, limit: 10 * direct.condition * Math.max(last, 1e-14) } })
        },
        notes: [
          ...samplesNote(point, options.data),
          ...(direct.singular ? ['H is singular to rounding: its solution is not unique, so the relaxed one was not held against it.'] : [])
        ],
        said: sentence(options, found, spectrum, rates)
      }
    } finally {
      assembled.release()
    }
  }
}
