// The loss at many points of a plane at once: the points of a row share their products, so small batches make large ones.
import { block, matrix, multiply, type Linalg, type Matrix } from '../../linalg'
import { createPacer } from '../../linalg/pacer'
import { batchRows, lossOf } from '../../nn/forward'
import { lossFunction } from '../../nn/losses'
import type { Layer } from '../../nn/network'
import type { Objective } from '../../objective'
import type { AnalysisPoint } from '../interface'

/** Two directions from a centre. */
export interface Plane {
  readonly center: Float64Array
  readonly axes: readonly [Float64Array, Float64Array]
}

export interface PlaneCall {
  readonly signal: AbortSignal
  readonly onProgress?: (fraction: number) => void
}

/** Loss at center + u·axes[0] + v·axes[1]: entry (v, u) of the result, `vs.length` × `us.length`. Not a number or infinite where the loss is. */
export type PlaneLoss = (us: Float64Array, vs: Float64Array, call: PlaneCall) => Promise<Float64Array>

/** Numbers that a layer of the stacked points takes. */
const stackLength = 4e5

export const pointOf = ({ center, axes: [a, b] }: Plane, u: number, v: number) => center.map((w, i) => w + u * a[i] + v * b[i])

/** One point after the other. */
function pointwise(objective: Objective, plane: Plane): PlaneLoss {
  return async (us, vs, { signal, onProgress }) => {
    const found = new Float64Array(us.length * vs.length)
    const pace = createPacer(signal)
    for (let k = 0; k < found.length; k++) {
      const pause = pace()
      if (pause) await pause
      found[k] = await objective.loss(pointOf(plane, us[k % us.length], vs[Math.floor(k / us.length)]), { signal })
      onProgress?.((k + 1) / found.length)
    }
    return found
  }
}

/** [W + v B | A] of a layer, rows × 2 units: what one row of the grid multiplies with. A bias is its last row. */
function rowWeights({ rows, outputs, offset }: Layer, { center, axes: [a, b] }: Plane, v: number): Matrix {
  const weights = matrix(rows, 2 * outputs)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < outputs; j++) {
      const at = offset + i * outputs + j
      weights.data[i * 2 * outputs + j] = center[at] + v * b[at]
      weights.data[(i * 2 + 1) * outputs + j] = a[at]
    }
  return weights
}

/** net = left + u · right (+ the bias row's), then φ, for the samples of each point; `products` is points · n × 2 units, or n × 2 units for all points. */
function combine(layer: Layer, weights: Matrix, products: Matrix, us: Float64Array, samples: number): Matrix {
  const units = layer.outputs
  const { value } = layer.activation
  const shared = products.rows === samples
  const next = matrix(us.length * samples, units)
  const bias = layer.bias ? layer.inputs * 2 * units : -1
  for (let p = 0; p < us.length; p++)
    for (let n = 0; n < samples; n++) {
      const from = (shared ? n : p * samples + n) * 2 * units
      const to = (p * samples + n) * units
      for (let j = 0; j < units; j++) {
        let net = products.data[from + j] + us[p] * products.data[from + units + j]
        if (bias >= 0) net += weights.data[bias + j] + us[p] * weights.data[bias + units + j]
        next.data[to + j] = value(net)
      }
    }
  return next
}

/**
 * Of a network: for a fixed v the weights are (W + v B) + u A, so that one product of all points' activations with [W + v B | A] serves a layer, and
 * the first layer's serves the whole row. `penalty` is weight decay's part of the objective.
 */
function batched(
  linalg: Linalg,
  given: NonNullable<AnalysisPoint['network']>,
  plane: Plane,
  penalty: ((parameters: Float64Array) => number) | undefined
): PlaneLoss {
  const { network, batch, loss } = given
  const { layers } = network
  const f = lossFunction(loss)
  const samples = batch.inputs.rows
  const weight = f.weight(samples, batch.targets.columns)
  const widest = Math.max(...network.widths.slice(1))
  const chunk = Math.min(samples, Math.max(1, Math.floor(stackLength / widest)))
  const points = Math.max(1, Math.floor(stackLength / widest / chunk))

  const product = async (left: Matrix, weights: Matrix, layer: Layer, signal: AbortSignal) => {
    const result = matrix(left.rows, weights.columns)
    const pending = multiply(linalg, left, block(weights, 0, 0, layer.inputs, weights.columns), result, { signal })
    if (pending) await pending
    return result
  }
  const addRow = async (us: Float64Array, v: number, into: Float64Array, signal: AbortSignal) => {
    const weights = layers.map((layer) => rowWeights(layer, plane, v))
    const pace = createPacer(signal)
    for (let from = 0; from < samples; from += chunk) {
      const count = Math.min(chunk, samples - from)
      const part = batchRows(batch, from, count)
      const first = await product(part.inputs, weights[0], layers[0], signal)
      for (let at = 0; at < us.length; at += points) {
        const pause = pace()
        if (pause) await pause
        const here = us.subarray(at, at + points)
        let hidden = combine(layers[0], weights[0], first, here, count)
        for (let l = 1; l < layers.length; l++)
          hidden = combine(layers[l], weights[l], await product(hidden, weights[l], layers[l], signal), here, count)
        for (let p = 0; p < here.length; p++)
          into[at + p] += lossOf(f, block(hidden, p * count, 0, count, hidden.columns), part.targets, weight)
      }
    }
  }
  return async (us, vs, { signal, onProgress }) => {
    const found = new Float64Array(us.length * vs.length)
    for (let row = 0; row < vs.length; row++) {
      const into = found.subarray(row * us.length, (row + 1) * us.length)
      await addRow(us, vs[row], into, signal)
      if (penalty) for (let k = 0; k < us.length; k++) into[k] += penalty(pointOf(plane, us[k], vs[row]))
      onProgress?.((row + 1) / vs.length)
    }
    return found
  }
}

export function planeLoss(
  { objective, network, linalg }: Pick<AnalysisPoint, 'objective' | 'network' | 'linalg'>,
  plane: Plane
): PlaneLoss {
  return network === null ? pointwise(objective, plane) : batched(linalg, network, plane, objective.penalty)
}
