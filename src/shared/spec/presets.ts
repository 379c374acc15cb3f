// Built-in runs: complete specs to start from, each with what it shows and what it costs.
import { dauphinPresets } from './dauphin-presets'
import { depthPresets } from './depth-presets'
import { examplePresets } from './example-presets'
import { higherOrderPresets } from './higher-order-presets'
import { mapPresets } from './map-presets'
import { influencePresets } from './influence-presets'
import { cifarPixels, halfSlope, saddleFree, smallNet, type NetworkInput, type Preset } from './preset-parts'
import { trainabilityPresets } from './trainability-presets'

export type { Preset, RunSpecInput } from './preset-parts'

/** The slow net of Lee (2019): exact saddle-free Newton layer by layer. */
const sfnCifar: NetworkInput = {
  schemaVersion: 1,
  name: 'SFN on CIFAR-100',
  seed: 0,
  tags: ['cifar-100', 'sfn'],
  data: { dataset: 'cifar-100', transforms: [cifarPixels, { kind: 'random-projection', dim: 50 }] },
  model: { layers: [50, 50, 100], activation: halfSlope, bias: false, init: { kind: 'fan-sum-normal' } },
  loss: 'half-sse',
  batch: { size: 50, shuffle: false },
  optimizer: { kind: 'sfn', scope: 'layer-blocks', damping: { kind: 'abs-of-shifted', value: 0.1 }, learningRate: 0.1 },
  budget: { epochs: 200 },
  evaluate: { everySteps: 50 },
  snapshots: { everySteps: 50, eigenvalues: true, eigenvectors: 16, hessian: false },
  checkpoints: { everySteps: 50, keep: 3 }
}

/** The fast net of Lee (2019): a perceptron by finite-difference Newton. */
const fdNewtonCifar: NetworkInput = {
  schemaVersion: 1,
  name: 'FD-Newton on CIFAR-100',
  seed: 0,
  tags: ['cifar-100', 'fd-newton'],
  data: { dataset: 'cifar-100', transforms: [cifarPixels] },
  model: { layers: [3072, 100], activation: halfSlope, bias: false, init: { kind: 'fan-sum-normal' } },
  loss: 'half-sse',
  batch: { size: 2500, shuffle: false },
  optimizer: { kind: 'fd-newton', mode: 'finite-difference', r: 1e-9, learningRate: 0.1 },
  budget: { epochs: 10 },
  evaluate: { everyEpochs: 1 },
  checkpoints: { everySteps: 20, keep: 3 }
}

const byName: Readonly<Record<string, Omit<Preset, 'name'>>> = {
  'sfn-mnist10': {
    title: 'Saddle-free Newton on small digits',
    description:
      'A 100 → 5 → 10 tanh net on 1000 digits of 10 × 10 pixels, full batch, exact full Hessian (565 × 565) at every step. It starts beside the saddle at zero weights: the smallest eigenvalue rises towards 0 and the index falls while the loss drops.',
    cost: 'about 15 seconds for 40 steps with 9 snapshots',
    group: null,
    specs: [{ ...smallNet('SFN on small digits', saddleFree, 40, 4), diagnostics: { everySteps: 1 } }]
  },
  'face-off-mnist10': {
    title: 'Four optimizers from one saddle',
    description:
      'Gradient descent, momentum, Adam and saddle-free Newton with the same start weights and batches as sfn-mnist10: who leaves the saddle when, in steps, in seconds and in gradient evaluations.',
    cost: 'about a minute for the four runs of 100 steps',
    group: 'Face-off on small digits',
    specs: [
      smallNet('Gradient descent', { kind: 'gd', learningRate: 0.5 }, 100, 20),
      smallNet('Momentum', { kind: 'momentum', learningRate: 0.2, momentum: 0.9 }, 100, 20),
      smallNet('Adam', { kind: 'adam', learningRate: 0.02 }, 100, 20),
      smallNet('Saddle-free Newton', saddleFree, 100, 20)
    ]
  },
  'krylov-mnist10': {
    title: 'Off a plateau with twenty Lanczos vectors',
    description:
      'A 100 → 20 → 20 → 10 tanh net (2650 parameters) started so close to the saddle at zero that gradient descent stands still; Krylov saddle-free Newton finds the way down from 20 Hessian-vector products a step.',
    cost: 'about 20 seconds for the two runs of 60 steps',
    group: 'Off a plateau',
    specs: [
      { ...smallNet('Gradient descent', { kind: 'gd', learningRate: 0.5 }, 60, 20, [20, 20]), snapshots: { everySteps: null } },
      {
        ...smallNet(
          'Krylov saddle-free Newton',
          { kind: 'sfn-krylov', vectors: 20, damping: { kind: 'shifted-abs', value: 0.05 }, learningRate: 1 },
          60,
          20,
          [20, 20]
        ),
        snapshots: { everySteps: null }
      }
    ]
  },
  'sfn-cifar100': {
    title: 'Saddle-free Newton on CIFAR-100',
    description:
      'The slow net of "Two strange useless things to do with neural nets" (Lee 2019): a fixed random projection to 50 inputs, 50 → 50 → 100 with leaky ReLU of slope ½, the exact Hessian of each layer by itself (2500² and 5000²), |1/(Λ + 0.1)|, steps of 0.1, batches of 50 in file order.',
    cost: 'seconds a step at snapshots and a fraction of a second otherwise (the NumPy original takes about 23 s a step); 200 epochs of the whole set are 200,000 steps, so set budget.steps for a look. Needs the dataset cifar-100',
    group: null,
    specs: [sfnCifar]
  },
  'fd-newton-cifar100': {
    title: 'Fast finite-difference Newton on CIFAR-100',
    description:
      'The fast net of Lee (2019): a perceptron 3072 → 100 whose inverse gradient is differenced with r = 1e-9, batches of 2500 in file order, steps of 0.1. Each batch is factorized once and its factor used again in the following epochs.',
    cost: 'about a second a step in the first epoch and a fraction of it afterwards (the NumPy original takes half a minute a step); the factors of 20 batches take 1 GB. Needs the dataset cifar-100; batches may have at most 3072 images',
    group: null,
    specs: [fdNewtonCifar]
  },
  ...depthPresets,
  ...higherOrderPresets,
  ...mapPresets,
  ...influencePresets,
  ...dauphinPresets,
  ...examplePresets,
  ...trainabilityPresets
}

/** In the order in which they are offered. */
export const presets: readonly Preset[] = Object.entries(byName).map(([name, preset]) => ({ name, ...preset }))
