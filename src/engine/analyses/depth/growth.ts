// What mean-field theory predicts and what one net does: growth χ of gradients and variance q of net inputs, layer by layer.
import { biasOffset } from '../../../shared/model/layout'
import { isFunctionSpec, type ModelSpec, type RunSpec } from '../../../shared/spec/schema'
import { rowOf, type Linalg, type Matrix } from '../../linalg'
import { forward, slopesOf, weightsOf, type ForwardState } from '../../nn/forward'
import type { Network } from '../../nn/network'
import { drawParameters, type WeightScale } from '../../nn/parameters'
import { randomStream } from '../../random'
import { chiAt, iteratedVariances, type Ensemble } from './mean-field'

type DrawnInit = Extract<ModelSpec['init'], WeightScale>

/** The init of a spec where it is drawn; null where its weights are given. */
export function drawnInit(spec: RunSpec): DrawnInit | null {
  if (isFunctionSpec(spec)) return null
  const { init } = spec.model
  return init.kind === 'npz' || init.kind === 'run' ? null : init
}

/** σ_w and σ_b of every layer as they are drawn. */
export const ensemblesOfInit = ({ layers, bias }: Network, init: DrawnInit): Ensemble[] =>
  layers.map(({ inputs, outputs }) => ({
    sigmaW:
      init.kind === 'fan-sum-normal' ? Math.sqrt(inputs) / (inputs + outputs) : init.kind === 'fan-in-normal' ? init.gain : init.sigmaW,
    sigmaB: init.kind === 'mean-field-normal' && bias ? init.sigmaB : 0
  }))

const rootMeanSquare = (values: Float64Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)

/** σ_w and σ_b of every layer as its weights have them, about zero. */
export const ensemblesOfWeights = ({ layers }: Network, parameters: Float64Array): Ensemble[] =>
  layers.map((layer) => {
    const { offset, inputs, outputs, bias } = layer
    const weights = parameters.subarray(offset, offset + inputs * outputs)
    const from = biasOffset(layer)
    return {
      sigmaW: rootMeanSquare(weights) * Math.sqrt(inputs),
      sigmaB: bias ? rootMeanSquare(parameters.subarray(from, from + outputs)) : 0
    }
  })

/** One for all: root mean square over the layers between hidden ones, or all where there are none. */
export function commonEnsemble(ensembles: readonly Ensemble[]): Ensemble {
  const between = ensembles.length > 2 ? ensembles.slice(1, -1) : ensembles
  const mean = (of: (ensemble: Ensemble) => number) => {
    const values = Float64Array.from(between, of)
    // What is the same for all layers is not rounded.
    return values.every((value) => value === values[0]) ? values[0] : rootMeanSquare(values)
  }
  return { sigmaW: mean(({ sigmaW }) => sigmaW), sigmaB: mean(({ sigmaB }) => sigmaB) }
}

export interface Growth {
  /** L − 1: of layer l to l + 1, mean over the samples. */
  readonly chi: Float64Array
  /** Standard error over the samples. */
  readonly chiError: Float64Array
  /** L: mean square of the net inputs. */
  readonly variance: Float64Array
}

/** ‖∂net_{l+1}/∂net_l‖²_F / N_{l+1} = Σ_i φ'(net_i)² Σ_j W_ij² / N_{l+1}, by sample. */
export function measuredGrowth({ network, parameters, nets, samples }: ForwardState): Growth {
  const depth = network.layers.length
  const [chi, chiError, variance] = [new Float64Array(depth - 1), new Float64Array(depth - 1), new Float64Array(depth)]
  nets.forEach(({ data }, l) => (variance[l] = data.reduce((sum, x) => sum + x * x, 0) / data.length))
  for (let l = 0; l < depth - 1; l++) {
    const next = network.layers[l + 1]
    const weights = weightsOf(next, parameters)
    const squares = Float64Array.from({ length: next.inputs }, (_, i) => rowOf(weights, i).reduce((sum, w) => sum + w * w, 0))
    const slopes = slopesOf(network.layers[l].activation, nets[l])
    const bySample = Float64Array.from({ length: samples }, (_, n) =>
      rowOf(slopes, n).reduce((sum, slope, i) => sum + slope * slope * squares[i], 0)
    ).map((sum) => sum / next.outputs)
    ;[chi[l], chiError[l]] = meanAndError(bySample)
  }
  return { chi, chiError, variance }
}

/** Mean, and its standard error: NaN of a single value. */
export function meanAndError(values: Float64Array): [mean: number, error: number] {
  const count = values.length
  const mean = values.reduce((sum, x) => sum + x, 0) / count
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  return [mean, Math.sqrt(squares / (count - 1) / count)]
}

export interface Predicted {
  /** L − 1. */
  readonly chi: Float64Array
  /** L. */
  readonly variance: Float64Array
}

/** χ at q_l of the iterated map from each sample's own inputs on, mean over the samples. */
export function predictedGrowth({ layers }: Network, ensembles: readonly Ensemble[], inputs: Matrix): Predicted {
  const activations = layers.map(({ activation }) => activation)
  const chi = new Float64Array(layers.length - 1)
  const variance = new Float64Array(layers.length)
  for (let n = 0; n < inputs.rows; n++) {
    const square = rowOf(inputs, n).reduce((sum, x) => sum + x * x, 0) / inputs.columns
    const q = iteratedVariances(activations, ensembles, square)
    q.forEach((value, l) => (variance[l] += value / inputs.rows))
    for (let l = 0; l < chi.length; l++) chi[l] += chiAt(activations[l], ensembles[l + 1], q[l]) / inputs.rows
  }
  return { chi, variance }
}

/** χ of nets drawn with the seeds after `seed`: mean over them, with its standard error. */
export async function redrawnGrowth(
  linalg: Linalg,
  network: Network,
  init: DrawnInit,
  inputs: Matrix,
  { seed, seeds, signal, onProgress }: { seed: number; seeds: number; signal: AbortSignal; onProgress: (fraction: number) => void }
): Promise<Pick<Growth, 'chi' | 'chiError'>> {
  const found: Float64Array[] = []
  for (let k = 1; k <= seeds; k++) {
    signal.throwIfAborted()
    const parameters = drawParameters(network, init, randomStream((seed + k) % 2 ** 32, 'init'))
    found.push(measuredGrowth(await forward(linalg, network, inputs, parameters, { signal })).chi)
    onProgress(k / seeds)
  }
  const over = found[0].map(() => 0)
  const [chi, chiError] = [over.slice(), over.slice()]
  over.forEach((_, l) => ([chi[l], chiError[l]] = meanAndError(Float64Array.from(found, (one) => one[l]))))
  return { chi, chiError }
}
