// Presets of Sohl-Dickstein's picture (arXiv 2402.06184): a net and as many random samples as it has weights, trained with a rate for each layer.
import type { NetworkInput, Preset } from './preset-parts'

/** f(x) = W₂ᵀ tanh(W₁ᵀ x √(2/n)), n inputs and n units, all weights N(0, 1): the factor stands at the inputs, so that gradients are those of his setting. */
const setting = (name: string, units: number, steps: number): NetworkInput => ({
  schemaVersion: 1,
  name,
  seed: 0,
  tags: ['trainability', 'gd'],
  data: {
    dataset: `random-samples-${units}-${units * units + units}`,
    transforms: [{ kind: 'affine', divide: Math.sqrt(units / 2), subtract: 0 }]
  },
  model: {
    layers: [units, units, 1],
    activation: { kind: 'tanh' },
    outputActivation: { kind: 'identity' },
    bias: false,
    init: { kind: 'fan-in-normal', gain: Math.sqrt(units) }
  },
  loss: 'mse',
  batch: { size: null, shuffle: false },
  optimizer: { kind: 'gd', learningRate: 1, layerRates: [1, 1] },
  budget: { steps },
  snapshots: { everySteps: null },
  checkpoints: { everySteps: steps, keep: 1 }
})

export const trainabilityPresets: Readonly<Record<string, Omit<Preset, 'name'>>> = {
  trainability: {
    title: 'The boundary of trainability',
    description:
      'A 16 → 16 → 1 tanh net on 272 random samples, one for each weight, by gradient descent with a rate of its own for each layer (Sohl-Dickstein 2024). Made for the analysis `map` of step 0: where in the plane of both rates does training converge?',
    cost: 'less than a second for the run of 500 steps; its map of 128 × 128 pixels takes some minutes',
    example: true,
    group: null,
    specs: [setting('The boundary of trainability', 16, 500)]
  },
  'trainability-quick': {
    title: 'The boundary of trainability, quick',
    description: 'The same with 8 units, 72 samples and 100 steps: a map of 256 × 256 pixels takes less than a minute on two cores.',
    cost: 'less than a second for the run of 100 steps; its map of 128 × 128 pixels takes ten seconds',
    example: true,
    group: null,
    specs: [setting('The boundary of trainability, quick', 8, 100)]
  }
}
