// Small random networks and batches for tests, and derivatives by central differences as the independent check.
import type { Batch } from '../../../../src/engine/nn/forward'
import { createNetwork, type Network } from '../../../../src/engine/nn/network'
import { drawParameters } from '../../../../src/engine/nn/parameters'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { matrix, type Linalg } from '../../../../src/engine/linalg'
import type { Objective } from '../../../../src/engine/objective'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import type { Activation, LossKind } from '../../../../src/shared/spec/schema'

export const activations: Activation[] = [
  { kind: 'leaky-relu', slope: 0.5 },
  { kind: 'relu' },
  { kind: 'tanh' },
  { kind: 'sigmoid' },
  { kind: 'softplus' },
  { kind: 'identity' }
]
export const losses: LossKind[] = ['half-sse', 'mse', 'softmax-cross-entropy']

export interface Case {
  readonly network: Network
  readonly batch: Batch
  readonly objective: Objective
  readonly parameters: Float64Array
  readonly loss: LossKind
}

export interface CaseOptions {
  readonly layers: number[]
  readonly activation: Activation
  readonly outputActivation?: Activation | null
  readonly loss: LossKind
  readonly bias: boolean
  readonly samples: number
  readonly seed?: number
  readonly chunkSamples?: number
}

/** A network with weights of order one (so that no term of the Hessian is small), biases too, and one-hot targets for cross-entropy, normal ones otherwise. */
export function makeCase(linalg: Linalg, options: CaseOptions): Case {
  const { layers, activation, outputActivation = null, loss, bias, samples, seed = 1 } = options
  const network = createNetwork({ layers, activation, outputActivation, bias }, loss)
  const random = randomStream(seed, 'test')
  const parameters = drawParameters(network, { kind: 'fan-in-normal', gain: 1.2 }, random)
  for (const layer of network.layers)
    if (bias)
      fillNormal(random, parameters.subarray(layer.offset + layer.inputs * layer.outputs, layer.offset + layer.rows * layer.outputs), 0.5)
  const outputs = layers[layers.length - 1]
  const inputs = matrix(samples, layers[0], fillNormal(random, new Float64Array(samples * layers[0])))
  const targets = matrix(samples, outputs)
  if (loss === 'softmax-cross-entropy') for (let n = 0; n < samples; n++) targets.data[n * outputs + random.below(outputs)] = 1
  else fillNormal(random, targets.data)
  const batch = { inputs, targets }
  const objective = networkObjective({ linalg }, network, loss, batch, { chunkSamples: options.chunkSamples })
  return { network, batch, objective, parameters, loss }
}

/** Derivative of a vector function along coordinate c, central differences of fourth order. */
export async function centralDifference(
  f: (w: Float64Array) => Promise<Float64Array>,
  w: Float64Array,
  c: number,
  h: number
): Promise<Float64Array> {
  const at = async (shift: number) => {
    const moved = w.slice()
    moved[c] += shift
    return (await f(moved)).slice()
  }
  const [a, b, d, e] = [await at(-2 * h), await at(-h), await at(h), await at(2 * h)]
  return a.map((_, i) => (a[i] - 8 * b[i] + 8 * d[i] - e[i]) / (12 * h))
}

export function largest(values: ArrayLike<number>): number {
  let found = 0
  for (let i = 0; i < values.length; i++) found = Math.max(found, Math.abs(values[i]))
  return found
}

/** max |a − b| / max |b|; NaN counts as infinite. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity
  let error = 0
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i])
    if (Number.isNaN(difference)) return Infinity
    error = Math.max(error, difference)
  }
  return error / Math.max(largest(b), 1e-300)
}

/** Gradient as a fresh array. */
export async function gradientOf(objective: Objective, parameters: Float64Array): Promise<Float64Array> {
  const gradient = new Float64Array(objective.parameterCount).fill(Number.NaN)
  await objective.gradient(parameters, gradient)
  return gradient
}
