// What is said of a network from elsewhere: what is open, what is checked, and the import that is made of it.
import { describe, expect, it } from 'vitest'
import {
  askedFields,
  checkable,
  drawable,
  expectedLoss,
  faultsElsewhere,
  firstText,
  importOf,
  openQuestions
} from '../../../src/renderer/features/model/answers'
import type { ModelInspection, ModelLayer, ModelQuestion } from '../../../src/shared/models/inspection'
import { modelImportSchema } from '../../../src/shared/models/inspection'
import { networkSpecSchema } from '../../../src/shared/spec/schema'

const layer = (weight: string, inputs: number, outputs: number): ModelLayer => ({
  weight,
  bias: null,
  inputs,
  outputs,
  type: 'f32',
  transposed: true,
  activation: null
})

function inspection(layers: ModelLayer[], asked: readonly ModelQuestion[], orders = [layers.map(({ weight }) => weight)]): ModelInspection {
  const widths = [layers[0].inputs, ...layers.map(({ outputs }) => outputs)]
  const complete = networkSpecSchema.parse({
    schemaVersion: 1,
    name: 'net',
    data: { dataset: '?' },
    model: { layers: widths, activation: { kind: 'relu' }, init: { kind: 'npz', path: 'inputs/init.npz' } },
    loss: 'mse',
    optimizer: { kind: 'gd' },
    budget: { steps: 0 }
  })
  const { model } = complete
  const left = (question: ModelQuestion, value: unknown) => (asked.includes(question) ? '?' : value)
  return {
    path: '/net.safetensors',
    name: 'net.safetensors',
    format: 'safetensors',
    bytes: 100,
    layers,
    widths,
    bias: false,
    parameters: 10,
    orders,
    asked,
    spec: {
      ...complete,
      model: {
        ...model,
        activation: left('activation', model.activation),
        outputActivation: left('outputActivation', { kind: 'identity' })
      },
      loss: left('loss', 'mse')
    },
    notes: []
  }
}
const two = inspection([layer('a', 3, 2), layer('b', 2, 2)], ['activation', 'outputActivation', 'loss'])
const parse = (text: string) => JSON.parse(text) as Record<string, Record<string, unknown>>
const wish = { order: ['a', 'b'], expect: '', name: 'net' }

describe('a network’s open questions', () => {
  it('stand open in the spec to begin with', () => {
    const spec = parse(firstText(two))
    expect(spec.loss).toBeUndefined()
    expect(spec.data).toEqual({})
    expect(spec.model.activation).toBeUndefined()
    expect(spec.model.outputActivation).toBe('?')
    expect(openQuestions(two, spec, wish.order)).toEqual(['the activation', 'the output activation', 'the loss', 'the data'])
    expect(importOf(two, spec, wish)).toBeNull()
    expect(checkable(spec)).toBeNull()
  })

  it('are those of the file only', () => {
    const said = inspection([layer('a', 3, 2), layer('b', 2, 2)], [])
    const spec = { ...parse(firstText(said)), data: { dataset: 'mnist10' } }
    expect(openQuestions(said, spec, wish.order)).toEqual([])
    expect(importOf(said, spec, wish)).toEqual({ path: '/net.safetensors', dataset: 'mnist10', name: 'net' })
    expect(askedFields(said).network).toEqual([])
  })

  it('name the order where more than one fits, and send it then', () => {
    const orders = [
      ['a', 'b'],
      ['b', 'a']
    ]
    const found = inspection([layer('a', 2, 2), layer('b', 2, 2)], ['order'], orders)
    const spec = { ...parse(firstText(found)), data: { dataset: { path: ' /data.npz ' } } }
    expect(openQuestions(found, spec, null)).toEqual(['the order of the layers'])
    expect(importOf(found, spec, { ...wish, order: ['b', 'a'] })).toMatchObject({ order: ['b', 'a'], dataset: { path: '/data.npz' } })
  })
})

describe('the import', () => {
  const answered = (model: object, more: object = {}) => ({
    ...parse(firstText(two)),
    loss: 'mse',
    data: { dataset: 'mnist10' },
    model: { layers: [3, 2, 2], activation: { kind: 'tanh' }, ...model },
    ...more
  })

  it('says the output activation that was chosen, or that of the hidden layers', () => {
    const chosen = importOf(two, answered({ outputActivation: { kind: 'sigmoid' } }), wish)
    expect(chosen).toEqual({
      path: '/net.safetensors',
      dataset: 'mnist10',
      activation: { kind: 'tanh' },
      outputActivation: { kind: 'sigmoid' },
      loss: 'mse',
      name: 'net'
    })
    expect(importOf(two, answered({}), wish)?.outputActivation).toEqual({ kind: 'tanh' })
    expect(importOf(two, answered({ outputActivation: '?' }), wish)).toBeNull()
  })

  it('needs no output activation before a softmax', () => {
    const spec = answered({ outputActivation: '?' }, { loss: 'softmax-cross-entropy' })
    const made = importOf(two, spec, wish)
    expect(made).not.toBeNull()
    expect(made).not.toHaveProperty('outputActivation')
  })

  it('carries data, transforms and the expected loss, and is one that the workbench takes', () => {
    const transforms = [{ kind: 'affine', divide: 256, subtract: 0 }]
    const spec = answered(
      { outputActivation: { kind: 'identity' } },
      { data: { dataset: 'mnist10', transforms, trainLimit: 10, targets: 'input' } }
    )
    const made = importOf(two, spec, { order: null, expect: ' 1.5e-3 ', name: ' ' })
    expect(made).toMatchObject({ transforms, trainLimit: 10, targets: 'input', expectLoss: 0.0015 })
    expect(made).not.toHaveProperty('name')
    expect(modelImportSchema.safeParse(made).success).toBe(true)
  })

  it('an expected loss that is no number is refused in words', () => {
    expect(expectedLoss('')).toBeNull()
    expect(expectedLoss('0')).toBe(0)
    expect(() => expectedLoss('about 1')).toThrow('must be a number such as 0.125, got about 1')
  })
})

describe('what is checked and drawn before all is said', () => {
  const spec = { ...parse(firstText(two)), data: { dataset: 'mnist10' } }

  it('is complete for the check, with start weights that need no file', () => {
    expect(networkSpecSchema.safeParse(checkable(spec)).success).toBe(true)
    expect(checkable(spec)).toMatchObject({ model: { init: { kind: 'fan-sum-normal' } } })
  })

  it('shows question marks where nothing is said', () => {
    expect(drawable(spec)).toMatchObject({ model: { activation: { kind: '?' }, outputActivation: { kind: '?' } } })
    expect(drawable({ ...spec, loss: 'softmax-cross-entropy' })).toMatchObject({ model: { outputActivation: null } })
  })

  it('offers no “as the hidden layers” to a net without any', () => {
    const one = inspection([layer('a', 3, 2)], ['outputActivation', 'loss'])
    expect(askedFields(one).network.map(([field, path]) => [path.join('.'), field.nullable])).toEqual([
      ['model.outputActivation', false],
      ['loss', false]
    ])
    expect(askedFields(two).network[1][0].nullable).toBe(true)
  })

  it('faults of no field that is shown are told apart', () => {
    const at = (path: string) => ({ path, message: 'm', got: null })
    const all = ['model.layers', 'data.transforms.0.dim', 'loss', 'data.dataset'].map(at)
    expect(faultsElsewhere(all).map(({ path }) => path)).toEqual(['model.layers'])
  })
})
