// Runs that another program made are looked at, never trained on: nothing of what they minimized, or of their optimizer's state, is in them.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { functionDefinition } from '../../../../src/engine/functions/list'
import { formatNpy } from '../../../../src/shared/npy'
import { methodsOf } from '../../../../src/shared/run/methods'
import {
  changeBudget,
  createRun,
  importPath,
  openRunForTraining,
  openRunIndex,
  readManifest,
  readMeta,
  readSpec,
  readStatus,
  updateStatus,
  type Workspace
} from '../../../../src/store'
import { backend, temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
const recordedBackend = { kind: 'recorded', description: 'PyTorch 2.0, recorded from Python 3.11', threads: 1 }

beforeAll(async () => {
  const made = await temporaryWorkspace()
  workspace = made.workspace
  remove = made.remove
  await createRun(workspace, testSpec({ optimizer: { kind: 'adam' } }), { id: 'recorded' })
  await updateStatus(workspace, 'recorded', { state: 'done', step: 7, backend: recordedBackend, versions: { numpy: '2.0' } })
  const path = join(workspace.folder, 'matrix.npy')
  await writeFile(path, formatNpy({ shape: [2, 2], data: Float64Array.of(2, 1, 1, -3) }))
  await importPath(workspace, path, { id: 'imported' })
})
afterAll(() => remove())

it.each([
  ['recorded', /recorded from another program \(PyTorch 2\.0, recorded from Python 3\.11\).*start a new run from its weights/],
  ['imported', /came from elsewhere and says nothing of what was minimized/]
])('refuses to train the run %s on, and leaves it as it is', async (id, words) => {
  const spec = await readSpec(workspace, id)
  await expect(changeBudget(workspace, id, { ...spec, budget: { ...spec.budget, steps: 99 } })).rejects.toThrow(words)
  await expect(openRunForTraining(workspace, id, { backend, allowOtherBackend: true })).rejects.toThrow(words)
  expect(await readSpec(workspace, id)).toEqual(spec)
  expect((await readStatus(workspace, id)).state).toBe('done')
})

it('keeps the snapshot of an imported matrix', async () => {
  expect((await readManifest(workspace, { run: 'imported', step: 0 })).blocks[0].size).toBe(2)
})

it.each(['imported', 'recorded'])('knows no function called %s', (name) => {
  expect(() => functionDefinition({ function: name, variables: null, start: null })).toThrow(/came from elsewhere/)
})

it('says in the methods only what the other program said', async () => {
  const textOf = async (id: string, more = {}) =>
    methodsOf({
      spec: await readSpec(workspace, id),
      meta: await readMeta(workspace, id),
      status: { ...(await readStatus(workspace, id)), ...more },
      dataset: null
    }).text
  const recorded = await textOf('recorded')
  expect(recorded).toContain('recorded while another program trained (PyTorch 2.0, recorded from Python 3.11); its optimizer was adam, as')
  expect(recorded).toContain('7 steps were recorded, with numpy 2.0.')
  expect(recorded).toContain('fully connected')
  expect(recorded).not.toMatch(/double precision|xoshiro|0\.001|budget/)
  expect(await textOf('recorded', { recordedOptimizer: 'adagrad' })).toContain('its optimizer was adagrad, as')
  expect(await textOf('imported')).toBe(
    'What was minimized is not known to Saddlescope. The run came from elsewhere; nothing was trained here.\n'
  )
})

it('lists what trained a recorded run by the name that was said', async () => {
  await updateStatus(workspace, 'recorded', { recordedOptimizer: 'adagrad' })
  expect((await openRunIndex(workspace)).get('recorded')?.optimizer).toBe('adagrad')
})
