// Kronecker factors of the layers' Gauss–Newton blocks (Martens and Grosse 2015), with the exact second derivative of the loss in place of sampled targets.
import { matrix, multiply, type CallOptions, type Linalg, type Matrix } from '../linalg'
import { weightsOf, type Linearization } from '../nn/forward'
import { softmax } from '../nn/losses'
import type { Network } from '../nn/network'
import type { KroneckerFactors } from '../objective'

/** Zeros for every layer, to be added to chunk by chunk. */
export const emptyFactors = ({ layers }: Network): KroneckerFactors[] =>
  layers.map(({ rows, columns }) => ({ inputs: matrix(rows, rows), outputs: matrix(columns, columns) }))

/**
 * One column of a square root S of every sample's weight · ∂²ℓ/∂h² (= S Sᵀ), N × outputs: √weight times unit vectors where the outputs do not mix; for
 * softmax and cross-entropy √(weight · Σy) (diag(√p) − p √pᵀ), whose square is weight · Σy · (diag(p) − p pᵀ).
 */
function rootColumn({ hidden, targets, weight, lossFunction, samples }: Linearization, k: number): Matrix {
  const outputs = hidden[hidden.length - 1]
  const root = matrix(samples, outputs.columns)
  const p = new Float64Array(outputs.columns)
  for (let n = 0; n < samples; n++) {
    const row = n * outputs.columns
    if (lossFunction.elementwise) {
      root.data[row + k] = Math.sqrt(weight)
      continue
    }
    p.set(outputs.data.subarray(row, row + outputs.columns))
    softmax(p, 0, p.length, p)
    let total = 0
    for (let j = 0; j < outputs.columns; j++) total += targets.data[targets.offset + n * targets.stride + j]
    const scale = Math.sqrt(weight * total * p[k])
    for (let j = 0; j < outputs.columns; j++) root.data[row + j] = scale * ((j === k ? 1 : 0) - p[j])
  }
  return root
}

/** `into` += h̃ᵀ h̃ / `samples`, h̃ the rows of `hidden` with a 1 at their end where the layer has biases. */
async function addInputs(
  linalg: Linalg,
  hidden: Matrix,
  bias: boolean,
  samples: number,
  into: Matrix,
  options: CallOptions
): Promise<void> {
  const width = hidden.columns + (bias ? 1 : 0)
  const extended = matrix(hidden.rows, width)
  const scale = 1 / Math.sqrt(samples)
  for (let n = 0; n < hidden.rows; n++) {
    for (let i = 0; i < hidden.columns; i++) extended.data[n * width + i] = scale * hidden.data[hidden.offset + n * hidden.stride + i]
    if (bias) extended.data[n * width + hidden.columns] = scale
  }
  await multiply(linalg, extended, extended, into, { transposeA: 'transpose', accumulate: true, signal: options.signal })
}

/** Adds a chunk's part, at one point, to the factors of all layers; `samples` are those of the whole batch. As many passes back as there are outputs. */
export async function addKroneckerFactors(
  linalg: Linalg,
  state: Linearization,
  samples: number,
  factors: readonly KroneckerFactors[],
  options: CallOptions = {}
): Promise<void> {
  const { network, hidden, slopes, parameters } = state
  const { signal } = options
  for (const [place, { bias }] of network.layers.entries())
    await addInputs(linalg, hidden[place], bias, samples, factors[place].inputs, options)
  const last = network.layers.length - 1
  for (let k = 0; k < network.layers[last].outputs; k++) {
    let upstream = rootColumn(state, k)
    for (let l = last; l >= 0; l--) {
      const layer = network.layers[l]
      const delta = matrix(upstream.rows, layer.outputs)
      for (let i = 0; i < delta.data.length; i++) delta.data[i] = upstream.data[i] * slopes[l].data[i]
      await multiply(linalg, delta, delta, factors[l].outputs, { transposeA: 'transpose', accumulate: true, signal })
      if (l === 0) break
      upstream = matrix(delta.rows, layer.inputs)
      await multiply(linalg, delta, weightsOf(layer, parameters), upstream, { transposeB: 'transpose', signal })
    }
  }
}
