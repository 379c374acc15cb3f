// The form's edits: kinds start sound, missing objects come with their default's kind, and leaving defaults out changes no spec.
import { describe, expect, test } from 'vitest'
import { checkSpec } from '../../../src/shared/spec/check'
import { networkFields, withDescendants } from '../../../src/shared/spec/fields'
import { allPresets } from '../../../src/shared/spec/preset-list'
import { setAt } from '../../../src/renderer/features/new-run/json-text'
import {
  editOf,
  fieldsIn,
  readList,
  readNumeral,
  readText,
  shownValue,
  starterOf,
  valueAt,
  withoutDefaults
} from '../../../src/renderer/features/new-run/spec-edit'
import { blankSpecs, briefText, fieldsFor, parseSpecs, textOfSpecs } from '../../../src/renderer/features/new-run/spec-text'

const all = networkFields.flatMap(withDescendants)
const field = (path: string) => {
  const found = all.find((one) => one.path === path)
  if (!found) throw new Error(path)
  return found
}

describe('text and specs', () => {
  test('one stands alone, several are a list, and a fault names its line', () => {
    expect(parseSpecs(textOfSpecs([{ a: 1 }]))).toEqual({ specs: [{ a: 1 }], fault: null, listed: false })
    expect(parseSpecs(textOfSpecs([{ a: 1 }, { a: 2 }])).specs).toHaveLength(2)
    expect(parseSpecs('{\n').fault).toMatchObject({ line: 2 })
    expect(parseSpecs(' ').specs).toEqual([])
  })
  test('what presets say without their defaults is complete again after the check', async () => {
    for (const { specs } of await allPresets())
      for (const spec of specs) {
        const brief = withoutDefaults(fieldsFor(spec), spec)
        expect(JSON.stringify(brief).length).toBeLessThan(JSON.stringify(spec).length)
        expect((await checkSpec(brief)).spec).toEqual(spec)
        // Null, or what null is there: that of the other layers, identity under cross-entropy. Another one is no default and stays.
        const model = 'model' in spec ? spec.model : null
        const own = model && JSON.stringify(model.outputActivation)
        const usual = model && ('loss' in spec && spec.loss === 'softmax-cross-entropy' ? { kind: 'identity' } : model.activation)
        const kept = own === 'null' || own === JSON.stringify(usual) ? undefined : model?.outputActivation
        expect(valueAt(brief, ['model', 'outputActivation'])).toEqual(kept)
      }
  })
  test('blank specs are sound', async () => {
    for (const spec of Object.values(blankSpecs)) expect((await checkSpec(spec)).problems).toEqual([])
    expect(JSON.parse(briefText([blankSpecs.network]))).toEqual(blankSpecs.network)
  })
})

describe('edits', () => {
  test('set what is there', () => {
    expect(editOf(networkFields, { batch: { size: 3 } }, ['batch', 'size'], 4)).toEqual({ path: ['batch', 'size'], value: 4 })
    const spec = { data: { transforms: [{ kind: 'affine', divide: 2, subtract: 0 }] } }
    expect(editOf(networkFields, spec, ['data', 'transforms', 0, 'divide'], 4).path).toEqual(['data', 'transforms', 0, 'divide'])
  })
  test('make missing objects, with the kind of their default', () => {
    expect(editOf(networkFields, {}, ['evaluate', 'everySteps'], 4)).toEqual({ path: ['evaluate'], value: { everySteps: 4 } })
    const edit = editOf(networkFields, { optimizer: { kind: 'sfn' } }, ['optimizer', 'damping', 'value'], 4)
    expect(edit).toEqual({ path: ['optimizer', 'damping'], value: { value: 4 } })
    expect(JSON.parse(setAt('{"optimizer":{"kind":"sfn"}}', edit.path, edit.value))).toEqual({
      optimizer: { kind: 'sfn', damping: { value: 4 } }
    })
    expect(editOf(networkFields, { model: {} }, ['model', 'init', 'x'], 1).value).toEqual({ kind: 'fan-sum-normal', x: 1 })
  })
  test('begin every kind with a value that its schema takes', async () => {
    for (const path of ['data.transforms[]', 'model.activation', 'optimizer']) {
      const { shape } = field(path)
      if (shape.type !== 'choice') throw new Error(path)
      for (const { value, fields } of shape.alternatives) {
        const starter = starterOf(fields, value)
        const spec = {
          ...blankSpecs.network,
          loss: 'mse',
          data: { dataset: 'mnist10', transforms: path.startsWith('data') ? [starter] : [] },
          model: { ...blankSpecs.network.model, ...(path.startsWith('model') ? { activation: starter } : {}) },
          optimizer: path === 'optimizer' ? starter : { kind: 'gd' }
        }
        expect((await checkSpec(spec)).problems, value).toEqual([])
      }
    }
  })
  test('know the fields of the kind in use', () => {
    expect(fieldsIn(field('model.init'), undefined)).toEqual([])
    expect(fieldsIn(field('model.init'), { kind: 'run' }).map(({ key }) => key)).toEqual(['run', 'step'])
    expect(fieldsIn(field('data.dataset'), { path: 'x' }).map(({ key }) => key)).toEqual(['path'])
    expect(fieldsIn(field('data.dataset'), 'x')).toEqual([])
  })
})

describe('what is typed', () => {
  test('is a number where it is one', () => {
    expect(['1e-3', '.5', '-2', '3.'].map(readNumeral)).toEqual([1e-3, 0.5, -2, 3])
    expect(['0.1 * 0.99^epoch', '1e', '0x10', ''].map(readNumeral)).toEqual(['0.1 * 0.99^epoch', '1e', '0x10', ''])
    expect(readText(field('snapshots.eigenvectors'), 'all')).toBe('all')
    expect(readText(field('name'), '12')).toBe('12')
  })
  test('is a list with commas', () => {
    const layers = field('model.layers')
    if (layers.shape.type !== 'list') throw new Error('no list')
    expect(readList('From data, 5,10', layers.shape.item)).toEqual([null, 5, 10])
    expect(shownValue(layers, [null, 5, 10])).toBe('from data, 5, 10')
    expect(readText(field('tags'), 'a, b c')).toEqual(['a', 'b c'])
    expect(readText(field('tags'), '')).toEqual([])
  })
})
