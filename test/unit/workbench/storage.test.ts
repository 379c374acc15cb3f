// The bytes of a workspace by kind, and the budget that warns before a run or a snapshot would pass it.
import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { budgetWarning, fitWarnings } from '../../../src/shared/run/fit'
import type { Client } from '../../../src/shared/api/client'
import { createArrivals } from '../../../src/workbench/arrivals'
import { bytesBelow, makeRuns, openServed } from './served'

let folder = ''
let served: Awaited<ReturnType<typeof openServed>>
let client: Client
const at = (...parts: string[]) => join(folder, ...parts)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-storage-'))
  await makeRuns(folder, ['one', 'two'], 30)
  for (const [path, bytes] of [
    ['datasets/mine/train-x.npy', 3000],
    ['datasets/.downloads/mnist/a.gz.partial', 700],
    ['datasets/other.0123abcd-1-1.partial/train-x.npy', 50],
    ['uploads/0123/file', 90],
    ['runs/one/analyses/difference-1/manifest.json', 44],
    ['runs/.importing-0123.partial/spec.json', 5]
  ] as const) {
    mkdirSync(at(path, '..'), { recursive: true })
    writeFileSync(at(path), Buffer.alloc(bytes))
  }
  served = await openServed(folder)
  client = served.client
})
afterAll(() => served.close())

test('every file is counted once under its kind, and the kinds add up to the folder', async () => {
  await client.call('runs.remove', { ids: ['two'] })
  const { kinds, used, free, budget } = await client.call('storage.summary', {})
  const bytes = Object.fromEntries(kinds.map((one) => [one.kind, one.bytes]))
  expect(used).toBe(bytesBelow(folder))
  expect(kinds.reduce((sum, one) => sum + one.bytes, 0)).toBe(used)
  expect(bytes.snapshots).toBe(bytesBelow(at('runs/one/snapshots')))
  expect(bytes.checkpoints).toBe(bytesBelow(at('runs/one/checkpoints')))
  expect(bytes.metrics).toBe(statSync(at('runs/one/metrics.ndjson')).size + statSync(at('runs/one/log.ndjson')).size)
  expect(bytes.analyses).toBe(44)
  expect(bytes.trash).toBe(bytesBelow(at('trash')))
  expect(bytes.datasets).toBe(3000)
  expect(bytes.uploads).toBe(700 + 50 + 90 + 5)
  expect(free).toBeGreaterThan(0)
  expect(budget).toBeNull()
})

test('the budget is told with what is used, and deleting counts again at once', async () => {
  await client.call('settings.set', { values: { diskBudget: 1_000_000_000 } })
  const before = await client.call('storage.summary', {})
  expect(before.budget).toBe(1_000_000_000)
  const { bytes } = await client.call('snapshots.prune', { run: 'one' })
  expect(bytes).toBeGreaterThan(0)
  const after = await client.call('storage.summary', {})
  const kindOf = (summary: typeof after, kind: string) => summary.kinds.find((one) => one.kind === kind)?.bytes ?? -1
  expect(kindOf(before, 'snapshots') - kindOf(after, 'snapshots')).toBe(bytes)
  await expect(client.call('settings.set', { values: { diskBudget: 'many' } })).rejects.toThrow(/diskBudget must be a number of bytes/)
  await client.call('settings.set', { values: { diskBudget: null } })
  expect((await client.call('storage.summary', {})).budget).toBeNull()
})

test('a need that would pass the budget is said with what is left; one that just fits is not', () => {
  const budget = { limit: 10e9, used: 9e9 }
  expect(budgetWarning(1e9, budget, 'the run')).toBeNull()
  expect(budgetWarning(1e9 + 1, budget, 'the run')).toMatchObject({ kind: 'budget', needed: 1e9 + 1, available: 1e9 })
  expect(budgetWarning(5, { limit: 10, used: 20 }, 'the run')?.available).toBe(0)
  expect(budgetWarning(1e12, null, 'the run')).toBeNull()
  const needs = { peakBytes: 1, diskBytes: 0.7e9, totalSeconds: 1 }
  const available = { memoryBytes: 1e12, diskBytes: 1e12, budget }
  expect(fitWarnings([needs], available)).toEqual([])
  // Files of several runs add up.
  expect(fitWarnings([needs, needs], available).map(({ kind, needed }) => [kind, needed])).toEqual([['budget', 1.4e9]])
  expect(fitWarnings([needs, needs], { ...available, budget: null })).toEqual([])
})

test('a run whose estimate passes the budget is a conflict until it is confirmed', async () => {
  const spec = {
    schemaVersion: 1,
    name: 'small',
    data: { dataset: 'xor' },
    model: { layers: [2, 4, 2], activation: { kind: 'tanh' } },
    loss: 'half-sse',
    optimizer: { kind: 'gd', learningRate: 0.1 },
    budget: { steps: 20 }
  }
  const { used } = await client.call('storage.summary', {})
  await client.call('settings.set', { values: { diskBudget: used + 1 } })
  await expect(client.call('runs.create', { specs: [spec] })).rejects.toThrow(/would pass its disk budget: .* are left/)
  expect((await client.call('spec.check', { spec })).available.budget).toMatchObject({ limit: used + 1 })
  const { ids } = await client.call('runs.create', { specs: [spec], confirmed: true })
  expect(ids).toHaveLength(1)
  await expect(client.call('settings.set', { values: { diskBudget: 'many' } })).rejects.toThrow(/diskBudget must be a number of bytes/)
  await client.call('settings.set', { values: { diskBudget: null } })
})

test('bytes a second are those of the last seconds', () => {
  const arrivals = createArrivals()
  // What was here before a resumed download began does not count as arrived.
  expect(arrivals.note(0, 5_000_000)).toBeNull()
  expect(arrivals.note(1000, 6_000_000)).toBe(1_000_000)
  expect(arrivals.note(2000, 6_500_000)).toBe(750_000)
  for (let second = 3; second <= 30; second++) arrivals.note(second * 1000, 6_500_000 + (second - 2) * 100_000)
  expect(arrivals.note(31_000, 6_500_000 + 29 * 100_000)).toBeCloseTo(100_000, 6)
  expect(arrivals.note(32_000, 0)).toBeNull()
})
