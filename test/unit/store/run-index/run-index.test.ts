// The index: every run has a row, whatever its state; what changes on disk is noticed; the cache may be lost.
import { cp, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  createRun,
  emptyTrash,
  listTrash,
  openRunForTraining,
  openRunIndex,
  readStatus,
  removeRun,
  restoreFromTrash,
  updateMeta,
  type Workspace
} from '../../../../src/store'
import { colourDistance } from '../../../../src/shared/run/colour'
import { backend, fakeTrain, temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeEach(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterEach(() => remove())

const folder = (id: string) => join(workspace.folder, 'runs', id)
async function done(id: string) {
  await createRun(workspace, testSpec({ tags: ['a'] }), { id })
  const run = await openRunForTraining(workspace, id, { backend })
  await fakeTrain(run.sink, run.resume, 20)
  await run.finish('done')
}

it('shows what status, meta and metrics say', async () => {
  await done('one')
  await updateMeta(workspace, 'one', { name: 'Renamed', notes: 'good', pinned: true })
  const index = await openRunIndex(workspace)
  const summary = index.get('one')
  expect(summary).toMatchObject({
    id: 'one',
    name: 'Renamed',
    state: 'done',
    tags: ['a'],
    pinned: true,
    optimizer: 'adam',
    dataset: 'xor',
    parameterCount: 26,
    step: 20,
    budgetSteps: 20,
    lastLoss: 0.05,
    minLoss: 0.05,
    bestAccuracy: 0.52,
    bestAccuracyStep: 20,
    lambdaMin: -0.05,
    seconds: 10,
    snapshots: 2,
    error: null
  })
  expect(summary?.sparkline.length).toBe(20)
  const status = await readStatus(workspace, 'one')
  expect(summary?.bytes).toBe(Object.values(status.figures?.bytes ?? {}).reduce((sum, bytes) => sum + bytes, 0))
})

it('gathers the figures of a run that never recorded them', async () => {
  await done('old')
  const before = (await openRunIndex(workspace)).get('old')
  const status = JSON.parse(await readFile(join(folder('old'), 'status.json'), 'utf8'))
  delete status.figures
  await writeFile(join(folder('old'), 'status.json'), JSON.stringify(status))
  const after = (await openRunIndex(workspace)).get('old')
  expect({ ...after, bytes: 0 }).toEqual({ ...before, bytes: 0 })
})

it('notices runs copied in, changed by others, and removed; survives a lost or torn cache', async () => {
  await done('one')
  const index = await openRunIndex(workspace)
  await cp(folder('one'), folder('copied'), { recursive: true })
  expect((await index.refresh()).changed.map((run) => run.id)).toEqual(['copied'])
  await updateMeta(workspace, 'copied', { name: 'Other' })
  expect((await index.refresh()).changed.map((run) => run.name)).toEqual(['Other'])
  expect(await index.refresh()).toEqual({ changed: [], removed: [] })
  await rm(folder('copied'), { recursive: true })
  expect((await index.refresh()).removed).toEqual(['copied'])
  await index.save()
  expect((await openRunIndex(workspace)).all().map((run) => run.id)).toEqual(['one'])
  await writeFile(join(workspace.folder, 'index.json'), '{"version":2,"runs":[{"stam')
  expect((await openRunIndex(workspace)).all().map((run) => run.id)).toEqual(['one'])
})

it('trusts the cache for what has not changed, and only for that', async () => {
  await done('one')
  const index = await openRunIndex(workspace)
  const old = new Date(Date.now() - 60_000)
  for (const name of ['status.json', 'meta.json', 'snapshots', '.']) await utimes(join(folder('one'), name), old, old)
  await index.refresh()
  await index.save()
  const stored = JSON.parse(await readFile(join(workspace.folder, 'index.json'), 'utf8'))
  stored.runs[0].summary.name = 'from the cache'
  await writeFile(join(workspace.folder, 'index.json'), JSON.stringify(stored))
  expect((await openRunIndex(workspace)).get('one')?.name).toBe('from the cache')
  await updateMeta(workspace, 'one', { notes: 'touched' })
  expect((await openRunIndex(workspace)).get('one')?.name).toBe('A test')
})

it('has a row with a reason for a damaged run and one of a newer version, and none for what is no run', async () => {
  for (const id of ['torn', 'newer']) await createRun(workspace, testSpec(), { id })
  await writeFile(join(folder('torn'), 'status.json'), '{"schemaVersion":1')
  await writeFile(join(folder('newer'), 'spec.json'), JSON.stringify({ ...testSpec(), schemaVersion: 2, optimizer: { kind: 'k-fac' } }))
  await mkdir(folder('empty'))
  await mkdir(folder('.importing-x.partial'))
  await writeFile(folder('stray'), '')
  const index = await openRunIndex(workspace)
  expect(index.all().map((run) => run.id)).toEqual(['newer', 'torn'])
  expect(index.get('torn')).toMatchObject({ state: 'interrupted', error: expect.stringMatching(/status\.json: is not valid JSON/) })
  expect(index.get('newer')).toMatchObject({ optimizer: 'k-fac', error: expect.stringMatching(/newer version \(schemaVersion 2\)/) })
})

it('calls a run whose owner died interrupted, and one that lives running', async () => {
  await createRun(workspace, testSpec(), { id: 'live' })
  const run = await openRunForTraining(workspace, 'live', { backend })
  const index = await openRunIndex(workspace)
  expect(index.get('live')?.state).toBe('running')
  const lock = JSON.parse(await readFile(join(folder('live'), 'lock.json'), 'utf8'))
  await writeFile(join(folder('live'), 'lock.json'), JSON.stringify({ ...lock, processStart: `${lock.processStart}0` }))
  await index.refresh()
  expect(index.get('live')?.state).toBe('interrupted')
  await run.abandon()
})

it('filters, sorts with missing figures last, and pages', async () => {
  await done('b')
  await createRun(workspace, testSpec(), { id: 'a' })
  await createRun(workspace, testSpec({ tags: ['z'] }), { id: 'c' })
  const index = await openRunIndex(workspace)
  const ids = (query: Parameters<typeof index.query>[0]) => index.query(query).rows.map((run) => run.id)
  expect(ids({ sort: 'id', descending: false })).toEqual(['a', 'b', 'c'])
  expect(ids({ sort: 'lastLoss', descending: true })).toEqual(['b', 'a', 'c'])
  expect(ids({ sort: 'lastLoss', descending: false })).toEqual(['b', 'a', 'c'])
  expect(index.query({ filter: 'state:queued', sort: 'id', offset: 1, limit: 1 })).toMatchObject({
    matched: 2,
    total: 3,
    rows: [{ id: 'a' }]
  })
  expect(() => index.query({ sort: 'constructor' })).toThrow(/sort "constructor": must be one of id, name/)
})

it('moves runs to the trash and back, and frees the space', async () => {
  await done('one')
  const run = await openRunForTraining(workspace, 'one', { backend })
  await expect(removeRun(workspace, 'one')).rejects.toThrow(/being worked on/)
  await run.finish('done')
  await removeRun(workspace, 'one')
  expect((await openRunIndex(workspace)).all()).toEqual([])
  await createRun(workspace, testSpec(), { id: 'one' })
  await expect(restoreFromTrash(workspace, 'one')).rejects.toThrow(/there is a run "one" again/)
  await removeRun(workspace, 'one')
  expect((await listTrash(workspace)).map((entry) => entry.id)).toEqual(['one', 'one'])
  await restoreFromTrash(workspace, 'one')
  expect((await readStatus(workspace, 'one')).state).toBe('queued')
  expect(await emptyTrash(workspace)).toBe(1)
  expect(await listTrash(workspace)).toEqual([])
})

it('gives each new run a colour unlike those of the newest runs', async () => {
  const index = await openRunIndex(workspace)
  const colours: string[] = []
  for (let i = 0; i < 12; i++) {
    const colour = index.freeColour()
    const now = new Date(Date.UTC(2026, 0, 1, 0, i))
    const id = await createRun(workspace, testSpec(), { id: `run-${i}`, colour, now })
    await index.touch(id)
    expect(index.get(id)?.colour).toBe(colour)
    for (const other of colours) expect(colourDistance(colour, other)).toBeGreaterThan(0.08)
    colours.push(colour)
  }
  // Another program goes on where this one stopped.
  expect((await openRunIndex(workspace)).freeColour()).toBe(index.freeColour())
})
