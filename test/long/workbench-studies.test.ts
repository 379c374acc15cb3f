// Studies in the workbench: over the ordinary queue to their end, stopped, taken up again after a quit and a crash, shown, judged and removed.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Client } from '../../src/shared/api/client'
import type { StudiesEvent, StudyDetails } from '../../src/shared/api/contract'
import type { Workbench } from '../../src/workbench'
import { metricsOf } from '../integration/cli/saddlescope'
import { csv, netBase, studied, sweep } from '../integration/cli/studies'
import { engineLauncher, openWithClient } from '../integration/workbench/real-engines'

const folder = mkdtempSync(join(tmpdir(), 'saddlescope-studies-'))
let workbench: Workbench
let client: Client
const kills: (() => void)[] = []
const launch = engineLauncher(kills)

async function open() {
  ;({ workbench, client } = await openWithClient(folder, launch))
}
async function close() {
  client.close()
  await workbench.close()
}
beforeAll(async () => {
  vi.stubEnv('SADDLESCOPE_BACKEND', 'wasm')
  await open()
  await client.call('settings.set', { values: { runsAtOnce: 2 } })
})
afterAll(async () => {
  await close()
  rmSync(folder, { recursive: true, force: true })
})

const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as never
const get = (id: string) => client.call('studies.get', { id })
const waitFor = (id: string, state: StudyDetails['state']) =>
  expect.poll(async () => (await get(id)).state, { timeout: 60_000, interval: 50 }).toBe(state)
const waitForFinished = (id: string, runs: number) =>
  expect.poll(async () => (await get(id)).finished, { timeout: 60_000, interval: 20 }).toBeGreaterThanOrEqual(runs)
const create = async (spec: unknown, start = true) => (await client.call('studies.create', { spec: json(spec), start })).id
const runsOf = (id: string) =>
  readdirSync(join(folder, 'runs'))
    .filter((run) => run.startsWith(`${id}-`))
    .sort()

const nets = (name: string, steps = 60) =>
  sweep({
    name,
    base: { ...netBase, budget: { steps } },
    axes: [{ path: 'optimizer.learningRate', values: [0.01, 0.02] }],
    seeds: 3,
    parallel: 2
  })

function expectOnce(details: StudyDetails, steps: number) {
  expect(runsOf(details.id)).toEqual(details.table.flatMap(({ runs }) => runs.map(({ run }) => run)).sort())
  for (const run of runsOf(details.id))
    expect(metricsOf(join(folder, 'runs', run)).map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, k) => k + 1))
}

describe('a study', () => {
  test('comes to its end with no more runs at once than it may have; what is told are its files’ figures', async () => {
    const events: StudiesEvent[] = []
    client.subscribe('studies', {}, { onEvent: (event) => events.push(event) })
    const id = await create(nets('Whole'))
    expect(id).toBe('whole')
    const most: number[] = []
    await expect
      .poll(
        async () => {
          const { running, waiting } = await client.call('queue.list', {})
          most.push(running.length + waiting.length)
          return (await get(id)).state
        },
        { timeout: 60_000, interval: 20 }
      )
      .toBe('done')
    expect(Math.max(...most)).toBeLessThanOrEqual(2)
    const details = await get(id)
    expect(details).toMatchObject({ cells: 2, runs: 6, finished: 6, failed: 0, on: 'validation', etaSeconds: null, notes: [] })
    expectOnce(details, 60)
    for (const row of details.table) {
      const values = row.runs.map(({ run, value }) => {
        const evaluated = metricsOf(join(folder, 'runs', run)).filter((line) => typeof line.valLoss === 'number')
        expect(value).toBe(evaluated[evaluated.length - 1].valLoss)
        return Number(value)
      })
      const mean = values.reduce((sum, value) => sum + value, 0) / 3
      expect(row.mean).toBeCloseTo(mean, 13)
      expect(row.std).toBeCloseTo(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2), 13)
    }
    await expect.poll(() => events.at(-1)).toMatchObject({ kind: 'changed', summary: { id, state: 'done', finished: 6 } })
    // The tables are written when it ends; the command line says the same.
    await expect.poll(() => csv(join(folder, 'studies', id, 'results.csv')).map(({ state }) => state)).toEqual(Array(6).fill('done'))
    const { stdout } = await studied('show', id, '--json', '--workspace', folder)
    const { fairness, ...shown } = JSON.parse(stdout) as StudyDetails & { fairness: unknown }
    expect(shown).toEqual(json(details))
    expect(await client.call('studies.fairness', { id })).toEqual(fairness)
    expect(await client.call('studies.fairness', { id, verify: true })).toMatchObject({
      verified: true,
      findings: [],
      groups: [{ seed: 3, of: 2 }, { seed: 4 }, { seed: 5 }]
    })
  })

  test('a cell’s spec is that of its first run', async () => {
    const spec = await client.call('studies.cellSpec', { id: 'whole', cell: 1 })
    expect(spec).toEqual(JSON.parse(readFileSync(join(folder, 'runs', 'whole-0001-0', 'spec.json'), 'utf8')))
    await expect(client.call('studies.cellSpec', { id: 'whole', cell: 2 })).rejects.toThrow(
      /study whole has 2 cells, from 0; there is no cell 2/
    )
  })

  test('stops with its runs paused, and goes on', async () => {
    const id = await create(nets('Stopped', 200))
    await waitForFinished(id, 1)
    await client.call('studies.stop', { id })
    const stopped = await get(id)
    expect([stopped.state, stopped.running]).toEqual(['stopped', 0])
    expect(stopped.finished).toBeLessThan(6)
    expect((await client.call('queue.list', {})).running).toEqual([])
    await client.call('studies.start', { id })
    expect((await get(id)).state).toBe('running')
    await expect(client.call('studies.remove', { id, runs: true })).rejects.toThrow(/study stopped is running: stop it first/)
    await waitFor(id, 'done')
    expectOnce(await get(id), 200)
  })

  test('is stopped after a quit and after a crash of its engines, until it is started again; every run is there once', async () => {
    const id = await create(nets('Quit', 200))
    await waitForFinished(id, 1)
    await close()
    await open()
    expect((await get(id)).state).toBe('stopped')
    await client.call('studies.start', { id })
    await expect.poll(async () => (await get(id)).running, { timeout: 30_000, interval: 20 }).toBeGreaterThanOrEqual(1)
    for (const kill of kills) kill()
    // A killed run is left interrupted; the others go on, and then the study waits for a word.
    await expect.poll(async () => ['stopped', 'done'].includes((await get(id)).state), { timeout: 60_000 }).toBe(true)
    await client.call('studies.start', { id })
    await waitFor(id, 'done')
    expectOnce(await get(id), 200)
  })

  test('that is not started waits with planned runs', async () => {
    const id = await create(nets('Planned'), false)
    const { state, table } = await get(id)
    expect([state, table[0].runs[0].state, runsOf(id)]).toEqual(['stopped', 'planned', []])
    const list = await client.call('studies.list', {})
    expect(list.map(({ id: one }) => one)).toEqual(['planned', 'quit', 'stopped', 'whole'])
  })
})

describe('removal and damage', () => {
  test('goes with its runs to the trash, or alone', async () => {
    const events: StudiesEvent[] = []
    client.subscribe('studies', {}, { onEvent: (event) => events.push(event) })
    await client.call('studies.remove', { id: 'whole', runs: true })
    expect([existsSync(join(folder, 'studies', 'whole')), runsOf('whole')]).toEqual([false, []])
    expect((await client.call('trash.list', {})).map(({ id }) => id).filter((id) => id.startsWith('whole-'))).toHaveLength(6)
    await expect.poll(() => events.some((event) => event.kind === 'removed' && event.id === 'whole')).toBe(true)
    await client.call('studies.remove', { id: 'stopped', runs: false })
    expect(runsOf('stopped')).toHaveLength(6)
    await expect(get('whole')).rejects.toThrow(/there is no study "whole"/)
  })

  test('a study of the same name gets an id that runs of the old one do not have', async () => {
    expect(await create(nets('Stopped'), false)).toBe('stopped-2')
  })

  test('one that is damaged is told, and stays', async () => {
    const path = join(folder, 'studies', 'planned', 'study.json')
    const whole = readFileSync(path, 'utf8')
    writeFileSync(path, whole.slice(0, 100))
    const found = (await client.call('studies.list', {})).find(({ id }) => id === 'planned')
    expect(found?.damage).toMatch(/study\.json: is not valid JSON/)
    expect(readFileSync(path, 'utf8')).toBe(whole.slice(0, 100))
    writeFileSync(path, whole)
    expect((await client.call('studies.list', {})).find(({ id }) => id === 'planned')?.damage).toBeNull()
  })
})

describe('before it runs', () => {
  const check = (spec: unknown) => client.call('studies.check', { spec: json(spec) })

  test('is checked: counts, what it will take, what it is judged by', async () => {
    const { problems, cells, runs, estimate, selection } = await check(nets('New'))
    expect([problems, cells, runs, selection]).toEqual([[], 2, 6, 'valLoss, lowest at the last step, mean over 3 seeds; validation'])
    expect(estimate.bytes).toBeGreaterThan(0)
    expect(estimate.seconds).toBeGreaterThan(0)
  })

  test('its faults come with their places, those of the data too', async () => {
    expect((await check(sweep({ axes: [{ path: 'optimizer.rate', values: [1] }] }))).problems).toMatchObject([{ path: 'axes.0.path' }])
    expect((await check(sweep({ base: { ...netBase, data: { ...netBase.data, dataset: 'nothing' } } }))).problems).toMatchObject([
      { path: 'cells.0', message: expect.stringMatching(/data\.dataset: .*nothing/) }
    ])
    await expect(create(sweep({ select: { metric: 'los', goal: 'min' } }))).rejects.toThrow(/select\.metric: must be a metric/)
  })

  test('what passes the disk budget wants a word, as for runs', async () => {
    await client.call('settings.set', { values: { diskBudget: 1000 } })
    await expect(create(nets('Large'))).rejects.toThrow(/budget/)
    await expect(client.call('studies.start', { id: 'planned' })).rejects.toThrow(/budget/)
    expect(existsSync(join(folder, 'studies', 'large'))).toBe(false)
    await client.call('studies.start', { id: 'planned', confirmed: true })
    await waitFor('planned', 'done')
    await client.call('settings.set', { values: { diskBudget: null } })
  })

  test('ten thousand runs are checked, data and all', async () => {
    const axes = [{ path: 'optimizer.learningRate', from: 0.001, to: 0.1, count: 10_000 }]
    const { problems, runs } = await check(sweep({ base: netBase, axes }))
    expect([problems, runs]).toEqual([[], 10_000])
  })
})
