// Losses of outputs that are power series: coefficients of the loss and of its gradient with respect to the outputs.
import type { Matrix } from '../linalg'
import { softmax, type LossFunction } from '../nn/losses'

/** Outputs of some samples: plane k of sample n and unit o is data[(k · samples + n) · units + o]. */
export interface OutputPlanes {
  readonly data: Float64Array
  readonly samples: number
  readonly units: number
  readonly order: number
}

/** Adds weight · coefficient k of Σ ℓ to loss[k] and writes plane k of weight · ∂ℓ/∂h to plane K − k of `top` (null: loss only), for k ≥ 1. */
export function lossPlanes(
  { kind }: LossFunction,
  outputs: OutputPlanes,
  targets: Matrix,
  weight: number,
  loss: Float64Array,
  top: Float64Array | null
): void {
  if (kind === 'softmax-cross-entropy') crossEntropy(outputs, targets, weight, loss, top)
  else halfSquares(outputs, targets, weight, loss, top)
}

/** e = h − y: the loss has the coefficients ½ Σ_j e_j e_{k−j}, its gradient those of e. */
function halfSquares(
  { data, samples, units, order }: OutputPlanes,
  targets: Matrix,
  weight: number,
  loss: Float64Array,
  top: Float64Array | null
): void {
  const length = samples * units
  for (let k = 1; k <= order; k++) {
    // j and k − j give the same product: twice the first half, and the square between.
    let sum = 0
    for (let n = 0; n < samples; n++)
      for (let o = 0; o < units; o++)
        sum += (data[n * units + o] - targets.data[targets.offset + n * targets.stride + o]) * data[k * length + n * units + o]
    for (let j = 1; j < k - j; j++) for (let i = 0; i < length; i++) sum += data[j * length + i] * data[(k - j) * length + i]
    let square = 0
    if (k % 2 === 0) for (let i = 0; i < length; i++) square += data[(k / 2) * length + i] ** 2
    loss[k] += weight * (sum + square / 2)
    if (top) for (let i = 0; i < length; i++) top[(order - k) * length + i] = weight * data[k * length + i]
  }
}

/**
 * L = log Σ exp h and p = softmax(h) by L' = Σ p h' and p' = p (h' − L'), after the largest output of plane 0 is taken off all outputs: then L_k is a sum
 * over the others, and neither the loss nor p of a sample that is all but certain is a difference of large numbers.
 */
function crossEntropy(
  { data, samples, units, order }: OutputPlanes,
  targets: Matrix,
  weight: number,
  loss: Float64Array,
  top: Float64Array | null
): void {
  const length = samples * units
  const h = new Float64Array((order + 1) * units)
  const p = new Float64Array((order + 1) * units)
  const l = new Float64Array(order + 1)
  for (let n = 0; n < samples; n++) {
    const y = targets.offset + n * targets.stride
    let largest = 0
    for (let o = 1; o < units; o++) if (data[n * units + o] > data[n * units + largest]) largest = o
    for (let k = 0; k <= order; k++) {
      const from = k * length + n * units
      for (let o = 0; o < units; o++) h[k * units + o] = data[from + o] - data[from + largest]
    }
    softmax(h, 0, units, p)
    let total = 0
    for (let o = 0; o < units; o++) total += targets.data[y + o]
    for (let k = 1; k <= order; k++) {
      let sum = 0
      for (let j = 1; j <= k; j++) for (let o = 0; o < units; o++) sum += j * h[j * units + o] * p[(k - j) * units + o]
      l[k] = sum / k
      for (let o = 0; o < units; o++) {
        let rate = 0
        for (let j = 1; j <= k; j++) rate += j * (h[j * units + o] - l[j]) * p[(k - j) * units + o]
        p[k * units + o] = rate / k
      }
      let value = 0
      for (let o = 0; o < units; o++) if (targets.data[y + o] !== 0) value += targets.data[y + o] * (l[k] - h[k * units + o])
      loss[k] += weight * value
      if (top) for (let o = 0; o < units; o++) top[(order - k) * length + n * units + o] = weight * total * p[k * units + o]
    }
  }
}
