// What the workbench tells of its work to whoever has no page, and pausing all of it at once, over engines that do what the test says.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkbench, type Workbench } from '../../../src/workbench'
import { watchActivity } from '../../../src/workbench/activity'
import type { Activity, RunEnd } from '../../../src/workbench/main-protocol'
import { openPauses, type Pauses } from '../../../src/workbench/pauses'
import { fakeLauncher, type FakeEngine } from './fake-engine'

let folder = ''
let workbench: Workbench
let engines: FakeEngine[]
let pauses: Pauses
let told: Activity[]
let ends: RunEnd[]

const spec = (name: string) => ({
  schemaVersion: 1,
  name,
  problem: { kind: 'function', function: 'x^2 + y^2', start: [1, 2] },
  optimizer: { kind: 'gd' },
  budget: { steps: 5 }
})
async function create(...names: string[]): Promise<string[]> {
  const answer = await workbench.router('runs.create', { specs: names.map(spec) }, new AbortController().signal)
  if (!answer.ok) throw new Error(answer.error.message)
  return (answer.data as { ids: string[] }).ids
}
const last = () => told[told.length - 1]
const step = (engine: FakeEngine, number: number) =>
  engine.say({ type: 'step', line: { step: number, epoch: number, seconds: number * 2, wallSeconds: number * 3, loss: 1 } as never })
/** As an engine that ends when it is asked to. */
const obey = (engine: FakeEngine) =>
  expect
    .poll(() => engine.received.find(({ type }) => type === 'stop'))
    .toMatchObject({ type: 'stop' })
    .then(() => engine.exit({ code: 1, output: 'x' }))

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-activity-'))
  const fake = fakeLauncher()
  engines = fake.engines
  workbench = await openWorkbench({ workspace: folder, launch: fake.launch, grace: 50 })
  told = []
  ends = []
  const { hub, runs, context } = workbench
  pauses = openPauses(runs, () => activity.look())
  const activity = watchActivity(
    { hub, runs, jobs: context.jobs, paused: pauses.paused },
    { onActivity: (now) => told.push(now), onEnd: (end) => ends.push(end) }
  )
})
afterEach(async () => {
  await workbench.close()
  rmSync(folder, { recursive: true, force: true })
})

test('tells how far each run is, what waits, and each end once, without making the disk be followed', async () => {
  const [a] = await create('a', 'b')
  expect(workbench.hub.hasListeners('runs')).toBe(false)
  engines[0].say({ type: 'hello' })
  engines[0].say({ type: 'opened', step: 0 } as never)
  step(engines[0], 2)
  await expect.poll(() => last()?.running[0]?.step).toBe(2)
  // 3 steps of 2 s, with 3 wall seconds for 2 of them.
  expect(last()).toEqual({
    running: [{ id: a, name: 'a', step: 2, steps: 5, fraction: 0.4, secondsLeft: 9, trouble: null }],
    waiting: 1,
    jobs: [],
    paused: 0
  })
  engines[0].exit({ code: 9 })
  await expect.poll(() => ends.length).toBe(1)
  expect(ends[0]).toMatchObject({ id: a, name: 'a', state: 'interrupted', message: expect.stringMatching(/SIGKILL/) })
  await expect.poll(() => last().running.map(({ name }) => name)).toEqual(['b'])
  expect(last().waiting).toBe(0)
  expect(ends).toHaveLength(1)
})

test('pauses what runs and holds what waits; going on starts both, in their order, and nothing that somebody has touched since', async () => {
  const [a, b, c] = await create('a', 'b', 'c')
  const done = pauses.pause('sleep')
  await obey(engines[0])
  await done
  await expect.poll(() => workbench.runs.summary(a)?.state).toBe('interrupted')
  expect(engines).toHaveLength(1)
  expect(workbench.runs.queue.places()).toEqual([
    { id: b, held: true },
    { id: c, held: true }
  ])
  expect(pauses.paused()).toBe(0)
  await workbench.runs.remove([b])
  await pauses.goOn('sleep')
  await expect.poll(() => engines.length).toBe(2)
  expect(engines[1].args).toEqual(['run', a])
  expect(workbench.runs.queue.places()).toEqual([{ id: c, held: false }])
  // Only once.
  await pauses.goOn('sleep')
  expect(engines).toHaveLength(2)
})

test("a person's pause is not undone by a computer that wakes", async () => {
  const [a] = await create('a')
  const done = pauses.pause('person')
  await obey(engines[0])
  await done
  // It said nothing before it ended, so it was recorded as interrupted: that is no pause of ours any more.
  await pauses.pause('sleep')
  await pauses.goOn('sleep')
  expect(engines).toHaveLength(1)
  expect(workbench.runs.summary(a)?.state).toBe('interrupted')
})
