// What there is to know of samples one by one: their losses, gradients and predictions, without weights and without weight decay.
import { biasOffset } from '../../../shared/model/layout'
import type { LossKind } from '../../../shared/spec/schema'
import { matrix, type Linalg, type Matrix } from '../../linalg'
import { batchRows, forward, linearize, type Batch, type Linearization } from '../../nn/forward'
import { lossFunction } from '../../nn/losses'
import type { Network } from '../../nn/network'
import { largestOf } from '../../objectives/evaluate'

/** A net on samples whose loss ℓ_n each has by itself. */
export interface Samples {
  readonly linalg: Linalg
  readonly network: Network
  readonly loss: LossKind
  readonly batch: Batch
}

/** ℓ of a sample is so many times what LossFunction gives: 1, for mse 2 over the outputs. */
export const ownWeight = ({ loss, batch }: Pick<Samples, 'loss' | 'batch'>): number => lossFunction(loss).weight(1, batch.targets.columns)

/** c of ℓ in the loss of so many samples: 1 for half-sse, else 1/N. */
export const weightIn = (of: Pick<Samples, 'loss' | 'batch'>, samples: number): number =>
  lossFunction(of.loss).weight(samples, of.batch.targets.columns) / ownWeight(of)

/** Samples whose gradients are written at a time. */
const together = 256

/** ∂ℓ_n/∂W_l = h_{l−1,n} δ_{l,n}ᵀ, written to row `at` + n of `to` for all samples of the state. */
function outerProducts({ network, hidden, deltas, samples }: Linearization, to: Matrix, at: number): void {
  for (const [l, layer] of network.layers.entries()) {
    const { inputs, outputs, offset } = layer
    for (let n = 0; n < samples; n++) {
      const row = (at + n) * to.columns
      const input = hidden[l].offset + n * hidden[l].stride
      for (let i = 0; i < inputs; i++) {
        const h = hidden[l].data[input + i]
        for (let j = 0; j < outputs; j++) to.data[row + offset + i * outputs + j] = h * deltas[l].data[n * outputs + j]
      }
      if (layer.bias) to.data.set(deltas[l].data.subarray(n * outputs, (n + 1) * outputs), row + biasOffset(layer))
    }
  }
}

/** Gradients of all samples, samples × P, and their losses. */
export async function sampleGradients(
  of: Samples,
  parameters: Float64Array,
  signal: AbortSignal
): Promise<{ readonly gradients: Matrix; readonly losses: Float64Array; readonly predicted: Float64Array }> {
  const { linalg, network, loss, batch } = of
  const f = lossFunction(loss)
  const weight = ownWeight(of)
  const total = batch.inputs.rows
  const gradients = matrix(total, network.parameterCount)
  const [losses, predicted] = [new Float64Array(total), new Float64Array(total)]
  for (let from = 0; from < total; from += together) {
    signal.throwIfAborted()
    const part = batchRows(batch, from, Math.min(together, total - from))
    const state = await linearize(linalg, network, f, part, weight, parameters, { signal })
    outerProducts(state, gradients, from)
    const outputs = state.hidden[network.layers.length]
    for (let n = 0; n < part.inputs.rows; n++) {
      const { data, offset, stride, columns } = part.targets
      losses[from + n] = weight * f.sample(outputs.data, outputs.offset + n * outputs.stride, data, offset + n * stride, columns)
      predicted[from + n] = largestOf(outputs, n)
    }
  }
  return { gradients, losses, predicted }
}

/** Losses alone. */
export async function sampleLosses(of: Samples, parameters: Float64Array, signal: AbortSignal): Promise<Float64Array> {
  const { linalg, network, loss, batch } = of
  const f = lossFunction(loss)
  const weight = ownWeight(of)
  const { hidden } = await forward(linalg, network, batch.inputs, parameters, { signal })
  const outputs = hidden[network.layers.length]
  const { data, offset, stride, columns } = batch.targets
  return Float64Array.from(
    { length: outputs.rows },
    (_, n) => weight * f.sample(outputs.data, outputs.offset + n * outputs.stride, data, offset + n * stride, columns)
  )
}
