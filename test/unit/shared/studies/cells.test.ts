// Cells of a study: grids, ranges and draws, the specs of their runs, and what is refused.
import { describe, expect, test } from 'vitest'
import { checkStudy } from '../../../../src/shared/studies/check'
import { cellsOf, specOfCell } from '../../../../src/shared/studies/cells'
import type { RunSpec } from '../../../../src/shared/spec/schema'
import { faults, functionBase, netBase, study, studyInput } from './studies'

const rate = 'optimizer.learningRate'
const valuesAt = async (changes: Record<string, unknown>, path: string) =>
  cellsOf(await study(changes), 's').map(({ values }) => values[path])

describe('cells', () => {
  test('grid axes multiply, the first one slowest, and each run has an id and a seed of its own', async () => {
    const axes = [
      { path: rate, values: [0.1, 0.2] },
      { path: 'budget.steps', from: 1, to: 9, count: 3 }
    ]
    const cells = cellsOf(await study({ axes, seeds: 2 }), 'sweep')
    expect(cells.map(({ values }) => [values[rate], values['budget.steps']])).toEqual([
      [0.1, 1],
      [0.1, 5],
      [0.1, 9],
      [0.2, 1],
      [0.2, 5],
      [0.2, 9]
    ])
    expect(cells[4].runs).toEqual([
      { seed: 7, run: 'sweep-0004-0' },
      { seed: 8, run: 'sweep-0004-1' }
    ])
  })

  test('a logarithmic range has equal ratios and exact ends; a field of integers gets whole numbers', async () => {
    expect(await valuesAt({ axes: [{ path: rate, from: 1e-4, to: 1, count: 5, scale: 'log' }] }, rate)).toEqual([1e-4, 1e-3, 1e-2, 0.1, 1])
    expect(await valuesAt({ axes: [{ path: 'budget.steps', from: 1, to: 1000, count: 4, scale: 'log' }] }, 'budget.steps')).toEqual([
      1, 10, 100, 1000
    ])
    const widths = { base: netBase, axes: [{ path: 'model.layers.1', from: 2, to: 9, count: 4 }] }
    expect(await valuesAt(widths, 'model.layers.1')).toEqual([2, 4, 7, 9])
  })

  test('draws are the same every time, within their range, and independent of the order of axes', async () => {
    const one = { path: rate, sample: 200, from: 0.001, to: 1, scale: 'log' }
    const two = { path: 'budget.steps', sample: 200, from: 1, to: 50 }
    const grid = { path: 'seed', values: [1, 2] }
    const drawn = await valuesAt({ axes: [one, two] }, rate)
    expect(await valuesAt({ axes: [two, one] }, rate)).toEqual(drawn)
    expect((await valuesAt({ axes: [grid, two, one] }, rate)).slice(0, 200)).toEqual(drawn)
    expect(await valuesAt({ axes: [one] }, rate)).toEqual(drawn)
    expect(await valuesAt({ axes: [one, two], sampleSeed: 1 }, rate)).not.toEqual(drawn)
    const numbers = drawn as number[]
    expect(numbers.every((value) => value >= 0.001 && value < 1)).toBe(true)
    // Uniform in the logarithm: as many below the middle of it as above, to four standard deviations.
    expect(Math.abs(numbers.filter((value) => value < Math.sqrt(0.001)).length - 100)).toBeLessThan(4 * Math.sqrt(50))
    expect((await valuesAt({ axes: [one, two] }, 'budget.steps')).every((value) => Number.isInteger(value))).toBe(true)
  })

  test('sample axes are one joint draw a point; the points multiply with the grid as its fastest axis', async () => {
    const axes = [
      { path: rate, sample: 3, from: 0, to: 1 },
      { path: 'seed', values: [1, 2] },
      { path: 'budget.steps', sample: 3, from: 1, to: 1000 }
    ]
    const cells = cellsOf(await study({ axes }), 's')
    expect(cells.map(({ values }) => values.seed)).toEqual([1, 1, 1, 2, 2, 2])
    const pairs = cells.map(({ values }) => [values[rate], values['budget.steps']])
    expect(pairs.slice(3)).toEqual(pairs.slice(0, 3))
    expect(new Set(pairs.map(([value]) => value)).size).toBe(3)
  })

  test('a cell’s spec is the base with its values; a new kind starts from its own defaults; objects go in whole', async () => {
    const axes = [
      { path: 'optimizer', values: [{ kind: 'adam' }, { kind: 'sfn', learningRate: 1 }] },
      { path: 'budget.steps', values: [2, 3] }
    ]
    const { cells } = await checkStudy(studyInput({ axes }))
    expect(cells.map(({ spec }) => [spec.optimizer.kind, spec.budget.steps])).toEqual([
      ['adam', 2],
      ['adam', 3],
      ['sfn', 2],
      ['sfn', 3]
    ])
    const spec = specOfCell(await study({ axes, seeds: 3 }), cells[0], 2) as RunSpec
    expect(spec.seed).toBe(9)
    expect(spec.name).toMatch(/^bowl, optimizer \{"kind":"adam"\}, budget\.steps 2, seed 9$/)
  })

  test('a face-off has the same cells for each optimizer, which start from one base', async () => {
    const optimizers = [
      { optimizer: { kind: 'gd' }, axes: [{ path: rate, values: [0.1, 0.2] }] },
      { optimizer: { kind: 'momentum' }, axes: [{ path: 'optimizer.momentum', values: [0.5, 0.9] }] }
    ]
    const made = await study({ optimizers, axes: [] })
    expect(cellsOf(made, 'f').map(({ optimizer, values }) => [optimizer, values])).toEqual([
      [0, { [rate]: 0.1 }],
      [0, { [rate]: 0.2 }],
      [1, { 'optimizer.momentum': 0.5 }],
      [1, { 'optimizer.momentum': 0.9 }]
    ])
    const sampled = [
      { optimizer: { kind: 'gd' }, axes: [{ path: rate, sample: 4, from: 0.1, to: 0.2 }] },
      { optimizer: { kind: 'adam' }, axes: [{ path: rate, sample: 4, from: 0.1, to: 0.2 }] }
    ]
    const drawn = await valuesAt({ optimizers: sampled, axes: [] }, rate)
    expect(drawn.slice(4)).toEqual(drawn.slice(0, 4))
  })
})

describe('what is refused, one sentence each', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'a path that leads nowhere',
      { axes: [{ path: 'optimizer.lerningRate', values: [1, 2] }] },
      /^axes\.0\.path: "optimizer\.lerningRate" leads nowhere in the spec; did you mean "optimizer\.learningRate"\?$/
    ],
    ['a path through a number', { axes: [{ path: 'seed.x', values: [1, 2] }] }, /^axes\.0\.path: seed is 7, which has no "x"$/],
    ['a path that is none', { axes: [{ path: 'a..b', values: [1] }] }, /^axes\.0\.path: "a\.\.b" is not a path/],
    ['an empty range', { axes: [{ path: rate, from: 2, to: 1, count: 3 }] }, /^axes\.0: the range from 2 to 1 is empty/],
    [
      'a log range through 0',
      { axes: [{ path: rate, from: 0, to: 1, count: 3, scale: 'log' }] },
      /^axes\.0: the range from 0 to 1 goes through 0/
    ],
    ['no values', { axes: [{ path: rate, values: [] }] }, /^axes\.0: has no values, which leaves no runs$/],
    ['neither values nor a range', { axes: [{ path: rate }] }, /^axes\.0: must have values, or from, to and count, or sample/],
    ['two forms at once', { axes: [{ path: rate, values: [1], count: 2, from: 0, to: 1 }] }, /^axes\.0: must have either/],
    ['a range without an end', { axes: [{ path: rate, from: 1, count: 2 }] }, /^axes\.0: is missing to, must be a number$/],
    ['nothing that varies', { axes: [] }, /^axes: must name what varies/],
    [
      'a path twice',
      {
        axes: [
          { path: rate, values: [1] },
          { path: rate, values: [2] }
        ]
      },
      /^axes\.1\.path: "optimizer\.learningRate" varies already by axes\.0$/
    ],
    [
      'a value twice',
      { axes: [{ path: 'budget.steps', from: 1, to: 2, count: 4 }] },
      /^axes\.0: gives the value 1 twice, got \[1,1,2,2\]$/
    ],
    [
      'samples of two sizes',
      {
        axes: [
          { path: rate, sample: 3, from: 0, to: 1 },
          { path: 'budget.steps', sample: 4, from: 1, to: 9 }
        ]
      },
      /^axes\.1\.sample: must be 3 as in axes\.0/
    ],
    [
      'too many runs',
      { axes: [{ path: rate, from: 0.1, to: 1, count: 5001 }], seeds: 2 },
      /^: the study has 10002 runs, more than the 10000/
    ],
    [
      'an unknown metric',
      { select: { metric: 'lose', goal: 'min' } },
      /^select\.metric: must be a metric of metrics\.ndjson, got "lose"; did you mean "loss"\?$/
    ],
    ['an unknown target', { target: { metric: 'nothing-like-it-at-all', value: 1 } }, /^target\.metric: must be a metric/],
    [
      'a metric that a function has not',
      { select: { metric: 'valLoss', goal: 'min' } },
      /^cells\.0: \(optimizer\.learningRate 0\.1\) valLoss is of data, and a function has none/
    ],
    [
      'validation figures without a split',
      { base: { ...netBase, data: { ...netBase.data, validation: null } }, select: { metric: 'valAccuracy', goal: 'max' } },
      /valAccuracy needs data\.validation/
    ],
    [
      'test figures without evaluations',
      { base: { ...netBase, evaluate: {} }, select: { metric: 'testLoss', goal: 'min' } },
      /testLoss needs evaluate\.everySteps/
    ],
    [
      'evaluations after the end',
      { base: { ...netBase, evaluate: { everySteps: 9 } } },
      /valLoss is never there: evaluate\.everySteps is 9, and the run ends after 4 steps/
    ],
    [
      'a cell whose spec is wrong',
      { axes: [{ path: rate, values: [0.1, -1] }] },
      /^cells\.1: \(optimizer\.learningRate -1\) optimizer\.learningRate: must be a number ≥ 0, got -1$/
    ],
    ['a base that is wrong', { base: { ...functionBase, budget: {} } }, /^base\.budget: needs at least one of epochs, steps, seconds$/],
    ['a preset that is none', { base: 'sfn-mnist' }, /^base: must be a run spec or the name of a preset, got "sfn-mnist"/],
    ['a preset of several runs', { base: 'face-off-mnist10' }, /^base: the preset face-off-mnist10 is \d+ runs; a study varies one/],
    ['an unknown key', { axis: [] }, /^axis: unknown key; did you mean "axes"\?$/],
    ['no seeds', { seeds: 0 }, /^seeds: must be an integer ≥ 1, got 0$/],
    [
      'unequal budgets',
      { axes: [], optimizers: [{ optimizer: { kind: 'gd' }, axes: [{ path: rate, values: [1, 2] }] }, { optimizer: { kind: 'adam' } }] },
      /^optimizers\.1: must have as many cells as optimizers\.0, .* got 1 against 2$/
    ],
    [
      'an optimizer that is none',
      { optimizers: [{ optimizer: { kind: 'adma' } }] },
      /^optimizers\.0\.optimizer\.kind: must be one of .*did you mean "adam"\?$/
    ]
  ])('%s', async (_, changes, sentence) => {
    const [first] = await faults(changes)
    expect(first).toMatch(sentence)
  })

  test('a newer version, and what is no study', async () => {
    expect((await checkStudy({ schemaVersion: 2 })).problems[0].message).toMatch(/of version 2, newer than the 1/)
    expect((await checkStudy([])).problems[0].message).toMatch(/^a study must be a JSON object/)
  })

  test('ten thousand cells are checked within seconds, one faulty one among them is found', async () => {
    const axes = [{ path: rate, values: Array.from({ length: 10_000 }, (_, k) => (k === 9_999 ? -1 : k / 1e4)) }]
    const began = performance.now()
    const [first] = await faults({ base: netBase, axes })
    expect(first).toMatch(/^cells\.9999: /)
    expect(performance.now() - began).toBeLessThan(20_000)
  })
})
