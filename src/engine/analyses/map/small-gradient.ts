// Loss and gradient of a small net on a fixed batch in one tight synchronous pass: a picture of a million pixels is a hundred million of them.
import { biasOffset } from '../../../shared/model/layout'
import type { LossKind } from '../../../shared/spec/schema'
import type { Kernels, KernelMemory } from '../../linalg'
import type { ActivationFunction } from '../../nn/activations'
import type { Batch } from '../../nn/forward'
import { lossFunction, type LossFunction } from '../../nn/losses'
import type { Layer, Network } from '../../nn/network'

export interface SmallGradient {
  /** Numbers to be filled before each call, and what it writes: they stay the same. */
  readonly parameters: Float64Array
  readonly gradient: Float64Array
  /** Writes the gradient and returns the loss. */
  compute(): number
}

interface Rows {
  readonly address: number
  readonly data: Float64Array
}

function activateInPlace(kernels: Kernels, activation: ActivationFunction, net: Rows, slopes: Rows): void {
  if (activation.kind === 'tanh') return kernels.tanhSlopes(net.data.length, net.address, slopes.address)
  if (activation.kind === 'identity') return void slopes.data.fill(1)
  const { data } = net
  for (let i = 0; i < data.length; i++) {
    slopes.data[i] = activation.derivative(data[i])
    data[i] = activation.value(data[i])
  }
  return undefined
}

interface Outputs {
  readonly width: number
  readonly samples: number
  /** Length of a row, even: at most one more than there are samples. */
  readonly count: number
}

/** Loss of the outputs, with ∂loss/∂outputs in their place and 0 where a row has no sample. Targets lie as the outputs do. */
function lossAndSlope(f: LossFunction, h: Float64Array, targets: Float64Array, { width, samples, count }: Outputs): number {
  const weight = f.weight(samples, width)
  let sum = 0
  if (f.elementwise)
    for (let k = 0; k < width; k++)
      for (let i = k * count; i < k * count + samples; i++) {
        const difference = h[i] - targets[i]
        sum += 0.5 * difference * difference
        h[i] = weight * difference
      }
  else {
    const [row, wanted, slope] = [new Float64Array(width), new Float64Array(width), new Float64Array(width)]
    for (let n = 0; n < samples; n++) {
      for (let k = 0; k < width; k++) {
        row[k] = h[k * count + n]
        wanted[k] = targets[k * count + n]
      }
      sum += f.sample(row, 0, wanted, 0, width)
      f.gradient(row, 0, wanted, 0, width, weight, slope)
      for (let k = 0; k < width; k++) h[k * count + n] = slope[k]
    }
  }
  if (count > samples) for (let k = 0; k < width; k++) h[k * count + samples] = 0
  return weight * sum
}

function transpose({ data, offset, stride, rows, columns }: Batch['inputs'], to: Float64Array, count: number): void {
  for (let n = 0; n < rows; n++) for (let i = 0; i < columns; i++) to[i * count + n] = data[offset + n * stride + i]
}

/**
 * The loss of `network` on all of `batch` with ½·l2·‖w‖², as `networkObjective` has it up to the order of its sums (1e-13 of the gradient's norm). Samples lie
 * along the innermost loops, so that each is long. The memory stays taken as long as `memory` lives.
 */
export function smallGradient(
  { kernels, allocate }: KernelMemory,
  network: Network,
  loss: LossKind,
  batch: Batch,
  l2: number
): SmallGradient {
  const { layers, widths } = network
  const samples = batch.inputs.rows
  const count = samples + (samples % 2)
  const take = (length: number): Rows => allocate(length)
  const f = lossFunction(loss)
  const targets = take(widths[layers.length] * count)
  const hidden = widths.map((width) => take(width * count))
  const slopes = layers.map(({ outputs }) => take(outputs * count))
  const upstream = layers.map(({ inputs }) => take(inputs * count))
  const weights = take(network.parameterCount)
  const gradient = take(network.parameterCount)
  transpose(batch.inputs, hidden[0].data, count)
  transpose(batch.targets, targets.data, count)
  const at = (rows: Rows, index: number) => rows.address + 8 * index

  function forward(layer: Layer, l: number): void {
    const { inputs, outputs, offset, bias, activation } = layer
    const net = hidden[l + 1]
    const biasAt = bias ? at(weights, biasOffset(layer)) : 0
    kernels.multiplySamples(inputs, outputs, count, at(weights, offset), outputs, 1, biasAt, hidden[l].address, net.address)
    activateInPlace(kernels, activation, net, slopes[l])
  }
  /** From ∂loss/∂h of the layer to the gradient by its weights, and to ∂loss/∂h of the layer below. */
  function backward(layer: Layer, l: number, above: Rows): void {
    const { inputs, outputs, offset, bias, activation } = layer
    if (activation.kind !== 'identity') kernels.multiplyEntries(outputs * count, above.address, slopes[l].address)
    kernels.sumOuter(inputs, outputs, count, hidden[l].address, above.address, at(gradient, offset))
    if (bias)
      for (let j = 0; j < outputs; j++) {
        let sum = 0
        for (let n = j * count; n < j * count + samples; n++) sum += above.data[n]
        gradient.data[biasOffset(layer) + j] = sum
      }
    if (l > 0) kernels.multiplySamples(outputs, inputs, count, at(weights, offset), 1, outputs, 0, above.address, upstream[l].address)
  }

  const shape = { width: widths[layers.length], samples, count }
  return {
    parameters: weights.data,
    gradient: gradient.data,
    compute() {
      for (let l = 0; l < layers.length; l++) forward(layers[l], l)
      const top = hidden[layers.length]
      let value = lossAndSlope(f, top.data, targets.data, shape)
      let above = top
      for (let l = layers.length - 1; l >= 0; l--) {
        backward(layers[l], l, above)
        above = upstream[l]
      }
      if (l2 > 0)
        for (let i = 0; i < gradient.data.length; i++) {
          const weight = weights.data[i]
          gradient.data[i] += l2 * weight
          value += 0.5 * l2 * weight * weight
        }
      return value
    }
  }
}
