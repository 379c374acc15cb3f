// The tabs of a run: time that adds up, stacked phases, decreases and gains, specs told apart, costs in words.
import { describe, expect, test } from 'vitest'
import type { SnapshotCost } from '../../../src/shared/api/contract'
import { differences, leafPairs, nearestPreset } from '../../../src/shared/spec/leaves'
import { specDefaults } from '../../../src/shared/spec/defaults'
import { allPresets } from '../../../src/shared/spec/preset-list'
import { networkSpecSchema } from '../../../src/shared/spec/schema'
import { costRows, existingText } from '../../../src/renderer/features/curvature/cost-rows'
import { defaultRows, specRows, valueText } from '../../../src/renderer/features/run/config-diff'
import { gainRatio, stepCharts } from '../../../src/renderer/features/run/step-charts'
import { densityMap, outline } from '../../../src/renderer/features/run/weights-density'
import { stackPhases, timeRows } from '../../../src/renderer/features/run/time-split'

describe('where the time went', () => {
  const phases = [
    { name: 'decomposition', seconds: 6 },
    { name: 'assembly', seconds: 2 }
  ]
  test('parts add up to the wall time, and their shares to one', () => {
    const rows = timeRows({ phases, stepSeconds: 9, steps: 10, wallSeconds: 20 })
    expect(rows.map(({ name, seconds, share }) => [name, seconds, share])).toEqual([
      ['decomposition', 6, 0.3],
      ['assembly', 2, 0.1],
      ['rest of the steps', 1, 0.05],
      ['outside of steps', 11, 0.55]
    ])
  })
  test('without wall time they add up to the steps; without phases there are only those', () => {
    expect(timeRows({ phases, stepSeconds: 8, steps: 10, wallSeconds: null }).map(({ seconds }) => seconds)).toEqual([6, 2, 0])
    expect(timeRows({ phases: [], stepSeconds: 3, steps: 10, wallSeconds: null })).toMatchObject([{ name: 'steps', seconds: 3, share: 1 }])
    expect(timeRows({ phases: [], stepSeconds: 0, steps: 0, wallSeconds: null })).toMatchObject([{ share: 0 }])
  })
  test('rounding does not make a part negative', () => {
    for (const { seconds } of timeRows({ phases, stepSeconds: 7.999, steps: 1, wallSeconds: 7.5 }))
      expect(seconds).toBeGreaterThanOrEqual(0)
  })
  test('phases are stacked in the order asked for; a step without a figure has none of it', () => {
    const table = {
      steps: Float64Array.of(1, 2, 3),
      columns: { 'phases.a': Float64Array.of(1, NaN, 3), 'phases.b': Float64Array.of(10, 20, NaN) }
    }
    expect(stackPhases(table, ['b', 'a', 'missing']).map(({ name, low, high }) => [name, [...low], [...high]])).toEqual([
      ['b', [0, 0, 0], [10, 20, 0]],
      ['a', [10, 20, 0], [11, 20, 3]]
    ])
  })
})

describe('steps', () => {
  const charts = (columns: Record<string, Float64Array>) => stepCharts(tableOf(columns), (index) => `colour ${index}`)
  const column = (...values: number[]) => Float64Array.from(values)
  const tableOf = (columns: Record<string, Float64Array>) => ({
    steps: column(1, 2),
    columns,
    smoothed: {},
    available: Object.keys(columns),
    total: 2,
    missing: [],
    damaged: 0,
    notFinite: {}
  })
  test('gain is actual over predicted, and nothing where nothing was predicted', () => {
    expect([...gainRatio([2, 0, 4], [1, 1, -4])]).toEqual([0.5, NaN, -1])
  })
  test('decreases are shown per sample where there is that, else as in the file', () => {
    const own = { predictedDecrease: column(4, 2), actualDecrease: column(2, 2) }
    expect(charts(own)[0]).toMatchObject({ id: 'decrease', y: 'decrease', series: [{ y: own.predictedDecrease }, {}] })
    const perSample = { predictedDecreasePerSample: column(0.4, 0.2), actualDecreasePerSample: column(0.2, 0.2) }
    const both = charts({ ...own, ...perSample })
    expect(both[0]).toMatchObject({ y: 'decrease per sample', series: [{ y: perSample.predictedDecreasePerSample }, {}] })
    expect([...(both[1].series[0].y as Float64Array)]).toEqual([0.5, 1])
  })
  test('a figure without values has no chart', () => {
    expect(charts({ learningRate: column(1, 1) }).map(({ title }) => title)).toEqual(['Learning rate η'])
  })
})

describe('a spec against another', () => {
  const spec = networkSpecSchema.parse({
    schemaVersion: 1,
    name: 'a',
    data: { dataset: 'mnist10' },
    model: { layers: [100, 5, 10], activation: { kind: 'tanh' } },
    loss: 'mse',
    optimizer: { kind: 'adam', learningRate: 0.02 },
    budget: { steps: 10 }
  })
  test('defaults are those of the schema; what must be given has none', () => {
    const defaults = specDefaults(spec)
    expect(defaults.get('optimizer.learningRate')).toBe('0.001')
    expect(defaults.get('optimizer.beta2')).toBe('0.999')
    expect(defaults.get('snapshots.maxBytes')).toBe('"20 GB"')
    expect(defaults.get('seed')).toBe('0')
    for (const path of ['name', 'loss', 'model.layers', 'optimizer.kind', 'budget.steps', 'data.dataset'])
      expect(defaults.has(path), path).toBe(false)
    expect(defaultRows(spec).filter(({ differs }) => differs)).toEqual([
      { path: 'optimizer.learningRate', here: '0.02', there: '0.001', differs: true }
    ])
  })
  test('pairs are in the order of the first, what only the second has at the end', () => {
    expect(leafPairs({ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2], d: null }, a: 2 })).toEqual([
      { path: 'a', here: '1', there: '2' },
      { path: 'b.c', here: '[1,2]', there: '[1,2]' },
      { path: 'b.d', here: null, there: 'null' }
    ])
    expect(differences({ a: 1 }, { a: 1 })).toEqual([])
    expect(specRows(spec, { ...spec, seed: 4 }).filter(({ differs }) => differs)).toEqual([
      { path: 'seed', here: '0', there: '4', differs: true }
    ])
  })
  test('the nearest preset, with what differs but for names; none where nothing is near', async () => {
    const presets = await allPresets()
    const [first] = presets
    expect(nearestPreset({ ...first.specs[0], name: 'other', seed: 99 }, presets)).toEqual({
      preset: first.name,
      differences: [{ path: 'seed', here: '99', there: String(first.specs[0].seed) }]
    })
    expect(nearestPreset(spec, presets)).toBe(null)
  })
  test('values are shown without quotation marks, lists with spaces', () => {
    expect(valueText('"a,b"')).toBe('a,b')
    expect(valueText('[100,5,null]')).toBe('[100, 5, null]')
    expect(valueText('[{"kind":"affine","divide":256}]')).toBe('[{kind: "affine", divide: 256}]')
    expect(valueText(null)).toBe('–')
  })
})

describe('what curvature costs', () => {
  const cost: SnapshotCost = {
    scope: 'full',
    blocks: [{ name: 'full', size: 565, units: 1 }],
    samples: 1000,
    peakBytes: 36e6,
    freeMemory: 8e9,
    diskBytes: 84_600,
    freeBytes: 5e10,
    storedBytes: 0,
    budget: null,
    maxBytes: '20 GB',
    seconds: 0.42,
    existing: null,
    refusal: null
  }
  test('says which batch, how much memory of how much, and the budget', () => {
    const rows = Object.fromEntries(costRows(cost, 40).map(({ name, value }) => [name, value.replaceAll('\u202f', ' ')]))
    expect(rows).toEqual({
      Batch: '1 000 samples, those of step 41',
      Matrices: 'full: 565 × 565',
      Memory: 'about 36.0 MB of 8.0 GB free',
      Disk: '84.6 kB of 50.0 GB free',
      'Snapshots of the run': '0 B of 20.0 GB (snapshots.maxBytes)',
      Time: 'roughly 0.4 s, and reading the data'
    })
    expect(
      costRows({ ...cost, samples: null, peakBytes: null, diskBytes: null, seconds: null, blocks: [] }, 0)
        .map(({ value }) => value)
        .slice(0, 4)
    ).toEqual(['that of step 1', '–', '–', '–'])
  })
  test('names the snapshot that is there', () => {
    expect(existingText({ scope: 'full', eigenvectors: 16, hessian: false }, 40)).toMatch(
      /After step 40 .* \(scope full, 16 eigenvectors, without the Hessian\)/
    )
  })
})

describe('histograms of weights', () => {
  const column = (...values: number[]) => Float64Array.from(values)
  const series = (from: number[], to: number[], counts: number[]) => {
    const none = column(...from.map(() => NaN))
    return { from: column(...from), to: column(...to), min: none, max: none, mean: none, std: none, zeros: none, counts: column(...counts) }
  }
  test('lie on one axis; the shares of an evaluation add up to one, and one that is missing is NaN', () => {
    const map = densityMap(series([0, NaN, -1], [2, NaN, 3], [1, 3, 0, 0, 4, 4]), 2, 8)
    if (!map) throw new Error('no map')
    expect([map.low, map.high, map.columns]).toEqual([-1, 3, 3])
    const shares = (k: number) => Array.from({ length: map.rows }, (_, row) => map.shares[row * map.columns + k])
    // Bins of a half: the first histogram has a quarter of its entries in 0 … 1, the rest in 1 … 2.
    expect(shares(0)).toEqual([0, 0, 0.125, 0.125, 0.375, 0.375, 0, 0])
    expect(shares(1).every(Number.isNaN)).toBe(true)
    expect(shares(2)).toEqual(Array(8).fill(0.125))
    expect(map.most).toBe(0.375)
  })
  test('finer than the axis, or without width, they keep all their entries', () => {
    const fine = densityMap(series([0, 0], [1, 100], [5, 5, 1, 1]), 2, 4)
    expect(fine && Array.from({ length: 4 }, (_, row) => fine.shares[row * 2])).toEqual([1, 0, 0, 0])
    const flat = densityMap(series([2], [2], [7, 0]), 2, 4)
    expect(flat?.shares.reduce((sum, share) => sum + share, 0)).toBe(1)
    expect(densityMap(series([NaN], [NaN], [0, 0]), 2)).toBe(null)
  })
  test('have an outline of their exact counts', () => {
    const found = outline(series([0, NaN], [2, NaN], [3, 5, 0, 0]), 0, 2)
    expect([[...(found?.x ?? [])], [...(found?.y ?? [])]]).toEqual([
      [0, 1, 1, 2],
      [3, 3, 5, 5]
    ])
    expect(outline(series([0, NaN], [2, NaN], [3, 5, 0, 0]), 1, 2)).toBe(null)
  })
})
