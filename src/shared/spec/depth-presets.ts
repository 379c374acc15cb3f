// The preset of a net so deep that layers are the sites of a chain.
import type { NetworkInput, Preset } from './preset-parts'

const layers = 40
const width = 10

const chain: NetworkInput = {
  schemaVersion: 1,
  name: 'A chain of forty layers at criticality',
  seed: 1,
  tags: ['mnist10', 'depth'],
  data: { dataset: 'mnist10', trainLimit: 500, testLimit: 1000, transforms: [{ kind: 'affine', divide: 256, subtract: 0 }] },
  model: {
    layers: [100, ...Array.from({ length: layers - 1 }, () => width), 10],
    activation: { kind: 'tanh' },
    bias: true,
    init: { kind: 'mean-field-normal', sigmaW: 1, sigmaB: 0 }
  },
  loss: 'softmax-cross-entropy',
  batch: { size: 50, shuffle: true },
  optimizer: { kind: 'adam', learningRate: 0.002 },
  budget: { steps: 400 },
  evaluate: { everySteps: 20 },
  snapshots: { everySteps: null },
  checkpoints: { everySteps: 100, keep: 5 }
}

export const depthPresets: Readonly<Record<string, Omit<Preset, 'name'>>> = {
  'forty-layers': {
    title: 'A chain of forty layers at criticality',
    description:
      'A tanh net of forty layers of ten units, drawn where mean-field theory has its critical point, σ_w = 1 and σ_b = 0: gradients neither grow nor fade on the average, so that so deep a net trains at all. Start the analysis “Layers as a chain” on its first and its last checkpoint.',
    cost: 'about 10 seconds for 400 steps',
    group: null,
    specs: [chain]
  }
}
