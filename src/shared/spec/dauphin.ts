// The setting of Dauphin et al. (2014), as far as it is known: one hidden layer on 10 × 10 pixels, and the three optimizers they compare.
import type { NetworkInput } from './preset-parts'

export type DauphinData = 'mnist10' | 'cifar10-grey' | 'cifar10-colour'

export interface DauphinNet {
  readonly data: DauphinData
  readonly hidden: number
  readonly activation: 'tanh' | 'sigmoid'
  /** Training samples: the first so many. */
  readonly samples: number
  readonly seed: number
}

const bytes = { kind: 'affine', divide: 256, subtract: 0 } as const
const inputs: Readonly<Record<DauphinData, Pick<NetworkInput['data'], 'dataset' | 'transforms'> & { readonly width: number }>> = {
  mnist10: { dataset: 'mnist10', transforms: [bytes], width: 100 },
  'cifar10-grey': {
    dataset: 'cifar-10',
    transforms: [{ kind: 'resize', height: 10, width: 10, colour: 'grey', filter: 'area' }, bytes],
    width: 100
  },
  'cifar10-colour': {
    dataset: 'cifar-10',
    transforms: [{ kind: 'resize', height: 10, width: 10, colour: 'keep', filter: 'area' }, bytes],
    width: 300
  }
}

/** Loss and gradient over all of the training data at every step, and a checkpoint after each of `everySteps`, none of them dropped. */
function base({ data, hidden, activation, samples, seed }: DauphinNet, everySteps: number) {
  const { width, ...rest } = inputs[data]
  return {
    schemaVersion: 1,
    seed,
    data: { ...rest, trainLimit: samples, testLimit: 2000 },
    model: { layers: [width, hidden, 10], activation: { kind: activation }, bias: true, init: { kind: 'fan-in-normal', gain: 1 } },
    loss: 'softmax-cross-entropy',
    checkpoints: { everySteps, keep: 10_000 }
  } as const satisfies Partial<NetworkInput>
}

const named = (net: DauphinNet, method: string) => ({
  name: `${method}, ${net.data}, ${net.hidden} ${net.activation} units`,
  tags: ['dauphin', net.data, `hidden-${net.hidden}`]
})

/** Each step takes the best of the dampings 10⁰ … 10⁻⁶, as the paper does. */
export function dauphinNewton(net: DauphinNet, kind: 'sfn' | 'damped-newton', steps: number): NetworkInput {
  return {
    ...base(net, 1),
    ...named(net, kind === 'sfn' ? 'Saddle-free Newton' : 'Damped Newton'),
    batch: { size: null, shuffle: false },
    optimizer:
      kind === 'sfn'
        ? { kind, learningRate: 1, damping: { kind: 'shifted-abs', adapt: 'best-of' } }
        : { kind, learningRate: 1, damping: { kind: 'shifted', adapt: 'best-of' } },
    budget: { steps }
  }
}

export interface SgdDraw {
  readonly learningRate: number
  readonly momentum: number
  readonly batch: number
}

/** `epochs` passes over the data in small batches, with about `checkpoints` checkpoints. */
export function dauphinSgd(net: DauphinNet, { learningRate, momentum, batch }: SgdDraw, epochs: number, checkpoints: number): NetworkInput {
  const steps = Math.ceil(net.samples / batch) * epochs
  return {
    ...base(net, Math.max(1, Math.round(steps / checkpoints))),
    ...named(net, 'Minibatch SGD'),
    batch: { size: batch, shuffle: true },
    optimizer: { kind: 'momentum', learningRate, momentum },
    budget: { steps }
  }
}
