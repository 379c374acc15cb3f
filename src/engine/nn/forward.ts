// Forward and backward pass of a batch: everything that first and second derivatives are made of (docs/numerics-curvature.md).
import { biasOffset } from '../../shared/model/layout'
import { block, matrix, multiply, type CallOptions, type Linalg, type Matrix } from '../linalg'
import type { ActivationFunction } from './activations'
import type { LossFunction } from './losses'
import type { Layer, Network } from './network'

/** Samples of a network, one a row: inputs N × in, targets N × out. Views allowed; never changed. */
export interface Batch {
  readonly inputs: Matrix
  readonly targets: Matrix
}

/** Results of the forward pass at one point; index l − 1 of `nets` and l of `hidden` belong to layer l. */
export interface ForwardState {
  readonly network: Network
  readonly parameters: Float64Array
  readonly samples: number
  /** h_0 (the inputs), h_1, …, h_L, one sample a row, without the constant 1 of the biases. */
  readonly hidden: readonly Matrix[]
  /** net_1, …, net_L. */
  readonly nets: readonly Matrix[]
}

/** Forward and backward pass; index l − 1 of each list belongs to layer l, every matrix is contiguous, N × units. */
export interface Linearization extends ForwardState {
  readonly targets: Matrix
  /** The loss of these samples (their share of it, when they are a chunk of a larger batch). */
  readonly loss: number
  /** What each sample's ℓ is multiplied with in the loss. */
  readonly weight: number
  readonly lossFunction: LossFunction
  /** φ'(net_l). */
  readonly slopes: readonly Matrix[]
  /** φ''(net_l) of the layer at this place, null where it is zero everywhere: computed when first asked for, since a gradient needs none. */
  bend(place: number): Matrix | null
  /** ∂loss/∂h_l. */
  readonly upstream: readonly Matrix[]
  /** δ_l = ∂loss/∂net_l. */
  readonly deltas: readonly Matrix[]
}

/** W_l (in × out) as a view of a parameter vector, without its bias row. */
export function weightsOf(layer: Layer, parameters: Float64Array): Matrix {
  return { data: parameters, rows: layer.inputs, columns: layer.outputs, offset: layer.offset, stride: layer.outputs }
}

/** The rows of a batch from `from` on, sharing memory. */
export function batchRows(batch: Batch, from: number, count: number): Batch {
  return {
    inputs: block(batch.inputs, from, 0, count, batch.inputs.columns),
    targets: block(batch.targets, from, 0, count, batch.targets.columns)
  }
}

/** Puts the layer's biases into every row, or zeros the call for them: returns whether the product must be added to what is there. */
export function fillBiases(layer: Layer, parameters: Float64Array, net: Matrix): boolean {
  if (!layer.bias) return false
  const from = biasOffset(layer)
  const biases = parameters.subarray(from, from + layer.outputs)
  for (let row = 0; row < net.rows; row++) net.data.set(biases, net.offset + row * net.stride)
  return true
}

/** φ of every entry, in fresh memory. */
function activate({ lowerSlope, value }: ActivationFunction, net: Matrix): Matrix {
  if (lowerSlope === null) return applyTo(net, value)
  const { data } = net
  const to = new Float64Array(data.length)
  for (let i = 0; i < to.length; i++) to[i] = data[i] > 0 ? data[i] : lowerSlope * data[i]
  return matrix(net.rows, net.columns, to)
}

/** φ' of every entry. */
export function slopesOf({ lowerSlope, derivative }: ActivationFunction, net: Matrix): Matrix {
  if (lowerSlope === null) return applyTo(net, derivative)
  const { data } = net
  const to = new Float64Array(data.length)
  for (let i = 0; i < to.length; i++) to[i] = data[i] > 0 ? 1 : lowerSlope
  return matrix(net.rows, net.columns, to)
}

function applyTo(net: Matrix, f: (x: number) => number): Matrix {
  const { data } = net
  const to = new Float64Array(data.length)
  for (let i = 0; i < to.length; i++) to[i] = f(data[i])
  return matrix(net.rows, net.columns, to)
}

/** φ'' by layer, each when it is first asked for. */
function bendsOf({ layers }: Network, nets: readonly Matrix[]): (place: number) => Matrix | null {
  const known: (Matrix | null)[] = []
  return (place) => {
    const { piecewiseLinear, second } = layers[place].activation
    known[place] ??= piecewiseLinear ? null : applyTo(nets[place], second)
    return known[place]
  }
}

/** `net_l = h_{l−1} W_l (+ b_l)`, `h_l = φ_l(net_l)` for all layers. */
export async function forward(
  linalg: Linalg,
  network: Network,
  inputs: Matrix,
  parameters: Float64Array,
  options: CallOptions = {}
): Promise<ForwardState> {
  const samples = inputs.rows
  const hidden: Matrix[] = [inputs]
  const nets: Matrix[] = []
  for (const [place, layer] of network.layers.entries()) {
    const net = matrix(samples, layer.outputs)
    const accumulate = fillBiases(layer, parameters, net)
    const pending = multiply(linalg, hidden[place], weightsOf(layer, parameters), net, { accumulate, signal: options.signal })
    if (pending) await pending
    nets.push(net)
    hidden.push(layer.activation.kind === 'identity' ? net : activate(layer.activation, net))
  }
  return { network, parameters, samples, hidden, nets }
}

/** Sum over samples of weight · ℓ. */
export function lossOf(lossFunction: LossFunction, outputs: Matrix, targets: Matrix, weight: number): number {
  let sum = 0
  for (let n = 0; n < outputs.rows; n++)
    sum += lossFunction.sample(
      outputs.data,
      outputs.offset + n * outputs.stride,
      targets.data,
      targets.offset + n * targets.stride,
      outputs.columns
    )
  return weight * sum
}

/** Forward and backward pass. `weight` multiplies each sample's loss (see LossFunction). */
export async function linearize(
  linalg: Linalg,
  network: Network,
  lossFunction: LossFunction,
  batch: Batch,
  weight: number,
  parameters: Float64Array,
  options: CallOptions = {}
): Promise<Linearization> {
  const state = await forward(linalg, network, batch.inputs, parameters, options)
  const { samples, nets, hidden } = state
  const { targets } = batch
  const depth = network.layers.length
  const outputs = hidden[depth]
  const loss = lossOf(lossFunction, outputs, targets, weight)
  const slopes: Matrix[] = []
  const upstream: Matrix[] = []
  const deltas: Matrix[] = []
  const top = matrix(samples, outputs.columns)
  for (let n = 0; n < samples; n++)
    lossFunction.gradient(
      outputs.data,
      n * outputs.columns,
      targets.data,
      targets.offset + n * targets.stride,
      outputs.columns,
      weight,
      top.data
    )
  upstream.unshift(top)
  for (let l = depth - 1; l >= 0; l--) {
    const layer = network.layers[l]
    const { activation } = layer
    const slopesHere = slopesOf(activation, nets[l])
    slopes.unshift(slopesHere)
    const delta = matrix(samples, layer.outputs)
    // The lists grow at their front: the first entry belongs to this layer.
    const up = upstream[0].data
    const slope = slopesHere.data
    for (let i = 0; i < delta.data.length; i++) delta.data[i] = up[i] * slope[i]
    deltas.unshift(delta)
    if (l === 0) break
    const below = matrix(samples, layer.inputs)
    upstream.unshift(below)
    const pending = multiply(linalg, delta, weightsOf(layer, parameters), below, {
      transposeB: 'transpose',
      signal: options.signal
    })
    if (pending) await pending
  }
  return { ...state, targets, loss, weight, lossFunction, slopes, bend: bendsOf(network, nets), upstream, deltas }
}

/** gradient (+)= h̃_{l−1}ᵀ E_l for all layers, with E_l (N × units) such as the deltas; the bias row gets the column sums. */
export async function outerGradient(
  linalg: Linalg,
  state: Pick<ForwardState, 'network' | 'hidden' | 'samples'>,
  errors: readonly Matrix[],
  gradient: Float64Array,
  accumulate: boolean,
  options: CallOptions = {}
): Promise<void> {
  for (const [place, layer] of state.network.layers.entries()) {
    const error = errors[place]
    const pending = multiply(linalg, state.hidden[place], error, weightsOf(layer, gradient), {
      transposeA: 'transpose',
      accumulate,
      signal: options.signal
    })
    if (pending) await pending
    if (layer.bias) addColumnSums(error, gradient, biasOffset(layer), accumulate)
  }
}

/** sums[offset + j] (+)= Σ_n m[n, j]. */
export function addColumnSums(m: Matrix, sums: Float64Array, offset: number, accumulate: boolean): void {
  if (!accumulate) sums.fill(0, offset, offset + m.columns)
  for (let n = 0; n < m.rows; n++) {
    const row = m.offset + n * m.stride
    for (let j = 0; j < m.columns; j++) sums[offset + j] += m.data[row + j]
  }
}
