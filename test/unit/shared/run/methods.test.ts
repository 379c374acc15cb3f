// The methods paragraph: for every optimizer each of its numbers is in it, and every number in it is the spec's, the status' or the dataset's.
import { describe, expect, test } from 'vitest'
import { methodsOf, type MethodsInput } from '../../../../src/shared/run/methods'
import { references } from '../../../../src/shared/run/references'
import { checkSpec } from '../../../../src/shared/spec/check'
import { leaves } from '../../../../src/shared/spec/leaves'
import { optimizerKinds, optimizers } from '../../../../src/shared/spec/optimizers'

const status: MethodsInput['status'] = {
  step: 37,
  state: 'done',
  parameterCount: 343,
  backend: { kind: 'wasm', description: 'WebAssembly kernels', threads: 2 },
  versions: { saddlescope: '0.1.0', node: '22.20.5' },
  numericsChangedAtStep: null
}
const hashes = { weights: 'ab12'.repeat(16), projection: null, batches: null, dataset: 'cd34'.repeat(16) }
const meta: MethodsInput['meta'] = { name: 'a run', lineage: null, hashes }
const dataset = { title: 'Small digits', trainCount: 6000, testCount: 1000, partial: false }

const raw = (optimizer: Record<string, unknown>, changes: Record<string, unknown> = {}) => ({
  schemaVersion: 1,
  name: 'a run',
  seed: 11,
  data: { dataset: 'mnist10', trainLimit: 250, testLimit: 120, transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }] },
  model: { layers: [100, 3, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 0.3 } },
  loss: optimizer.kind === 'fd-newton' ? 'half-sse' : 'softmax-cross-entropy',
  batch: { size: 60, shuffle: true },
  optimizer,
  budget: { steps: 40 },
  snapshots: { everySteps: 9, eigenvectors: 6 },
  ...changes
})

async function of(input: unknown, more: Partial<MethodsInput> = {}) {
  const { spec, problems } = await checkSpec(input)
  if (!spec) throw new Error(JSON.stringify(problems))
  return { spec, ...methodsOf({ spec, meta, status, dataset, ...more }) }
}

/** Numbers as the paragraph writes them, citations' years and names of things (float64, xoshiro128**, SHA-256, −1 of an exponent) left out. */
function numbersIn(text: string): string[] {
  let rest = text
  for (const { cited } of Object.values(references)) rest = rest.replaceAll(cited, '')
  rest = rest.replaceAll(/float64|float32|xoshiro128\*\*|SHA-256 [0-9a-f]+|1\/\(|steps from 1|biases 0|mnist10/g, '')
  return rest.match(/\d+(?:\.\d+)*(?:e-?\d+)?/g) ?? []
}

describe('every optimizer', () => {
  test.each(optimizerKinds)('%s: its numbers and no others', async (kind) => {
    const changed: Record<string, unknown> = { ...optimizers[kind].playground, kind, learningRate: 0.0375 }
    if (kind === 'muon') changed.epsilon = 2.5e-7
    if (kind === 'fd-newton') Object.assign(changed, { mode: 'finite-difference', r: 3e-7 })
    const model = kind === 'fd-newton' ? { model: { layers: [100, 10], activation: { kind: 'leaky-relu', slope: 0.25 } } } : {}
    const { spec, paragraph, references: list, text } = await of(raw(changed, model))
    const known = new Set(
      [...leaves({ spec, meta, status, dataset }).values()].flatMap((value) => value.match(/\d+(?:\.\d+)*(?:e-?\d+)?/g) ?? [])
    )
    const numbers = numbersIn(paragraph)
    expect(numbers.filter((number) => !known.has(number))).toEqual([])
    const { optimizer } = spec
    for (const [path, value] of leaves(optimizer)) {
      // A list of candidates is named only where it is tried; switches and nulls are no numbers; a damping kind has its formula.
      if (!/^-?\d/.test(value) || path.startsWith('damping.candidates') || Number(value) === 0) continue
      expect(numbers, path).toContain(String(JSON.parse(value)))
    }
    for (const number of ['343', '250', '6000', '120', '1000', '60', '40', '37', '11', '256', '0.5', '9', '6'])
      expect(numbers, number).toContain(number)
    expect(paragraph).toContain('Saddlescope 0.1.0, Node.js 22.20.5')
    expect(text).toContain(list.at(-1) ?? 'none')
    for (const { cited, full } of Object.values(references)) expect(list.includes(full), cited).toBe(paragraph.includes(cited))
  })

  test('cites its own source', async () => {
    for (const [kind, cited] of [
      ['sfn', 'Dauphin et al. 2014'],
      ['sfn-krylov', 'Pearlmutter 1994'],
      ['levenberg-marquardt', 'Levenberg 1944; Marquardt 1963'],
      ['adam', 'Kingma and Ba 2015'],
      ['adamw', 'Loshchilov and Hutter 2019'],
      ['momentum', 'Polyak 1964'],
      ['nesterov', 'Nesterov 1983'],
      ['rmsprop', 'Tieleman and Hinton 2012'],
      ['l-bfgs', 'Liu and Nocedal 1989']
    ] as const)
      expect((await of(raw({ kind, learningRate: 0.1 }))).paragraph).toContain(cited)
  })
})

describe('what was run', () => {
  test('all layers jointly: relaxed, or by MINRES, with their sources', async () => {
    const model = { layers: [100, 10], activation: { kind: 'leaky-relu', slope: 0.25 } }
    const { paragraph } = await of(raw({ kind: 'fd-newton', mode: 'joint', learningRate: 0.1 }, { model }))
    expect(paragraph).toContain('of all layers jointly')
    for (const cited of ['Lee 2019', 'Pineda 1987', 'Paige and Saunders 1975']) expect(paragraph).toContain(cited)
  })

  test('schedules, adapted damping, scope and curvature batch are as in the spec', async () => {
    const { paragraph } = await of(
      raw({
        kind: 'sfn',
        scope: 'layer-blocks',
        learningRate: '0.5 / (1 + t)',
        damping: { kind: 'abs-of-shifted', adapt: 'best-of', candidates: [2, 0.2] },
        curvatureBatch: 90
      })
    )
    expect(paragraph).toContain('η = 0.5 / (1 + t)')
    expect(paragraph).toContain('|Λ + δ|⁻¹')
    expect(paragraph).toContain('that of 2, 0.2 after whose step')
    expect(paragraph).toContain('of each layer by itself')
    expect(paragraph).toContain('curvature on 90 samples')
  })

  test('data: whole sets, parts, projections, unknown sets', async () => {
    const data = { dataset: 'cifar-100', transforms: [{ kind: 'random-projection', dim: 50 }] }
    const cifar = { title: 'CIFAR-100', trainCount: 50_000, testCount: 10_000, partial: false }
    const model = { layers: [50, 100], activation: { kind: 'relu' } }
    const { paragraph } = await of(raw({ kind: 'gd' }, { data, model, batch: {} }), {
      dataset: cifar,
      status: { ...status, parameterCount: 5000 }
    })
    expect(paragraph).toContain(
      'CIFAR-100 (Krizhevsky 2009), SHA-256 cd34cd34cd34…: all 50000 training samples and all 10000 test samples.'
    )
    expect(paragraph).toContain('projected on 50 dimensions')
    expect(paragraph).toContain('50 → 100 (P = 5000 parameters, without biases)')
    expect(paragraph).toContain('full batch')
    const gone = await of(raw({ kind: 'gd' }, { data, model }), { dataset: null })
    expect(gone.paragraph).toContain('all training samples and all test samples')
  })

  test('validation samples are named apart', async () => {
    const data = { dataset: 'mnist10', trainLimit: 250, validation: 0.2 }
    expect((await of(raw({ kind: 'gd' }, { data }))).paragraph).toContain(
      'a fraction of 0.2 of the training samples, drawn by the seed, were split off'
    )
    expect((await of(raw({ kind: 'gd' }, { data: { ...data, validation: 40 } }))).paragraph).toContain(
      '40 of the training samples, drawn by the seed'
    )
  })

  test('weight decay in the objective, of networks and functions, only where there is some', async () => {
    const decay = { regularization: { l2: 0.0125 } }
    const sentence = 'Weight decay ½ · l2 · ‖w‖² with l2 = 0.0125, over all parameters'
    expect((await of(raw({ kind: 'gd' }, decay))).paragraph).toContain(sentence)
    expect((await of(raw({ kind: 'gd' }))).paragraph).not.toContain('‖w‖²')
    const ofFunction = {
      schemaVersion: 1,
      name: 'f',
      problem: { kind: 'function', function: 'x^2' },
      optimizer: { kind: 'gd' },
      budget: { steps: 3 }
    }
    expect((await of({ ...ofFunction, ...decay })).paragraph).toContain(sentence)
  })

  test('functions, and runs that are not over', async () => {
    const input = {
      schemaVersion: 1,
      name: 'f',
      problem: { kind: 'function', function: 'rosenbrock', start: [-1.5, 2] },
      optimizer: { kind: 'gd' },
      budget: { steps: 5 }
    }
    const { paragraph } = await of(input, { status: { ...status, state: 'paused', step: 3, parameterCount: 2 } })
    expect(paragraph).toMatch(/^The function minimized is rosenbrock, from \(-1\.5, 2\)\. It was trained by gradient descent/)
    expect(paragraph).toContain('The budget was 5 steps; 3 steps have been done (paused).')
    expect(paragraph).not.toContain('batch')
  })
})
