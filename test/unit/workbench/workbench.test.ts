// The workbench over a real workspace with engine processes that do what the test says: queue, states, events, errors.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, type Client } from '../../../src/shared/api/client'
import type { RunEvent } from '../../../src/shared/api/contract'
import { connectionPair } from './memory-connection'
import { openWorkbench, type Workbench } from '../../../src/workbench'
import { startDemoIfEmpty } from '../../../src/workbench/demo'
import { fakeLauncher, type FakeEngine } from './fake-engine'

const spec = (name: string) => ({
  schemaVersion: 1,
  name,
  problem: { kind: 'function', function: 'x^2 + y^2', start: [1, 2] },
  optimizer: { kind: 'gd' },
  budget: { steps: 5 }
})

let folder = ''
let workbench: Workbench
let client: Client
let engines: FakeEngine[]

async function open() {
  const fake = fakeLauncher()
  engines = fake.engines
  workbench = await openWorkbench({ workspace: folder, launch: fake.launch, grace: 50 })
  client = createClient(async () => {
    const [mine, other] = connectionPair()
    workbench.serve(other)
    return mine
  })
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-workbench-'))
  await open()
})
afterEach(async () => {
  client.close()
  await workbench.close()
  rmSync(folder, { recursive: true, force: true })
})

const stateOf = async (id: string) => (await client.call('runs.get', { id })).summary.state
const create = (name: string, start = true) => client.call('runs.create', { specs: [spec(name)], start }).then(({ ids }) => ids[0])

describe('the queue', () => {
  test('starts one run at a time, in order, and the next when one ends', async () => {
    const ids = [await create('a'), await create('b'), await create('c')]
    expect(engines.map(({ args }) => args)).toEqual([['run', ids[0]]])
    engines[0].say({ type: 'run-ended', state: 'done', step: 5, message: null })
    engines[0].exit()
    await expect.poll(() => engines.length).toBe(2)
    expect(engines[1].args).toEqual(['run', ids[1]])
    expect(await stateOf(ids[2])).toBe('queued')
  })
  test('starts nothing twice', async () => {
    const id = await create('a')
    await expect(client.call('runs.start', { id })).rejects.toMatchObject({
      error: { code: 'conflict', message: `run ${id} is running already` }
    })
    const waiting = await create('b')
    await Promise.all([client.call('runs.start', { id: waiting }), client.call('runs.start', { id: waiting })])
    engines[0].exit({ code: 1 })
    await expect.poll(() => engines.length).toBe(2)
    engines[1].exit({ code: 1 })
    await expect.poll(async () => stateOf(waiting)).toBe('interrupted')
    expect(engines.length).toBe(2)
  })
  test('takes a paused run out, and runs several at once when told to', async () => {
    const [a, b, c] = [await create('a'), await create('b'), await create('c')]
    await client.call('runs.pause', { id: b })
    expect(await stateOf(b)).toBe('paused')
    await client.call('settings.set', { values: { runsAtOnce: 2 } })
    engines[0].exit({ code: 1 })
    await expect.poll(() => engines.length).toBe(2)
    expect(engines[1].args).toEqual(['run', c])
    await client.call('runs.start', { id: a })
    await expect.poll(() => engines.length).toBe(3)
  })
  test('after a quit, queued runs wait until somebody says go', async () => {
    await create('a')
    const waiting = await create('b')
    client.close()
    await workbench.close()
    await open()
    expect(await stateOf(waiting)).toBe('queued')
    expect(engines).toHaveLength(0)
    await client.call('runs.start', { id: waiting })
    expect(engines).toHaveLength(1)
  })
  const waiting = async () => (await client.call('queue.list', {})).waiting
  const order = async () => (await waiting()).map(({ id }) => id)
  test('can be put in another order, which a restart keeps, held until a word', async () => {
    const [a, b, c, d] = [await create('a'), await create('b'), await create('c'), await create('d')]
    const { running, most } = await client.call('queue.list', {})
    expect([running.map(({ id }) => id), most, await order()]).toEqual([[a], 1, [b, c, d]])
    await client.call('queue.move', { id: d, before: b })
    expect(await order()).toEqual([d, b, c])
    await client.call('queue.move', { id: d, before: null })
    expect(await order()).toEqual([b, c, d])
    await client.call('queue.move', { id: c, before: b })
    await expect(client.call('queue.move', { id: a, before: null })).rejects.toThrow(/not in the queue/)
    client.close()
    await workbench.close()
    await open()
    expect((await waiting()).map(({ id, held, startsIn }) => [id, held, startsIn])).toEqual([
      [c, true, null],
      [b, true, null],
      [d, true, null]
    ])
    // A new run goes past those that wait for a word.
    const fresh = await create('e')
    expect(engines.map(({ args }) => args[1])).toEqual([fresh])
    await client.call('queue.release', { ids: [c, b] })
    expect((await waiting()).map(({ id, held }) => [id, held])).toEqual([
      [c, false],
      [b, false],
      [d, true]
    ])
    engines[0].exit({ code: 1 })
    await expect.poll(() => engines.length).toBe(2)
    expect(engines[1].args[1]).toBe(c)
  })
  test('passes by a run that is held, and starts one beside the others when told to', async () => {
    const [a, b, c] = [await create('a'), await create('b'), await create('c')]
    await client.call('queue.hold', { ids: [b] })
    engines[0].exit({ code: 1 })
    await expect.poll(() => engines.length).toBe(2)
    expect(engines[1].args[1]).toBe(c)
    expect(await order()).toEqual([b])
    await client.call('queue.start', { id: b })
    expect(engines[2].args[1]).toBe(b)
    expect(await order()).toEqual([])
    expect((await client.call('queue.list', {})).running.map(({ id }) => id)).toEqual([c, b])
    await client.call('runs.start', { id: a })
    expect(await order()).toEqual([a])
    await client.call('runs.pause', { id: a })
    expect([await order(), await stateOf(a)]).toEqual([[], 'paused'])
  })
})

describe('supervision', () => {
  test('a crash makes the run interrupted with its cause, and the workbench lives', async () => {
    const id = await create('a')
    engines[0].say({ type: 'hello' })
    engines[0].exit({ code: null, signal: 'SIGSEGV', output: 'boom' })
    await expect.poll(async () => stateOf(id)).toBe('interrupted')
    const { summary } = await client.call('runs.get', { id })
    expect(summary.error).toBe('the engine process ended unexpectedly by SIGSEGV: boom')
    await client.call('runs.start', { id })
    expect(engines).toHaveLength(2)
  })
  test('a stop is a message first, a kill after the grace', async () => {
    const id = await create('a')
    engines[0].say({ type: 'hello' })
    await client.call('runs.stop', { id })
    expect(engines[0].received).toContainEqual({ type: 'stop', as: 'interrupted' })
    expect(engines[0].killed).toBe(true)
    expect(await stateOf(id)).toBe('interrupted')
  })
  test('a run that waits for a full disk shows why, and start lets it try again', async () => {
    const id = await create('a')
    engines[0].say({ type: 'hello' })
    engines[0].say({ type: 'trouble', message: 'the disk is full' })
    await expect.poll(async () => (await client.call('runs.get', { id })).summary.error).toBe('waiting: the disk is full')
    await client.call('runs.start', { id })
    expect(engines[0].received).toContainEqual({ type: 'retry' })
    expect((await client.call('runs.get', { id })).summary.error).toBe(null)
  })
})

describe('events', () => {
  test('whoever learns of the demonstration finds its guide, and hears of settings that the workbench or another page changes', async () => {
    let heard = 0
    client.subscribe('settings', {}, { onEvent: () => heard++ })
    const told: { run: string; guide: unknown }[] = []
    const look = async () => {
      const { demonstration } = await client.call('app.info', {})
      if (demonstration) told.push({ run: demonstration, guide: (await client.call('settings.get', {})).guide })
    }
    client.subscribe('runs', {}, { onEvent: () => void look() })
    const demo = await startDemoIfEmpty(workbench, () => undefined)
    await expect.poll(() => told.length).toBeGreaterThan(0)
    for (const { run, guide } of told) {
      expect(run).toBe(demo?.id)
      expect(guide).toEqual({ run, closed: false })
    }
    expect(heard).toBe(1)
    await client.call('settings.set', { values: { runsAtOnce: 2 } })
    await expect.poll(() => heard).toBe(2)
  })
  test('steps, phases and states reach whoever watches the run; the list hears of changes', async () => {
    const heard: RunEvent[] = []
    const listed: string[] = []
    const id = await create('a', false)
    client.subscribe('run', { id }, { onEvent: (event) => heard.push(event) })
    client.subscribe(
      'runs',
      {},
      { onEvent: (event) => listed.push(event.kind === 'changed' ? `${event.summary.id} ${event.summary.step}` : event.id) }
    )
    await client.call('runs.start', { id })
    const line = {
      step: 1,
      epoch: 1,
      seconds: 0.1,
      wallSeconds: 2.5,
      valLoss: 4,
      valAccuracy: 0.75,
      testAccuracy: 0.5,
      loss: 3,
      gradNorm: 2,
      stepNorm: 1,
      lambdaMin: { W1: -2, W2: 1 }
    }
    engines[0].say({ type: 'phase', step: 1, phase: 'eigendecomposition', fraction: 0.5, etaSeconds: 3 })
    await expect.poll(() => heard.some(({ kind }) => kind === 'phase')).toBe(true)
    expect((await client.call('runs.get', { id })).live).toEqual({ step: 1, phase: 'eigendecomposition', fraction: 0.5, etaSeconds: 3 })
    engines[0].say({ type: 'step', line })
    await expect.poll(() => heard.find(({ kind }) => kind === 'step')).toEqual({ kind: 'step', line })
    await expect.poll(() => listed).toContain(`${id} 1`)
    const { rows } = await client.call('runs.list', {})
    expect(rows[0]).toMatchObject({ id, step: 1, lastLoss: 3, lambdaMin: -2, seconds: 0.1, wallSeconds: 2.5 })
    expect(rows[0]).toMatchObject({
      lastValLoss: 4,
      lastValAccuracy: 0.75,
      bestValAccuracy: 0.75,
      bestValAccuracyStep: 1,
      accuracyAtBestVal: 0.5
    })
  })
})

describe('the API', () => {
  test('names every fault of a spec and makes no run of it', async () => {
    const bad = { ...spec('bad'), optimizer: { kind: 'gd', learningRat: 1 } }
    await expect(client.call('runs.create', { specs: [spec('good'), bad] })).rejects.toMatchObject({
      error: { code: 'bad-request', problems: [{ path: 'optimizer.learningRat', message: 'unknown key; did you mean "learningRate"?' }] }
    })
    expect((await client.call('runs.list', {})).total).toBe(0)
    const checked = await client.call('spec.check', { spec: bad })
    expect(checked.spec).toBe(null)
    expect(checked.problems).toHaveLength(1)
  })
  test('checks a good spec with an estimate', async () => {
    const { spec: full, problems, estimate } = await client.call('spec.check', { spec: spec('x') })
    expect(problems).toEqual([])
    expect(full).toMatchObject({ seed: 0, checkpoints: { everySteps: 50 } })
    expect(estimate).toMatchObject({ parameters: 2, steps: 5 })
  })
  test('refuses bad input with one sentence', async () => {
    const refuse = (method: string, input: unknown) => workbench.router(method, input, new AbortController().signal)
    expect(await refuse('nothing', {})).toMatchObject({
      ok: false,
      error: { code: 'bad-request', message: 'there is no method "nothing"' }
    })
    expect(await refuse('runs.get', { id: '../../etc' })).toMatchObject({ ok: false, error: { code: 'bad-request' } })
    expect(await refuse('runs.get', { id: 'nobody' })).toMatchObject({
      ok: false,
      error: { code: 'not-found', message: 'there is no run "nobody"' }
    })
    expect(await refuse('runs.list', { limt: 3 })).toMatchObject({ error: { message: 'runs.list: unknown key limt; did you mean limit?' } })
    expect(await refuse('runs.list', { limit: 'x' })).toMatchObject({
      error: { message: expect.stringMatching(/^runs\.list: limit must be an integer/) }
    })
    expect(await refuse('runs.list', { filter: 'loss<' })).toMatchObject({ ok: false, error: { code: 'bad-request' } })
    expect(await refuse('toString', {})).toMatchObject({ ok: false })
    expect(await refuse('__proto__', {})).toMatchObject({ ok: false })
  })
  test('histograms of a run that has none are none; of no run, not found', async () => {
    const id = await create('a', false)
    expect(await client.call('runs.histograms', { id })).toMatchObject({ layers: [], bins: 64, total: 0, damaged: 0, series: {} })
    await expect(client.call('runs.histograms', { id: 'nobody' })).rejects.toMatchObject({ error: { code: 'not-found' } })
  })
  test('renames, tags, removes and restores', async () => {
    const id = await create('a', false)
    const name = '<img src=x onerror=alert(1)>'
    expect(await client.call('runs.update', { id, name, tags: ['one'], pinned: true })).toMatchObject({ name, tags: ['one'], pinned: true })
    await client.call('runs.remove', { ids: [id] })
    expect((await client.call('runs.list', {})).total).toBe(0)
    await client.call('runs.restore', { ids: [id] })
    expect((await client.call('runs.list', {})).rows[0]).toMatchObject({ id, name })
  })
  test('a running run cannot be removed', async () => {
    const id = await create('a')
    await expect(client.call('runs.remove', { ids: [id] })).rejects.toMatchObject({ error: { code: 'conflict' } })
  })
  test('jobs tell their progress and can be cancelled', async () => {
    const { job } = await client.call('datasets.verify', { name: 'mnist10' })
    engines[0].say({ type: 'hello' })
    engines[0].say({ type: 'progress', fraction: 0.5, message: 'half' })
    expect((await client.call('jobs.list', {}))[0]).toMatchObject({ id: job, state: 'running', fraction: 0.5, message: 'half' })
    await client.call('jobs.cancel', { id: job })
    expect(engines[0].received).toContainEqual({ type: 'stop', as: 'interrupted' })
    engines[0].say({ type: 'job-ended', state: 'cancelled', message: 'cancelled' })
    engines[0].exit()
    await expect.poll(async () => (await client.call('jobs.list', {}))[0].state).toBe('cancelled')
    await expect(client.call('jobs.cancel', { id: 'job-99' })).rejects.toMatchObject({ error: { code: 'not-found' } })
  })
  test('lists presets complete, datasets, functions; keeps comparisons and settings', async () => {
    const presets = await client.call('presets.list', {})
    expect(presets.map(({ name }) => name)).toContain('sfn-cifar100')
    expect(presets.every(({ specs }) => specs.every((one) => one.checkpoints.keep > 0))).toBe(true)
    expect((await client.call('datasets.list', {})).map(({ id }) => id)).toContain('mnist10')
    const functions = await client.call('functions.list', {})
    expect(functions.find(({ name }) => name === 'rosenbrock')?.view).toHaveLength(4)
    const { id } = await client.call('comparisons.save', { name: 'My view', runs: ['a', 'b'], view: { axis: 'log' } })
    expect(id).toBe('my-view')
    expect((await client.call('comparisons.save', { name: 'My view', runs: [], view: null })).id).toBe('my-view-2')
    expect(await client.call('comparisons.get', { id })).toMatchObject({ name: 'My view', runs: ['a', 'b'], view: { axis: 'log' } })
    await client.call('comparisons.remove', { id })
    expect((await client.call('comparisons.list', {})).map((one) => one.id)).toEqual(['my-view-2'])
    await client.call('settings.set', { values: { theme: 'dark' } })
    expect(await client.call('settings.get', {})).toEqual({ theme: 'dark' })
  })
  test('a grid of a function has its values where they belong, the largest y first', async () => {
    const { values } = await client.call('functions.grid', { function: 'x + 10*y', view: [0, 2, 0, 1], width: 3, height: 2 })
    expect([...values]).toEqual([10, 11, 12, 0, 1, 2])
    await expect(client.call('functions.grid', { function: 'x +', view: [0, 1, 0, 1], width: 2, height: 2 })).rejects.toMatchObject({
      error: { code: 'bad-request' }
    })
  })
})
