// Jets of a network's loss: forward and backward pass in planes of power series, every product over all planes stacked (docs/higher-order-derivatives.md).
import { biasOffset } from '../../shared/model/layout'
import { matrix, productsFor, requireBytes, type Linalg, type Matrix, type Products } from '../linalg'
import { createPacer } from '../linalg/pacer'
import { addColumnSums, batchRows, forward, linearize, lossOf, outerGradient, slopesOf, weightsOf } from '../nn/forward'
import type { Batch, ForwardState, Linearization } from '../nn/forward'
import type { LossFunction } from '../nn/losses'
import type { Network } from '../nn/network'
import type { CurveJet, JetOptions } from '../objective'
import { activationPlanes, activationScratch, type ActivationScratch } from './activations'
import { checkCurves, curveCoefficient } from './curves'
import { lossPlanes } from './losses'
import { convolve, stacked } from './planes'

/** The loss that jets are taken of: Σ over the batch of weight · ℓ. */
export interface JetProblem {
  readonly network: Network
  readonly lossFunction: LossFunction
  readonly batch: Batch
  readonly weight: number
  /** Samples worked on at a time; default: so many that each set of planes takes about 3 MB. */
  readonly chunkSamples?: number
}

/** Planes of one chunk of samples, used again for the next one and the next curve; index l belongs to the layer at place l. */
interface Planes {
  readonly order: number
  readonly nets: readonly Float64Array[]
  /** φ(net); the net itself where φ is the identity. */
  readonly hidden: readonly Float64Array[]
  /** φ'(net); plane 0 alone where φ is piecewise linear. */
  readonly slopes: readonly Float64Array[]
  /** ∂loss/∂net and ∂loss/∂h of the layer in hand, plane K − k for coefficient k, so that planes k … 0 lie one after the other. Empty without a gradient. */
  readonly deltas: readonly Float64Array[]
  readonly upstream: Float64Array
  readonly scratch: ActivationScratch
}

/** Lengths of the arrays of `Planes` for so many samples. */
function planeLengths(network: Network, order: number, samples: number, withGradient: boolean) {
  const all = network.layers.map(({ outputs }) => (order + 1) * samples * outputs)
  return {
    nets: all,
    hidden: all.map((length, l) => (network.layers[l].activation.kind === 'identity' ? 0 : length)),
    slopes: all.map((length, l) => (network.layers[l].activation.piecewiseLinear ? length / (order + 1) : length)),
    deltas: withGradient ? all : [],
    upstream: withGradient ? Math.max(...all) : 0
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Bytes of a call: planes, a plain pass, copies of a layer's weights beside them, and the results. */
function jetBytes({ network }: JetProblem, order: number, samples: number, curves: number, withGradient: boolean): number {
  const { nets, hidden, slopes, deltas, upstream } = planeLengths(network, order, samples, withGradient)
  const planes = sum([nets, hidden, slopes, deltas].map(sum)) + upstream
  const pass = (withGradient ? 5 : 2) * samples * sum(network.widths)
  const results = curves * (order + 1) * (1 + (withGradient ? network.parameterCount : 0))
  return 8 * (planes + pass + results + 3 * network.parameterCount)
}

/** The numbers k for which a layer moves with s_k. */
function movesOf(network: Network, curve: Matrix): number[][] {
  const ks = Array.from({ length: curve.rows }, (_, place) => place + 1)
  return network.layers.map(({ offset, rows, columns }) =>
    ks.filter((k) =>
      curveCoefficient(curve, k)
        .subarray(offset, offset + rows * columns)
        .some((value) => value !== 0)
    )
  )
}

interface Pass {
  readonly products: Products
  readonly state: ForwardState
  readonly planes: Planes
  readonly curve: Matrix
  readonly moves: readonly (readonly number[])[]
  readonly signal?: AbortSignal
}

/** Planes 1 … K of all nets and hidden values: net_k = Σ_j h_{k−j} (W + Σ t^j s_j)_j, one product a coefficient of the curve for all planes. */
async function forwardPlanes({ products, state, planes, curve, moves, signal }: Pass): Promise<void> {
  const { network, parameters, samples } = state
  const { order } = planes
  for (const [l, layer] of network.layers.entries()) {
    const net = planes.nets[l]
    const { inputs, outputs } = layer
    const length = samples * outputs
    net.fill(0, length, (order + 1) * length)
    if (layer.bias)
      for (const k of moves[l]) {
        const biases = curveCoefficient(curve, k).subarray(biasOffset(layer), biasOffset(layer) + outputs)
        for (let n = 0; n < samples; n++) net.set(biases, k * length + n * outputs)
      }
    const add = (from: Matrix, weights: Matrix, first: number, count: number) =>
      products.gemm(from, weights, stacked(net, samples, outputs, first, count), { beta: 1, signal })
    if (l > 0) await add(stacked(planes.hidden[l - 1], samples, inputs, 1, order), weightsOf(layer, parameters), 1, order)
    for (const k of moves[l]) {
      // The inputs of the network are the same all along the curve.
      const count = l === 0 ? 1 : order - k + 1
      const from = l === 0 ? state.hidden[0] : stacked(planes.hidden[l - 1], samples, inputs, 0, count)
      await add(from, weightsOf(layer, curveCoefficient(curve, k)), k, count)
    }
    activationPlanes(layer.activation, order, length, net, planes.hidden[l], planes.slopes[l], planes.scratch)
    signal?.throwIfAborted()
  }
}

/** δ_k = Σ_j (∂loss/∂h)_j φ'_{k−j}, k ≥ 1, from the upstream planes of the layer. */
function deltaPlanes({ state, planes }: Pass, l: number): void {
  const { order, upstream } = planes
  const { outputs, activation } = state.network.layers[l]
  const length = state.samples * outputs
  const [slope, delta] = [planes.slopes[l], planes.deltas[l]]
  for (let k = 1; k <= order; k++) {
    const at = (order - k) * length
    if (activation.piecewiseLinear) for (let i = 0; i < length; i++) delta[at + i] = slope[i] * upstream[at + i]
    else convolve(k, 0, length, upstream, order * length, -length, slope, 0, length, delta, at)
  }
}

/** rows[k] += c_k = Σ_j h_jᵀ δ_{k−j}, k ≥ 1: one product over k + 1 planes of samples. */
async function addGradients({ products, state, planes, signal }: Pass, l: number, rows: Matrix): Promise<void> {
  const { order } = planes
  const { samples } = state
  const layer = state.network.layers[l]
  for (let k = 1; k <= order; k++) {
    const row = rows.data.subarray(k * rows.columns, (k + 1) * rows.columns)
    const own = stacked(planes.deltas[l], samples, layer.outputs, order - k, 1)
    const below = l === 0 ? state.hidden[0] : stacked(planes.hidden[l - 1], samples, layer.inputs, 0, k + 1)
    const errors = l === 0 ? own : stacked(planes.deltas[l], samples, layer.outputs, order - k, k + 1)
    await products.gemm(below, errors, weightsOf(layer, row), { transposeA: 'transpose', beta: 1, signal })
    if (layer.bias) addColumnSums(own, row, biasOffset(layer), true)
  }
}

/** Planes of all errors from the top of the network down, and what they add to the gradient's coefficients. `planes.upstream` holds ∂loss/∂h_L. */
async function backwardPlanes(pass: Pass & { readonly state: Linearization }, rows: Matrix): Promise<void> {
  const { products, state, planes, curve, moves, signal } = pass
  const { order, upstream } = planes
  const { samples } = state
  for (let l = state.network.layers.length - 1; l >= 0; l--) {
    const layer = state.network.layers[l]
    upstream.set(state.upstream[l].data, order * samples * layer.outputs)
    deltaPlanes(pass, l)
    await addGradients(pass, l, rows)
    if (l === 0) return
    const down = (k: number, weights: Float64Array, count: number) =>
      products.gemm(
        stacked(planes.deltas[l], samples, layer.outputs, k, count),
        weightsOf(layer, weights),
        stacked(upstream, samples, layer.inputs, 0, count),
        { transposeB: 'transpose', beta: k === 0 ? 0 : 1, signal }
      )
    await down(0, state.parameters, order)
    for (const k of moves[l]) await down(k, curveCoefficient(curve, k), order - k + 1)
    signal?.throwIfAborted()
  }
}

/** Plane 0 of everything is the plain pass at the point. */
function startPlanes(planes: Planes, state: ForwardState, linear: Linearization | null): void {
  for (const [l, net] of state.nets.entries()) {
    planes.nets[l].set(net.data)
    if (planes.hidden[l] !== planes.nets[l]) planes.hidden[l].set(state.hidden[l + 1].data)
    planes.slopes[l].set((linear?.slopes[l] ?? slopesOf(state.network.layers[l].activation, net)).data)
    if (linear) planes.deltas[l].set(linear.deltas[l].data, planes.order * net.data.length)
  }
}

/** Memory for the planes of so many samples; each array comes from `own`. */
function openPlanes(
  network: Network,
  order: number,
  samples: number,
  withGradient: boolean,
  own: (length: number) => Float64Array
): Planes {
  const lengths = planeLengths(network, order, samples, withGradient)
  const nets = lengths.nets.map(own)
  return {
    order,
    nets,
    hidden: lengths.hidden.map((length, l) => (length === 0 ? nets[l] : own(length))),
    slopes: lengths.slopes.map(own),
    deltas: lengths.deltas.map(own),
    upstream: own(lengths.upstream),
    scratch: activationScratch(order)
  }
}

/**
 * Coefficients 0 … K of ℓ of every sample by itself along a curve, samples × (K + 1), each weighted with `weight`: a forward pass in planes, then the loss of each sample's outputs.
 * For samples that fit into memory at once.
 */
export async function sampleLossJets(
  linalg: Linalg,
  { network, lossFunction, batch, weight }: JetProblem,
  parameters: Float64Array,
  curve: Matrix,
  { order, signal }: Pick<JetOptions, 'order' | 'signal'>
): Promise<Matrix> {
  checkCurves([curve], network.parameterCount, { order })
  const samples = batch.inputs.rows
  const units = network.widths[network.widths.length - 1]
  const state = await forward(linalg, network, batch.inputs, parameters, { signal })
  const products = productsFor(linalg, 8 * (order + 1) * samples * network.parameterCount)
  const owned: Float64Array[] = []
  const own = (length: number): Float64Array => {
    const array = products.allocate(length)
    owned.push(array)
    return array
  }
  try {
    const planes = openPlanes(network, order, samples, false, own)
    startPlanes(planes, state, null)
    await forwardPlanes({ products, state, planes, curve, moves: movesOf(network, curve), signal })
    const outputs = planes.hidden[network.layers.length - 1]
    const result = matrix(samples, order + 1)
    const single = new Float64Array((order + 1) * units)
    for (let n = 0; n < samples; n++) {
      for (let k = 0; k <= order; k++) {
        const from = (k * samples + n) * units
        single.set(outputs.subarray(from, from + units), k * units)
      }
      const target = batchRows(batch, n, 1).targets
      const loss = result.data.subarray(n * (order + 1), (n + 1) * (order + 1))
      loss[0] = lossOf(lossFunction, matrix(1, units, single.subarray(0, units)), target, weight)
      lossPlanes(lossFunction, { data: single, samples: 1, units, order }, target, weight, loss, null)
    }
    return result
  } finally {
    owned.forEach((array) => products.release(array))
  }
}

/**
 * See Objective.jets. Samples are gone through in chunks; at each, a plain pass is done once for all curves. A straight line costs two products a layer
 * and pass for all K + 1 coefficients, any other curve one a coefficient that moves; the gradient's own products are (K + 1)(K + 2)/2 of a plain pass's.
 * Throws LinalgError `out-of-memory` with the bytes needed before anything is allocated.
 */
export async function networkJets(
  linalg: Linalg,
  problem: JetProblem,
  parameters: Float64Array,
  curves: readonly Matrix[],
  options: JetOptions
): Promise<CurveJet[]> {
  const { network, lossFunction, batch, weight } = problem
  const { order, gradient: withGradient = true, signal, onProgress } = options
  checkCurves(curves, network.parameterCount, options)
  const total = batch.inputs.rows
  const width = sum(network.widths.slice(1))
  const chunk = Math.min(total, problem.chunkSamples ?? Math.max(1, Math.floor(4e5 / ((order + 1) * width))))
  requireBytes(`jets of order ${order}`, jetBytes(problem, order, chunk, curves.length, withGradient), linalg.availableBytes)

  const jets = curves.map((): CurveJet => ({
    loss: new Float64Array(order + 1),
    gradient: matrix(withGradient ? order + 1 : 0, network.parameterCount)
  }))
  const moves = curves.map((curve) => movesOf(network, curve))
  // Forward and backward twice (the weights, and what they move by), the gradient's products for every pair of planes.
  const gemms = 4 * (order + 1) + (withGradient ? ((order + 1) * (order + 2)) / 2 : 0)
  const products = productsFor(linalg, 2 * gemms * chunk * network.parameterCount)
  const owned: Float64Array[] = []
  const own = (length: number): Float64Array => {
    const array = products.allocate(length)
    owned.push(array)
    return array
  }
  try {
    const planes = openPlanes(network, order, chunk, withGradient, own)
    const first = new Float64Array(withGradient ? network.parameterCount : 0)
    let value = 0
    const pace = createPacer(signal)
    for (let from = 0; from < total; from += chunk) {
      const part = batchRows(batch, from, Math.min(chunk, total - from))
      const linear = withGradient ? await linearize(linalg, network, lossFunction, part, weight, parameters, { signal }) : null
      const state: ForwardState = linear ?? (await forward(linalg, network, part.inputs, parameters, { signal }))
      const outputs = state.hidden[network.layers.length]
      value += linear?.loss ?? lossOf(lossFunction, outputs, part.targets, weight)
      if (linear) await outerGradient(linalg, linear, linear.deltas, first, from > 0, { signal })
      startPlanes(planes, state, linear)
      for (const [place, curve] of curves.entries()) {
        const pause = pace()
        if (pause) await pause
        const pass = { products, planes, curve, moves: moves[place], signal }
        await forwardPlanes({ ...pass, state })
        const top = { data: planes.hidden[network.layers.length - 1], samples: part.inputs.rows, units: outputs.columns, order }
        lossPlanes(lossFunction, top, part.targets, weight, jets[place].loss, withGradient ? planes.upstream : null)
        if (linear) await backwardPlanes({ ...pass, state: linear }, jets[place].gradient)
        onProgress?.((from + (part.inputs.rows * (place + 1)) / curves.length) / total)
      }
    }
    for (const { loss, gradient } of jets) {
      loss[0] = value
      if (withGradient) gradient.data.set(first)
    }
  } finally {
    owned.forEach((array) => products.release(array))
  }
  return jets
}
