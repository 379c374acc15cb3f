// The walk finds every field of the schema with its default, and the help covers them all: nothing without help, no help without a field.
import { describe, expect, test } from 'vitest'
import { functionFields, kindOf, networkFields, withDescendants, type Field } from '../../../../src/shared/spec/fields'
import { fieldHelp } from '../../../../src/shared/spec/help'
import { optimizerKinds } from '../../../../src/shared/spec/optimizers'
import { networkSpecSchema } from '../../../../src/shared/spec/schema'

const all = [...networkFields, ...functionFields].flatMap(withDescendants)
const at = (path: string): Field => {
  const found = all.find((field) => field.path === path)
  if (!found) throw new Error(`no field ${path}`)
  return found
}

describe('the help', () => {
  test('covers every field and nothing else', () => {
    // The text of a text-or-object stands at the path of the whole.
    expect(Object.keys(fieldHelp).sort()).toEqual([...new Set(all.map(({ path }) => path))].sort())
  })
  test('names what null means wherever it is allowed', () => {
    const silent = all.filter(({ nullable, path }) => nullable && !fieldHelp[path]?.none)
    expect(silent.map(({ path }) => path)).toEqual([])
  })
  test('names every value that can be chosen', () => {
    const missing = all.flatMap(({ shape, path }) => {
      const values = shape.type === 'select' ? shape.values : shape.type === 'choice' ? shape.alternatives.map(({ value }) => value) : []
      return values.filter((value) => !fieldHelp[path]?.options?.[value]).map((value) => `${path}: ${value}`)
    })
    expect(missing).toEqual([])
  })
})

describe('the walk', () => {
  test('has a field for every key of the schema, in its order', () => {
    expect(networkFields.map(({ key }) => key)).toEqual(Object.keys(networkSpecSchema.shape))
  })
  test('knows defaults, nulls and what is required', () => {
    expect(at('batch.size')).toMatchObject({ shape: { type: 'number' }, nullable: true, required: false, fallback: null })
    expect(at('checkpoints.keep')).toMatchObject({ fallback: 3, required: false })
    expect(at('model.layers')).toMatchObject({ required: true, shape: { type: 'list', item: { nullable: true } } })
    expect(at('data.dataset').shape).toMatchObject({ type: 'either', fields: [{ shape: { type: 'text' } }, { shape: { type: 'group' } }] })
    expect(at('optimizer.learningRate').shape.type).toBe('word')
    expect(at('optimizer.r')).toMatchObject({ required: false, fallback: undefined })
    expect(at('model.init').fallback).toEqual({ kind: 'fan-sum-normal' })
  })
  test('gives every kind of a union its own fields and defaults', () => {
    const { shape } = at('optimizer')
    if (shape.type !== 'choice') throw new Error('no choice')
    expect(shape.alternatives.map(({ value }) => value).sort()).toEqual([...optimizerKinds].sort())
    const rate = (kind: string) =>
      shape.alternatives.find(({ value }) => value === kind)?.fields.find(({ key }) => key === 'learningRate')?.fallback
    expect([rate('gd'), rate('adam'), rate('sfn')]).toEqual([0.01, 0.001, 0.1])
    expect(kindOf(at('model.init'), undefined)).toBe('fan-sum-normal')
    expect(kindOf(at('optimizer'), {})).toBeNull()
  })
})
