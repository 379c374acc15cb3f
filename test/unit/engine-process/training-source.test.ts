// The trainer that an analysis goes on from: steps from a stored checkpoint have the bits of the run's own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPlace, withSource } from '../../../src/engine-process/analyses/source'
import { executeRun } from '../../../src/engine-process/execute-run'
import { finishStep } from '../../../src/engine/training'
import { functionSpecSchema, networkSpecSchema } from '../../../src/shared/spec/schema'
import { createRun, readCheckpoint, type Workspace } from '../../../src/store'
import { temporaryWorkspace } from '../store/fake-run'

let workspace: Workspace
let remove: () => Promise<void>
const { signal } = new AbortController()
const unheard = { onPhase: () => undefined, onProgress: () => undefined }

beforeAll(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
})
afterAll(() => remove())

async function trained(id: string, optimizer: object) {
  const spec = networkSpecSchema.parse({
    schemaVersion: 1,
    name: id,
    data: { dataset: 'mnist10', trainLimit: 50 },
    model: { layers: [null, 3, 10], activation: { kind: 'tanh' } },
    loss: 'softmax-cross-entropy',
    batch: { size: 20, shuffle: true },
    optimizer,
    budget: { steps: 6 },
    checkpoints: { everySteps: 2, keep: 9 }
  })
  await createRun(workspace, spec, { id })
  expect(await executeRun(workspace, id)).toMatchObject({ state: 'done', message: null })
}

describe('the trainer of a source', () => {
  it.each([
    ['adam', { kind: 'adam', learningRate: '0.01 * 0.9^t' }],
    ['sfn', { kind: 'sfn', learningRate: 0.5, damping: { kind: 'shifted-abs', value: 0.1, adapt: 'levenberg' } }]
  ])('goes on from a checkpoint of %s as the run did, and names those there are', async (id, optimizer) => {
    await trained(id, optimizer)
    const place = await findPlace(workspace, { run: id, step: 2 }, 'batch')
    await withSource(workspace, place, 'batch', signal, async (source) => {
      const { parts, state: begin } = await source.training()
      let state = begin
      while (state.step < 6) ({ state } = await finishStep(parts, state, signal, unheard))
      const stored = await readCheckpoint(workspace, id, 6)
      expect(state.parameters).toEqual(stored.parameters)
      expect(state.optimizer).toEqual(stored.optimizer)
      expect((await source.training(4)).state.parameters).toEqual((await readCheckpoint(workspace, id, 4)).parameters)
      await expect(source.training(3)).rejects.toThrow(`run "${id}" has no checkpoint of step 3; it has 0, 2, 4, 6`)
    })
  })

  it('begins where a spec does', async () => {
    const spec = functionSpecSchema.parse({
      schemaVersion: 1,
      name: 'function',
      problem: { kind: 'function', function: 'rosenbrock', start: [-1, 2] },
      optimizer: { kind: 'momentum', learningRate: 1e-3, momentum: 0.5 },
      budget: { steps: 3 }
    })
    await withSource(workspace, await findPlace(workspace, { spec }, 'batch'), 'batch', signal, async (source) => {
      const { parts, state } = await source.training()
      expect([state.step, ...state.parameters]).toEqual([0, -1, 2])
      const { state: after } = await finishStep(parts, state, signal, unheard)
      // ∇ = (−400 x (y − x²) − 2 (1 − x), 200 (y − x²)) at (−1, 2).
      expect([...after.parameters]).toEqual([-1 - 1e-3 * 396, 2 - 1e-3 * 200])
    })
  })
})
