// Loss and accuracy over a whole set, in chunks.
import type { LossKind } from '../../shared/spec/schema'
import { block, type CallOptions, type Matrix } from '../linalg'
import type { EngineContext } from '../objective'
import { forward } from '../nn/forward'
import { lossFunction } from '../nn/losses'
import type { Network } from '../nn/network'
import { defaultChunk } from './network'
import { createPacer } from '../linalg/pacer'

export interface EvaluationSet {
  /** N × in. */
  readonly inputs: Matrix
  /** N × out. */
  readonly targets: Matrix
  /** Class of each sample, null where there are none. */
  readonly labels: Int32Array | null
}

async function eachOutput(
  context: EngineContext,
  network: Network,
  parameters: Float64Array,
  inputs: Matrix,
  options: CallOptions,
  work: (outputs: Matrix, from: number) => void
): Promise<void> {
  const chunk = defaultChunk(network)
  const pace = createPacer(options.signal)
  for (let from = 0; from < inputs.rows; from += chunk) {
    const pause = pace()
    if (pause) await pause
    const part = block(inputs, from, 0, Math.min(chunk, inputs.rows - from), inputs.columns)
    const { hidden } = await forward(context.linalg, network, part, parameters, { signal: options.signal })
    work(hidden[network.layers.length], from)
    options.onProgress?.((from + part.rows) / inputs.rows)
  }
}

/** Place of the largest of a row; the first one of equals. */
export function largestOf(m: Matrix, row: number): number {
  const from = m.offset + row * m.stride
  let best = 0
  for (let k = 1; k < m.columns; k++) if (m.data[from + k] > m.data[from + best]) best = k
  return best
}

/** Loss per sample (half-sse: mean over samples of ½ Σ over outputs; others as in training) and the fraction of samples whose largest output is their label. */
export async function evaluate(
  context: EngineContext,
  network: Network,
  loss: LossKind,
  parameters: Float64Array,
  set: EvaluationSet,
  options: CallOptions = {}
): Promise<{ readonly loss: number; readonly accuracy: number | null }> {
  const { inputs, targets, labels } = set
  const f = lossFunction(loss)
  const weight = f.evaluationWeight(inputs.rows, targets.columns)
  let sum = 0
  let right = 0
  await eachOutput(context, network, parameters, inputs, options, (outputs, from) => {
    for (let n = 0; n < outputs.rows; n++) {
      sum += f.sample(
        outputs.data,
        outputs.offset + n * outputs.stride,
        targets.data,
        targets.offset + (from + n) * targets.stride,
        outputs.columns
      )
      if (labels && largestOf(outputs, n) === labels[from + n]) right++
    }
  })
  return { loss: weight * sum, accuracy: labels ? right / inputs.rows : null }
}
