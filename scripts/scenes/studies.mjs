// Studies: the heat map, the band, a face-off with its start looked at anew, the list, and a study in the making.

const workspace = 'studies'

const base = {
  schemaVersion: 1,
  name: 'Small digits',
  data: {
    dataset: 'mnist10',
    validation: 100,
    trainLimit: 400,
    testLimit: 100,
    transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }]
  },
  model: { layers: [100, 5, 10], activation: { kind: 'tanh' }, bias: true },
  loss: 'softmax-cross-entropy',
  batch: { size: 50, shuffle: true },
  optimizer: { kind: 'momentum', learningRate: 0.1, momentum: 0.9 },
  budget: { steps: 60 },
  evaluate: { everySteps: 10 },
  checkpoints: { everySteps: null }
}
const rates = { path: 'optimizer.learningRate', values: [0.01, 0.03, 0.1, 0.3, 1] }

/** By id; made by the command line before the pictures are taken. */
export const studies = {
  'rate-and-momentum': {
    schemaVersion: 1,
    name: 'Rate and momentum',
    base,
    axes: [rates, { path: 'optimizer.momentum', values: [0, 0.5, 0.8, 0.9] }],
    seeds: 2
  },
  rates: { schemaVersion: 1, name: 'Rates', base, axes: [rates], seeds: 5 },
  race: {
    schemaVersion: 1,
    name: 'Face-off, each tuned',
    base,
    optimizers: [
      { optimizer: { kind: 'gd' }, axes: [{ path: 'optimizer.learningRate', values: [0.3, 1, 3] }] },
      { optimizer: { kind: 'adam' }, axes: [{ path: 'optimizer.learningRate', values: [0.01, 0.03, 0.1] }] }
    ],
    seeds: 2,
    target: { metric: 'valLoss', value: 1.2 }
  }
}

export const studyScenes = [
  {
    name: 'studies',
    route: '#/studies',
    workspace,
    shows: [
      ['h1', /^Studies/],
      ['main', /Rate and momentum/],
      ['main', /40 of 40 runs ended/],
      ['main', /valLoss, lowest at the last step, mean over 5 seeds; validation/]
    ]
  },
  {
    name: 'study-heat-map',
    route: '#/study/rate-and-momentum',
    workspace,
    shows: [
      ['h1', /^Rate and momentum/],
      ['figure header', /^Mean valLoss \(validation\)/],
      ['main', /valLoss, lowest at the last step, mean over 2 seeds; validation/],
      ['button', /Open the best as a spec/]
    ]
  },
  {
    name: 'study-band',
    route: '#/study/rates',
    workspace,
    shows: [
      ['h1', /^Rates/],
      ['figure header', /^Mean valLoss \(validation\) over Learning rate/],
      ['main', /5 of 5 runs/]
    ]
  },
  {
    name: 'study-face-off',
    route: '#/study/race',
    workspace,
    async does(page) {
      await page.getByRole('button', { name: 'Verify' }).click()
      await page
        .getByText(/computed anew/)
        .first()
        .waitFor({ timeout: 60_000 })
      await page.getByRole('heading', { name: 'Face-off', exact: true }).evaluate((heading) => heading.scrollIntoView())
    },
    shows: [
      ['h2', /^Face-off$/],
      ['main', /computed anew/],
      ['tr', /Adam.*2 of 2/]
    ]
  },
  {
    name: 'study-new',
    route: '#/studies/new?preset=sfn-mnist10',
    workspace,
    shows: [
      ['h1', /^New study/],
      ['h2', /^What varies$/],
      ['main', /Nothing but the seed varies yet/]
    ]
  }
]
