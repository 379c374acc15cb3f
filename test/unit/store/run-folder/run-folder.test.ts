// A run's life on disk: made, trained into, killed, resumed, with the same bits.
import { readdir, readFile, writeFile, appendFile, mkdir, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseNpy, parseNpz } from '../../../../src/shared/npy'
import { metricsLineSchema, snapshotManifestSchema, statusSchema } from '../../../../src/shared/run/schema'
import {
  checkpointSteps,
  createRun,
  openRunForTraining,
  readCheckpoint,
  readLog,
  readStatus,
  recoverRun,
  recoverWorkspace,
  StorageError,
  takeLock,
  thisHost,
  type Workspace
} from '../../../../src/store'
import { backend, fakeTrain, nextState, startState, temporaryWorkspace, testMatrix, testSpec } from '../fake-run'
import { faultyFileSystem, systemError } from '../faulty-file-system'

let workspace: Workspace
let remove: () => Promise<void>
beforeEach(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterEach(() => remove())

const bits = (values: Float64Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex')
const metricsLines = async (id: string) =>
  (await readFile(join(workspace.folder, 'runs', id, 'metrics.ndjson'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => metricsLineSchema.parse(JSON.parse(line)))

async function trained(id: string, steps = 20) {
  await createRun(workspace, testSpec(), { id })
  const run = await openRunForTraining(workspace, id, { backend })
  const state = await fakeTrain(run.sink, run.resume, steps)
  await run.finish('done')
  return state
}

describe('a run that nobody disturbs', () => {
  it('leaves the files of the contract, and nothing else', async () => {
    await trained('quiet')
    const folder = join(workspace.folder, 'runs', 'quiet')
    expect((await readdir(folder)).sort()).toEqual([
      'checkpoints',
      'log.ndjson',
      'meta.json',
      'metrics.ndjson',
      'snapshots',
      'spec.json',
      'status.json'
    ])
    expect(await readdir(join(folder, 'checkpoints'))).toEqual(['step-000000', 'step-000015', 'step-000020'])
    expect(await readdir(join(folder, 'snapshots', 'step-000010'))).toEqual([
      'eigenvalues.full.npy',
      'eigenvectors.full.npy',
      'hessian.full.npy',
      'hessian.full.overview.npy',
      'manifest.json',
      'weights.npz'
    ])
    expect((await metricsLines('quiet')).map((line) => line.step)).toEqual(Array.from({ length: 20 }, (_, k) => k + 1))
  })

  it('records its figures in status.json', async () => {
    await trained('figures')
    const status = statusSchema.parse(JSON.parse(await readFile(join(workspace.folder, 'runs', 'figures', 'status.json'), 'utf8')))
    // Counted by the clock, not by the fake training: little time has passed.
    expect(status.wallSeconds).toBeGreaterThan(0)
    expect(status.wallSeconds).toBeLessThan(60)
    expect(status).toMatchObject({ state: 'done', step: 20, seconds: 10, parameterCount: 26, backend, error: null })
    expect(status.figures).toMatchObject({
      lastLoss: 0.05,
      minLoss: 0.05,
      minLossStep: 20,
      bestAccuracy: 0.52,
      bestAccuracyStep: 20,
      snapshots: 2
    })
    expect(status.figures?.sparkline.points).toHaveLength(20)
  })

  it('stores arrays that read back bit by bit', async () => {
    const state = await trained('bits')
    const stored = await readCheckpoint(workspace, 'bits', 20)
    expect(bits(stored.parameters)).toBe(bits(state.parameters))
    expect(bits(stored.optimizer.arrays['v'])).toBe(bits(state.optimizer.arrays['v']))
    expect(Object.is(stored.optimizer.numbers['beta'], -0)).toBe(true)
    expect({ ...stored, parameters: 0, optimizer: 0 }).toEqual({ ...state, parameters: 0, optimizer: 0 })
    const folder = join(workspace.folder, 'runs', 'bits')
    const weights = await parseNpz(await readFile(join(folder, 'checkpoints', 'step-000020', 'weights.npz')), 'weights.npz')
    expect(Object.fromEntries(Object.entries(weights).map(([name, array]) => [name, array.shape]))).toEqual({
      W1: [3, 4],
      b1: [4],
      W2: [4, 2],
      b2: [2]
    })
    const snapshots = join(folder, 'snapshots', 'step-000010')
    const manifest = snapshotManifestSchema.parse(JSON.parse(await readFile(join(snapshots, 'manifest.json'), 'utf8')))
    expect(manifest.files.map((file) => file.name).sort()).toEqual(
      (await readdir(snapshots)).filter((name) => name !== 'manifest.json').sort()
    )
    const hessian = parseNpy(await readFile(join(snapshots, 'hessian.full.npy')), 'hessian')
    let made = startState()
    while (made.step < 10) made = nextState(made)
    expect(bits(hessian.data as Float64Array)).toBe(bits(testMatrix(made).data))
  })
})

describe('a run that is cut off', () => {
  it('goes on from the newest checkpoint with the same bits and one line a step', async () => {
    const whole = await trained('whole')
    await createRun(workspace, testSpec(), { id: 'cut' })
    const first = await openRunForTraining(workspace, 'cut', { backend })
    await fakeTrain(first.sink, first.resume, 13)
    await first.abandon()
    const folder = join(workspace.folder, 'runs', 'cut')
    // What a kill leaves behind: a newer checkpoint half made, a line half written, a temporary file.
    await rm(join(folder, 'checkpoints', 'step-000013'), { recursive: true })
    await mkdir(join(folder, 'checkpoints', 'step-000015.partial'))
    await appendFile(join(folder, 'metrics.ndjson'), '{"step":14,"ep')
    await writeFile(join(folder, 'status.json.ab12cd34.partial'), '{')
    expect((await recoverRun(workspace, 'cut')).state).toBe('interrupted')
    const second = await openRunForTraining(workspace, 'cut', { backend })
    expect(second.resume?.step).toBe(10)
    expect((await metricsLines('cut')).length).toBe(10)
    const state = await fakeTrain(second.sink, second.resume, 20)
    await second.finish('done')
    expect(bits(state.parameters)).toBe(bits(whole.parameters))
    expect(await metricsLines('cut')).toEqual(await metricsLines('whole'))
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([])
    expect((await readStatus(workspace, 'cut')).figures?.sparkline).toEqual((await readStatus(workspace, 'whole')).figures?.sparkline)
  })

  it('has the times of its newest line, in case its status was not written since', async () => {
    await createRun(workspace, testSpec(), { id: 'late' })
    const run = await openRunForTraining(workspace, 'late', { backend })
    await fakeTrain({ ...run.sink, metrics: (line) => run.sink.metrics({ ...line, wallSeconds: line.step * 100 }) }, run.resume, 13)
    await run.abandon()
    const path = join(workspace.folder, 'runs', 'late', 'status.json')
    await writeFile(path, JSON.stringify({ ...(await readStatus(workspace, 'late')), seconds: 2, wallSeconds: 3, step: 4 }))
    expect(await recoverRun(workspace, 'late')).toMatchObject({ state: 'interrupted', step: 13, seconds: 6.5, wallSeconds: 1300 })
    // Made anew from the other files where it is gone.
    await rm(path)
    expect(await recoverRun(workspace, 'late')).toMatchObject({ step: 13, seconds: 6.5, wallSeconds: 1300 })
  })

  it('passes over a damaged checkpoint and says so', async () => {
    await trained('damaged')
    const path = join(workspace.folder, 'runs', 'damaged', 'checkpoints', 'step-000020', 'weights.npz')
    const bytes = await readFile(path)
    bytes[200] ^= 1
    await writeFile(path, bytes)
    await expect(readCheckpoint(workspace, 'damaged', 20)).rejects.toThrow(/weights\.npz: is not what its checksum says/)
    const run = await openRunForTraining(workspace, 'damaged', { backend })
    expect(run.resume?.step).toBe(15)
    await run.finish('interrupted')
    expect((await readLog(workspace, 'damaged')).map((line) => line.message).join('\n')).toMatch(/checkpoint 20 is passed over/)
    expect(await checkpointSteps(workspace, 'damaged')).toEqual([0, 15])
  })

  it('is refused on another backend unless that is allowed, and then says from where', async () => {
    await trained('numbers', 10)
    const other = { ...backend, threads: 8 }
    await expect(openRunForTraining(workspace, 'numbers', { backend: other })).rejects.toThrow(
      /with 2 threads, here is .* with 8 threads.*--allow-other-backend/
    )
    const run = await openRunForTraining(workspace, 'numbers', { backend: other, allowOtherBackend: true })
    await run.finish('interrupted')
    expect(await readStatus(workspace, 'numbers')).toMatchObject({ numericsChangedAtStep: 10, backend: other })
  })
})

describe('ownership', () => {
  it('one process a run, and the lock goes when it is done', async () => {
    await createRun(workspace, testSpec(), { id: 'owned' })
    const run = await openRunForTraining(workspace, 'owned', { backend })
    await expect(openRunForTraining(workspace, 'owned', { backend })).rejects.toThrow(
      new RegExp(`process ${process.pid} on .* is working on this run`)
    )
    expect((await recoverRun(workspace, 'owned')).state).toBe('running')
    await run.finish('interrupted')
    await (await openRunForTraining(workspace, 'owned', { backend })).finish('interrupted')
  })

  it('a lock of a reused process id is stale, one of another living host is not', async () => {
    await createRun(workspace, testSpec(), { id: 'stale' })
    const path = join(workspace.folder, 'runs', 'stale', 'lock.json')
    const lock = {
      schemaVersion: 1,
      host: thisHost.host,
      pid: process.pid,
      processStart: `${thisHost.processStart}0`,
      heartbeat: new Date().toISOString(),
      token: 'x'
    }
    await writeFile(path, JSON.stringify(lock))
    await (await takeLock(workspace.fileSystem, path)).release()
    await writeFile(path, JSON.stringify({ ...lock, host: 'elsewhere' }))
    await expect(takeLock(workspace.fileSystem, path)).rejects.toThrow(StorageError)
  })

  it('refuses an id that is taken, an id that is none, and takes over a folder without spec.json', async () => {
    await mkdir(join(workspace.folder, 'runs', 'prepared'), { recursive: true })
    await writeFile(join(workspace.folder, 'runs', 'prepared', 'mine.txt'), 'kept')
    expect(await createRun(workspace, testSpec(), { id: 'prepared' })).toBe('prepared')
    expect(await readdir(join(workspace.folder, 'runs', 'prepared'))).toContain('mine.txt')
    await expect(createRun(workspace, testSpec(), { id: 'prepared' })).rejects.toThrow(/already a run "prepared"/)
    for (const id of ['con', 'Upper', '../x', '', 'a'.repeat(65)])
      await expect(createRun(workspace, testSpec(), { id })).rejects.toThrow(/run id/)
    expect(await createRun(workspace, testSpec())).toBe('a-test')
    expect(await createRun(workspace, testSpec())).toBe('a-test-2')
  })
})

describe('trouble with the disk', () => {
  it('given up: the run ends with the reason, and resumes to the same bits', async () => {
    const whole = await trained('whole')
    await createRun(workspace, testSpec(), { id: 'full' })
    let full = false
    const fileSystem = faultyFileSystem(workspace.fileSystem, {
      before: (what) => (full && what === 'write' ? systemError('ENOSPC') : 'go')
    })
    const run = await openRunForTraining({ ...workspace, fileSystem }, 'full', { backend, onTrouble: async () => 'give-up' })
    await fakeTrain(run.sink, run.resume, 7)
    full = true
    const error: unknown = await fakeTrain(run.sink, await readCheckpoint(workspace, 'full', 7), 20).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'disk-full', retryable: true })
    await expect(run.finish('interrupted', 'the disk is full')).rejects.toThrow(/ENOSPC/)
    // The lock is free although nothing could be written.
    full = false
    expect((await recoverRun(workspace, 'full')).state).toBe('interrupted')
    const again = await openRunForTraining(workspace, 'full', { backend })
    expect(again.resume?.step).toBe(7)
    const state = await fakeTrain(again.sink, again.resume, 20)
    await again.finish('done')
    expect(bits(state.parameters)).toBe(bits(whole.parameters))
    expect((await metricsLines('full')).map((line) => line.step)).toEqual(Array.from({ length: 20 }, (_, k) => k + 1))
  })

  it('a lost lock is reported, and the owner that lost it leaves the new one alone', async () => {
    await createRun(workspace, testSpec(), { id: 'lost' })
    const path = join(workspace.folder, 'runs', 'lost', 'lock.json')
    const lock = await takeLock(workspace.fileSystem, path)
    await lock.beat()
    const foreign = { schemaVersion: 1, host: 'elsewhere', pid: 1, processStart: 'x', heartbeat: new Date().toISOString(), token: 'theirs' }
    await writeFile(path, JSON.stringify(foreign))
    await expect(lock.beat()).rejects.toThrow(/process 1 on elsewhere is working on this run/)
    await lock.release()
    expect(JSON.parse(await readFile(path, 'utf8')).token).toBe('theirs')
  })
})

describe('a workspace after a crash', () => {
  it('interrupts what was running, keeps what is young, and sweeps old imports', async () => {
    for (const id of ['dead', 'queued']) await createRun(workspace, testSpec(), { id })
    await (await openRunForTraining(workspace, 'dead', { backend })).abandon()
    const runs = join(workspace.folder, 'runs')
    for (const name of ['.importing-0a.partial', '.importing-0b.partial']) await mkdir(join(runs, name))
    const old = new Date(Date.now() - 48 * 3600_000)
    await utimes(join(runs, '.importing-0a.partial'), old, old)
    expect(await recoverWorkspace(workspace, ['dead', 'queued'])).toEqual(['dead'])
    expect((await readdir(runs)).sort()).toEqual(['.importing-0b.partial', 'dead', 'queued'])
    expect((await readStatus(workspace, 'dead')).error).toMatch(/resume goes on from the newest checkpoint/)
    expect((await readStatus(workspace, 'queued')).state).toBe('queued')
  })
})
