// `study`: to its end, what it says of it against the runs' own files, the list, removal, and what is refused.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { StudyDetails } from '../../../src/shared/studies/answers'
import { metricsOf, removeFolder, statusOf, temporaryFolder, writeSpec } from './saddlescope'
import { csv, json, netBase, runsIn, studied, sweep } from './studies'

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))
const workspace = join(folder, 'workspace')
const here = ['--workspace', workspace]
const shown = async (id: string) => JSON.parse((await studied('show', id, '--json', ...here)).stdout) as StudyDetails

describe('a study of nets', () => {
  const spec = writeSpec(
    folder,
    sweep({
      name: 'Rates',
      base: { ...netBase, budget: { steps: 14 } },
      seeds: 2,
      axes: [{ path: 'optimizer.learningRate', from: 0.001, to: 0.1, count: 3, scale: 'log' }],
      target: { metric: 'valLoss', value: 2.29 }
    }),
    'rates.json'
  )

  test('comes to its end and says how it went', async () => {
    const { status, stdout, stderr } = await studied(spec, ...here)
    expect(stderr).toMatch(
      /study rates: 3 cells, 0 of 6 runs done; judged by valLoss, lowest at the last step, mean over 2 seeds; validation/
    )
    expect(stderr).toMatch(/6\/6 rates-000\d-\d: done after step 14, valLoss/)
    expect(stdout).toMatch(/Rates \(rates\): done, 6 of 6 runs done/)
    expect(status).toBe(0)
    expect(runsIn(workspace)).toEqual(['rates-0000-0', 'rates-0000-1', 'rates-0001-0', 'rates-0001-1', 'rates-0002-0', 'rates-0002-1'])
  })

  test('its figures are those of the runs’ files', async () => {
    const details = await shown('rates')
    expect(details).toMatchObject({ state: 'done', cells: 3, runs: 6, finished: 6, failed: 0, on: 'validation', optimizers: ['adam'] })
    expect(details.axes).toEqual([
      { path: 'optimizer.learningRate', label: 'learningRate', numeric: true, scale: 'log', values: [0.001, 0.01, 0.1] }
    ])
    const results = csv(join(workspace, 'studies', 'rates', 'results.csv'))
    const summary = csv(join(workspace, 'studies', 'rates', 'summary.csv'))
    for (const row of details.table) {
      const values = row.runs.map(({ run, seed, value, step }) => {
        const path = join(workspace, 'runs', run)
        const lines = metricsOf(path)
        const evaluated = lines.filter((line) => typeof line.valLoss === 'number')
        const last = evaluated[evaluated.length - 1]
        // Evaluated after steps 7 and 14.
        expect(evaluated.map((line) => line.step)).toEqual([7, 14])
        expect([value, step]).toEqual([last.valLoss, 14])
        expect(json<{ seed: number; optimizer: object }>(join(path, 'spec.json'))).toMatchObject({
          seed,
          optimizer: { learningRate: row.values['optimizer.learningRate'] }
        })
        expect(json(join(path, 'meta.json'))).toMatchObject({ study: 'rates', group: 'Rates' })
        const reached = lines.find((line) => Number(line.valLoss) <= 2.29)
        const rates = lines.filter((line) => Number(line.step) <= Number(reached?.step)).map((line) => Number(line.learningRate))
        const written = results.find((one) => one.run === run)
        expect(Number(written?.value)).toBe(value)
        expect(written?.reached).toBe(reached ? '1' : '0')
        expect(written?.steps).toBe(reached ? String(reached.step) : '')
        expect(written?.seconds).toBe(reached ? String(reached.seconds) : '')
        if (reached)
          expect(Number(written?.learningRateTime)).toBeCloseTo(
            rates.reduce((sum, rate) => sum + rate, 0),
            12
          )
        return Number(last.valLoss)
      })
      const mean = (values[0] + values[1]) / 2
      expect(row.mean).toBeCloseTo(mean, 13)
      // Of two values: their distance over √2.
      expect(row.std).toBeCloseTo(Math.abs(values[0] - values[1]) / Math.SQRT2, 13)
      expect([Number(summary[row.index].mean), Number(summary[row.index].std), summary[row.index].n]).toEqual([row.mean, row.std, '2'])
    }
    const means = details.table.map(({ mean }) => mean ?? Infinity)
    expect(details.best?.cell).toBe(means.indexOf(Math.min(...means)))
  })

  test('called again it has nothing to do, and says the same', async () => {
    const before = statusOf(join(workspace, 'runs', 'rates-0001-1'))
    const { status, stdout } = await studied(spec, '--json', ...here)
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(events.map(({ event }) => event)).toEqual(['start', 'end'])
    expect(events[1]).toMatchObject({ state: 'done', finished: 6, best: { cell: (await shown('rates')).best?.cell } })
    expect(status).toBe(0)
    expect(statusOf(join(workspace, 'runs', 'rates-0001-1'))).toEqual(before)
  })

  test('another spec under its id is refused with what differs', async () => {
    const other = writeSpec(folder, sweep({ name: 'Rates' }), 'other.json')
    const { status, stderr } = await studied(other, '--id', 'rates', ...here)
    expect(status).toBe(2)
    expect(stderr).toMatch(
      /^there is another study "rates": base\.\S+ is .* in it, .* here \(and .*\); give this one another id, or remove that one\n$/
    )
  })
})

test('a run that diverges has no value, and its cell does not win', async () => {
  // The step of 1 multiplies y by −5: it is infinite before 500 steps are over.
  const spec = sweep({ base: { ...sweep().base, budget: { steps: 500 } }, axes: [{ path: 'optimizer.learningRate', values: [0.01, 1] }] })
  const { status, stdout } = await studied(writeSpec(folder, spec, 'diverging.json'), ...here)
  expect(status).toBe(0)
  expect(stdout).toMatch(/note: 1 of 2 runs failed or diverged/)
  const { best, failed, table } = await shown('diverging')
  expect([best?.cell, failed, table[1].n, table[1].mean, table[1].runs[0].state]).toEqual([0, 1, 0, null, 'diverged'])
})

test('test figures only where they are asked for, and then every result says so', async () => {
  const base = { ...netBase, budget: { steps: 7 } }
  const spec = sweep({
    base,
    select: { metric: 'testAccuracy', goal: 'max', at: 'best' },
    axes: [{ path: 'optimizer.learningRate', values: [0.01, 0.1] }]
  })
  const { stdout } = await studied(writeSpec(folder, spec, 'by-test.json'), ...here)
  expect(stdout).toMatch(/judged by testAccuracy, highest of all steps; test figures, as asked: the choice itself is made on the test set/)
  expect(stdout).toMatch(/best: .*, a test figure that the choice was made by/)
  const { on, selection, notes } = await shown('by-test')
  expect([on, selection]).toEqual(['test', expect.stringMatching(/; test figures, as asked/)])
  expect(notes[0]).toMatch(/chosen by figures of the test set/)
  expect(csv(join(workspace, 'studies', 'by-test', 'results.csv')).map((row) => row.on)).toEqual(['test', 'test'])
  expect(csv(join(workspace, 'studies', 'by-test', 'summary.csv')).map((row) => row.on)).toEqual(['test', 'test'])
})

describe('the list and removal', () => {
  test('without a file the studies are listed; a damaged one says why and is left as it is', async () => {
    const path = writeSpec(join(workspace, 'studies', 'torn'), null, 'study.json')
    const { stdout, stderr, status } = await studied(...here)
    expect(stdout).toMatch(/^study +state +cells/)
    expect(stdout).toMatch(/^rates +done +3 +6 +6 +0/m)
    expect(stderr).toMatch(/^torn: .*study\.json/m)
    expect(status).toBe(0)
    const list = JSON.parse((await studied('list', '--json', ...here)).stdout) as { id: string }[]
    expect(list.map(({ id }) => id).sort()).toEqual(['by-test', 'diverging', 'rates', 'torn'])
    expect(existsSync(path)).toBe(true)
  })

  test('a study goes alone, or with its runs to the trash', async () => {
    expect((await studied('rm', 'by-test', ...here)).status).toBe(0)
    expect(existsSync(join(workspace, 'studies', 'by-test'))).toBe(false)
    expect(runsIn(workspace)).toContain('by-test-0000-0')
    const { status, stdout } = await studied('rm', 'diverging', '--runs', '--json', ...here)
    expect([status, JSON.parse(stdout)]).toEqual([0, { removed: 'diverging', runs: ['diverging-0000-0', 'diverging-0001-0'] }])
    expect(runsIn(workspace).filter((run) => run.startsWith('diverging'))).toEqual([])
  })

  test('runs of its id that are not its own are not taken for its own', async () => {
    const spec = sweep({ base: { ...netBase, budget: { steps: 7 } }, axes: [{ path: 'optimizer.learningRate', values: [0.02, 0.1] }] })
    const { status, stderr } = await studied(writeSpec(folder, spec, 'by-test.json'), ...here)
    expect(status).toBe(2)
    expect(stderr).toMatch(
      /run "by-test-0000-0" is not the one that the study by-test wants: name is .*; remove it, or give the study another id/
    )
  })
})

describe('refused in one sentence, before anything is made', () => {
  test.each<[string, () => string[], RegExp]>([
    [
      'a file that is not there',
      () => ['no-such.json'],
      /^there is no study file .*no-such\.json; `study list` lists the studies there are\n$/
    ],
    ['what is not JSON', () => [join(import.meta.dirname, 'studies.ts')], /^.*studies\.ts is not JSON: .*\n$/],
    [
      'a wrong path',
      () => [writeSpec(folder, sweep({ axes: [{ path: 'optimizer.momentum', values: [1, 2] }] }), 'bad.json')],
      /^axes\.0\.path: "optimizer\.momentum" leads nowhere in the spec; there are kind, learningRate, layerRates\n$/
    ],
    [
      'ten thousand and one runs',
      () => [writeSpec(folder, sweep({ axes: [{ path: 'optimizer.learningRate', from: 0.1, to: 0.2, count: 10_001 }] }), 'bad.json')],
      /^the study has 10001 runs, more than the 10000 that one may have\n$/
    ],
    [
      'no runs',
      () => [writeSpec(folder, sweep({ axes: [{ path: 'seed', values: [] }] }), 'bad.json')],
      /^axes\.0: has no values, which leaves no runs\n$/
    ],
    [
      'an unknown metric',
      () => [writeSpec(folder, sweep({ select: { metric: 'valLos', goal: 'min' } }), 'bad.json')],
      /^select\.metric: must be a metric of metrics\.ndjson, got "valLos"; did you mean "valLoss"\?\n$/
    ],
    [
      'data that are not there',
      () => [writeSpec(folder, sweep({ base: { ...netBase, data: { ...netBase.data, dataset: 'mnist11' } } }), 'bad.json')],
      /^cells\.0: data\.dataset: .*mnist11.*\n$/
    ],
    [
      'widths that do not meet',
      () => [writeSpec(folder, sweep({ base: netBase, axes: [{ path: 'model.layers.0', values: [12, 13] }] }), 'bad.json')],
      /^cells\.1: \(model\.layers\.0 13\) model\.layers\.0: must be 12/
    ],
    ['no jobs', () => [writeSpec(folder, sweep(), 'bad.json'), '--jobs', '0'], /^--jobs: must be an integer from 1 to 256, got 0\n$/],
    [
      'an id that is none',
      () => [writeSpec(folder, sweep(), 'bad.json'), '--id', 'x'.repeat(51)],
      /^study id "x+": must be 1 to 50 of a-z/
    ],
    ['a study that is not there', () => ['show', 'nothing'], /^there is no study "nothing" in this workspace\n$/]
  ])('%s', async (_, args, sentence) => {
    const { status, stderr } = await studied(...args(), ...here)
    expect(stderr).toMatch(sentence)
    expect(status).toBe(2)
    expect(existsSync(join(workspace, 'studies', 'bad'))).toBe(false)
  })
})
