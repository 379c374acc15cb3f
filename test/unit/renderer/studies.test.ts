// The Studies screen's pure parts: which picture, the cells' states, fields and axes of a form, races, verdicts.
import { describe, expect, it } from 'vitest'
import type { StudyDetails, StudyRow } from '../../../src/shared/api/contract'
import { presetInfo } from '../../../src/shared/spec/preset-list'
import { cellsOf, inMode, modeOf, readValues, shownValues, starterAxis } from '../../../src/renderer/features/studies/axis-edit'
import { fairnessText } from '../../../src/renderer/features/studies/fairness'
import { fieldRows, matchingRows, optimizerRows } from '../../../src/renderer/features/studies/field-rows'
import { bandSeries, nearestCell } from '../../../src/renderer/features/studies/pictures'
import { bestOf, racersOf } from '../../../src/renderer/features/studies/race'
import { cellState, shapeOf, statesText, valueText } from '../../../src/renderer/features/studies/shape'
import { jobRows, slurmHeadline } from '../../../src/renderer/features/studies/slurm'
import { metricChoices, placeKindOf, placeOfKind } from '../../../src/renderer/features/studies/selection'

const rate = { path: 'optimizer.learningRate', label: 'learningRate', numeric: true, scale: null, values: [0.01, 0.1, 1] } as const
const delta = { path: 'optimizer.damping.value', label: 'damping.value', numeric: true, scale: 'log', values: [0.1, 1] } as const
const layers = {
  path: 'model.activation',
  label: 'activation',
  numeric: false,
  scale: null,
  values: [{ kind: 'tanh' }, { kind: 'relu' }]
} as const

const row = (index: number, values: StudyRow['values'], more: Partial<StudyRow> = {}): StudyRow => ({
  index,
  values,
  optimizer: null,
  n: 2,
  of: 2,
  mean: index,
  std: 0.5,
  costs: null,
  runs: [
    { run: `a-${index}-0`, seed: 0, state: 'done', value: index - 0.5, step: 10 },
    { run: `a-${index}-1`, seed: 1, state: 'done', value: index + 0.5, step: 10 }
  ],
  ...more
})
const study = (axes: StudyDetails['axes'], table: readonly StudyRow[], optimizers: unknown[] | null = null) =>
  ({ axes, table, spec: { select: { metric: 'loss', goal: 'min', at: 'last' }, optimizers, seeds: 2 } }) as unknown as StudyDetails
const product = <A, B>(as: readonly A[], bs: readonly B[]) => as.flatMap((a) => bs.map((b) => [a, b] as const))

describe('the picture', () => {
  it('is a heat map over two numeric axes, the first one upwards, and turned on wish', () => {
    const table = product(delta.values, rate.values).map(([d, r], i) => row(i, { [delta.path]: d, [rate.path]: r }))
    const shape = shapeOf(study([delta, rate], table))
    expect(shape).toMatchObject({
      kind: 'map',
      x: { path: rate.path, kind: 'log', values: [0.01, 0.1, 1] },
      y: { path: delta.path, kind: 'log' }
    })
    expect(shapeOf(study([delta, rate], table), delta.path)).toMatchObject({ kind: 'map', x: { path: delta.path } })
  })
  it('stands apart for each value of what is not numeric', () => {
    const table = product(layers.values, rate.values).map(([a, r], i) => row(i, { [layers.path]: a, [rate.path]: r }))
    const shape = shapeOf(study([layers, rate], table))
    expect(shape.kind).toBe('lines')
    if (shape.kind === 'lines')
      expect(shape.facets.map(({ name, cells }) => [name, cells.length])).toEqual([
        ['Activation = tanh', 3],
        ['Activation = relu', 3]
      ])
  })
  it('is the table alone for none or more than two numeric axes, and says why', () => {
    expect(
      shapeOf(
        study(
          [layers],
          layers.values.map((a, i) => row(i, { [layers.path]: a }))
        )
      )
    ).toMatchObject({ kind: 'table', why: expect.stringContaining('No axis') })
    const three = product(product(delta.values, rate.values), [1, 2]).map(([[d, r], s], i) =>
      row(i, { [delta.path]: d, [rate.path]: r, 'batch.size': s })
    )
    const size = { path: 'batch.size', label: 'size', numeric: true, scale: null, values: [1, 2] } as const
    expect(shapeOf(study([delta, rate, size], three))).toMatchObject({ kind: 'table', why: expect.stringContaining('3 numeric axes') })
  })
  it('of few listed values near each other is on a linear axis', () => {
    const near = { ...rate, values: [1, 2, 3] }
    expect(
      shapeOf(
        study(
          [near],
          [1, 2, 3].map((r, i) => row(i, { [rate.path]: r }))
        )
      )
    ).toMatchObject({ kind: 'lines', x: { kind: 'linear' } })
  })
})

describe('cells', () => {
  const runs = (...states: StudyRow['runs'][number]['state'][]) =>
    states.map((state, seed) => ({ run: `r${seed}`, seed, state, value: null, step: null }))
  it('are complete, partial, waiting or without a value', () => {
    expect(cellState(row(0, {}))).toBe('complete')
    expect(cellState(row(0, {}, { n: 1, runs: runs('done', 'diverged') }))).toBe('partial')
    expect(cellState(row(0, {}, { n: 0, runs: runs('failed', 'planned') }))).toBe('waiting')
    expect(cellState(row(0, {}, { n: 0, runs: runs('failed', 'diverged') }))).toBe('without')
    expect(statesText({ runs: runs('diverged', 'planned', 'diverged') })).toBe('2 diverged, 1 planned')
    expect(valueText({ kind: 'leaky-relu', slope: 0.1 })).toBe('leaky-relu, slope 0.1')
  })
  it('make a line of means with a band of one deviation and every seed, in the order of the axis', () => {
    const table = [
      row(0, { [rate.path]: 1 }),
      row(1, { [rate.path]: 0.01 }),
      row(2, { [rate.path]: 0.1 }, { n: 0, mean: null, std: null, runs: runs('diverged', 'diverged') })
    ]
    const details = study([rate], table)
    const shape = shapeOf(details)
    if (shape.kind !== 'lines') throw new Error('no lines')
    const [means, seeds] = bandSeries(details, shape.facets, shape.x, () => '#000')
    expect([...(means.x as Float64Array)]).toEqual([0.01, 1])
    expect([...(means.y as Float64Array)]).toEqual([1, 0])
    expect(Array.from(means.band?.low ?? [])).toEqual([0.5, -0.5])
    expect(Array.from(means.band?.high ?? [])).toEqual([1.5, 0.5])
    expect(means.notFinite).toEqual([0.1])
    expect([...(seeds.y as Float64Array)]).toEqual([0.5, 1.5, -0.5, 0.5])
    expect(nearestCell(shape.facets, shape.x, [0.03, 9])?.index).toBe(1)
    expect(nearestCell(shape.facets, shape.x, [0.04, 9])?.index).toBe(2)
  })
})

describe('a race', () => {
  it('takes each optimizer’s best cell, complete ones before those that lack a value', () => {
    const table = [
      row(0, {}, { optimizer: 0, mean: 3 }),
      row(1, {}, { optimizer: 0, mean: 1, n: 1 }),
      row(2, {}, { optimizer: 1, mean: 4 }),
      row(3, {}, { optimizer: 1, mean: 2 })
    ]
    const optimizers = [{ optimizer: { kind: 'sfn' } }, { optimizer: { kind: 'adam' } }, { optimizer: { kind: 'gd' } }]
    expect(racersOf(study([], table, optimizers)).map(({ name, cell, cells }) => [name, cell?.index ?? null, cells])).toEqual([
      ['Saddle-free Newton', 0, 2],
      ['Adam', 3, 2],
      ['Gradient descent', null, 0]
    ])
    expect(bestOf(table, 'max')?.index).toBe(2)
  })
  it('is called fair only where nothing was found and something was recorded', () => {
    const part = { hash: 'a', same: true }
    const group = { seed: 0, cells: [0], recorded: 2, of: 2, weights: part, projection: part, batches: part, dataset: part }
    expect(fairnessText({ verified: false, groups: [group], findings: [] }).tone).toBe('good')
    expect(fairnessText({ verified: false, groups: [{ ...group, recorded: 0 }], findings: [] }).tone).toBe('soft')
    expect(fairnessText({ verified: true, groups: [group], findings: [{ run: 'x', what: 'weights', sentence: 's' }] })).toEqual({
      tone: 'bad',
      text: '✕ Not fair: 1 finding.'
    })
    expect(fairnessText({ verified: false, groups: [{ ...group, weights: { hash: 'a', same: false } }], findings: [] }).tone).toBe('bad')
  })
})

describe('the form', () => {
  it('offers every leaf of the base with what it is, also places of lists and options of kinds', async () => {
    const spec = (await presetInfo('sfn-mnist10'))?.specs[0]
    const rows = fieldRows(spec)
    const of = (path: string) => rows.find((one) => one.path === path)
    expect(of('optimizer.learningRate')).toMatchObject({ kind: 'number', label: 'Learning rate' })
    expect(of('model.layers.1')).toMatchObject({ kind: 'number', label: 'Width 2' })
    expect(of('model.activation')?.options.map(({ value }) => (value as { kind: string }).kind)).toContain('relu')
    expect(of('batch.shuffle')?.options.map(({ value }) => value)).toEqual([true, false])
    expect(rows.some(({ path }) => /^(seed|name|snapshots)/.test(path))).toBe(false)
    expect(new Set(rows.map(({ path }) => path)).size).toBe(rows.length)
    expect(matchingRows(rows, 'learning rate').map(({ path }) => path)).toContain('optimizer.learningRate')
    expect(optimizerRows(spec, { kind: 'adam' }).map(({ path }) => path)).toEqual(
      ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay'].map((key) => `optimizer.${key}`)
    )
  })
  it('reads values as JSON, numbers or words, and writes them so that they read the same', () => {
    for (const [text, values] of [
      ['0.1, .3, 1e-2', [0.1, 0.3, 0.01]],
      ['tanh, relu', ['tanh', 'relu']],
      [
        '[10, 5], [10, 20]',
        [
          [10, 5],
          [10, 20]
        ]
      ],
      ['{"kind": "tanh"}', [{ kind: 'tanh' }]],
      ['true, null', [true, null]],
      ['', []]
    ] as const) {
      expect(readValues(text)).toEqual(values)
      expect(readValues(shownValues(values))).toEqual(values)
    }
    expect(readValues(shownValues(['0.1', 'a, b']))).toEqual(['0.1', 'a, b'])
  })
  it('keeps an axis’ numbers from mode to mode and counts its cells', () => {
    const axis = starterAxis({ path: 'optimizer.learningRate', kind: 'number', current: 0.1, options: [] })
    expect(axis.values).toEqual([0.01, 0.0333, 0.1])
    const range = inMode(axis, 'range')
    expect(range).toEqual({ path: axis.path, from: 0.01, to: 0.1, count: 5, scale: 'log' })
    const sample = inMode(range, 'sample')
    expect(modeOf(sample)).toBe('sample')
    expect(cellsOf([axis, range])).toBe(15)
    expect(cellsOf([axis, sample, { ...sample, path: 'b' }])).toBe(15)
    expect(cellsOf([])).toBe(1)
  })
  it('marks test figures and offers validation figures only where some are split off', () => {
    const base = { data: { dataset: 'xor', validation: null }, loss: 'half-sse' }
    const names = (spec: unknown) => metricChoices(spec, null).map(({ value }) => value)
    expect(names(base)).not.toContain('valLoss')
    expect(names({ ...base, data: { validation: 0.2 } })[0]).toBe('valLoss')
    expect(
      metricChoices(base, null)
        .filter(({ label }) => label.includes('TEST'))
        .map(({ value }) => value)
    ).toEqual(['testLoss', 'testAccuracy'])
    expect(metricChoices(base, 'damping').at(-1)).toEqual({ value: 'damping', label: 'damping' })
    for (const kind of ['last', 'best', 'step', 'seconds', 'gradientEvaluations'] as const)
      expect(placeKindOf(placeOfKind(kind))).toBe(kind)
  })
})

describe('jobs on a cluster', () => {
  const job = (name: string, state: string, more: object = {}) => ({
    job: name,
    state,
    reason: null,
    node: null,
    exit: null,
    runs: [],
    ...more
  })
  const jobs = [
    job('12_0', 'NODE_FAIL', { reason: 'NodeFail', node: 'n1', exit: '0:9', runs: ['a', 'b'] }),
    job('12_1', 'COMPLETED', { node: 'n1', exit: '0:0', runs: ['c'] }),
    job('12_2', 'PENDING', { reason: 'Priority', runs: ['d'] })
  ]
  const state = (run: string, word: 'done' | 'diverged' | 'running' | 'planned') => ({ run, seed: 0, state: word, value: null, step: null })

  it('are told with what waits first, and with the runs of their share', () => {
    const table = [row(0, {}, { runs: [state('a', 'diverged'), state('b', 'running'), state('c', 'done'), state('d', 'planned')] })]
    expect(jobRows(jobs, table).map(({ job: name, state: word, tone, why, ended, of }) => [name, word, tone, why, ended, of])).toEqual([
      ['12_2', 'pending', 'plain', 'Priority', 0, 1],
      ['12_0', 'node fail', 'bad', 'NodeFail, on n1, exit 0:9', 1, 2],
      ['12_1', 'completed', 'good', 'on n1', 1, 1]
    ])
  })
  it('are counted by state; of those that Slurm does not tell, only the array is', () => {
    expect(slurmHeadline({ arrays: [{ job: '12' }], jobs, fault: null } as never)).toBe('Job array 12: 1 pending, 1 node fail, 1 completed')
    expect(slurmHeadline({ arrays: [{ job: '12' }, { job: null }], jobs: [], fault: 'no' } as never)).toBe('Job arrays 12, not recorded')
  })
})
