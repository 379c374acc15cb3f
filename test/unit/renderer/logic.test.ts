// Smoothing, series, spec differences, filters, colours, eigenvector pieces, commands, JSON places.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunSummary } from '../../../src/shared/run/summary'
import { batched } from '../../../src/renderer/app/batch'
import { colourValues, divergingMap, rgb } from '../../../src/renderer/charts/diverging'
import { describeSeries } from '../../../src/renderer/charts/describe'
import { csv } from '../../../src/renderer/charts/table'
import { sparkPath } from '../../../src/renderer/charts/spark'
import { specDiff } from '../../../src/renderer/features/compare/spec-diff'
import { curvatureKind, modelGrid, modelValue, spectralStep } from '../../../src/renderer/features/playground/local-model'
import { readNumbers, readOptimizers } from '../../../src/renderer/features/playground/optimizers'
import { allColumns, constantColumns } from '../../../src/renderer/features/runs/columns'
import { runFilter } from '../../../src/renderer/features/runs/filter'
import { checkRows, verdict } from '../../../src/shared/run/checks'
import { countSigns, finiteTolerance } from '../../../src/shared/run/curvature'
import { nearest, scree, zerosText } from '../../../src/renderer/features/spectrum/scree'
import { parameterName, piecesOf } from '../../../src/shared/model/pieces'
import { fit, keysShown, rankCommands, shortcutOf, shortcutsOf, type Pressed } from '../../../src/renderer/ui/commands'
import { lineOfPath } from '../../../src/renderer/ui/json-lines'

const run = (change: Partial<RunSummary>): RunSummary => ({
  id: 'a',
  name: 'SFN small',
  state: 'done',
  tags: ['face-off'],
  group: null,
  colour: null,
  pinned: false,
  notes: '',
  optimizer: 'sfn',
  optimizerScope: 'full',
  loss: 'half-sse',
  batchSize: null,
  trainingSamples: 100,
  dataset: 'mnist10',
  parameterCount: 565,
  step: 40,
  budgetSteps: 40,
  budgetEpochs: null,
  budgetSeconds: null,
  lastLoss: 0.37,
  minLoss: 0.36,
  minLossStep: 39,
  lastLossPerSample: 0.0037,
  minLossPerSample: 0.0036,
  minLossPerSampleStep: 39,
  lastTestLoss: 0.7,
  lastAccuracy: 0.76,
  bestAccuracy: 0.77,
  bestAccuracyStep: 35,
  lastValLoss: null,
  lastValAccuracy: null,
  bestValAccuracy: null,
  bestValAccuracyStep: null,
  lambdaMin: -0.01,
  lambdaMax: 3,
  index: 0.09,
  curvatureStep: 40,
  curvatureSource: 'step',
  curvatureVectors: null,
  curvatureScope: 'full',
  curvatureMatrix: 'hessian',
  seconds: 8,
  wallSeconds: 9,
  bytes: 1000,
  snapshots: 9,
  createdAt: '2026-01-01T00:00:00Z',
  sparkline: [],
  error: null,
  damage: null,
  ...change
})

describe('series', () => {
  it('CSV quotes what it must', () => {
    expect(
      csv({
        header: ['a', 'b'],
        columns: [
          ['x,y', '"'],
          [1, Number.NaN]
        ]
      })
    ).toBe('a,b\n"x,y",1\n"""",\n')
  })
  it('are described in words', () => {
    const text = describeSeries('Loss', [{ id: 'l', name: 'Loss', colour: '#000000', x: [1, 2, 3], y: [3, 1, 2] }], 'step', 'loss')
    expect(text).toContain('lowest 1 at 2')
    expect(text).toContain('last 2')
  })
  it('sparklines need two points and survive what is not finite', () => {
    expect(sparkPath([1], 10, 10)).toBe('')
    expect(sparkPath([1, Number.NaN, 3], 10, 10)).toMatch(/^M0\.0 \S+L10\.0 \S+$/)
  })
})

describe('spec differences', () => {
  it('shows only what differs, in place, and treats lists as one', () => {
    const base = { name: 'a', seed: 0, model: { layers: [1, 2], bias: false }, optimizer: { kind: 'sfn', damping: { value: 0.1 } } }
    expect(specDiff([base, { ...base, name: 'b' }])).toEqual([])
    expect(specDiff([base, { ...base, model: { layers: [1, 3], bias: false }, optimizer: { kind: 'adam' } }])).toEqual([
      { path: 'model.layers', values: ['[1,2]', '[1,3]'] },
      { path: 'optimizer.kind', values: ['"sfn"', '"adam"'] },
      { path: 'optimizer.damping.value', values: ['0.1', null] }
    ])
  })
})

describe('filter of runs', () => {
  it('understands words, fields and comparisons', () => {
    const matches = (text: string, change: Partial<RunSummary> = {}) => runFilter(text).test(run(change))
    expect(matches('')).toBe(true)
    expect(matches('sfn SMALL')).toBe(true)
    expect(matches('sfn large')).toBe(false)
    expect(matches('state:done tag~face loss<0.4')).toBe(true)
    expect(matches('loss<0.3')).toBe(false)
    expect(matches('loss<0.4', { lastLoss: null })).toBe(false)
    expect(matches('"sfn small"')).toBe(true)
    expect(matches('<img', { name: '<img src=x>' })).toBe(true)
    expect(matches('(((')).toBe(false)
    expect(runFilter('loss<').fault).toContain('a value is missing')
    expect(runFilter('loss<0.3').fault).toBeNull()
  })
  it('finds columns that are all the same', () => {
    const same = constantColumns([run({}), run({ id: 'b', lastLoss: 100, lastLossPerSample: 1 })], allColumns([]))
    expect(same).toContain('dataset')
    expect(same).not.toContain('lastLoss')
    expect(constantColumns([run({})], allColumns([]))).toEqual([])
  })
})

describe('eigenvectors', () => {
  const model = { layers: [null, 20, 10], bias: true }
  it('pieces add up to the vector, with and without the input width', () => {
    const length = 101 * 20 + 21 * 10
    const pieces = piecesOf(model, 'full', length)
    expect(pieces).toEqual([
      { name: 'W1', offset: 0, rows: 101, columns: 20, inputs: 100 },
      { name: 'W2', offset: 2020, rows: 21, columns: 10, inputs: 20 }
    ])
    expect(piecesOf(model, 'W2', 210)).toEqual([{ name: 'W2', offset: 0, rows: 21, columns: 10, inputs: 20 }])
    expect(piecesOf(model, 'full', length + 1)).toBeNull()
    expect(piecesOf(model, 'W3', 10)).toBeNull()
    // One unit's 20 weights of scope unit-blocks are no layer of 2 × 10.
    expect(piecesOf({ layers: [null, 20, 10], bias: false }, 'W2', 20)).toBeNull()
    expect(parameterName(pieces, 0)).toBe('W1[0, 0]')
    expect(parameterName(pieces, 100 * 20 + 3)).toBe('b1[3]')
    expect(parameterName(pieces, 2020 + 11)).toBe('W2[1, 1]')
    expect(parameterName(null, 7)).toBe('#7')
  })
  it('scree ranks by size; signs count with the tolerance', () => {
    const values = Float64Array.of(-3, -1e-20, 0, 1e-18, 1, 2)
    const tolerance = finiteTolerance(values)
    expect(countSigns(values, tolerance)).toEqual({ negative: 1, zero: 3 })
    const ranked = scree(values, tolerance)
    expect([...ranked.order]).toEqual([0, 5, 4, 3, 1, 2])
    expect([...ranked.negative.x]).toEqual([1])
    expect([...ranked.positive.x]).toEqual([2, 3])
    // Zeros keep their ranks and their sizes.
    expect([...ranked.zero.x]).toEqual([4, 5, 6])
    expect([...ranked.zero.y]).toEqual([1e-18, 1e-20, 0])
    expect(ranked.exactZeros).toBe(1)
    expect(zerosText(ranked, 2e-15)).toBe('Along the foot at ranks 4 to 6: 3 zero within rounding (|λ| ≤ 2e−15, 1 exactly zero).')
    expect(zerosText(scree([1, 2]), 0)).toBeNull()
    const odd = scree([Number.NaN, 2, -Infinity, -5], 0)
    expect([...odd.order.subarray(0, 2)]).toEqual([3, 1])
    expect(odd.notFinite).toBe(2)
    expect(zerosText(odd, 0)).toBe('2 not finite, without a point.')
  })
  it('nearest finds the closest of ascending values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -100, max: 100 }), { minLength: 1 }),
        fc.double({ noNaN: true, min: -200, max: 200 }),
        (list, target) => {
          const sorted = Float64Array.from(list).sort()
          const found = Math.abs(sorted[nearest(sorted, target)] - target)
          expect(found).toBe(sorted.reduce((least, value) => Math.min(least, Math.abs(value - target)), Infinity))
        }
      )
    )
  })
  it('checks fail beyond rounding only', () => {
    const checks = { symmetry: 1e-16, trace: 1e-15, frobenius: null, residual: 1e-14, finiteDifference: 1e-8 }
    expect(verdict(checkRows(checks, 565, 'float64'))).toBe('verified')
    expect(verdict(checkRows({ ...checks, trace: 1e-6 }, 565, 'float64'))).toBe('failed')
    expect(verdict(checkRows({ symmetry: null, trace: null, frobenius: null, residual: null, finiteDifference: null }, 5, 'float64'))).toBe(
      'unchecked'
    )
  })
})

describe('playground', () => {
  // f = 5x² − y² at (1, 2): g = (10, −4), H = diag(10, −2).
  const local = { value: 1, gradient: [10, -4], hessian: [10, 0, 0, -2], eigenvalues: [-2, 10], eigenvectors: [0, 1, 1, 0] }
  it('Newton goes to the saddle, saddle-free Newton away from it along negative curvature', () => {
    expect(spectralStep(local, false)).toEqual([-1, -2])
    expect(spectralStep(local, true)).toEqual([-1, 2])
    expect(spectralStep({ ...local, eigenvalues: [0, 10] }, true)).toBeNull()
    expect(curvatureKind(local.eigenvalues)).toContain('saddle')
    expect(curvatureKind([0, 0])).toContain('flat')
    expect(curvatureKind([1, 2])).toContain('bowl')
    expect(curvatureKind([Number.NaN, 2])).toContain('not finite')
  })
  it('the model of a quadratic is the quadratic', () => {
    const f = (x: number, y: number) => 5 * x * x - y * y
    expect(modelValue(local, 0.3, -0.7)).toBeCloseTo(f(1.3, 1.3), 12)
    const grid = modelGrid(local, 1, 0.5, 3)
    expect(grid[0]).toBeCloseTo(f(0, 2.5), 12)
    expect(grid[8]).toBeCloseTo(f(2, 1.5), 12)
  })
  it('reads the address and refuses nonsense', () => {
    expect(readNumbers('1, -2.5e3', 2)).toEqual([1, -2500])
    for (const text of ['1', '1,', '1,x', '1,2,3', '1,Infinity']) expect(readNumbers(text, 2)).toBeNull()
    expect(readOptimizers('[{"kind":"gd","learningRate":1}]')).toHaveLength(1)
    for (const text of ['', '[]', '{}', '[1]', '[{"kind":1}]', JSON.stringify(Array.from({ length: 13 }, () => ({ kind: 'gd' })))])
      expect(readOptimizers(text)).toBeNull()
  })
})

describe('specs as text', () => {
  it('finds the line of a path, or the nearest part of it', () => {
    const text = '{\n  "a": { "b": 1 },\n  "list": [\n    1,\n    { "c": "}\\"{" }\n  ],\n  "d": 2\n}'
    expect(lineOfPath(text, 'a.b')).toBe(2)
    expect(lineOfPath(text, 'list.1.c')).toBe(5)
    expect(lineOfPath(text, 'list[1].c')).toBe(5)
    expect(lineOfPath(text, 'd')).toBe(7)
    expect(lineOfPath(text, 'a.missing')).toBe(2)
    expect(lineOfPath(text, 'nothing')).toBe(1)
    expect(lineOfPath(text, '')).toBe(1)
    fc.assert(
      fc.property(fc.string(), fc.string(), (any, path) => {
        expect(lineOfPath(any, path)).toBeGreaterThanOrEqual(1)
      })
    )
  })
})

describe('commands', () => {
  const commands = ['Runs', 'New run', 'Dark theme'].map((label) => ({ id: label, label, group: '', run: () => undefined }))
  it('find by letters in order, whole words first', () => {
    expect(rankCommands(commands, '').map((one) => one.id)).toEqual(['Runs', 'New run', 'Dark theme'])
    expect(rankCommands(commands, 'run')[0].id).toBe('Runs')
    expect(rankCommands(commands, 'dkth').map((one) => one.id)).toEqual(['Dark theme'])
    expect(fit('Runs', 'xyz')).toBeNull()
  })
})

describe('keys', () => {
  const press = (key: string, at = 0, more: Partial<Pressed> = {}): Pressed => ({ key, ctrl: false, alt: false, at, ...more })
  it('mean a command alone, or the second one after g for a while', () => {
    expect(shortcutOf(press('n'), -Infinity)).toEqual({ shortcut: 'n', gAt: -Infinity })
    const g = shortcutOf(press('g', 100), -Infinity)
    expect(g).toEqual({ shortcut: null, gAt: 100 })
    expect(shortcutOf(press('r', 400), g.gAt)).toEqual({ shortcut: 'g r', gAt: -Infinity })
    expect(shortcutOf(press('n', 2000), g.gAt).shortcut).toBe('n')
  })
  it('with Ctrl mean the palette only, with Alt nothing', () => {
    expect(shortcutOf(press('o', 0, { ctrl: true }), -Infinity).shortcut).toBe('Ctrl O')
    expect([keysShown('Ctrl O', 'MacIntel'), keysShown('Ctrl O', 'Linux x86_64'), keysShown('g r', 'MacIntel')]).toEqual([
      '⌘ O',
      'Ctrl O',
      'g r'
    ])
    expect(shortcutOf(press('K', 0, { ctrl: true }), -Infinity).shortcut).toBe('Ctrl K')
    expect(shortcutOf(press('n', 0, { ctrl: true }), -Infinity).shortcut).toBeNull()
    expect(shortcutOf(press('n', 0, { alt: true }), -Infinity).shortcut).toBeNull()
  })
  it('are listed from the commands that have them', () => {
    const command = (label: string, group: string, shortcut?: string) => ({ id: label, label, group, shortcut, run: () => undefined })
    const list = shortcutsOf([command('Runs', 'Screen', 'g r'), command('Pause', 'This run', 'p'), command('Light theme', 'Appearance')])
    expect(list.slice(0, 2)).toEqual([
      { keys: 'g r', does: 'Go to Runs' },
      { keys: 'p', does: 'Pause' }
    ])
    expect(list.map((one) => one.does)).not.toContain('Light theme')
  })
})

describe('colours', () => {
  it('signs take their side, zero the ground, NaN is transparent', () => {
    const map = divergingMap('#ff0000', '#fff', '#0000ff', '#000000')
    const pixels = new Uint8ClampedArray(16)
    colourValues([-0.75, 0, 0.75, Number.NaN], pixels, map, 1, null)
    expect([...pixels.subarray(0, 8)]).toEqual([255, 0, 0, 255, 255, 255, 255, 255])
    expect([...pixels.subarray(8, 12)]).toEqual([0, 0, 255, 255])
    expect(pixels[15]).toBe(0)
    expect(rgb('#abc')).toEqual([0xaa, 0xbb, 0xcc])
  })
})

describe('batched', () => {
  it('hands on everything, in order, in few deliveries', async () => {
    const deliveries: number[][] = []
    const take = batched<number>(20, (values) => deliveries.push(values))
    for (let i = 0; i < 10_000; i++) take(i)
    await new Promise((done) => setTimeout(done, 60))
    expect(deliveries.flat()).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
    expect(deliveries.length).toBeLessThanOrEqual(3)
  })
})
