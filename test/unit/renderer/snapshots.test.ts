// The snapshot library's own logic: what a filter shows, where two are compared, how labels are searched and rows folded to pictures.
import { describe, expect, it } from 'vitest'
import type { SnapshotEntry } from '../../../src/shared/api/contract'
import { byRun, comparisonOf, matching } from '../../../src/renderer/features/snapshots/choice'
import { matchLabels } from '../../../src/renderer/features/datasets/label-search'
import { folded, foldings } from '../../../src/renderer/features/datasets/picture-shape'
import { freeId, sharedTitles } from '../../../src/renderer/features/datasets/titles'

const entry = (run: string, step: number, more: Partial<SnapshotEntry> = {}): SnapshotEntry => ({
  run,
  runName: `Run ${run}`,
  optimizer: 'sfn',
  dataset: 'xor',
  step,
  bytes: 100,
  hessianBytes: 60,
  blocks: ['full'],
  contents: [{ name: 'full', size: 10, units: 1, eigenvalues: true, eigenvectors: 4, hessian: true }],
  hessian: true,
  scope: 'full',
  onDemand: false,
  pinned: false,
  damage: null,
  ...more
})
const any = { text: '', optimizer: '', dataset: '', hessian: false, pinned: false, onDemand: false }

describe('the filter', () => {
  const all = [entry('b', 20), entry('a', 30, { optimizer: 'gd', hessian: false }), entry('a', 10, { pinned: true, dataset: 'mnist10' })]
  it('takes every condition together, and sorts by run and step', () => {
    expect(matching(all, any).map(({ run, step }) => [run, step])).toEqual([
      ['a', 10],
      ['a', 30],
      ['b', 20]
    ])
    expect(matching(all, { ...any, hessian: true }).map(({ step }) => step)).toEqual([10, 20])
    expect(matching(all, { ...any, hessian: true, pinned: true }).map(({ step }) => step)).toEqual([10])
    expect(matching(all, { ...any, text: 'RUN gd' }).map(({ step }) => step)).toEqual([30])
    expect(matching(all, { ...any, dataset: 'mnist10', optimizer: 'gd' })).toEqual([])
    expect(byRun(matching(all, any)).map(({ run, steps }) => [run, steps])).toEqual([
      ['a', [10, 30]],
      ['b', [20]]
    ])
  })
})

describe('two snapshots', () => {
  const block = (name: string, hessian: boolean, eigenvalues = true) => ({ name, size: 4, units: 1, eigenvalues, eigenvectors: 0, hessian })
  it('are compared by their Hessians where both have one, of the same block where both have that', () => {
    expect(comparisonOf(entry('a', 10), entry('b', 20))).toEqual({
      what: 'Hessians',
      path: '/run/a/hessian',
      query: { step: '10', block: 'full', beside: 'b:20/full' }
    })
    const layers = entry('c', 5, { contents: [block('W1', false), block('W2', true)] })
    expect(comparisonOf(layers, entry('d', 7, { contents: [block('W1', true), block('W2', true)] }))).toMatchObject({
      query: { step: '5', block: 'W2', beside: 'd:7/W2' }
    })
    expect(comparisonOf(entry('a', 10), layers)).toMatchObject({ query: { block: 'full', beside: 'c:5/W2' } })
  })
  it('else by their spectra; and what has nothing in common says so', () => {
    const plain = entry('e', 1, { contents: [block('full', false)] })
    expect(comparisonOf(plain, entry('b', 20))).toEqual({
      what: 'spectra',
      path: '/run/e/spectrum',
      query: { step: '1', block: 'full', with: 'b:20/full' }
    })
    expect(comparisonOf(plain, entry('f', 2, { contents: [block('full', true, false)] }))).toHaveProperty('fault')
  })
})

describe('labels', () => {
  const names = ['apple', 'aquarium_fish', 'crab apple', '3', '12']
  it('are found by a part of the name, or by number', () => {
    expect(matchLabels(names, 'APPLE').classes).toEqual([0, 2])
    expect(matchLabels(names, '1').classes).toEqual([1])
    expect(matchLabels(names, '3').classes).toEqual([3])
    expect(matchLabels(names, '12').classes).toEqual([4])
    expect(matchLabels(names, 'zebra').classes).toEqual([])
    expect(matchLabels(names, 'apple').said).toBe('apple (0), crab apple (2)')
  })
})

describe('a row of numbers as a picture', () => {
  const row = Uint8Array.from({ length: 12 }, (_, i) => i)
  it('is folded row by row, plane by plane, pixel by pixel', () => {
    expect(foldings(12).map(({ value }) => value)).toEqual(['row', 'planes', 'interleaved'])
    expect(foldings(9).map(({ value }) => value)).toEqual(['row', 'grey'])
    expect(foldings(7).map(({ value }) => value)).toEqual(['row'])
    expect(folded(row, 'planes')).toEqual({
      width: 2,
      height: 2,
      channels: 3,
      pixels: Uint8Array.from([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
    })
    expect(folded(row, 'interleaved')).toEqual({ width: 2, height: 2, channels: 3, pixels: row })
    expect(folded(row.subarray(0, 9), 'grey')).toMatchObject({ width: 3, height: 3, channels: 1 })
  })
})

it('titles that several have are known, and a free id is found', () => {
  expect([...sharedTitles([{ title: 'A' }, { title: 'B' }, { title: 'A' }])]).toEqual(['A'])
  expect(freeId('mnist', new Set(['mnist', 'mnist-2']))).toBe('mnist-3')
  expect(freeId('new', new Set(['mnist']))).toBe('new')
})
