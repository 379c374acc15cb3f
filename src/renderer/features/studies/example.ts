// The study that an empty list offers: two numeric axes, a validation split to select by, three seeds, small enough to end within a minute or so.

export const exampleStudy = {
  schemaVersion: 1,
  name: 'Learning rate and damping of saddle-free Newton',
  base: {
    schemaVersion: 1,
    name: 'SFN on small digits',
    data: {
      dataset: 'mnist10',
      validation: 0.25,
      trainLimit: 600,
      testLimit: 200,
      transforms: [
        { kind: 'affine', divide: 256, subtract: 0 },
        { kind: 'random-projection', dim: 12 }
      ]
    },
    model: { layers: [null, 5, 10], activation: { kind: 'tanh' }, bias: true },
    loss: 'softmax-cross-entropy',
    optimizer: { kind: 'sfn', damping: { kind: 'shifted-abs', value: 0.1 }, learningRate: 1 },
    budget: { steps: 20 },
    evaluate: { everySteps: 5 },
    checkpoints: { everySteps: null, keep: 1 }
  },
  axes: [
    { path: 'optimizer.damping.value', from: 0.01, to: 1, count: 4, scale: 'log' },
    { path: 'optimizer.learningRate', values: [0.1, 0.2, 0.5, 1, 1.4] }
  ],
  seeds: 3,
  select: { metric: 'valLoss', goal: 'min', at: 'last' },
  parallel: 2
} as const
