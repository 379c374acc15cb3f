// Losses of a network's outputs: value, gradient and second derivative with respect to the outputs (one sample a row).
import type { LossKind } from '../../shared/spec/schema'

/**
 * Every loss is a sum over samples of `weight · ℓ(output, target)`, so that a batch can be worked through in chunks:
 * `half-sse`: ½ Σ over batch and outputs; `mse`: mean over batch and outputs of the squared error; `softmax-cross-entropy`: mean over the batch of −Σ y log p.
 */
export interface LossFunction {
  readonly kind: LossKind
  /** True when ∂²ℓ/∂h² is diagonal: the outputs do not mix. */
  readonly elementwise: boolean
  /** ½ of the squared error of one sample, or its cross-entropy, without the weight; rows start at `offset` of h and of y. */
  sample(h: Float64Array, offset: number, y: Float64Array, yOffset: number, outputs: number): number
  /** Writes weight · ∂ℓ/∂h of one sample to `gradient` from `offset` on. */
  gradient(h: Float64Array, offset: number, y: Float64Array, yOffset: number, outputs: number, weight: number, gradient: Float64Array): void
  /** The weight of each sample's `sample` figure in a loss over `samples` samples. */
  weight(samples: number, outputs: number): number
  /** The weight in evaluations: as `weight`, except that half-sse is then the mean over samples. */
  evaluationWeight(samples: number, outputs: number): number
}

function halfSquares(h: Float64Array, offset: number, y: Float64Array, yOffset: number, outputs: number): number {
  let sum = 0
  for (let k = 0; k < outputs; k++) {
    const difference = h[offset + k] - y[yOffset + k]
    sum += difference * difference
  }
  return sum / 2
}

function difference(
  h: Float64Array,
  offset: number,
  y: Float64Array,
  yOffset: number,
  outputs: number,
  weight: number,
  gradient: Float64Array
): void {
  for (let k = 0; k < outputs; k++) gradient[offset + k] = weight * (h[offset + k] - y[yOffset + k])
}

const halfSse: LossFunction = {
  kind: 'half-sse',
  elementwise: true,
  sample: halfSquares,
  gradient: difference,
  weight: () => 1,
  evaluationWeight: (samples) => 1 / samples
}

const mse: LossFunction = {
  kind: 'mse',
  elementwise: true,
  sample: halfSquares,
  gradient: difference,
  weight: (samples, outputs) => 2 / (samples * outputs),
  evaluationWeight: (samples, outputs) => 2 / (samples * outputs)
}

/** Writes softmax(h) of one sample to `p` from `offset` on, and returns log Σ exp h, both without overflow. */
export function softmax(h: Float64Array, offset: number, outputs: number, p: Float64Array): number {
  let largest = -Infinity
  for (let k = 0; k < outputs; k++) largest = Math.max(largest, h[offset + k])
  let sum = 0
  for (let k = 0; k < outputs; k++) {
    const e = Math.exp(h[offset + k] - largest)
    p[offset + k] = e
    sum += e
  }
  for (let k = 0; k < outputs; k++) p[offset + k] /= sum
  return largest + Math.log(sum)
}

const softmaxCrossEntropy: LossFunction = {
  kind: 'softmax-cross-entropy',
  elementwise: false,
  sample(h, offset, y, yOffset, outputs) {
    let largest = -Infinity
    for (let k = 0; k < outputs; k++) largest = Math.max(largest, h[offset + k])
    let sum = 0
    for (let k = 0; k < outputs; k++) sum += Math.exp(h[offset + k] - largest)
    const logSum = largest + Math.log(sum)
    let loss = 0
    // A target of 0 contributes 0, also where the output is −∞.
    for (let k = 0; k < outputs; k++) if (y[yOffset + k] !== 0) loss += y[yOffset + k] * (logSum - h[offset + k])
    return loss
  },
  gradient(h, offset, y, yOffset, outputs, weight, gradient) {
    softmax(h, offset, outputs, gradient)
    let total = 0
    for (let k = 0; k < outputs; k++) total += y[yOffset + k]
    for (let k = 0; k < outputs; k++) gradient[offset + k] = weight * (total * gradient[offset + k] - y[yOffset + k])
  },
  weight: (samples) => 1 / samples,
  evaluationWeight: (samples) => 1 / samples
}

export function lossFunction(kind: LossKind): LossFunction {
  return kind === 'half-sse' ? halfSse : kind === 'mse' ? mse : softmaxCrossEntropy
}
