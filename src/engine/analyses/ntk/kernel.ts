// The neural tangent kernel of a network's outputs, from one backward pass of all outputs of all samples, without J itself.
import { block, matrix, type CallOptions, type Linalg, type Matrix } from '../../linalg'
import { linearize, weightsOf, type Batch, type Linearization } from '../../nn/forward'
import { lossFunction, softmax } from '../../nn/losses'
import type { Network } from '../../nn/network'
import type { LossKind } from '../../../shared/spec/schema'

/** Rows of the kernel worked on at a time. */
const stripRows = 256

/** R of every sample, with RᵀR = ∂²loss/∂h²: √weight for squared errors, √(weight · Σy) · (diag √p − √p pᵀ)ᵀ for cross-entropy. Row c′ · C + c. */
function outputRoots(state: Linearization): (sample: number, to: Float64Array) => void {
  const { lossFunction: f, weight, targets, hidden, network } = state
  const outputs = hidden[network.layers.length]
  const C = outputs.columns
  if (f.elementwise) {
    const root = Math.sqrt(weight)
    return (_, to) => {
      to.fill(0)
      for (let c = 0; c < C; c++) to[c * C + c] = root
    }
  }
  const p = new Float64Array(C)
  return (n, to) => {
    softmax(outputs.data.subarray(n * C, (n + 1) * C), 0, C, p)
    let total = 0
    for (let c = 0; c < C; c++) total += targets.data[targets.offset + n * targets.stride + c]
    if (total < 0)
      throw new Error(`ntk: the targets of sample ${n} add up to ${total}; cross-entropy is convex in the outputs from 0 on only`)
    const root = Math.sqrt(weight * total)
    for (let row = 0; row < C; row++)
      for (let c = 0; c < C; c++) {
        // √p_r (δ − p_c), with 1 − p summed from the others: no cancellation when one output dominates.
        let factor = -p[c]
        if (row === c) {
          factor = 0
          for (let k = 0; k < C; k++) if (k !== c) factor += p[k]
        }
        to[row * C + c] = root * Math.sqrt(p[row]) * factor
      }
  }
}

/** T_l = R ∂h_L/∂net_l of all layers, from the first: rows (sample, output) × units of layer l. */
async function backward(linalg: Linalg, state: Linearization, options: CallOptions): Promise<Matrix[]> {
  const { network, samples, slopes, parameters } = state
  const last = network.layers.length - 1
  const C = network.layers[last].outputs
  const rows = samples * C
  const rootOf = outputRoots(state)
  const top = matrix(rows, C)
  for (let n = 0; n < samples; n++) {
    const part = top.data.subarray(n * C * C, (n + 1) * C * C)
    rootOf(n, part)
    for (let k = 0; k < part.length; k++) part[k] *= slopes[last].data[n * C + (k % C)]
  }
  const stacks = [top]
  for (let l = last; l > 0; l--) {
    const layer = network.layers[l]
    const below = matrix(rows, layer.inputs)
    await linalg.gemm(stacks[0], weightsOf(layer, parameters), below, { transposeB: 'transpose', signal: options.signal })
    const slope = slopes[l - 1].data
    for (let row = 0; row < rows; row++) {
      const [at, n] = [row * layer.inputs, Math.floor(row / C) * layer.inputs]
      for (let k = 0; k < layer.inputs; k++) below.data[at + k] *= slope[n + k]
    }
    stacks.unshift(below)
  }
  return stacks
}

/**
 * R J Jᵀ Rᵀ (N·C square, sample by sample, exactly symmetric), with J = ∂h_L/∂w and RᵀR the loss's second derivative by the outputs, so that its non-zero
 * eigenvalues are those of the Gauss–Newton matrix JᵀRᵀRJ; with half-sse R = 1. Layer by layer the Hadamard product of the inputs' Gram matrix (with the
 * constant 1 of the biases) and that of the backward pass (Jacot, Gabriel & Hongler 2018): 2 (N·C)² · units flops a layer. From `linalg.allocate`.
 */
export async function tangentKernel(
  linalg: Linalg,
  network: Network,
  loss: LossKind,
  batch: Batch,
  parameters: Float64Array,
  options: CallOptions = {}
): Promise<Matrix> {
  const { signal, onProgress } = options
  const samples = batch.inputs.rows
  const f = lossFunction(loss)
  const state = await linearize(linalg, network, f, batch, f.weight(samples, batch.targets.columns), parameters, { signal })
  const stacks = await backward(linalg, state, { signal })
  const C = network.layers[network.layers.length - 1].outputs
  const rows = samples * C
  const kernel = matrix(rows, rows, linalg.allocate(rows * rows))
  const strip = linalg.allocate(Math.min(stripRows, rows) * rows)
  try {
    for (const [l, stack] of stacks.entries()) {
      const gram = matrix(samples, samples)
      await linalg.syrk(state.hidden[l], gram, { signal })
      if (network.layers[l].bias) for (let k = 0; k < gram.data.length; k++) gram.data[k] += 1
      for (let from = 0; from < rows; from += stripRows) {
        const count = Math.min(stripRows, rows - from)
        // The upper triangle is enough: columns from `from` on.
        const width = rows - from
        const product = matrix(count, width, strip.subarray(0, count * width))
        await linalg.gemm(block(stack, from, 0, count, stack.columns), block(stack, from, 0, width, stack.columns), product, {
          transposeB: 'transpose',
          signal
        })
        for (let i = 0; i < count; i++) {
          const gramRow = Math.floor((from + i) / C) * samples
          const to = (from + i) * rows + from
          for (let j = i; j < width; j++)
            kernel.data[to + j] += gram.data[gramRow + Math.floor((from + j) / C)] * product.data[i * width + j]
        }
        onProgress?.((l + (from + count) / rows) / stacks.length)
      }
    }
    await linalg.mirrorUpperInPlace(kernel, { signal })
    return kernel
  } catch (error) {
    linalg.release(kernel.data)
    throw error
  } finally {
    linalg.release(strip)
  }
}
