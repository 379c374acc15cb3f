// Presets of Newton beyond second order: a convex layer, where it pays, and the tanh net of the first start, where it is one of several ways.
import { smallNet, type NetworkInput, type Preset } from './preset-parts'

/** A softmax layer with weight decay: strictly convex, so that every order comes to the one minimum, each in its own number of steps. */
const layer = {
  schemaVersion: 1,
  seed: 1,
  data: { dataset: 'mnist10', trainLimit: 500, testLimit: 1000, transforms: [{ kind: 'affine', divide: 256, subtract: 0 }] },
  model: { layers: [100, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal' } },
  loss: 'softmax-cross-entropy',
  regularization: { l2: 1e-3 },
  batch: { size: null, shuffle: false },
  budget: { steps: 10 },
  evaluate: { everySteps: 1 },
  snapshots: { everySteps: null },
  checkpoints: { everySteps: 10, keep: 1 }
} as const satisfies Omit<NetworkInput, 'name' | 'optimizer'>

const on = (name: string, optimizer: NetworkInput['optimizer']): NetworkInput => ({
  ...layer,
  name,
  tags: ['higher-order', optimizer.kind],
  optimizer
})
const adapted = { value: 0.1, adapt: 'levenberg' } as const

export const higherOrderPresets: Readonly<Record<string, Omit<Preset, 'name'>>> = {
  'higher-order-softmax': {
    title: 'Newton of order 2 to 6 on a convex layer',
    description:
      'A softmax layer (1010 parameters) with weight decay on 500 small digits, full batch, one factorization a step: saddle-free Newton with an adapted damping, the power series of orders 3, 4 and 6 without damping, and AR3. Look at the gradient norm: the higher the order, the steeper its last steps.',
    cost: 'about a minute for the five runs of 10 steps',
    example: true,
    group: 'Order 2 to 6',
    specs: [
      on('Saddle-free Newton, adapted damping', { kind: 'sfn', learningRate: 1, damping: adapted }),
      on('Series Newton, order 3', { kind: 'series-newton', order: 3 }),
      on('Series Newton, order 4', { kind: 'series-newton', order: 4 }),
      on('Series Newton, order 6', { kind: 'series-newton', order: 6 }),
      on('AR3', { kind: 'ar3' })
    ]
  },
  'higher-order-mnist10': {
    title: 'Third derivatives on small digits',
    description:
      'Series Newton of order 4 with an adapted damping, and AR3, on the net and from the start of sfn-mnist10, beside a saddle: both leave it with one factorization a step and a few jets.',
    cost: 'about a minute for the two runs of 40 steps',
    group: 'Third derivatives on small digits',
    specs: [
      smallNet('Series Newton, order 4', { kind: 'series-newton', order: 4, damping: adapted }, 40, 20),
      smallNet('AR3', { kind: 'ar3' }, 40, 20)
    ]
  }
}
