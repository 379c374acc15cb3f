// The metrics service: columns, ranges, decimation that keeps spikes, tailing, files that are cut and written anew.
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decimatedRows, metricsService, rowRange, type Workspace } from '../../../../src/store'
import { withDivergence } from '../../../../src/workbench/api/divergence'
import { smooth } from '../../../../src/store/metrics/smooth'
import { temporaryWorkspace } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeAll(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterAll(() => remove())

const line = (step: number, more: object = {}) =>
  `${JSON.stringify({ step, epoch: 0, seconds: step / 10, loss: 1 / step, gradNorm: step % 7, stepNorm: 0, ...more })}\n`
async function file(id: string, text: string): Promise<string> {
  await mkdir(join(workspace.folder, 'runs', id), { recursive: true })
  const path = join(workspace.folder, 'runs', id, 'metrics.ndjson')
  await writeFile(path, text)
  return path
}
const lines = (count: number) => Array.from({ length: count }, (_, k) => line(k + 1)).join('')

describe('metrics', () => {
  it('answers any column over any range', async () => {
    await file('plain', line(1, { lambdaMin: { W1: -1, W2: -2 } }) + line(2) + line(3, { testAccuracy: 0.5, lambdaMin: -3, path: 'eigen' }))
    const service = metricsService(workspace)
    const table = await service.read('plain', { columns: ['loss', 'lambdaMin.W2', 'lambdaMin', 'testAccuracy', 'nope'], from: 1, to: 3 })
    expect(table.columns).toEqual({
      loss: Float64Array.of(1, 1 / 2, 1 / 3),
      'lambdaMin.W2': Float64Array.of(-2, NaN, NaN),
      lambdaMin: Float64Array.of(NaN, NaN, -3),
      testAccuracy: Float64Array.of(NaN, NaN, 0.5)
    })
    expect(table.available).toEqual([
      'epoch',
      'seconds',
      'loss',
      'gradNorm',
      'stepNorm',
      'lambdaMin.W1',
      'lambdaMin.W2',
      'testAccuracy',
      'lambdaMin'
    ])
    expect([...(await service.read('plain', { columns: [], from: 2, to: 2 })).steps]).toEqual([2])
    expect((await service.read('never-ran', { columns: ['loss'] })).total).toBe(0)
  })

  it('gives figures of the one block that was decomposed to that block', async () => {
    const one = line(1, { lambdaMin: -1, index: 0.5, flipped: 3, path: { W1: 'cholesky', W2: 'eigen' } })
    const both = line(2, { lambdaMin: { W1: -4, W2: -5 }, path: { W1: 'eigen', W2: 'eigen' } })
    await file('blocks', one + both)
    const names = ['lambdaMin', 'lambdaMin.W1', 'lambdaMin.W2', 'index.W2', 'flipped.W2']
    expect((await metricsService(workspace).read('blocks', { columns: names })).columns).toEqual({
      'lambdaMin.W1': Float64Array.of(NaN, -4),
      'lambdaMin.W2': Float64Array.of(-1, -5),
      'index.W2': Float64Array.of(0.5, NaN),
      'flipped.W2': Float64Array.of(3, NaN)
    })
  })

  it('tails a live run: torn lines wait, cut files are read anew', async () => {
    const path = await file('live', lines(3))
    const service = metricsService(workspace)
    const steps = async () => [...(await service.read('live', { columns: ['loss'] })).steps]
    expect(await steps()).toEqual([1, 2, 3])
    await appendFile(path, line(4).slice(0, 20))
    expect(await steps()).toEqual([1, 2, 3])
    await appendFile(path, line(4).slice(20) + line(5))
    expect(await steps()).toEqual([1, 2, 3, 4, 5])
    // As after a resume from step 2: fewer lines, then others.
    await writeFile(path, lines(2))
    expect(await steps()).toEqual([1, 2])
    await writeFile(path, lines(2) + line(3, { loss: 99 }) + line(4))
    expect([...(await service.read('live', { columns: ['loss'] })).columns['loss']]).toEqual([1, 0.5, 99, 0.25])
  })

  it('reads what two callers ask at once only once', async () => {
    await file('twice', lines(5000))
    const service = metricsService(workspace)
    const tables = await Promise.all([1, 2, 3].map(() => service.read('twice', { columns: ['loss'] })))
    expect(tables.map((table) => table.total)).toEqual([5000, 5000, 5000])
  })

  it('skips what is no line of this run', async () => {
    await file('odd', `${line(1)}not json\n${line(1)}[]\nnull\n${line(7)}${line(2)}{"step":3,"loss":{"a":{"b":1}},"__proto__":{"x":5}}\n`)
    const table = await metricsService(workspace).read('odd', { columns: ['loss', 'x'] })
    expect([...table.steps]).toEqual([1, 2, 3])
    expect(table.columns['x']).toBeUndefined()
  })
})

describe('what is not finite', () => {
  it('is told from what is not there: null in a line, by block too; an accuracy of null is none', async () => {
    const path = await file(
      'bad',
      line(1, { lambdaMax: { W1: 1, W2: null }, testAccuracy: null }) +
        line(2) +
        line(3, { testLoss: null, testAccuracy: null, lambdaMax: { W1: null, W2: 4 } }) +
        '{"step":4,"loss":1e999}\n'
    )
    const service = metricsService(workspace)
    const columns = ['loss', 'testLoss', 'testAccuracy', 'lambdaMax.W1', 'lambdaMax.W2', 'gradNorm']
    const table = await service.read('bad', { columns })
    expect(table.notFinite).toEqual({
      loss: Float64Array.of(4),
      testLoss: Float64Array.of(3),
      'lambdaMax.W1': Float64Array.of(3),
      'lambdaMax.W2': Float64Array.of(1)
    })
    expect(table.columns['testLoss']).toEqual(Float64Array.of(NaN, NaN, NaN, NaN))
    expect(table.available).not.toContain('testAccuracy')
    expect((await service.read('bad', { columns, from: 2, to: 2 })).notFinite).toEqual({})
    // A file that is cut and written anew forgets it.
    await writeFile(path, line(1))
    expect((await service.read('bad', { columns })).notFinite).toEqual({})
  })
  it('is thinned, but never to nothing', async () => {
    await file('worse', Array.from({ length: 5000 }, (_, k) => line(k + 1, k % 2 === 1 ? { testLoss: null } : {})).join(''))
    const table = await metricsService(workspace).read('worse', { columns: ['testLoss'], pixels: 100 })
    const { testLoss } = table.notFinite
    expect(testLoss.length).toBeGreaterThan(50)
    expect(testLoss.length).toBeLessThanOrEqual(101)
    expect([testLoss[0], testLoss.at(-1)]).toEqual([2, 5000])
    await file('once', Array.from({ length: 5000 }, (_, k) => line(k + 1, k === 2345 ? { testLoss: null } : {})).join(''))
    expect((await metricsService(workspace).read('once', { columns: ['testLoss'], pixels: 10 })).notFinite).toEqual({
      testLoss: Float64Array.of(2346)
    })
  })
  it('names the step that ended a diverged run, which has no line', async () => {
    await file('ended', lines(3))
    const request = { columns: ['loss', 'gradNorm'] }
    const table = await metricsService(workspace).read('ended', request)
    expect(withDivergence(table, request, 'step 4: the loss is infinite').notFinite).toEqual({ loss: Float64Array.of(4) })
    expect(withDivergence(table, request, 'step 4: the gradient is not a number (W1, row 1, column 2)').notFinite).toEqual({
      gradNorm: Float64Array.of(4)
    })
    const perSample = { ...table, columns: { ...table.columns, lossPerSample: Float64Array.of(1, 1, 1) } }
    const both = withDivergence(perSample, { columns: ['loss', 'lossPerSample'] }, 'step 4: the loss is infinite').notFinite
    expect(both).toEqual({ loss: Float64Array.of(4), lossPerSample: Float64Array.of(4) })
    expect(withDivergence(table, { ...request, to: 3 }, 'step 4: the loss is infinite').notFinite).toEqual({})
    expect(withDivergence(table, request, null)).toBe(table)
    expect(withDivergence(table, request, 'step 4: the disk is full')).toBe(table)
    const none = await metricsService(workspace).read('never-ran', request)
    const first = withDivergence(none, request, 'step 1: the loss after the update is not a number')
    expect(first.available).toEqual(['loss'])
    expect(first.notFinite).toEqual({ loss: Float64Array.of(1) })
  })
})

describe('decimation', () => {
  it('keeps every spike, the ends, and the order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noDefaultInfinity: true }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 40 }),
        (values, pixels) => {
          const column = Float64Array.from(values)
          const rows = decimatedRows([column], 0, column.length, pixels)
          expect([...rows]).toEqual([...new Set(rows)].sort((a, b) => a - b))
          expect(rows.length).toBeLessThanOrEqual(Math.max(4 * pixels, 0))
          const finite = values.filter((value) => !Number.isNaN(value))
          if (finite.length > 0) {
            const kept = [...rows].map((row) => column[row])
            expect(kept).toContain(Math.max(...finite) === 0 ? kept.find((value) => value === 0) : Math.max(...finite))
            expect(kept).toContain(Math.min(...finite) === 0 ? kept.find((value) => value === 0) : Math.min(...finite))
          }
          expect([rows[0], rows.at(-1)]).toEqual([0, column.length - 1])
        }
      ),
      { seed: 5, numRuns: 300 }
    )
  })

  it('finds ranges of steps', () => {
    const steps = Float64Array.from({ length: 10 }, (_, k) => k + 1)
    expect(rowRange(steps, 3, 5)).toEqual([2, 5])
    expect(rowRange(steps, 0, Infinity)).toEqual([0, 10])
    expect(rowRange(steps, 11, 20)).toEqual([10, 10])
  })
})

describe('smoothing', () => {
  it('weight 0 is the data; a constant stays constant; the bias of the start is removed', () => {
    expect([...smooth([3, 1, 2], 0)]).toEqual([3, 1, 2])
    for (const value of smooth([5, 5, 5, 5], 0.9)) expect(value).toBeCloseTo(5, 12)
    // Second value at weight w: (w·a + b) / (1 + w) = (0.5·2 + 4) / 1.5.
    expect(smooth([2, 4], 0.5)[1]).toBeCloseTo(10 / 3, 12)
  })
  it('stays between the extremes and passes over gaps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (values, weight) => {
          const [low, high] = [Math.min(...values), Math.max(...values)]
          for (const value of smooth(values, weight)) {
            expect(value).toBeGreaterThanOrEqual(low - 1e-6)
            expect(value).toBeLessThanOrEqual(high + 1e-6)
          }
        }
      )
    )
    const gappy = smooth([1, Number.NaN, 3], 0.5)
    expect(gappy[1]).toBeNaN()
    expect(gappy[2]).toBeCloseTo((0.5 * 1 + 3) / 1.5, 12)
  })
  it('of a long noisy run is that of every step, however few are drawn', async () => {
    // Losses of 1 with a rare spike to 100: the rows that are drawn are half spikes, the average is not.
    const values = Array.from({ length: 20_000 }, (_, k) => (k % 97 === 0 ? 100 : 1))
    await file('noisy', values.map((loss, k) => line(k + 1, { loss })).join(''))
    const { steps, columns, smoothed, total } = await metricsService(workspace).read('noisy', {
      columns: ['loss'],
      pixels: 200,
      smooth: 0.99
    })
    expect(total).toBe(20_000)
    expect(steps.length).toBeLessThan(1000)
    const whole = smooth(values, 0.99)
    expect([...smoothed.loss]).toEqual([...steps].map((step) => whole[step - 1]))
    const mean = (numbers: Float64Array) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length
    expect(mean(columns.loss)).toBeGreaterThan(20)
    expect(mean(smoothed.loss)).toBeLessThan(3)
  })
})
