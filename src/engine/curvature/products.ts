// Products of the Hessian, the Gauss–Newton matrix or the empirical Fisher matrix with vectors, without the matrix (Pearlmutter 1994).
import { biasOffset } from '../../shared/model/layout'
import { matrix, multiply, type CallOptions, type Linalg, type Matrix } from '../linalg'
import { outerGradient, weightsOf, type Linearization } from '../nn/forward'
import { softmax } from '../nn/losses'
import type { CurvatureKind } from '../objective'
import { targetSum } from './tensors'

export type ProductKind = CurvatureKind | 'fisher'

/** a ∘ b into a, contiguous matrices of one shape. */
function scaleBy(a: Matrix, b: Matrix): void {
  for (let i = 0; i < a.data.length; i++) a.data[i] *= b.data[i]
}

/** R{net_l} = R{h_{l−1}} W_l + h_{l−1} V_l + (bias row of V). */
async function tangentNet(
  linalg: Linalg,
  state: Linearization,
  place: number,
  vector: Float64Array,
  tangent: Matrix | null,
  signal?: AbortSignal
): Promise<Matrix> {
  const layer = state.network.layers[place]
  const net = matrix(state.samples, layer.outputs)
  if (layer.bias) {
    const from = biasOffset(layer)
    const biases = vector.subarray(from, from + layer.outputs)
    for (let n = 0; n < state.samples; n++) net.data.set(biases, n * layer.outputs)
  }
  const direct = multiply(linalg, state.hidden[place], weightsOf(layer, vector), net, { accumulate: true, signal })
  if (direct) await direct
  if (tangent) {
    const through = multiply(linalg, tangent, weightsOf(layer, state.parameters), net, { accumulate: true, signal })
    if (through) await through
  }
  return net
}

/** S^{LL} R{net_L} for every sample, with S as in `topCurvature`, without forming it. */
function topProduct(state: Linearization, tangent: Matrix, kind: CurvatureKind): Matrix {
  const last = state.network.layers.length - 1
  const units = tangent.columns
  const slope = state.slopes[last].data
  const bend = kind === 'ggn' ? null : state.bend(last)
  const up = state.upstream[last].data
  const result = matrix(state.samples, units)
  const p = new Float64Array(units)
  for (let n = 0; n < state.samples; n++) {
    const at = n * units
    if (state.lossFunction.elementwise)
      for (let k = at; k < at + units; k++) result.data[k] = state.weight * slope[k] * slope[k] * tangent.data[k]
    else {
      softmax(state.hidden[last + 1].data.subarray(at, at + units), 0, units, p)
      let mean = 0
      for (let k = 0; k < units; k++) mean += p[k] * slope[at + k] * tangent.data[at + k]
      const scale = state.weight * targetSum(state.targets, n)
      for (let k = 0; k < units; k++) result.data[at + k] = scale * slope[at + k] * p[k] * (slope[at + k] * tangent.data[at + k] - mean)
    }
    if (bend) for (let k = at; k < at + units; k++) result.data[k] += bend.data[k] * up[k] * tangent.data[k]
  }
  return result
}

/** result += (H or GGN) · vector: R-forward through the layers, then R-backward; with `ggn` the second derivatives inside the network are left out. */
async function curvatureProduct(
  linalg: Linalg,
  state: Linearization,
  kind: CurvatureKind,
  vector: Float64Array,
  result: Float64Array,
  signal?: AbortSignal
): Promise<void> {
  const { layers } = state.network
  const last = layers.length - 1
  const nets: Matrix[] = []
  const tangents: (Matrix | null)[] = [null]
  for (let l = 0; l <= last; l++) {
    nets.push(await tangentNet(linalg, state, l, vector, tangents[l], signal))
    if (l === last) break
    const tangent = matrix(state.samples, layers[l].outputs, nets[l].data.slice())
    scaleBy(tangent, state.slopes[l])
    tangents.push(tangent)
  }
  // Grows at its front: the first entry belongs to the layer above the one in hand.
  const errors: Matrix[] = [topProduct(state, nets[last], kind)]
  for (let l = last; l > 0; l--) {
    const layer = layers[l]
    const down = matrix(state.samples, layer.inputs)
    const through = multiply(linalg, errors[0], weightsOf(layer, state.parameters), down, { transposeB: 'transpose', signal })
    if (through) await through
    if (kind === 'hessian') {
      const direct = multiply(linalg, state.deltas[l], weightsOf(layer, vector), down, {
        transposeB: 'transpose',
        accumulate: true,
        signal
      })
      if (direct) await direct
    }
    scaleBy(down, state.slopes[l - 1])
    const bend = kind === 'hessian' ? state.bend(l - 1) : null
    if (bend) {
      const up = state.upstream[l - 1].data
      const net = nets[l - 1].data
      for (let i = 0; i < down.data.length; i++) down.data[i] += bend.data[i] * net[i] * up[i]
    }
    errors.unshift(down)
  }
  await outerGradient(linalg, state, errors, result, true, { signal })
  if (kind === 'ggn') return
  // The weights' own part: R{h_{l−1}}ᵀ δ_l; the constant input of the biases has no tangent.
  for (let l = 1; l <= last; l++) {
    const tangent = tangents[l]
    if (!tangent) continue
    const own = multiply(linalg, tangent, state.deltas[l], weightsOf(layers[l], result), {
      transposeA: 'transpose',
      accumulate: true,
      signal
    })
    if (own) await own
  }
}

/** result += Σ_n (g_n · v) g_n / weight with g_n the sample's share of the gradient: row dots of h̃ V with δ, then a gradient with δ scaled by them. */
async function fisherProduct(
  linalg: Linalg,
  state: Linearization,
  vector: Float64Array,
  result: Float64Array,
  signal?: AbortSignal
): Promise<void> {
  const dots = new Float64Array(state.samples)
  for (const [l, delta] of state.deltas.entries()) {
    const net = await tangentNet(linalg, state, l, vector, null, signal)
    for (let n = 0; n < state.samples; n++)
      for (let k = n * net.columns; k < (n + 1) * net.columns; k++) dots[n] += net.data[k] * delta.data[k]
  }
  const errors = state.deltas.map((delta) => {
    const error = matrix(delta.rows, delta.columns, delta.data.slice())
    for (let n = 0; n < delta.rows; n++)
      for (let k = n * delta.columns; k < (n + 1) * delta.columns; k++) error.data[k] *= dots[n] / state.weight
    return error
  })
  await outerGradient(linalg, state, errors, result, true, { signal })
}

/**
 * results (k × P) += the matrix times each row of `vectors` (k × P), for the samples of one linearization.
 * `fisher` is the empirical Fisher matrix: for a loss c Σ_n ℓ_n (ℓ_n half the squared error, or the cross-entropy) it is c Σ_n ∇ℓ_n ∇ℓ_nᵀ, with the
 * observed targets. The Fisher matrix with targets drawn from the model equals the GGN for half-sse and mse, and for cross-entropy with the identity as output.
 */
export async function addProducts(
  linalg: Linalg,
  state: Linearization,
  kind: ProductKind,
  vectors: Matrix,
  results: Matrix,
  options: CallOptions = {}
): Promise<void> {
  for (let r = 0; r < vectors.rows; r++) {
    options.signal?.throwIfAborted()
    const start = vectors.offset + r * vectors.stride
    const vector = vectors.data.subarray(start, start + vectors.columns)
    const result = results.data.subarray(results.offset + r * results.stride, results.offset + r * results.stride + results.columns)
    if (kind === 'fisher') await fisherProduct(linalg, state, vector, result, options.signal)
    else await curvatureProduct(linalg, state, kind, vector, result, options.signal)
    options.onProgress?.((r + 1) / vectors.rows)
  }
}
