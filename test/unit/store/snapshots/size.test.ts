// The model of a snapshot's size against the files that real runs write, and the promise that maxBytes makes.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { initialState, train } from '../../../../src/engine/training'
import { functionBlocks, layerBlocks } from '../../../../src/shared/model/layout'
import { snapshotBytes, snapshotFiles, snapshotScope } from '../../../../src/shared/run/snapshot-size'
import { functionSpecSchema, type NetworkSpec, type RunSpec } from '../../../../src/shared/spec/schema'
import { createRun, openRunForTraining, readLog, readManifest, type Workspace } from '../../../../src/store'
import { manifestBytes } from '../../../../src/store/snapshots'
import { openPlain } from '../../../reference/linalg/plain'
import { smallData, smallSpec, startWeights } from '../../engine/training/memory-sink'
import { backend, temporaryWorkspace } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeAll(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterAll(() => remove())

const linalg = openPlain()

/** Trains the run for real, and gives the lengths of the files of each of its snapshots. */
async function written(id: string, spec: RunSpec, parameters: Float64Array): Promise<Record<string, number>[]> {
  await createRun(workspace, spec, { id })
  const run = await openRunForTraining(workspace, id, { backend })
  const data = 'model' in spec ? smallData() : null
  const outcome = await train({ linalg }, { spec, state: initialState(spec, parameters), sink: run.sink }, data)
  await run.finish('done')
  expect(outcome.message).toBeNull()
  const folder = join(workspace.folder, 'runs', id, 'snapshots')
  const steps = (await readdir(folder)).sort()
  return Promise.all(
    steps.map(async (step) => {
      const names = await readdir(join(folder, step))
      return Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await stat(join(folder, step, name))).size] as const)))
    })
  )
}

const total = (files: Readonly<Record<string, number>>) => Object.values(files).reduce((sum, bytes) => sum + bytes, 0)

const optimizers = [
  { kind: 'adam' },
  { kind: 'sfn', scope: 'full' },
  { kind: 'sfn', scope: 'layer-blocks' },
  { kind: 'sfn', scope: 'unit-blocks' }
]
const cases = optimizers.flatMap((optimizer) =>
  (['float64', 'float32'] as const).flatMap((precision) =>
    [true, false].flatMap((hessian) =>
      ([0, 16, 'all'] as const).map((eigenvectors) => ({ optimizer, snapshots: { precision, hessian, eigenvectors } }))
    )
  )
)

describe('every file of a run has the length that was promised', () => {
  const blocks = layerBlocks([3, 4, 2], true)
  let count = 0

  async function check(spec: NetworkSpec): Promise<void> {
    const scope = snapshotScope(spec, 26)
    const snapshots = await written(`size-${count++}`, spec, startWeights(26))
    expect(snapshots.length).toBeGreaterThan(0)
    for (const [step, { 'manifest.json': manifest, ...files }] of snapshots.entries()) {
      const promised = snapshotFiles(spec, blocks, scope)
      expect(files).toEqual(Object.fromEntries(promised.map(({ name, bytes }) => [name, bytes])))
      // The manifest's share is a bound, and not a wild one.
      const bound = snapshotBytes(spec, blocks, scope) - total(files)
      expect(manifest).toBeLessThanOrEqual(bound)
      expect(bound).toBeLessThan(3 * manifest)
      expect(manifestBytes(await readManifest(workspace, { run: `size-${count - 1}`, step }))).toBe(total(files) + manifest)
    }
  }

  it.each(cases)('$optimizer.kind $optimizer.scope $snapshots', ({ optimizer, snapshots }) =>
    check(smallSpec({ optimizer, snapshots: { everySteps: 2, ...snapshots }, budget: { steps: 1 }, checkpoints: { everySteps: null } }))
  )

  it('without eigenvalues or biases', async () => {
    await check(
      smallSpec({ optimizer: { kind: 'adam' }, snapshots: { everySteps: 1, eigenvalues: false, eigenvectors: 3 }, budget: { steps: 1 } })
    )
    const spec = smallSpec({
      model: { layers: [3, 4, 2], activation: { kind: 'tanh' } },
      snapshots: { everySteps: 1 },
      budget: { steps: 1 }
    })
    const [{ 'manifest.json': _, ...files }] = await written('size-no-bias', spec, startWeights(20))
    expect(files).toEqual(
      Object.fromEntries(snapshotFiles(spec, layerBlocks([3, 4, 2], false), 'full').map(({ name, bytes }) => [name, bytes]))
    )
  })

  it.each([
    { kind: 'gd', learningRate: 1e-4 },
    { kind: 'sfn', scope: 'layer-blocks' }
  ])('of a function by $kind', async (optimizer) => {
    const spec = functionSpecSchema.parse({
      schemaVersion: 1,
      name: 'rosenbrock',
      problem: { kind: 'function', function: 'rosenbrock' },
      optimizer,
      budget: { steps: 1 },
      snapshots: { everySteps: 1, hessian: true }
    })
    const snapshots = await written(`size-function-${optimizer.kind}`, spec, Float64Array.of(-1.2, 1))
    for (const { 'manifest.json': _, ...files } of snapshots)
      expect(files).toEqual(
        Object.fromEntries(snapshotFiles(spec, functionBlocks(2), snapshotScope(spec, 2)).map(({ name, bytes }) => [name, bytes]))
      )
  })
})

describe('snapshots.maxBytes', () => {
  let count = 0
  it.each(cases.filter(({ optimizer, snapshots }) => snapshots.hessian && snapshots.eigenvectors === 16 && optimizer.scope !== 'full'))(
    'is never exceeded, and used as far as whole snapshots go: $optimizer.kind $optimizer.scope $snapshots',
    async ({ optimizer, snapshots }) => {
      const spec = smallSpec({
        optimizer,
        snapshots: { everySteps: 1, ...snapshots },
        budget: { steps: 5 },
        checkpoints: { everySteps: null }
      })
      const scope = snapshotScope(spec, 26)
      const each = snapshotBytes(spec, layerBlocks([3, 4, 2], true), scope)
      // Room for three, and for a fourth all but a byte of what is asked for it.
      const maxBytes = 4 * each - 1
      const id = `budget-${count++}`
      const files = await written(id, { ...spec, snapshots: { ...spec.snapshots, maxBytes: `${maxBytes} B` } }, startWeights(26))
      const used = files.reduce((sum, one) => sum + total(one), 0)
      expect(used).toBeLessThanOrEqual(maxBytes)
      // The manifests are shorter than promised, so that one more may fit; the six that were asked for never do.
      expect(files.length).toBeGreaterThanOrEqual(3)
      expect(files.length).toBeLessThan(6)
      expect(used + each).toBeGreaterThan(maxBytes)
      expect((await readLog(workspace, id)).map(({ message }) => message).join()).toContain('would exceed snapshots.maxBytes')
    }
  )
})
