// Runs that others work on: told of while somebody listens, read only then, whatever happens to their files.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunEvent, RunsEvent } from '../../../src/shared/api/contract'
import {
  createRun,
  openRunForTraining,
  openRunIndex,
  realFileSystem,
  type RunIndex,
  type TrainingRun,
  type Workspace
} from '../../../src/store'
import { followElsewhere, type Elsewhere } from '../../../src/workbench/runs/elsewhere'
import { createHub, type Hub } from '../../../src/workbench/hub'
import { withLive } from '../../../src/workbench/runs/live'
import { channelOf } from '../../../src/workbench/serve-connection'
import { backend, fakeTrain, temporaryWorkspace, testSpec } from '../store/fake-run'
import { faultyFileSystem } from '../store/faulty-file-system'

let workspace: Workspace
let remove: () => Promise<void>
let hub: Hub
let index: RunIndex
let elsewhere: Elsewhere
/** Operations on files since the test asked last, with the bytes that were read. */
let operations: string[]
let own: string[]

beforeEach(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  operations = []
  own = []
  const fileSystem = faultyFileSystem(realFileSystem, {
    before(operation, path) {
      operations.push(`${operation} ${path.slice(workspace.folder.length)}`)
      return 'go'
    }
  })
  hub = createHub()
  index = await openRunIndex(workspace)
  elsewhere = followElsewhere({
    workspace: { ...workspace, fileSystem },
    hub,
    index,
    isOwn: (id) => own.includes(id),
    shown: (summary) => withLive(summary, elsewhere.live(summary.id)),
    publishRun: (id, event) => hub.publish(channelOf('run', id), event),
    publishRuns: (event) => hub.publish(channelOf('runs'), event)
  })
})
afterEach(() => remove())

function listen(id: string) {
  const events: RunEvent[] = []
  const end = hub.subscribe(channelOf('run', id), null, ({ event }) => void (event && events.push(event as RunEvent)))
  return {
    events,
    end,
    kinds: () =>
      events
        .splice(0)
        .map((event) =>
          event.kind === 'step'
            ? `step ${event.line.step}`
            : event.kind === 'state'
              ? event.summary.state
              : `${event.kind} ${'step' in event ? event.step : ''}`
        )
  }
}
function listenToAll() {
  const events: RunsEvent[] = []
  const end = hub.subscribe(channelOf('runs'), null, ({ event }) => void (event && events.push(event as RunsEvent)))
  return {
    end,
    news: () =>
      events
        .splice(0)
        .map((event) =>
          event.kind === 'changed' ? `${event.summary.id} ${event.summary.state} ${event.summary.step}` : `${event.id} removed`
        )
  }
}

/** Another process's run, as far as its files tell. */
async function begin(id: string): Promise<TrainingRun> {
  await createRun(workspace, testSpec(), { id })
  return openRunForTraining(workspace, id, { backend })
}
async function trainTo(run: TrainingRun, from: Awaited<ReturnType<typeof fakeTrain>> | null, step: number) {
  const state = await fakeTrain(run.sink, from, step)
  await run.sink.settle()
  return state
}

describe('a run that another process works on', () => {
  test('appears in the list, its steps, snapshots and checkpoints are told, and its end', async () => {
    const all = listenToAll()
    await elsewhere.look()
    const run = await begin('theirs')
    await elsewhere.look()
    expect(all.news()).toEqual(['theirs running 0'])
    const one = listen('theirs')
    let state = await trainTo(run, null, 7)
    await elsewhere.look()
    expect(one.kinds()).toEqual(expect.arrayContaining(['step 7', 'checkpoint 7']))
    expect(all.news().at(-1)).toBe('theirs running 7')
    expect(elsewhere.live('theirs')?.line).toMatchObject({ step: 7, loss: 1 / 7 })
    state = await trainTo(run, state, 12)
    await elsewhere.look()
    expect(one.kinds()).toEqual(expect.arrayContaining(['step 12', 'snapshot 10', 'checkpoint 10', 'checkpoint 12']))
    await trainTo(run, state, 20)
    await run.finish('done')
    await elsewhere.look()
    const last = one.kinds()
    expect(last[0]).toBe('step 20')
    expect(last.at(-1)).toBe('done')
    expect(all.news().at(-1)).toBe('theirs done 20')
    await elsewhere.look()
    expect([one.kinds(), all.news()]).toEqual([[], []])
  })

  test('is read from where it was read last, and not at all when nobody listens', async () => {
    const run = await begin('theirs')
    const state = await trainTo(run, null, 20)
    await elsewhere.look()
    expect(operations).toEqual([])
    const one = listen('theirs')
    await index.refresh()
    await elsewhere.look()
    operations = []
    await elsewhere.look()
    // Nothing new: times and sizes only.
    expect(operations.filter((operation) => !operation.startsWith('info '))).toEqual([])
    await trainTo(run, state, 21)
    operations = []
    await elsewhere.look()
    const metrics = operations.filter((operation) => operation.includes('metrics.ndjson')).map((operation) => operation.split(' ')[0])
    // Compared, read, and once more at the end of the file.
    expect(metrics).toEqual(['info', 'open-read', 'read', 'read', 'read'])
    expect(one.kinds()).toContain('step 21')
    one.end()
    operations = []
    await elsewhere.look()
    expect(operations).toEqual([])
    expect(elsewhere.live('theirs')).toBe(undefined)
    await run.abandon()
  })

  test('of our own is left to its engine', async () => {
    const run = await begin('ours')
    own = ['ours']
    const one = listen('ours')
    await index.refresh()
    await trainTo(run, null, 5)
    await elsewhere.look()
    expect([one.kinds(), operations]).toEqual([[], []])
    await run.abandon()
  })

  test('is followed through cuts, replaced files and torn lines', async () => {
    const run = await begin('theirs')
    const one = listen('theirs')
    await trainTo(run, null, 9)
    await index.refresh()
    await elsewhere.look()
    expect(one.kinds()).toContain('step 9')
    const path = join(workspace.folder, 'runs', 'theirs', 'metrics.ndjson')
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    const write = async (count: number, more = '') => {
      await writeFile(
        path,
        lines
          .slice(0, count)
          .map((line) => `${line}\n`)
          .join('') + more
      )
      await elsewhere.look()
      return one.kinds()
    }
    // As a resume cuts it, and goes on.
    expect(await write(5)).toEqual(['step 5'])
    expect(elsewhere.live('theirs')?.line?.step).toBe(5)
    expect(await write(6, lines[6].slice(0, 30))).toEqual(['step 6'])
    expect(await write(7)).toEqual(['step 7'])
    // Another file under its name, of the same length but for one digit.
    const other = `${path}.other`
    await writeFile(other, (await readFile(path, 'utf8')).replaceAll('"gradNorm":1', '"gradNorm":2'))
    await rename(other, path)
    await elsewhere.look()
    expect(one.events.splice(0)).toMatchObject([{ kind: 'step', line: { step: 7, gradNorm: 2 } }])
    await rm(path)
    await elsewhere.look()
    expect(elsewhere.live('theirs')?.line).toBe(null)
    expect(await write(3)).toEqual(['step 3'])
    await run.abandon()
  })

  test('that dies without a word is interrupted after a few looks', async () => {
    const run = await begin('theirs')
    const one = listen('theirs')
    await index.refresh()
    await elsewhere.look()
    expect(one.kinds()).not.toContain('interrupted')
    // The lock of a process that was never there.
    await run.abandon()
    const lock = join(workspace.folder, 'runs', 'theirs', 'lock.json')
    await writeFile(lock, JSON.stringify({ schemaVersion: 1, host: 'elsewhere', pid: 1, processStart: 'x', heartbeat: '2020', token: 'x' }))
    for (let look = 0; look < 4; look++) await elsewhere.look()
    expect(one.kinds()).toEqual([])
    await rm(lock)
    for (let look = 0; look < 4; look++) await elsewhere.look()
    expect(one.kinds()).toEqual(['interrupted'])
  })

  test('among hundreds that rest costs a few operations a look', async () => {
    for (let k = 0; k < 300; k++) {
      const folder = join(workspace.folder, 'runs', `rest-${k}`)
      await mkdir(folder)
      await writeFile(join(folder, 'spec.json'), '{}')
      await writeFile(
        join(folder, 'status.json'),
        JSON.stringify({
          schemaVersion: 1,
          state: 'paused',
          step: 0,
          createdAt: '',
          startedAt: null,
          endedAt: null,
          seconds: 0,
          host: null,
          backend: null,
          versions: {},
          startEvaluation: null,
          error: null
        })
      )
    }
    const run = await begin('theirs')
    const all = listenToAll()
    for (let look = 0; look < 8; look++) await elsewhere.look()
    operations = []
    await elsewhere.look()
    expect(operations.length).toBeLessThan(20)
    expect(operations.some((operation) => operation.includes('rest-'))).toBe(false)
    expect(all.news().length).toBeGreaterThanOrEqual(301)
    await run.abandon()
  })
})
