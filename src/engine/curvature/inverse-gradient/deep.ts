// Fast finite-difference Newton layer by layer: one pass down through pseudoinverses of weights and activations (Lee 2019, docs/finite-difference-newton.md).
import { matrix, transposed, type CallOptions, type Linalg, type Matrix } from '../../linalg'
import { weightsOf, type Linearization } from '../../nn/forward'
import type { Layer, Network } from '../../nn/network'
import type { InverseGradientMode, InverseGradientOptions, InverseGradientResult } from '../../objective'
import { releaseFactorization } from './cache'
import { applyPseudoinverse, factorizeBatch, type BatchFactorization } from './factorization'
import { divideBySlopes, outputErrors, withOnes } from './perceptron'

/** A matrix with the factorization of its pseudoinverse. */
export interface Inverted {
  readonly name: string
  readonly x: Matrix
  readonly factorization: BatchFactorization
}

/** What the passes up and down need: h̃_{l−1} of each layer, and W_lᵀ (out × in) of each but the first. */
export interface InvertedNetwork {
  readonly inputs: readonly Inverted[]
  readonly weights: readonly (Inverted | null)[]
  readonly square: boolean
  release(): void
}

const inputName = (place: number) => (place === 0 ? 'the batch of inputs X' : `the activations h${place}`)

function requireFullRank({ name, x, factorization }: Inverted, rowsAreOutputs: boolean): void {
  const least = Math.min(x.rows, x.columns)
  if (factorization.rank === least) return
  const shape = rowsAreOutputs ? `${x.columns} × ${x.rows}` : `${x.rows} × ${x.columns}`
  throw new Error(
    `fd-newton: ${name} (${shape}) has rank ${factorization.rank}, so it has no one-sided inverse; rank ${least} would do, that is linearly independent ${x.rows <= x.columns === rowsAreOutputs ? 'columns' : 'rows'}`
  )
}

/** Why the joint equations have no layer-by-layer inverse to start from, or null. */
function squareRefusal(network: Network, samples: number): string | null {
  for (const [place, layer] of network.layers.entries()) {
    if (samples !== layer.rows)
      return `fd-newton: mode joint needs square matrices, and ${inputName(place)} is ${samples} × ${layer.rows}; a batch of ${layer.rows} samples would do, where all layers have as many inputs, or mode limit`
    if (place > 0 && layer.outputs !== layer.inputs)
      return `fd-newton: mode joint needs square matrices, and ${layer.name} is ${layer.inputs} × ${layer.outputs}; ${layer.inputs} units would do, or mode limit`
  }
  return null
}

/**
 * Why a network has no layer-by-layer inverse whatever its weights are, or null: activations that are not one-to-one, and for finite differences
 * shapes for which the gradient map has no functional inverse.
 */
export function shapeRefusal(network: Network, samples: number, mode: InverseGradientMode): string | null {
  for (const layer of network.layers) {
    const { kind } = layer.activation
    if (layer.activation.inverse === null)
      return `fd-newton: ${kind} of ${layer.name} is not one-to-one (everything below zero becomes zero), so the outputs do not tell the net; use leaky-relu, tanh, sigmoid, softplus or identity`
  }
  if (mode === 'limit') return null
  if (mode === 'joint') return squareRefusal(network, samples)
  for (const [place, layer] of network.layers.entries()) {
    if (samples > layer.rows)
      return `fd-newton: ${inputName(place)} (${samples} × ${layer.rows}) has more samples than columns, so the gradient of ${layer.name} does not determine the errors; batches of at most ${layer.rows} samples would do, or mode limit`
    if (place > 0 && layer.outputs > layer.inputs)
      return `fd-newton: ${layer.name} (${layer.inputs} × ${layer.outputs}) has more columns than rows, so the gradients below it do not determine its errors; at most ${layer.inputs} units would do, or mode limit`
  }
  return null
}

/** Factorizes every activation matrix and every weight matrix above the first. Throws when one is not of full rank: its name, shape and rank. */
export async function invertNetwork(linalg: Linalg, state: Linearization, options: CallOptions = {}): Promise<InvertedNetwork> {
  const owned: BatchFactorization[] = []
  const release = () => owned.forEach((factorization) => releaseFactorization(linalg, factorization))
  const invert = async (name: string, x: Matrix, rowsAreOutputs: boolean): Promise<Inverted> => {
    const factorization = await factorizeBatch(linalg, x, { signal: options.signal })
    owned.push(factorization)
    const inverted = { name, x, factorization }
    requireFullRank(inverted, rowsAreOutputs)
    return inverted
  }
  try {
    const inputs: Inverted[] = []
    const weights: (Inverted | null)[] = []
    for (const [place, layer] of state.network.layers.entries()) {
      inputs.push(await invert(inputName(place), withOnes(layer, state.hidden[place]), false))
      weights.push(place === 0 ? null : await invert(layer.name, transposed(weightsOf(layer, state.parameters)), true))
    }
    const square = [...inputs, ...weights].every((part) => part === null || part.x.rows === part.x.columns)
    return { inputs, weights, square, release }
  } catch (error) {
    release()
    throw error
  }
}

/** B W⁺ for B (N × out): the pseudoinverse of Wᵀ applied to Bᵀ. */
export async function throughWeights(linalg: Linalg, weight: Inverted, b: Matrix, signal?: AbortSignal): Promise<Matrix> {
  return transposed(await applyPseudoinverse(linalg, weight.x, weight.factorization, transposed(b), { signal }))
}

function requireWeight(weights: InvertedNetwork['weights'], place: number): Inverted {
  const weight = weights[place]
  if (weight === null) throw new Error(`fd-newton: the weights of layer ${place + 1} were not factorized`)
  return weight
}

/** B(net_L), B(net_{L−1}), … down to layer `to` (places from 0), from errors e in place of h_L − y. Index is the layer's place. */
export async function descendErrors(
  linalg: Linalg,
  state: Linearization,
  inverted: InvertedNetwork,
  errors: Matrix,
  to: number,
  signal?: AbortSignal
): Promise<Matrix[]> {
  const nets: Matrix[] = []
  let below = errors
  for (let place = state.network.layers.length - 1; place >= to; place--) {
    nets[place] = divideBySlopes(below, state.slopes[place], state.network.layers[place].name)
    if (place > to) below = await throughWeights(linalg, requireWeight(inverted.weights, place), nets[place], signal)
  }
  return nets
}

/** The same B(net_l) by differences: the outputs moved by p and q times the error, followed down through φ⁻¹ and W⁺. */
async function differencedDescent(
  linalg: Linalg,
  state: Linearization,
  inverted: InvertedNetwork,
  p: number,
  q: number,
  signal?: AbortSignal
): Promise<Matrix[]> {
  const { layers } = state.network
  const errors = outputErrors(state)
  const nets: Matrix[] = []
  const shift = (factor: number): Matrix =>
    matrix(
      errors.rows,
      errors.columns,
      errors.data.map((e) => factor * e)
    )
  // Deviations of h_l from the current point, at p and at q.
  let moves: readonly [Matrix, Matrix] = [shift(p), shift(q)]
  for (let place = layers.length - 1; place >= 0; place--) {
    const layer = layers[place]
    const [up, down] = moves.map((move) => netDeviation(layer, state, place, move))
    nets[place] = matrix(
      up.rows,
      up.columns,
      up.data.map((value, i) => (value - down.data[i]) / (p - q))
    )
    if (place === 0) break
    const weight = requireWeight(inverted.weights, place)
    moves = [await throughWeights(linalg, weight, up, signal), await throughWeights(linalg, weight, down, signal)]
  }
  return nets
}

/** φ⁻¹(h + move) − φ⁻¹(h). */
function netDeviation(layer: Layer, state: Linearization, place: number, move: Matrix): Matrix {
  const h = state.hidden[place + 1]
  const { inverse, kind } = layer.activation
  if (inverse === null) throw new Error(`fd-newton: ${kind} has no inverse`)
  const result = matrix(move.rows, move.columns)
  for (let i = 0; i < result.data.length; i++) {
    const value = inverse(h.data[h.offset + i] + move.data[i]) - inverse(h.data[h.offset + i])
    if (!Number.isFinite(value))
      throw new Error(`fd-newton: a perturbed activation of ${layer.name} lies outside the range of ${kind}; use a smaller r or mode limit`)
    result.data[i] = value
  }
  return result
}

/** Directions of all layers, as one vector: h̃_{l−1}⁺ B(net_l). */
async function directionOf(
  linalg: Linalg,
  state: Linearization,
  inverted: InvertedNetwork,
  nets: readonly Matrix[],
  options: CallOptions
): Promise<Float64Array> {
  const direction = new Float64Array(state.network.parameterCount)
  for (const [place, layer] of state.network.layers.entries()) {
    const { x, factorization } = inverted.inputs[place]
    direction.set((await applyPseudoinverse(linalg, x, factorization, nets[place], { signal: options.signal })).data, layer.offset)
    options.onProgress?.((place + 1) / state.network.layers.length)
  }
  return direction
}

/**
 * Each layer's GGN block's inverse times its gradient, when the batch's activations and the weights above are square and of full rank; with one-sided
 * inverses an approximation that the notes name. Throws where a matrix has no one-sided inverse.
 */
export async function layerwiseInverse(
  linalg: Linalg,
  state: Linearization,
  options: InverseGradientOptions
): Promise<InverseGradientResult & { readonly exact: boolean }> {
  const { mode, r, signal, oneSided } = options
  const refusal = shapeRefusal(state.network, state.samples, mode)
  if (refusal !== null) throw new Error(refusal)
  const inverted = await invertNetwork(linalg, state, { signal })
  try {
    const nets =
      mode === 'limit'
        ? await descendErrors(linalg, state, inverted, outputErrors(state), 0, signal)
        : await differencedDescent(linalg, state, inverted, oneSided === true ? r : r / 2, oneSided === true ? 0 : -r / 2, signal)
    const direction = await directionOf(linalg, state, inverted, nets, options)
    const conditions = [...inverted.inputs, ...inverted.weights]
      .filter((part) => part !== null)
      .map(({ factorization }) => factorization.condition)
    const notes = inverted.square
      ? []
      : ['approximate: some layers are inverted on one side only, and a chain of pseudoinverses is not the pseudoinverse of the chain']
    return { direction, notes, figures: { condition: Math.max(...conditions), exact: inverted.square ? 1 : 0 }, exact: inverted.square }
  } finally {
    inverted.release()
  }
}
