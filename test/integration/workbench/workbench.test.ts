// The workbench with real engine processes: a run seen live, stopped, resumed, killed; jobs; many tiny steps.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '../../../src/shared/api/client'
import type { RunEvent } from '../../../src/shared/api/contract'
import type { Workbench } from '../../../src/workbench'
import { metricsOf, smallSpec, start, writeSpec } from '../cli/saddlescope'
import { engineLauncher, engineProgram, openWithClient } from './real-engines'

const folder = mkdtempSync(join(tmpdir(), 'saddlescope-workbench-'))
let workbench: Workbench
let client: Client
/** The process ids of the engines launched, to kill them as a system would. */
const kills: (() => void)[] = []
const launch = engineLauncher(kills)

async function open() {
  ;({ workbench, client } = await openWithClient(folder, launch))
}
beforeAll(open)
afterAll(async () => {
  client.close()
  await workbench.close()
  rmSync(folder, { recursive: true, force: true })
})

const summaryOf = async (id: string) => (await client.call('runs.get', { id })).summary
const waitFor = (id: string, state: string) =>
  expect.poll(async () => (await summaryOf(id)).state, { timeout: 30_000, interval: 50 }).toBe(state)
const waitForStep = (id: string, step: number) =>
  expect.poll(async () => (await summaryOf(id)).step, { timeout: 30_000, interval: 20 }).toBeGreaterThanOrEqual(step)
const create = async (spec: unknown) => (await client.call('runs.create', { specs: [JSON.parse(JSON.stringify(spec)) as never] })).ids[0]
const long = (name: string) =>
  smallSpec({
    name,
    data: { ...smallSpec().data, trainLimit: 2000 },
    batch: { size: 500, shuffle: true },
    snapshots: { everySteps: null },
    budget: { steps: 60 }
  })

describe('a run', () => {
  test('is trained by an engine process, its figures and spectrum come over the API', async () => {
    const id = await create(smallSpec({ name: 'seen' }))
    const events: RunEvent[] = []
    client.subscribe('run', { id }, { onEvent: (event) => events.push(event) })
    await waitFor(id, 'done')
    const table = await client.call('runs.metrics', { id, columns: ['loss', 'lambdaMin', 'testAccuracy'] })
    expect([...table.steps]).toEqual(Array.from({ length: 40 }, (_, k) => k + 1))
    expect(table.columns.loss.every(Number.isFinite)).toBe(true)
    expect(Number.isFinite(table.columns.testAccuracy[6])).toBe(true)
    expect(Number.isNaN(table.columns.testAccuracy[5])).toBe(true)
    const details = await client.call('runs.get', { id })
    expect(details.snapshots.map(({ step }) => step)).toEqual([0, 10, 20, 30, 40])
    const { values } = await client.call('snapshots.eigenvalues', { run: id, step: 40, block: 'full' })
    expect(values.length).toBe(details.summary.parameterCount)
    expect(values.every((value, k) => k === 0 || value >= values[k - 1])).toBe(true)
    const { vector, value, residual } = await client.call('snapshots.eigenvector', { run: id, step: 40, block: 'full', index: 0 })
    expect(Math.hypot(...vector)).toBeCloseTo(1, 10)
    expect(value).toBe(values[0])
    expect(residual).toBeLessThan(1e-10)
    const kinds = new Set(events.map(({ kind }) => kind))
    for (const kind of ['step', 'snapshot', 'checkpoint', 'state'] as const) expect(kinds).toContain(kind)
    expect((await client.call('runs.files', { id })).map(({ name }) => name)).toContain('metrics.ndjson')
  })

  test('stops with its work kept and goes on; a killed engine makes it interrupted, and it goes on again', async () => {
    const id = await create(long('stopped'))
    await waitForStep(id, 5)
    await client.call('runs.pause', { id })
    const paused = await summaryOf(id)
    expect(paused.state).toBe('paused')
    expect(paused.step).toBeLessThan(60)
    await client.call('runs.start', { id })
    await waitForStep(id, paused.step + 10)
    kills.at(-1)?.()
    await waitFor(id, 'interrupted')
    expect((await summaryOf(id)).error).toMatch(/killed \(SIGKILL\)/)
    await client.call('runs.start', { id })
    await waitFor(id, 'done')
    const lines = readFileSync(join(folder, 'runs', id, 'metrics.ndjson'), 'utf8')
      .trim()
      .split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual(Array.from({ length: 60 }, (_, k) => k + 1))
  })

  test('is found again after the workbench was closed in the middle of it', async () => {
    const id = await create(long('closed'))
    await waitForStep(id, 3)
    client.close()
    await workbench.close()
    await open()
    const { state, step } = await summaryOf(id)
    expect(state).toBe('interrupted')
    expect(step).toBeGreaterThanOrEqual(3)
    await client.call('runs.start', { id })
    await waitForStep(id, step + 2)
    await client.call('runs.stop', { id })
  })

  test('that cannot begin says why', async () => {
    const spec = smallSpec({ name: 'hopeless', data: { dataset: { path: join(folder, 'nothing.tar.gz') } } })
    const id = await create(spec)
    await waitFor(id, 'failed')
    expect((await summaryOf(id)).error).toMatch(/nothing\.tar\.gz.*no such file/)
  })

  test('of ten thousand tiny steps sends few events, and the event loop stays free', async () => {
    const spec = {
      schemaVersion: 1,
      name: 'tiny',
      problem: { kind: 'function', function: 'x^2 + y^2', start: [1, 1] },
      optimizer: { kind: 'gd', learningRate: 1e-4 },
      budget: { steps: 10_000 },
      checkpoints: { everySteps: 5000, keep: 1 }
    }
    const delay = monitorEventLoopDelay({ resolution: 5 })
    let steps = 0
    let changes = 0
    const endRuns = client.subscribe('runs', {}, { onEvent: () => changes++ })
    const id = await create(spec)
    const endRun = client.subscribe('run', { id }, { onEvent: (event) => void (event.kind === 'step' && steps++) })
    delay.enable()
    const began = performance.now()
    await waitFor(id, 'done')
    const seconds = (performance.now() - began) / 1000
    delay.disable()
    endRun()
    endRuns()
    expect(steps).toBeGreaterThan(0)
    expect(steps).toBeLessThanOrEqual(21 * seconds + 5)
    expect(changes).toBeLessThanOrEqual(5 * seconds + 12)
    const { total, steps: shown } = await client.call('runs.metrics', { id, columns: ['loss'], pixels: 500 })
    expect(total).toBe(10_000)
    expect(shown.length).toBeLessThanOrEqual(2000)
    process.stdout.write(
      `10,000 steps in ${seconds.toFixed(1)} s, ${steps} step events, event-loop delay at most ${(delay.max / 1e6).toFixed(0)} ms\n`
    )
  })
})

describe('a run that the command line works on', () => {
  test('appears, moves and ends here as one of our own does, and is refused while it is theirs', async () => {
    const spec = {
      schemaVersion: 1,
      name: 'theirs',
      data: { dataset: 'xor' },
      model: { layers: [2, 4, 2], activation: { kind: 'tanh' }, bias: true },
      loss: 'half-sse',
      optimizer: { kind: 'sfn', learningRate: 0.01 },
      snapshots: { everySteps: 200 },
      checkpoints: { everySteps: 100 },
      budget: { steps: 10_000_000 }
    }
    const listed = new Map<string, { state: string; step: number }>()
    const endRuns = client.subscribe(
      'runs',
      {},
      { onEvent: (event) => event.kind === 'changed' && listed.set(event.summary.id, event.summary) }
    )
    const theirs = start(['run', writeSpec(folder, spec), '--id', 'theirs', '--workspace', folder])
    await expect.poll(() => listed.get('theirs')?.state, { timeout: 30_000 }).toBe('running')
    const events: RunEvent[] = []
    const endRun = client.subscribe('run', { id: 'theirs' }, { onEvent: (event) => events.push(event) })
    const steps = () => events.flatMap((event) => (event.kind === 'step' ? [event.line.step] : []))
    const seen = (kind: RunEvent['kind']) => events.some((event) => event.kind === kind)
    await expect.poll(() => steps().length >= 3 && seen('snapshot') && seen('checkpoint'), { timeout: 60_000 }).toBe(true)
    expect(steps()).toEqual([...new Set(steps())].sort((a, b) => a - b))
    expect(listed.get('theirs')?.step).toBeGreaterThan(1)
    // What the page draws has grown as far as what it was told.
    const { steps: rows } = await client.call('runs.metrics', { id: 'theirs', columns: ['loss'] })
    expect(rows[rows.length - 1]).toBeGreaterThanOrEqual(steps().at(-1) ?? Infinity)
    await expect(client.call('runs.start', { id: 'theirs' })).rejects.toThrow(/another process is working on run theirs/)
    theirs.kill('SIGINT')
    expect((await theirs.ended).status).toBe(130)
    await expect.poll(() => listed.get('theirs')?.state, { timeout: 30_000 }).toBe('interrupted')
    const last = metricsOf(join(folder, 'runs', 'theirs')).length
    expect(steps().at(-1)).toBe(last)
    expect(events.at(-1)).toMatchObject({ kind: 'state', summary: { state: 'interrupted', step: last } })
    endRun()
    endRuns()
  })
})

describe('jobs', () => {
  test('verify what is installed, and fail with a sentence', async () => {
    const { job } = await client.call('datasets.verify', { name: 'mnist10' })
    const state = async (id: string) => (await client.call('jobs.list', {})).find((one) => one.id === id)?.state
    await expect.poll(() => state(job), { timeout: 20_000 }).toBe('done')
    writeFileSync(join(folder, 'nothing.txt'), '')
    const { job: bad } = await client.call('datasets.import', { path: join(folder, 'nothing.txt') })
    await expect.poll(() => state(bad), { timeout: 20_000 }).toBe('failed')
    expect((await client.call('jobs.list', {})).find((one) => one.id === bad)?.message).toMatch(/nothing\.txt/)
  })
})

describe('the playground', () => {
  test('has the eigenpairs of the Hessian at a point and trajectories', async () => {
    const { eigenvalues, eigenvectors, gradient } = await client.call('functions.local', { function: '5*x^2 - y^2', at: [1, 2] })
    expect([...gradient]).toEqual([10, -4])
    expect(eigenvalues[0]).toBeCloseTo(-2, 12)
    expect(eigenvalues[1]).toBeCloseTo(10, 12)
    expect(Math.abs(eigenvectors[2])).toBeCloseTo(1, 12)
    const { trajectories } = await client.call('functions.play', {
      function: 'rosenbrock',
      optimizers: [{ kind: 'gd', learningRate: 1e-3 }, { kind: 'damped-newton' }],
      start: [-1, 1],
      steps: 5
    })
    expect(trajectories.map(({ points }) => points.length)).toEqual([12, 12])
  })
})

test('an engine process started by hand says what it is for', () => {
  try {
    execFileSync(process.execPath, [engineProgram], { encoding: 'utf8', stdio: 'pipe' })
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({ status: 1, stderr: expect.stringMatching(/started by Saddlescope/) })
  }
})
