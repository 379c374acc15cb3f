// Presets of the examples: a few runs each that show one thing, with options chosen to show it.
import { cifarPixels, halfSlope, saddleFree, type NetworkInput, type Preset } from './preset-parts'

type Base = Omit<NetworkInput, 'name' | 'optimizer' | 'tags'>

/** What is compared in an example: one net and start, some optimizers; the eigenvalues of every snapshot are looked at, none of its vectors. */
const example = (
  base: Base,
  tag: string,
  runs: readonly { readonly name: string; readonly optimizer: NetworkInput['optimizer'] }[]
): NetworkInput[] => runs.map(({ name, optimizer }) => ({ ...base, name, tags: [tag, optimizer.kind], optimizer }))

const smallDigits = (train: number): NetworkInput['data'] => ({
  dataset: 'mnist10',
  trainLimit: train,
  testLimit: 2000,
  transforms: [{ kind: 'affine', divide: 256, subtract: 0 }]
})
const eigenvaluesEvery = (steps: number): NetworkInput['snapshots'] => ({
  everySteps: steps,
  eigenvalues: true,
  eigenvectors: 2,
  hessian: false
})
/** Every step on all of the data, and a checkpoint at the end alone. */
const wholeBatch = {
  schemaVersion: 1,
  batch: { size: null, shuffle: false },
  checkpoints: { everySteps: null, keep: 1 }
} as const satisfies Partial<Base>

/** Two hidden layers whose weights are so small that the plateau around zero is flat. */
const plateau = {
  ...wholeBatch,
  seed: 1,
  data: smallDigits(1000),
  model: { layers: [100, 5, 5, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 0.1 } },
  loss: 'softmax-cross-entropy',
  budget: { steps: 60 },
  evaluate: { everySteps: 10 },
  snapshots: eigenvaluesEvery(5)
} as const satisfies Base

/** Squared error, the whole batch, a smooth net: what makes gradient descent sharpen its own way. */
const sharpening = {
  ...wholeBatch,
  seed: 1,
  data: smallDigits(1000),
  model: {
    layers: [100, 5, 10],
    activation: { kind: 'tanh' },
    bias: true,
    init: { kind: 'fan-in-normal', gain: 0.5 }
  },
  loss: 'mse',
  budget: { steps: 1500 },
  evaluate: { everySteps: 50 },
  snapshots: eigenvaluesEvery(25)
} as const satisfies Base

/** Piecewise linear units under a convex loss: linear in the weights of any one layer, so convex in them. */
const piecewise = {
  ...wholeBatch,
  seed: 1,
  data: smallDigits(1000),
  model: { layers: [100, 6, 10], activation: { kind: 'leaky-relu', slope: 0.1 }, bias: true, init: { kind: 'fan-in-normal' } },
  loss: 'softmax-cross-entropy',
  budget: { steps: 30 },
  evaluate: { everySteps: 5 },
  snapshots: eigenvaluesEvery(5)
} as const satisfies Base

/** A thousand images and 3072 pixels: the perceptron can fit them, and the gradient map of the one batch has an inverse. */
const thousandImages = {
  ...wholeBatch,
  seed: 0,
  data: { dataset: 'cifar-100', trainLimit: 1000, testLimit: 900, transforms: [cifarPixels] },
  model: { layers: [3072, 100], activation: halfSlope, bias: false, init: { kind: 'fan-sum-normal' } },
  loss: 'half-sse',
  budget: { steps: 100 },
  evaluate: { everySteps: 10 }
} as const satisfies Base

export const examplePresets: Readonly<Record<string, Omit<Preset, 'name'>>> = {
  'saddle-escape': {
    title: 'Three methods beside a saddle',
    description:
      'A 100 → 5 → 5 → 10 tanh net started close to the saddle at zero weights. Gradient descent stands still on the plateau, damped Newton is thrown about and ends far above, saddle-free Newton with the same damping leaves.',
    cost: 'about half a minute for the three runs of 60 steps',
    example: true,
    group: 'Saddle escape',
    specs: example(plateau, 'saddle', [
      { name: 'Gradient descent', optimizer: { kind: 'gd', learningRate: 0.5 } },
      { name: 'Damped Newton', optimizer: { kind: 'damped-newton', learningRate: 1, damping: { kind: 'shifted', value: 0.1 } } },
      { name: 'Saddle-free Newton', optimizer: saddleFree }
    ])
  },
  'edge-of-stability': {
    title: 'Gradient descent at the edge of stability',
    description:
      'A 100 → 5 → 10 tanh net under squared error, the whole batch, three learning rates. The largest eigenvalue of the Hessian rises to 2/η and hovers there (Cohen et al. 2021); the eigenvalues are those of stored snapshots.',
    cost: 'about a minute for the three runs of 1500 steps',
    example: true,
    group: 'Edge of stability',
    specs: example(
      sharpening,
      'edge-of-stability',
      [1.5, 2, 2.5].map((learningRate) => ({ name: `Gradient descent, η = ${learningRate}`, optimizer: { kind: 'gd', learningRate } }))
    )
  },
  'layer-blocks': {
    title: 'Full Hessian and layer blocks of a piecewise linear net',
    description:
      'A 100 → 6 → 10 net of leaky ReLUs with cross-entropy, by saddle-free Newton on the full Hessian and on the blocks of its layers, from one start: no block has an eigenvalue below zero beyond rounding, the whole has many.',
    cost: 'about 20 seconds for the two runs of 30 steps',
    example: true,
    group: 'Layer blocks',
    specs: example(piecewise, 'layer-blocks', [
      { name: 'Full Hessian', optimizer: { kind: 'sfn', scope: 'full', damping: { kind: 'shifted-abs', value: 0.1 }, learningRate: 0.5 } },
      {
        name: 'Layer blocks',
        optimizer: { kind: 'sfn', scope: 'layer-blocks', damping: { kind: 'shifted-abs', value: 0.1 }, learningRate: 0.5 }
      }
    ]).map((spec) => ({ ...spec, diagnostics: { everySteps: 1 } }))
  },
  'fd-newton-face-off': {
    title: 'FD-Newton, gradient descent and Adam on CIFAR-100',
    description:
      'A perceptron 3072 → 100 on the first 1000 images, one batch: finite-difference Newton, by differences and in the limit, drives the loss to zero by the same factor at every step.',
    cost: 'about a minute for the four runs of 100 steps. Needs the dataset cifar-100',
    example: true,
    group: 'FD-Newton on CIFAR-100',
    specs: example(thousandImages, 'fd-newton', [
      { name: 'FD-Newton, r = 1e-9', optimizer: { kind: 'fd-newton', mode: 'finite-difference', r: 1e-9, learningRate: 0.1 } },
      { name: 'FD-Newton, limit', optimizer: { kind: 'fd-newton', mode: 'limit', learningRate: 0.1 } },
      { name: 'Gradient descent', optimizer: { kind: 'gd', learningRate: 2e-5 } },
      { name: 'Adam', optimizer: { kind: 'adam', learningRate: 0.001 } }
    ])
  }
}
