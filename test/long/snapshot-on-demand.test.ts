// Snapshots computed afterwards: the bits of those a run writes itself, nothing left of one that was cancelled or killed, and every refusal in a sentence.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { computeSnapshot, type SnapshotOrder } from '../../src/engine-process/compute-snapshot'
import { executeRun } from '../../src/engine-process/execute-run'
import type { Client } from '../../src/shared/api/client'
import { parseNpy } from '../../src/shared/npy'
import type { SnapshotManifest } from '../../src/shared/run/schema'
import { checkSpec } from '../../src/shared/spec/check'
import { createRun, holdRun, openWorkspace, readLog, realFileSystem, type FileSystem, type Workspace } from '../../src/store'
import type { Workbench } from '../../src/workbench'
import { smallSpec } from '../integration/cli/saddlescope'
import { engineLauncher, openWithClient } from '../integration/workbench/real-engines'

const folder = mkdtempSync(join(tmpdir(), 'saddlescope-on-demand-'))
let workspace: Workspace
beforeAll(async () => {
  // The embedded kernels' threads wait without spinning: beside other tests a library's are many times slower.
  vi.stubEnv('SADDLESCOPE_BACKEND', 'wasm')
  workspace = await openWorkspace(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function trained(changes: Record<string, unknown>): Promise<string> {
  const { spec, problems } = await checkSpec(smallSpec(changes))
  if (!spec) throw new Error(JSON.stringify(problems))
  const id = await createRun(workspace, spec)
  const { state, message } = await executeRun(workspace, id, { threads: 2 })
  expect({ state, message }).toEqual({ state: 'done', message: null })
  return id
}

const order = (run: string, step: number, changes: Partial<SnapshotOrder> = {}): SnapshotOrder => ({
  run,
  step,
  scope: null,
  eigenvectors: 4,
  hessian: false,
  replace: false,
  ...changes
})
const options = (signal = new AbortController().signal) => ({ signal, onProgress: () => undefined })
const at = (run: string, step: number) => join(folder, 'runs', run, 'snapshots', `step-${String(step).padStart(6, '0')}`)
const manifestOf = (run: string, step: number) => JSON.parse(readFileSync(join(at(run, step), 'manifest.json'), 'utf8')) as SnapshotManifest
const snapshotNames = (run: string) => readdirSync(join(folder, 'runs', run, 'snapshots')).sort()
const locked = (run: string) => existsSync(join(folder, 'runs', run, 'lock.json'))

const often = { checkpoints: { everySteps: 5, keep: 20 }, budget: { steps: 12 } }

describe('has the bits of the run itself', () => {
  test.each([
    ['full, shuffled batches', { optimizer: { kind: 'sfn', scope: 'full' } }, true],
    ['layers taken apart by unit', { optimizer: { kind: 'sfn', scope: 'layer-blocks' }, loss: 'half-sse' }, false],
    ['unit blocks', { optimizer: { kind: 'sfn', scope: 'unit-blocks' }, loss: 'half-sse' }, false],
    ['a curvature batch of its own', { optimizer: { kind: 'damped-newton', curvatureBatch: 90 }, loss: 'half-sse' }, false],
    ['adam', { optimizer: { kind: 'adam' } }, true]
  ])('%s', async (_, changes, hessian) => {
    const contents = { eigenvectors: 4, hessian }
    const own = await trained({ ...often, ...changes, name: 'own', snapshots: { everySteps: 5, ...contents } })
    const bare = await trained({ ...often, ...changes, name: 'bare', snapshots: { everySteps: null } })
    // 250 samples in batches of 60: step 5 ends an epoch, so the batch of step 6 is of the next one's order.
    for (const step of [0, 5, 10]) {
      await computeSnapshot(workspace, order(bare, step, contents), options())
      const names = readdirSync(at(own, step)).sort()
      expect(readdirSync(at(bare, step)).sort()).toEqual(names)
      for (const name of names.filter((one) => one !== 'manifest.json'))
        expect(readFileSync(join(at(bare, step), name)).equals(readFileSync(join(at(own, step), name))), name).toBe(true)
      const { onDemand, ...rest } = manifestOf(bare, step)
      expect({ ...rest, run: own }).toEqual(manifestOf(own, step))
      const samples = 'curvatureBatch' in changes.optimizer ? 90 : 60
      expect(onDemand).toMatchObject({ batch: { step: step + 1, samples }, backend: { threads: 2 } })
    }
    expect((await readLog(workspace, bare)).map(({ message }) => message).join('\n')).toMatch(/snapshot of step 5 computed on demand/)
    expect(locked(bare)).toBe(false)
  })
})

test('a kept matrix changes nothing else, in float32 it is the rounded one', async () => {
  const optimizer = { kind: 'sfn', scope: 'layer-blocks' }
  const of = (name: string, snapshots: Record<string, unknown>) =>
    trained({ ...often, optimizer, name, snapshots: { everySteps: 5, eigenvectors: 4, ...snapshots } })
  const kept = await of('kept', { hessian: true, precision: 'float64' })
  const bare = await of('bare-of-matrices', { hessian: false, precision: 'float64' })
  const rounded = await of('rounded', { hessian: true, precision: 'float32' })
  for (const step of [0, 5, 10]) {
    for (const name of readdirSync(at(bare, step)).filter((one) => one !== 'manifest.json'))
      expect(readFileSync(join(at(kept, step), name)).equals(readFileSync(join(at(bare, step), name))), name).toBe(true)
    const checks = (run: string) => manifestOf(run, step).blocks.map((block) => block.checks)
    expect(checks(kept)).toEqual(checks(bare))
    for (const block of ['W1', 'W2']) {
      const [exact, short] = [kept, rounded].map((run) => parseNpy(readFileSync(join(at(run, step), `hessian.${block}.npy`)), block).data)
      expect(exact).toBeInstanceOf(Float64Array)
      expect(short).toEqual(Float32Array.from(exact as Float64Array))
    }
  }
})

describe('asked for', () => {
  let run = ''
  beforeAll(async () => {
    run = await trained({ ...often, name: 'asked', snapshots: { everySteps: null } })
  })

  test('a chosen scope, vectors and the Hessian, on the batch of the next step', async () => {
    await computeSnapshot(workspace, order(run, 5, { scope: 'layer-blocks', eigenvectors: 2, hessian: true }), options())
    const { blocks, scope, onDemand } = manifestOf(run, 5)
    expect(scope).toBe('layer-blocks')
    expect(blocks.map(({ name, indices }) => [name, indices.length])).toEqual([
      ['W1', 2],
      ['W2', 2]
    ])
    expect(blocks.every(({ hessian }) => hessian !== null)).toBe(true)
    expect(onDemand?.batch).toEqual({ step: 6, samples: 60 })
    expect(JSON.parse(readFileSync(join(folder, 'runs', run, 'status.json'), 'utf8'))).toMatchObject({ figures: { snapshots: 1 } })
  })

  test('an existing snapshot is replaced knowingly only, and is there until the new one is whole', async () => {
    const before = readFileSync(join(at(run, 5), 'manifest.json'))
    await expect(computeSnapshot(workspace, order(run, 5), options())).rejects.toThrow(
      /has a snapshot of step 5; ask for it to be replaced/
    )
    const stop = new AbortController()
    const cancelled = computeSnapshot(workspace, order(run, 5, { replace: true }), {
      signal: stop.signal,
      onProgress: (_, phase) => void (phase.startsWith('eigen') && stop.abort(new Error('cancelled by the test')))
    })
    await expect(cancelled).rejects.toThrow('cancelled by the test')
    expect(readFileSync(join(at(run, 5), 'manifest.json')).equals(before)).toBe(true)
    await computeSnapshot(workspace, order(run, 5, { scope: 'full', replace: true }), options())
    expect(manifestOf(run, 5).scope).toBe('full')
    expect(snapshotNames(run)).toEqual(['step-000005'])
  })

  test('a crash between the two renames of a replacement brings the old one back', async () => {
    let cut = false
    const crashing: FileSystem = {
      ...realFileSystem,
      rename(from, to) {
        if (cut || from.endsWith('step-000005.partial')) {
          cut = true
          return Promise.reject(Object.assign(new Error('killed'), { code: 'EIO' }))
        }
        return realFileSystem.rename(from, to)
      },
      remove: (path) => (cut ? Promise.reject(Object.assign(new Error('killed'), { code: 'EIO' })) : realFileSystem.remove(path))
    }
    const before = readFileSync(join(at(run, 5), 'manifest.json'))
    const dying = await openWorkspace(folder, crashing)
    await expect(computeSnapshot(dying, order(run, 5, { replace: true }), options())).rejects.toThrow()
    expect(existsSync(at(run, 5))).toBe(false)
    rmSync(join(folder, 'runs', run, 'lock.json'))
    await holdRun(workspace, run, async () => undefined)
    expect(readFileSync(join(at(run, 5), 'manifest.json')).equals(before)).toBe(true)
    expect(snapshotNames(run)).toEqual(['step-000005'])
  })

  test('cancelled, it leaves nothing', async () => {
    for (const phase of ['reading', 'curvature', 'checks', 'matrix', 'eigendecomposition', 'residuals', 'writing']) {
      const stop = new AbortController()
      const work = computeSnapshot(workspace, order(run, 10, { hessian: true }), {
        signal: stop.signal,
        onProgress: (_, now) => void (now.startsWith(phase) && stop.abort(new Error(`cancelled while ${phase}`)))
      })
      await expect(work).rejects.toThrow(`cancelled while ${phase}`)
      expect(snapshotNames(run)).toEqual(['step-000005'])
      expect(locked(run)).toBe(false)
    }
  })

  test('refused in a sentence: no checkpoint, worked on, other data, no room', async () => {
    await expect(computeSnapshot(workspace, order(run, 7), options())).rejects.toThrow(/no checkpoint of step 7; it has 0, 5, 10, 12$/)
    await holdRun(workspace, run, async () => {
      await expect(computeSnapshot(workspace, order(run, 10), options())).rejects.toThrow(/is working on this run/)
    })
    const tight = await trained({ ...often, name: 'tight', snapshots: { everySteps: null, maxBytes: '10 kB' } })
    await expect(computeSnapshot(workspace, order(tight, 5), options())).rejects.toThrow(
      /^no snapshot at step 5: its .* would exceed snapshots\.maxBytes = 10 kB$/
    )
    expect(snapshotNames(tight)).toEqual([])
    const full = await openWorkspace(folder, { ...realFileSystem, freeBytes: async () => 1e6 })
    await expect(computeSnapshot(full, order(run, 10), options())).rejects.toThrow(/the drive has 1\.00 MB free/)
    const meta = join(folder, 'runs', tight, 'meta.json')
    const other = readFileSync(meta, 'utf8').replace(/"dataset": "[0-9a-f]{64}"/, `"dataset": "${'0'.repeat(64)}"`)
    writeFileSync(meta, other)
    await expect(computeSnapshot(workspace, order(tight, 5), options())).rejects.toThrow(
      /is not the data this run was trained on .*install that dataset to compute its curvature/
    )
  })

  test('of a function', async () => {
    const { spec } = await checkSpec({
      schemaVersion: 1,
      name: 'saddle',
      problem: { kind: 'function', function: 'saddle' },
      optimizer: { kind: 'gd' },
      budget: { steps: 4 },
      checkpoints: { everySteps: 2 }
    })
    if (!spec) throw new Error('bad spec')
    const id = await createRun(workspace, spec)
    await executeRun(workspace, id)
    await computeSnapshot(workspace, order(id, 2, { eigenvectors: 'all' }), options())
    expect(manifestOf(id, 2).blocks.map(({ size, indices }) => [size, indices.length])).toEqual([[2, 2]])
  })
})

describe('by the workbench', () => {
  const home = mkdtempSync(join(tmpdir(), 'saddlescope-on-demand-workbench-'))
  let workbench: Workbench
  let client: Client
  const kills: (() => void)[] = []
  const launch = engineLauncher(kills)
  beforeAll(async () => {
    ;({ workbench, client } = await openWithClient(home, launch))
  })
  afterAll(async () => {
    client.close()
    await workbench.close()
    rmSync(home, { recursive: true, force: true })
  })
  const stateOf = async (id: string) => (await client.call('runs.get', { id })).summary.state
  const jobOf = async (id: string) => (await client.call('jobs.list', {})).find((job) => job.id === id)
  const create = async (changes: Record<string, unknown>) =>
    (await client.call('runs.create', { specs: [JSON.parse(JSON.stringify(smallSpec(changes))) as never] })).ids[0]

  test('costs first, then a job; the run knows its new snapshot; refused while the run is worked on', async () => {
    const id = await create({ ...often, name: 'served', snapshots: { everySteps: null } })
    await expect(client.call('snapshots.compute', { run: id, step: 0 })).rejects.toThrow()
    await expect.poll(() => stateOf(id), { timeout: 60_000 }).toBe('done')
    const cost = await client.call('snapshots.cost', { run: id, step: 5, hessian: true })
    const P = (await client.call('runs.get', { id })).summary.parameterCount ?? 0
    expect(cost).toMatchObject({ scope: 'full', samples: 60, existing: null, refusal: null, blocks: [{ name: 'full', size: P, units: 1 }] })
    expect(cost.peakBytes).toBeGreaterThan(2 * 8 * P * P)
    const { job } = await client.call('snapshots.compute', { run: id, step: 5, hessian: true })
    await expect.poll(async () => (await jobOf(job))?.state, { timeout: 60_000 }).toBe('done')
    expect((await jobOf(job))?.message).toContain(`${P} eigenvalues`)
    const details = await client.call('runs.get', { id })
    expect(details.snapshots.map(({ step, hessian }) => [step, hessian])).toEqual([[5, true]])
    expect(details.summary.snapshots).toBe(1)
    const files = readdirSync(join(home, 'runs', id, 'snapshots', 'step-000005'))
    const bytes = files.reduce((sum, name) => sum + statSync(join(home, 'runs', id, 'snapshots', 'step-000005', name)).size, 0)
    expect(cost.diskBytes).toBeGreaterThanOrEqual(bytes - 600)
    expect(cost.diskBytes).toBeLessThan(bytes + 4000)
    await expect(client.call('snapshots.compute', { run: id, step: 5 })).rejects.toThrow(/ask for it to be replaced/)
    expect((await client.call('snapshots.cost', { run: id, step: 5 })).existing).toEqual({ scope: 'full', eigenvectors: 16, hessian: true })
    expect((await client.call('snapshots.cost', { run: id, step: 6 })).refusal).toMatch(/no checkpoint of step 6/)
  })

  test('cancelled and killed jobs leave the run as it was', async () => {
    const model = { layers: [100, 24, 10], activation: { kind: 'tanh' } }
    const id = await create({ ...often, name: 'large', model, optimizer: { kind: 'gd' }, snapshots: { everySteps: null } })
    await expect.poll(() => stateOf(id), { timeout: 60_000 }).toBe('done')
    const snapshots = join(home, 'runs', id, 'snapshots')
    for (const end of ['cancel', 'kill'] as const) {
      const { job } = await client.call('snapshots.compute', { run: id, step: 5, scope: 'full', eigenvectors: 'all', hessian: true })
      await expect
        .poll(async () => (await jobOf(job))?.message, { timeout: 60_000, interval: 5 })
        .toMatch(/curvature|eigendecomposition|writing/)
      await expect(client.call('runs.start', { id, budget: { steps: 20 } })).rejects.toThrow(/another process is working/)
      if (end === 'cancel') await client.call('jobs.cancel', { id: job })
      else kills.at(-1)?.()
      await expect.poll(async () => (await jobOf(job))?.state, { timeout: 60_000 }).toBe(end === 'cancel' ? 'cancelled' : 'failed')
      expect(readdirSync(snapshots)).toEqual([])
      expect(existsSync(join(home, 'runs', id, 'lock.json'))).toBe(false)
      expect(await stateOf(id)).toBe('done')
    }
  })
})
