// Presets of credit and of circular equations: a strict minimum whose every sample can be left out, and a square net stepped as a whole.
import type { NetworkInput, Preset } from './preset-parts'

const pixels = { kind: 'affine', divide: 256, subtract: 0 } as const

const softmax: NetworkInput = {
  schemaVersion: 1,
  name: 'A softmax layer at its minimum',
  seed: 1,
  tags: ['influence', 'damped-newton'],
  data: { dataset: 'mnist10', trainLimit: 500, testLimit: 500, transforms: [pixels] },
  model: { layers: [100, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal' } },
  loss: 'softmax-cross-entropy',
  regularization: { l2: 0.1 },
  batch: { size: null, shuffle: false },
  optimizer: { kind: 'damped-newton', learningRate: 1, damping: { value: 1e-10 } },
  budget: { steps: 8 },
  evaluate: { everySteps: 1 },
  snapshots: { everySteps: null },
  checkpoints: { everySteps: 8, keep: 1 }
}

const square: NetworkInput = {
  schemaVersion: 1,
  name: 'FD-Newton, all layers jointly',
  seed: 1,
  tags: ['fd-newton', 'joint'],
  data: { dataset: 'mnist10', trainLimit: 10, testLimit: 500, transforms: [pixels, { kind: 'random-projection', dim: 10 }] },
  model: { layers: [10, 10, 10], activation: { kind: 'softplus' }, bias: false, init: { kind: 'fan-in-normal' } },
  loss: 'half-sse',
  batch: { size: null, shuffle: false },
  optimizer: { kind: 'fd-newton', mode: 'joint', learningRate: 0.03 },
  budget: { steps: 40 },
  evaluate: { everySteps: null },
  snapshots: { everySteps: null },
  checkpoints: { everySteps: 10, keep: 5 }
}

export const influencePresets: Readonly<Record<string, Omit<Preset, 'name'>>> = {
  'influence-softmax': {
    title: 'A softmax layer at its minimum',
    description:
      'A softmax layer (1010 parameters) with weight decay 0.1 on 500 small digits, by Newton to the one minimum it has: there the analysis “Influence” says which training image helps or harms which test image, and leaves some out for real to compare.',
    cost: 'about five seconds for 8 steps',
    group: null,
    specs: [softmax]
  },
  'fd-newton-joint': {
    title: 'The circular equations of a square net',
    description:
      'A 10 → 10 → 10 softplus net on ten small digits projected to ten numbers, by fast finite-difference Newton on all layers jointly: each step solves the circular equations, and the gradient falls by 3 % a step, towards a critical point that need not be a minimum. The analysis “Relaxation of the circular equations” shows why relaxation alone does not get there.',
    cost: 'about five seconds for 40 steps',
    group: null,
    example: true,
    specs: [square]
  }
}
