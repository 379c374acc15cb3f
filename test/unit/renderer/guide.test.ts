// What the guide's screens work out: limits of stability against steps on a quadratic, whose runs an example takes, a picture that fits its room.
import { describe, expect, test } from 'vitest'
import { distinctPictures } from '../../../src/renderer/features/compare/networks'
import { columnsFor, limitNote, snapshotLines, stabilityLimit } from '../../../src/renderer/features/compare/curvature-lines'
import { curvesOf, type CurveGroup } from '../../../src/renderer/features/compare/curves'
import { findRuns } from '../../../src/renderer/features/examples/find-runs'
import { arrange, twoLines } from '../../../src/renderer/features/network/arrange'
import { pictureTable, runPicture } from '../../../src/renderer/features/network/picture'
import { speedRows, threadChoices } from '../../../src/renderer/features/settings/speeds'
import { budgetState, storageRows, storageUnit } from '../../../src/renderer/features/settings/storage-rows'
import { guideOf } from '../../../src/shared/guide'
import type { RunSummary } from '../../../src/shared/run/summary'
import { examples } from '../../../src/shared/spec/examples'
import { presetInfo, presetNames } from '../../../src/shared/spec/preset-list'
import { optimizerSchema, type RunSpec } from '../../../src/shared/spec/schema'

/** |x| after many steps on ½λx² by the rules of the optimizers, written down once more. */
function endOf(kind: string, rate: number, momentum: number, lambda: number): number {
  let [x, b] = [1, 0]
  for (let k = 0; k < 4000 && Math.abs(x) < 1e30; k++) {
    const g = lambda * x
    b = momentum * b + g
    x -= rate * (kind === 'gd' ? g : kind === 'momentum' ? b : g + momentum * b)
  }
  return Math.abs(x)
}

describe('the sharpness that a constant rate bears', () => {
  test.each([
    ['gd', 0.3, 0],
    ['momentum', 0.02, 0.9],
    ['momentum', 0.5, 0.3],
    ['nesterov', 0.1, 0.9],
    ['nesterov', 0.4, 0.5]
  ])('%s with η = %d, μ = %d: steps converge just below it and diverge just above', (kind, learningRate, momentum) => {
    const spec = optimizerSchema.parse(kind === 'gd' ? { kind, learningRate } : { kind, learningRate, momentum })
    const limit = stabilityLimit(spec)?.value ?? NaN
    expect(endOf(kind, learningRate, momentum, 0.98 * limit)).toBeLessThan(1e-3)
    expect(endOf(kind, learningRate, momentum, 1.02 * limit)).toBeGreaterThan(1e3)
  })

  test('is not known of schedules and of other kinds', () => {
    expect(stabilityLimit(optimizerSchema.parse({ kind: 'gd', learningRate: '0.1 / t' }))).toBeNull()
    expect(stabilityLimit(optimizerSchema.parse({ kind: 'adam' }))).toBeNull()
  })
})

const table = (columns: Record<string, number[]>, available: string[]) => ({
  steps: Float64Array.of(1, 2, 3, 4),
  columns: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)])),
  smoothed: {},
  notFinite: {},
  available,
  total: 4,
  missing: [],
  damaged: 0
})

describe('figures of a comparison', () => {
  const gd = {
    optimizer: optimizerSchema.parse({ kind: 'gd', learningRate: 0.1 }),
    loss: 'half-sse',
    batch: { size: null, shuffle: false }
  } as RunSpec
  const run = {
    id: 'a',
    label: 'GD',
    colour: '#111111',
    spec: gd,
    table: table({ loss: [4, 3, 2, 1] }, ['loss']),
    snapshots: [
      { step: 0, scope: 'full' as const, lambdaMin: -1, lambdaMax: 15, index: 0.5 },
      { step: 4, scope: 'full' as const, lambdaMin: 0, lambdaMax: 21, index: 0 }
    ]
  }
  const group = (one: CurveGroup['runs'][number]): CurveGroup[] => [
    { id: 'g', label: 'g', colour: '#111111', runs: [one], whole: undefined }
  ]
  const options = { x: 'step', smoothed: false, band: 'none' as const }

  test('are those of the snapshots where the steps have none, with the limit beside λ max', () => {
    const series = curvesOf(group(run), { ...options, metric: 'lambdaMax', limits: true })
    expect(series.map(({ name, x, y }) => ({ name, x: Array.from(x), y: Array.from(y) }))).toEqual([
      { name: 'GD, snapshots', x: [0, 4], y: [15, 21] },
      { name: '2/η of GD', x: [0, 4], y: [20, 20] }
    ])
    expect(curvesOf(group(run), { ...options, metric: 'lambdaMax' })).toHaveLength(1)
    expect(curvesOf(group(run), { ...options, metric: 'gradNorm', limits: true })).toEqual([])
    expect(snapshotLines({ ...run, snapshots: [] }, 'lambdaMax', 'step')).toEqual([])
    expect(limitNote([run])).toMatch(/^Dashed: 2\/η, .* sum over the batch\.$/)
    expect(limitNote([{ ...run, spec: { ...gd, loss: 'mse', batch: { size: 10, shuffle: false } } as RunSpec }])).toMatch(/whole batches/)
  })

  test('come by block where the steps tell them by block, and own ones go before snapshots', () => {
    const blocks = {
      ...run,
      table: table({ 'lambdaMin.W1': [1, 2, 3, 4], 'lambdaMin.W2': [5, 6, 7, 8] }, ['lambdaMin.W1', 'lambdaMin.W2'])
    }
    expect(columnsFor(blocks.table.available, 'lambdaMin')).toEqual(['lambdaMin.W1', 'lambdaMin.W2'])
    const series = curvesOf(group(blocks), { ...options, metric: 'lambdaMin' })
    expect(series.map(({ name, line }) => [name, line])).toEqual([
      ['GD, W1', 'solid'],
      ['GD, W2', 'dashed']
    ])
    expect(columnsFor(['lambdaMin', 'lambdaMin.W1'], 'lambdaMin')).toEqual(['lambdaMin'])
  })
})

describe('examples', () => {
  test('are of presets that exist, each with several runs of one group', async () => {
    for (const { preset, view } of examples) {
      expect(presetNames).toContain(preset)
      const info = await presetInfo(preset)
      expect(info?.specs.length).toBeGreaterThan(1)
      expect(info?.group).not.toBeNull()
      expect(view.metrics.split(',').length).toBeGreaterThan(1)
    }
    expect(new Set(examples.map(({ name }) => name)).size).toBe(examples.length)
  })

  test('take the newest run that does the same, whatever it is called, and none that failed or differs', async () => {
    const specs = (await presetInfo('edge-of-stability'))?.specs ?? []
    const summary = (id: string, createdAt: string, state = 'done') =>
      ({ id, createdAt, state, optimizer: specs[0].optimizer.kind, dataset: 'mnist10' }) as RunSummary
    const stored: Record<string, RunSpec> = {
      old: { ...specs[0], name: 'as it was' },
      renamed: { ...specs[0], name: 'renamed', budget: { ...specs[0].budget, steps: 5000 } },
      failed: specs[0],
      other: { ...specs[1], seed: 99 },
      gone: specs[1]
    }
    const runs = [
      summary('old', '1'),
      summary('renamed', '2'),
      summary('failed', '3', 'failed'),
      summary('other', '4'),
      summary('gone', '5')
    ]
    const specOf = async (id: string) => (id === 'gone' ? null : stored[id])
    expect(await findRuns(specs.slice(0, 2), runs, specOf)).toEqual(['renamed', null])
    expect(await findRuns(specs.slice(1, 2), runs, async (id) => stored[id])).toEqual(['gone'])
  })
})

describe('the picture of a network', () => {
  test.each([
    [3, 900],
    [7, 560],
    [9, 360],
    [12, 120]
  ])('of %d columns stays within %d pixels, and no two columns meet', (count, room) => {
    const { places, width, height, step } = arrange(count, room, 100)
    expect(places).toHaveLength(count)
    expect(step).toBeGreaterThanOrEqual(92)
    for (const { x, y } of places) {
      expect(x - step / 2).toBeGreaterThanOrEqual(0)
      expect(x + step / 2).toBeLessThanOrEqual(width + 1e-9)
      expect(y + 100).toBeLessThanOrEqual(height)
    }
    if (room >= 200) expect(width).toBeLessThanOrEqual(room)
    expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(count)
    expect(places.filter(({ continues }) => continues)).toHaveLength(height / 100 - 1)
  })

  test('breaks long words into two lines and says where something is left out', () => {
    expect(twoLines('tanh', 14)).toEqual(['tanh'])
    expect(twoLines('identity + softmax', 14)).toEqual(['identity +', 'softmax'])
    expect(twoLines('averyveryverylongname.csv', 10)).toEqual(['averyveryv', 'erylongna…'])
  })

  test('of a run has the inputs that its parameters say, and of a function is none', async () => {
    const [spec] = (await presetInfo('sfn-mnist10'))?.specs ?? []
    const open = { ...spec, model: { ...('model' in spec ? spec.model : {}), layers: [null, 5, 10] } } as RunSpec
    const picture = runPicture(open, 565)
    expect(picture?.layers.map(({ weights }) => weights)).toEqual([
      [100, 5],
      [5, 10]
    ])
    expect(runPicture(open, null)).toBeNull()
    if (!picture) throw new Error('no picture')
    const { header, columns } = pictureTable(picture)
    expect(header.map((name, i) => [name, Array.from(columns[i])])).toEqual([
      ['layer', ['W1', 'W2']],
      ['inputs', [100, 5]],
      ['outputs', [5, 10]],
      ['biases', [5, 10]],
      ['activation', ['tanh', 'Identity + softmax']],
      ['parameters', [505, 60]]
    ])
    const three = [1, 2, 3].map((i) => ({ label: `run ${i}`, spec: i === 3 ? open : spec, parameters: 565 }))
    expect(distinctPictures(three).map(({ title }) => title)).toEqual(['run 1, run 2, run 3'])
    const wider = { ...open, model: { ...('model' in open ? open.model : {}), layers: [100, 6, 10] } } as RunSpec
    expect(distinctPictures([...three, { label: 'wider', spec: wider, parameters: null }]).map(({ title }) => title)).toEqual([
      'run 1, run 2, run 3',
      'wider'
    ])
  })
})

describe('settings', () => {
  test('show speeds beside each other, and why a backend is not there', () => {
    const rows = speedRows({
      measuredAt: '2026-11-26T00:00:00Z',
      productOrder: 1000,
      eigenOrder: 800,
      backends: [
        { kind: 'lapack', description: null, problem: 'no library', threads: null, gflops: null, eigenSeconds: null },
        { kind: 'wasm', description: 'kernels', problem: null, threads: 1, gflops: 12.345, eigenSeconds: 0.25 }
      ]
    })
    expect(rows.map(({ figures, gflops, note }) => ({ figures, gflops, note }))).toEqual([
      { figures: null, gflops: null, note: 'no library' },
      { figures: '12.3 GFlop/s · 250\u202fms', gflops: 12.345, note: 'kernels, 1 thread' }
    ])
  })

  test('show the bytes by kind, the largest first, and how near the budget is', () => {
    const kinds = [
      { kind: 'metrics' as const, bytes: 10 },
      { kind: 'snapshots' as const, bytes: 40 },
      { kind: 'trash' as const, bytes: 0 }
    ]
    expect(storageRows({ kinds }).map(({ kind, bytes, free }) => [kind, bytes, free?.to ?? null])).toEqual([
      ['snapshots', 40, '/snapshots'],
      ['metrics', 10, null]
    ])
    const unitOf = (bytes: number) => storageUnit(storageRows({ kinds: [{ kind: 'metrics', bytes }] }))
    expect([40, 999, 1000, 39.3e6, 2e9].map(unitOf)).toEqual(
      [
        ['B', 1],
        ['B', 1],
        ['kB', 1e3],
        ['MB', 1e6],
        ['GB', 1e9]
      ].map(([name, bytes]) => ({ name, bytes }))
    )
    expect([null, 49, 50, 52, 56].map((budget) => budgetState({ used: 50, budget }))).toEqual([null, 'over', 'near', 'near', 'within'])
  })

  test('offer every number of threads, and one that was chosen elsewhere', () => {
    expect(threadChoices(2, null).map(({ value }) => value)).toEqual([0, 1, 2])
    expect(threadChoices(2, 6).map(({ value }) => value)).toEqual([0, 1, 2, 6])
  })

  test('know the guide, or nothing of it', () => {
    expect(guideOf({ guide: { run: 'a', closed: true } })).toEqual({ run: 'a', closed: true })
    expect(guideOf({ guide: 'closed' })).toBeNull()
    expect(guideOf(undefined)).toBeNull()
  })
})
