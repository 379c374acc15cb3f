// Every fault of a spec is named with its path and what would be right; a sound spec comes back complete.
import { describe, expect, test } from 'vitest'
import { checkSpec } from '../../../../src/shared/spec/check'
import { problemLine } from '../../../../src/shared/spec/problem'
import { applySettings, setPath } from '../../../../src/shared/spec/settings'

const network = {
  schemaVersion: 1,
  name: 'net',
  data: { dataset: 'mnist10' },
  model: { layers: [null, 5, 10], activation: { kind: 'tanh' } },
  loss: 'half-sse',
  optimizer: { kind: 'sfn' },
  budget: { steps: 3 }
}
const functionSpec = {
  schemaVersion: 1,
  name: 'saddle',
  problem: { kind: 'function', function: 'x^2 - y^2' },
  optimizer: { kind: 'gd' },
  budget: { steps: 3 }
}

async function faults(base: unknown, ...settings: string[]): Promise<string[]> {
  const { spec, problems } = await checkSpec(applySettings(base, settings))
  expect(spec === null).toBe(problems.length > 0)
  return problems.map(problemLine)
}

describe('a sound spec', () => {
  test('comes back with every default filled in, keys in reading order', async () => {
    const { spec, problems } = await checkSpec(network)
    expect(problems).toEqual([])
    expect(spec).toMatchObject({ seed: 0, batch: { size: null, shuffle: false }, checkpoints: { everySteps: 50, keep: 3 } })
    expect(Object.keys(spec ?? {}).slice(0, 10)).toEqual([
      'schemaVersion',
      'name',
      'seed',
      'tags',
      'data',
      'model',
      'loss',
      'regularization',
      'batch',
      'optimizer'
    ])
    expect((await checkSpec(spec)).spec).toEqual(spec)
  })
  test('of a function needs no data', async () => {
    expect(await faults(functionSpec)).toEqual([])
    expect(await faults({ ...functionSpec, data: network.data })).toEqual([
      'problem: a function in place of a network leaves out data, model, loss and batch'
    ])
  })
  test('with finite differences says its r', async () => {
    const { spec } = await checkSpec(applySettings(network, ['optimizer.kind=fd-newton', 'optimizer.mode=finite-difference']))
    expect(spec?.optimizer).toMatchObject({ r: 1e-9 })
  })
  test('splits a fraction or a count of the training data off, and keeps histograms of evaluations', async () => {
    for (const split of ['0.1', '5000', '1', 'null'])
      expect(await faults(network, `data.validation=${split}`, 'evaluate.histograms=true', 'evaluate.everySteps=5')).toEqual([])
    expect(await faults(functionSpec, 'evaluate.histograms=true', 'evaluate.everySteps=5')).toEqual([
      'evaluate.histograms: must be false for a function, which has no layers, got true'
    ])
  })
  test('takes schedules', async () => expect(await faults(network, 'optimizer.learningRate=0.1 * 0.99^epoch')).toEqual([]))
})

describe('weight decay', () => {
  test('is 0 where a spec says nothing, as older ones do, stands after the loss, and fd-newton takes that 0', async () => {
    for (const base of [network, functionSpec]) {
      const { spec } = await checkSpec(base)
      expect(spec?.regularization).toEqual({ l2: 0 })
      expect((await checkSpec(applySettings(base, ['regularization.l2=0.01']))).spec?.regularization).toEqual({ l2: 0.01 })
    }
    const keys = Object.keys((await checkSpec(network)).spec ?? {})
    expect(keys.indexOf('regularization')).toBe(keys.indexOf('loss') + 1)
    expect(await faults(network, 'optimizer.kind=fd-newton', 'regularization.l2=0')).toEqual([])
    expect(await faults(functionSpec, 'optimizer.kind=fd-newton', 'regularization.l2=0.5')).toHaveLength(1)
  })
})

describe('a fault is named with its path and what would be right', () => {
  const cases: [string[], RegExp][] = [
    [['optimizer.damping.value=abc'], /^optimizer\.damping\.value: must be a number > 0, got "abc"/],
    [['optimizer.damping.value=-1'], /^optimizer\.damping\.value: must be a number > 0, got -1$/],
    [['optimizer.learningRate=1/(t-1)-9'], /^optimizer\.learningRate: must be a number ≥ 0, got .*, which is Infinity at the first step$/],
    [['optimizer.learningRate=-t'], /^optimizer\.learningRate: must be a number ≥ 0, got "-t", which is -1 at the first step$/],
    [['data.validation=1.5'], /^data\.validation: must be a number > 0 and < 1 or an integer ≥ 1 or null, got 1\.5$/],
    [['data.validation=0'], /^data\.validation: must be a number > 0 and < 1 or an integer ≥ 1 or null, got 0$/],
    [['data.validation=-3'], /^data\.validation: must be .*, got -3$/],
    [['evaluate.histograms=1', 'evaluate.everySteps=5'], /^evaluate\.histograms: must be true or false, got 1$/],
    [
      ['evaluate.histograms=true'],
      /^evaluate\.histograms: needs evaluate\.everySteps or evaluate\.everyEpochs: there is a line an evaluation/
    ],
    [['optimizer.dampng=1'], /^optimizer\.dampng: unknown key; did you mean "damping"\?$/],
    [['batchsize=1'], /^batchsize: unknown key; takes .*batch/],
    [['optimizer.kind=adam', 'optimizer.scope=full'], /^optimizer\.scope: unknown key; adam takes kind, learningRate, beta1/],
    [['optimizer.kind=sfm'], /^optimizer\.kind: must be one of gd, .*got "sfm"; did you mean "sfn"\?$/],
    [['optimizer={}'], /^optimizer\.kind: is missing, must be one of gd/],
    [['data={}'], /^data\.dataset: is missing/],
    [['model.layers=[5]'], /^model\.layers: must be a list of at least 2/],
    [['model.layers.1=-3'], /^model\.layers\.1: must be an integer ≥ 1 or null, got -3$/],
    [['model.layers.1=null'], /^model\.layers: only the input width may be null$/],
    [['budget.steps=null'], /^budget: needs at least one of epochs, steps, seconds$/],
    [['budget.steps=2.5'], /^budget\.steps: must be an integer ≥ 0 or null, got 2\.5$/],
    [['loss=sse'], /^loss: must be "half-sse", "mse" or "softmax-cross-entropy", got "sse"$/],
    [['model.activation=tanh'], /^model\.activation: must be an object whose kind is/],
    [['snapshots.eigenvectors=some'], /^snapshots\.eigenvectors: must be "all" or an integer ≥ 0, got "some"$/],
    [['snapshots.maxBytes=big'], /^snapshots\.maxBytes: must be a size such as "20 GB", got "big"$/],
    [['schemaVersion=2'], /^schemaVersion: this spec is of version 2, newer/],
    [['schemaVersion=0'], /^schemaVersion: must be 1, got 0$/],
    [['data.transforms=[{"kind":"random-projection","dim":7}]', 'model.layers.0=8'], /^model\.layers\.0: must be 7/],
    [['optimizer.kind=series-newton', 'optimizer.order=7'], /^optimizer\.order: must be .*6, got 7/],
    [['optimizer.kind=series-newton', 'optimizer.guard=0'], /^optimizer\.guard: must be /],
    [['optimizer.kind=series-newton', 'optimizer.damping.value=-1'], /^optimizer\.damping\.value: must be a number ≥ 0, got -1/],
    [['optimizer.kind=series-newton', 'optimizer.damping.adapt=levenberg'], /^optimizer\.damping\.value: must be a number > 0, got 0/],
    [
      ['optimizer.kind=series-newton', 'optimizer.scope=full'],
      /^optimizer\.scope: unknown key; series-newton takes kind, learningRate, order/
    ],
    [['optimizer.kind=ar3', 'optimizer.sigma=0'], /^optimizer\.sigma: must be a number > 0, got 0/],
    [['loss=softmax-cross-entropy', 'optimizer.scope=unit-blocks'], /^optimizer\.scope: must be full or layer-blocks with loss softmax/],
    [['loss=softmax-cross-entropy', 'model.outputActivation={"kind":"tanh"}'], /^model\.outputActivation: must be null or/],
    [
      ['loss=softmax-cross-entropy', 'model.layers=[null,3,1]'],
      /^model\.layers\.2: must be at least 2 with loss softmax.*one output, got 1$/
    ],
    [
      ['model.init={"kind":"mean-field-normal","sigmaW":1,"sigmaB":0.2}', 'model.bias=false'],
      /^model\.init\.sigmaB: must be 0 where model\.bias is false \(there are no biases to draw\), got 0\.2$/
    ],
    [['model.init={"kind":"mean-field-normal","sigmaW":0}'], /^model\.init\.sigmaW: must be a number > 0, got 0$/],
    [['loss=softmax-cross-entropy', 'data.targets=input'], /^loss: must be half-sse or mse/],
    [['optimizer.kind=fd-newton', 'optimizer.r=1e-6'], /^optimizer\.r: must be left out with mode limit/],
    [['optimizer.kind=fd-newton', 'optimizer.mode=joint', 'optimizer.r=1e-6'], /^optimizer\.r: must be left out with mode joint/],
    [['optimizer.kind=fd-newton', 'loss=softmax-cross-entropy'], /^loss: must be half-sse or mse with optimizer fd-newton/],
    [['optimizer.kind=fd-newton', 'regularization.l2=0.01'], /^regularization\.l2: must be 0 with optimizer fd-newton \(.*\), got 0\.01$/],
    [['regularization.l2=-1'], /^regularization\.l2: must be a number ≥ 0, got -1/],
    [['regularization.l1=0.1'], /^regularization\.l1: unknown key; did you mean "l2"\?/],
    [['optimizer.kind=fd-newton', 'model.activation.kind=relu'], /^model\.activation: must be invertible.*relu has no inverse/]
  ]
  for (const [settings, expected] of cases)
    test(settings.join(' '), async () => {
      const lines = await faults(network, ...settings)
      expect(lines.join('\n')).toMatch(expected)
      expect(lines.length).toBeLessThanOrEqual(1)
    })
  test('anything that is no object', async () => {
    for (const input of [null, 3, 'x', [], undefined]) expect((await checkSpec(input)).problems).toHaveLength(1)
  })
  test('keys that objects inherit are no keys of a spec', async () => {
    const { problems } = await checkSpec(JSON.parse(`{"constructor": 1, "__proto__": 2, ${JSON.stringify(network).slice(1)}`))
    expect(problems.map(({ path }) => path)).toContain('constructor')
  })
})

test('a function has no layers to join', async () => {
  const { problems } = await checkSpec({
    schemaVersion: 1,
    name: 'f',
    problem: { kind: 'function', function: 'rosenbrock' },
    optimizer: { kind: 'fd-newton', mode: 'joint', learningRate: 1 },
    budget: { steps: 1 }
  })
  expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    expect.stringMatching(/^optimizer\.mode: must be limit or finite-difference for a function, .*, got "joint"$/)
  ])
})

describe('setPath', () => {
  test('sets numbers, texts, list places and objects on the way, and changes nothing in place', () => {
    const before = JSON.stringify(network)
    expect(setPath(network, 'optimizer.damping.value=0.2')).toMatchObject({ optimizer: { kind: 'sfn', damping: { value: 0.2 } } })
    expect(setPath(network, 'name=a=b')).toMatchObject({ name: 'a=b' })
    expect(setPath(network, 'model.layers.1=7')).toMatchObject({ model: { layers: [null, 7, 10] } })
    expect(JSON.stringify(network)).toBe(before)
  })
  test('a new kind starts from its own defaults', () => {
    expect(setPath({ optimizer: { kind: 'sfn', scope: 'full' } }, 'optimizer.kind=adam')).toEqual({ optimizer: { kind: 'adam' } })
    expect(setPath({ optimizer: { kind: 'sfn', scope: 'full' } }, 'optimizer.kind=sfn')).toEqual({
      optimizer: { kind: 'sfn', scope: 'full' }
    })
  })
  test('says what is wrong with a setting', () => {
    expect(() => setPath(network, 'seed')).toThrow('must be path=value')
    expect(() => setPath(network, 'a..b=1')).toThrow('not a path')
    expect(() => setPath(network, '__proto__.x=1')).toThrow('not a path')
    expect(() => setPath(network, 'loss.x=1')).toThrow('loss is "half-sse", which has no "x"')
    expect(() => setPath(network, 'model.layers.9=1')).toThrow('from 0 to 3')
  })
})

describe('all faults are named at once', () => {
  test('those of fields and those of rules between sound fields', async () => {
    const named = await faults(
      network,
      'loss=softmax-cross-entropy',
      'optimizer.scope=unit-blocks',
      'optimizer.dampng=1',
      'batch.size=0',
      'model.outputActivation={"kind":"tanh"}',
      'budget={}',
      'seed=-1'
    )
    expect(named.map((line) => line.split(':')[0]).sort()).toEqual([
      'batch.size',
      'budget',
      'model.outputActivation',
      'optimizer.dampng',
      'optimizer.scope',
      'seed'
    ])
  })
  test('but no rule is asked about a place that is faulty itself', async () => {
    expect(await faults(network, 'loss=sse', 'optimizer.kind=fd-newton', 'model.activation.kind=relu')).toHaveLength(1)
    expect(await faults(network, 'model.layers=[-1,1]', 'loss=softmax-cross-entropy')).toEqual([
      'model.layers.0: must be an integer ≥ 1 or null, got -1'
    ])
    expect(await faults(network, 'optimizer.kind=sfm', 'loss=softmax-cross-entropy')).toHaveLength(1)
  })
  test('a broken rule leaves the parsed spec', async () => {
    const { spec, parsed } = await checkSpec(applySettings(network, ['optimizer.learningRate=-1']))
    expect(spec).toBeNull()
    expect(parsed).toMatchObject({ optimizer: { learningRate: -1 }, seed: 0 })
  })
})
