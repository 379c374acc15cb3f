// Edits in place change one value of a JSON text and leave what was typed around it; faults name their line.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJson, removeAt, setAt } from '../../../src/renderer/features/new-run/json-text'

const typed = `{
  "name":   "a",
  "batch": { "size": 5 },
  "model": {
    "layers": [ 3,4 ]
  }
}`

describe('an edit in place', () => {
  test('replaces one value and leaves the blanks of the others', () => {
    expect(setAt(typed, ['batch', 'size'], 7)).toBe(typed.replace('5', '7'))
    expect(setAt(typed, ['model', 'layers', 1], 9)).toBe(typed.replace('3,4', '3,9'))
  })
  test('adds a key in the manner of its neighbours, and objects on the way', () => {
    expect(setAt(typed, ['batch', 'shuffle'], true)).toBe(typed.replace('"size": 5', '"size": 5, "shuffle": true'))
    expect(setAt(typed, ['model', 'bias'], true)).toContain('"layers": [ 3,4 ],\n    "bias": true\n  }')
    expect(setAt(typed, ['budget', 'steps'], 3)).toContain(',\n  "budget": { "steps": 3 }\n}')
    expect(setAt('{}', ['a'], 1)).toBe('{ "a": 1 }')
    expect(setAt('{"a":null}', ['a', 'b'], 1)).toBe('{"a":{ "b": 1 }}')
  })
  test('takes a key out with its comma', () => {
    expect(removeAt('{"a":1, "b":2,"c":3}', ['b'])).toBe('{"a":1,"c":3}')
    expect(removeAt('{"a":1, "b":2}', ['a'])).toBe('{"b":2}')
    expect(removeAt('{"a":1}', ['a'])).toBe('{}')
    expect(removeAt('{"a":1}', ['x', 'y'])).toBe('{"a":1}')
  })
  test('means what the same change of the value means, whatever the text', () => {
    const json = fc.dictionary(
      fc.string(),
      fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer()), fc.dictionary(fc.string(), fc.boolean()))
    )
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>
    fc.assert(
      fc.property(json, fc.string(), fc.jsonValue(), fc.nat(3), (value, key, put, indent) => {
        fc.pre(key !== '__proto__')
        const text = JSON.stringify(value, null, indent)
        expect(JSON.parse(setAt(text, [key], put))).toEqual({ ...plain(value), [key]: plain({ put }).put })
        const { [key]: _, ...rest } = plain(value)
        expect(JSON.parse(removeAt(text, [key]))).toEqual(rest)
      })
    )
  })
})

describe('reading', () => {
  test.each([
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'a comma or } is expected'],
    ['{\n  "a": 1,\n}', 3, 1, 'a key in quotes is expected, not “}”'],
    ['{ "a": tru }', 1, 8, 'a value is expected'],
    ['[1, 2', 1, 6, 'the end of the text'],
    ['{ "a": "x }', 1, 8, 'no end'],
    ['{} x', 1, 4, 'nothing more']
  ])('names the place of the fault in %j', (text, line, column, message) => {
    expect(readJson(text)).toMatchObject({ fault: { line, column, message: expect.stringContaining(message) } })
  })
  test('agrees with JSON.parse', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (text, place, junk) => {
        const changed = text.slice(0, place % (text.length + 1)) + junk + text.slice(place % (text.length + 1))
        let right: unknown
        try {
          right = { value: JSON.parse(changed) as unknown }
        } catch {
          right = { fault: expect.anything() as unknown }
        }
        expect(readJson(changed)).toEqual(right)
      }),
      { numRuns: 500 }
    )
  })
})
