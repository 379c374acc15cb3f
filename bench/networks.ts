// Networks and batches for the benches, the same on our side and in the Python baselines, handed over as a file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { matrix, type Linalg } from '../src/engine/linalg'
import type { Batch } from '../src/engine/nn/forward'
import { createNetwork, type Network } from '../src/engine/nn/network'
import { drawParameters } from '../src/engine/nn/parameters'
import { networkObjective } from '../src/engine/objectives/network'
import type { Objective } from '../src/engine/objective'
import { fillNormal, randomStream } from '../src/engine/random'
import type { Activation, LossKind } from '../src/shared/spec/schema'

export interface BenchNetwork {
  readonly network: Network
  readonly batch: Batch
  readonly objective: Objective
  readonly parameters: Float64Array
  readonly slope: number | null
}

/** The demonstration's kind of net: one activation everywhere, no biases, half-sse unless told otherwise, one-hot targets, normal inputs of the spread of its pixels. */
export function benchNetwork(
  linalg: Linalg,
  layers: number[],
  samples: number,
  activation: Activation = { kind: 'leaky-relu', slope: 0.5 },
  loss: LossKind = 'half-sse'
): BenchNetwork {
  const network = createNetwork({ layers, activation, outputActivation: null, bias: false }, loss)
  const random = randomStream(0, 'bench')
  const parameters = drawParameters(network, { kind: 'fan-sum-normal' }, random)
  const outputs = layers[layers.length - 1]
  const inputs = matrix(samples, layers[0], fillNormal(random, new Float64Array(samples * layers[0]), 0.29))
  const targets = matrix(samples, outputs)
  for (let n = 0; n < samples; n++) targets.data[n * outputs + random.below(outputs)] = 1
  const batch = { inputs, targets }
  const slope = activation.kind === 'leaky-relu' ? activation.slope : null
  return { network, batch, objective: networkObjective({ linalg }, network, loss, batch), parameters, slope }
}

/** Writes the net for Python to a temporary folder; `remove` deletes it. */
export function handOver(net: BenchNetwork): { readonly path: string; readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'saddlescope-bench-'))
  const path = join(folder, 'net.json')
  const { network, batch, parameters, slope } = net
  const content = {
    layers: network.widths,
    samples: batch.inputs.rows,
    slope,
    parameters: [...parameters],
    inputs: [...batch.inputs.data],
    targets: [...batch.targets.data]
  }
  writeFileSync(path, JSON.stringify(content))
  return { path, folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** max |a − b| / max |b|. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0
  let largest = 0
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]))
    largest = Math.max(largest, Math.abs(b[i]))
  }
  return difference / largest
}
