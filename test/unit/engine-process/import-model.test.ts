// Twenty MLPs that PyTorch made, in four formats, imported: loss and full Hessian are torch's own (test/reference/models/make.py).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLinalg, preferLinalg, type Linalg } from '../../../src/engine/linalg'
import { openFirstBatch } from '../../../src/engine-process/first-batch'
import { importModel } from '../../../src/engine-process/import-model'
import { parseNpz } from '../../../src/shared/npy'
import { modelImportSchema, type ModelImport } from '../../../src/shared/models/inspection'
import type { Activation, LossKind } from '../../../src/shared/spec/schema'
import { checkpointSteps, openWorkspace, readMeta, readSpec, readStatus, realFileSystem, type Workspace } from '../../../src/store'
import { inspectModel } from '../../../src/store/models'

interface Net {
  readonly file: string
  readonly data: string
  readonly widths: readonly number[]
  readonly activation: Activation | null
  readonly outputActivation: Activation
  readonly loss: LossKind
  readonly bias: boolean
  readonly expected: number
  readonly parameters: number
}

const reference = join(import.meta.dirname, '..', '..', 'reference', 'models')
const { nets } = JSON.parse(readFileSync(join(reference, 'nets.json'), 'utf8')) as { nets: Net[] }
const fileOf = (name: string) => join(reference, 'nets', name)

let folder = ''
let workspace: Workspace
let linalg: Linalg
let hessians: Awaited<ReturnType<typeof parseNpz>>
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-models-'))
  workspace = await openWorkspace(folder)
  preferLinalg({ backend: 'auto', threads: 1 })
  linalg = await openLinalg()
  hessians = await parseNpz(readFileSync(join(reference, 'hessians.npz')), 'hessians.npz')
})
afterAll(async () => {
  preferLinalg({ backend: 'auto', threads: null })
  await linalg.dispose()
  rmSync(folder, { recursive: true, force: true })
})

/** What the file leaves open, answered as the net was made. */
async function answersOf(net: Net): Promise<ModelImport> {
  const { asked } = await inspectModel(realFileSystem, fileOf(net.file))
  return {
    path: fileOf(net.file),
    dataset: { path: fileOf(net.data) },
    ...(asked.includes('activation') && net.activation !== null ? { activation: net.activation } : {}),
    ...(asked.includes('outputActivation') ? { outputActivation: net.outputActivation } : {}),
    ...(asked.includes('loss') ? { loss: net.loss } : {})
  }
}

const imported = (order: ModelImport) => importModel(workspace, modelImportSchema.parse(order))
const relative = (found: number, wanted: number) => Math.abs(found - wanted) / Math.abs(wanted)

it('the twenty are of every format, depth, activation and loss, with biases and without', () => {
  const all = <T>(of: (net: Net) => T) => [...new Set(nets.map(of))].sort()
  expect(nets).toHaveLength(20)
  expect(all(({ file }) => file.split('.')[1])).toEqual(['npz', 'onnx', 'pt', 'safetensors'])
  expect(all(({ widths }) => widths.length - 1)).toEqual([1, 2, 3, 4, 5])
  expect(all(({ loss }) => loss)).toEqual(['half-sse', 'mse', 'softmax-cross-entropy'])
  expect(all(({ activation }) => activation?.kind ?? '')).toEqual(['', 'identity', 'leaky-relu', 'relu', 'sigmoid', 'softplus', 'tanh'])
  expect(all(({ bias }) => String(bias))).toEqual(['false', 'true'])
})

describe.each(nets)('$file', (net) => {
  it('has torch’s loss to 1e-12 and its full Hessian to 1e-10', async () => {
    const inspection = await inspectModel(realFileSystem, fileOf(net.file))
    expect(inspection.widths).toEqual(net.widths)
    expect(inspection.bias).toBe(net.bias)
    expect(inspection.parameters).toBe(net.parameters)
    expect(inspection.asked).not.toContain('order')
    const { id, loss, samples } = await imported({ ...(await answersOf(net)), expectLoss: net.expected })
    expect(samples).toBe(30)
    expect(relative(loss, net.expected)).toBeLessThanOrEqual(1e-12)

    const spec = await readSpec(workspace, id)
    const { objective, parameters, problem } = await openFirstBatch(workspace, linalg, spec, { at: { run: id, step: 0 } })
    expect(relative(await objective.loss(parameters), net.expected)).toBeLessThanOrEqual(1e-12)
    const [{ data, size }] = await objective.curvature(parameters, { scope: 'full' })
    const wanted = hessians[net.file.split('.')[0]].data
    expect(wanted).toHaveLength((size * (size + 1)) / 2)
    let [largest, difference, at] = [0, 0, 0]
    for (let row = 0; row < size; row++)
      for (let column = row; column < size; column++) {
        largest = Math.max(largest, Math.abs(wanted[at]))
        difference = Math.max(difference, Math.abs(data[row * size + column] - wanted[at++]))
      }
    expect(largest).toBeGreaterThan(0)
    expect(difference / largest).toBeLessThanOrEqual(1e-10)
    linalg.release(data)
    problem.dispose()
  })
})

it('a run that was imported is done at step 0, with weights, data and hashes of its own', async () => {
  const { id, dataset } = await imported({ ...(await answersOf(nets[4])), id: 'mine', name: 'My net' })
  expect(id).toBe('mine')
  expect(dataset).toBe('net-05-data')
  const status = await readStatus(workspace, id)
  expect(status).toMatchObject({ state: 'done', step: 0, parameterCount: 35, trainingSamples: 30, error: null })
  expect(await checkpointSteps(workspace, id)).toEqual([0])
  const spec = await readSpec(workspace, id)
  expect(spec).toMatchObject({ name: 'My net', budget: { steps: 0 }, data: { dataset: 'net-05-data' } })
  const { hashes } = await readMeta(workspace, id)
  for (const name of ['weights', 'batches', 'dataset'] as const) expect(hashes[name]).toMatch(/^[0-9a-f]{64}$/)
  const weights = await parseNpz(readFileSync(join(folder, 'runs', 'mine', 'inputs', 'init.npz')), 'init.npz')
  expect(Object.entries(weights).map(([name, { shape, data }]) => [name, shape, data.constructor.name])).toEqual([
    ['W1', [4, 5], 'Float64Array'],
    ['W2', [5, 3], 'Float64Array']
  ])
})

describe('what is refused leaves the workspace as it was', () => {
  const stateOf = async () => [await realFileSystem.list(join(folder, 'runs')), await realFileSystem.list(join(folder, 'datasets'))]
  it.each<[string, (net: Net, answers: ModelImport) => ModelImport, RegExp]>([
    ['another loss than expected', (net, answers) => ({ ...answers, expectLoss: net.expected * (1 + 1e-8) }), /not the expected/],
    ['another activation', (net, answers) => ({ ...answers, activation: { kind: 'tanh' }, expectLoss: net.expected }), /not the expected/],
    ['what the file does not say', (_, { path, dataset }) => ({ path, dataset }), /does not say the activation .* nor the loss/],
    ['a taken id', (_, answers) => ({ ...answers, id: 'mine' }), /already a run "mine"/],
    ['data of other widths', (_, answers) => ({ ...answers, dataset: 'xor' }), /model\.layers\.0: .*xor gives/],
    ['a layer twice', (_, answers) => ({ ...answers, order: ['0.weight', '0.weight'] }), /must name each of 0\.weight, 2\.weight once/],
    ['layers the other way round', (_, answers) => ({ ...answers, order: ['2.weight', '0.weight'] }), /the input layer has 3 units/]
  ])('%s', async (_, change, message) => {
    const before = await stateOf()
    await expect(imported(change(nets[4], await answersOf(nets[4])))).rejects.toThrow(message)
    expect(await stateOf()).toEqual(before)
  })
})

it('half-sse may be expected as its mean over samples too, and the answer says which it was', async () => {
  const net = nets[5]
  const answers = await answersOf(net)
  expect((await imported({ ...answers, expectLoss: net.expected })).message).toContain('it is the expected')
  expect((await imported({ ...answers, expectLoss: net.expected / 30 })).message).toContain('divided by the 30 samples it is the expected')
})

it('other data of a taken name get a name of their own', async () => {
  const answers = await answersOf(nets[0])
  const { dataset } = await imported({ ...answers, outputActivation: { kind: 'identity' }, loss: 'mse' })
  expect(dataset).toBe('net-01-data')
})
