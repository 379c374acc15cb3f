// Pruning as planned: a dry run says to the byte what then goes, and what is pinned, changed or worked on is left alone.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createRun,
  openRunForTraining,
  pinSnapshots,
  pruneSnapshots,
  runSnapshots,
  snapshotSteps,
  type Workspace
} from '../../../../src/store'
import { backend, fakeTrain, temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeAll(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterAll(() => remove())

const folderOf = (id: string) => join(workspace.folder, 'runs', id, 'snapshots')
const bytesBelow = (path: string): number =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
const stepFolder = (id: string, step: number) => join(folderOf(id), `step-${String(step).padStart(6, '0')}`)

async function makeRun(id: string, steps: number) {
  await createRun(workspace, testSpec(), { id })
  const run = await openRunForTraining(workspace, id, { backend })
  await fakeTrain(run.sink, run.resume, steps)
  await run.finish('done')
}

describe('a dry run', () => {
  it('frees nothing, and says what the real one then frees on the disk, whole snapshots and Hessians alone', async () => {
    await makeRun('dry', 100)
    const all = await snapshotSteps(workspace, 'dry')
    expect(all).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
    await pinSnapshots(workspace, 'dry', [40, 20], true)
    for (const hessiansOnly of [true, false]) {
      const before = bytesBelow(folderOf('dry'))
      const wish = { which: { keepEvery: 3 }, hessiansOnly }
      const preview = await pruneSnapshots(workspace, 'dry', { ...wish, dryRun: true })
      // Of 10, 20, … every third from the first stays (10, 40, 70, 100), the last, and the pinned 20 and 40.
      expect(preview.steps).toEqual([30, 50, 60, 80, 90])
      expect(bytesBelow(folderOf('dry'))).toBe(before)
      if (!hessiansOnly) for (const { step, bytes } of preview.freed) expect(bytes).toBe(bytesBelow(stepFolder('dry', step)))
      else
        for (const { step, bytes } of preview.freed) {
          const matrices = readdirSync(stepFolder('dry', step)).filter((name) => name.startsWith('hessian.'))
          const large = matrices.reduce((sum, name) => sum + statSync(join(stepFolder('dry', step), name)).size, 0)
          // And what the manifest is shorter by.
          expect(bytes).toBeGreaterThan(large)
          expect(bytes - large).toBeLessThan(1000)
        }
      const done = await pruneSnapshots(workspace, 'dry', { ...wish, expected: preview.freed })
      expect(done).toEqual(preview)
      expect(before - bytesBelow(folderOf('dry'))).toBe(preview.bytes)
      expect(preview.freed.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(preview.bytes)
    }
    expect(await snapshotSteps(workspace, 'dry')).toEqual([10, 20, 40, 70, 100])
  })

  it('lists no Hessians where there are none, and keeps to the steps that it is given', async () => {
    await makeRun('among', 60)
    const among = { which: { keepEvery: null }, among: [10, 20, 30] }
    expect((await pruneSnapshots(workspace, 'among', { ...among, dryRun: true })).steps).toEqual([20, 30])
    await pruneSnapshots(workspace, 'among', { ...among, hessiansOnly: true })
    expect((await pruneSnapshots(workspace, 'among', { ...among, hessiansOnly: true, dryRun: true })).freed).toEqual([])
    expect((await pruneSnapshots(workspace, 'among', { which: { keepEvery: null }, hessiansOnly: true, dryRun: true })).steps).toEqual([
      40, 50
    ])
  })
})

describe('what is refused', () => {
  it('a run that is being worked on, what has changed since the preview, a pinned or missing step', async () => {
    await makeRun('busy', 30)
    const preview = await pruneSnapshots(workspace, 'busy', { which: { keepEvery: null }, dryRun: true })
    expect(preview.steps).toEqual([20])
    await pruneSnapshots(workspace, 'busy', { which: { keepEvery: null }, hessiansOnly: true })
    await expect(pruneSnapshots(workspace, 'busy', { which: { keepEvery: null }, expected: preview.freed })).rejects.toThrow(
      /have changed since they were looked at/
    )
    expect(await snapshotSteps(workspace, 'busy')).toEqual([10, 20, 30])
    await pinSnapshots(workspace, 'busy', [30], true)
    await expect(pruneSnapshots(workspace, 'busy', { which: { steps: [10, 30] } })).rejects.toThrow(/step 30 is pinned; unpin it/)
    await expect(pruneSnapshots(workspace, 'busy', { which: { steps: [15] } })).rejects.toThrow(
      'run "busy" has no snapshot of step 15; it has 10, 20, 30'
    )
    const run = await openRunForTraining(workspace, 'busy', { backend })
    await expect(pruneSnapshots(workspace, 'busy', { which: { steps: [10] }, dryRun: true })).rejects.toThrow(/being worked on/)
    await run.finish('done')
    const gone = await pruneSnapshots(workspace, 'busy', { which: { steps: [10] } })
    expect(gone.steps).toEqual([10])
    expect(await snapshotSteps(workspace, 'busy')).toEqual([20, 30])
  })
})

it('the library says what is stored of each block, and its sizes are those of the files', async () => {
  await makeRun('listed', 20)
  for (const entry of await runSnapshots(workspace, 'listed')) {
    const folder = stepFolder('listed', entry.step)
    const names = readdirSync(folder)
    const matrices = names.filter((name) => name.startsWith('hessian.'))
    expect(entry.bytes).toBe(bytesBelow(folder))
    expect(entry.hessianBytes).toBe(matrices.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0))
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
      blocks: { name: string; size: number; indices: number[] }[]
    }
    expect(entry.contents.map(({ name, size, eigenvectors }) => [name, size, eigenvectors])).toEqual(
      manifest.blocks.map(({ name, size, indices }) => [name, size, names.includes(`eigenvectors.${name}.npy`) ? indices.length : 0])
    )
    expect(entry.contents.every(({ name, hessian }) => hessian === names.includes(`hessian.${name}.npy`))).toBe(true)
  }
})

it('a snapshot that cannot be read is listed with its size and the reason, and can be deleted', async () => {
  await makeRun('torn', 30)
  writeFileSync(join(stepFolder('torn', 20), 'manifest.json'), '{"schemaVersion": 1,')
  const bytes = bytesBelow(stepFolder('torn', 20))
  const entries = await runSnapshots(workspace, 'torn')
  expect(entries.map(({ step, damage }) => [step, damage === null])).toEqual([
    [10, true],
    [20, false],
    [30, true]
  ])
  expect(entries[1]).toMatchObject({ bytes, contents: [], hessian: false })
  expect(entries[1].damage).toMatch(/manifest\.json/)
  await expect(pruneSnapshots(workspace, 'torn', { which: { steps: [20] }, hessiansOnly: true })).rejects.toThrow(/manifest\.json/)
  expect(await pruneSnapshots(workspace, 'torn', { which: { steps: [20] } })).toMatchObject({ steps: [20], bytes })
  expect(await snapshotSteps(workspace, 'torn')).toEqual([10, 30])
})
