// What a check of a spec costs: drawn weights are not drawn to be counted, given ones are read and must fit.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { precheckSpec } from '../../../src/engine-process/precheck'
import { npzParts } from '../../../src/shared/npy'
import { estimate } from '../../../src/shared/run/estimate'
import type { Workspace } from '../../../src/store'
import { temporaryWorkspace, testSpec } from '../store/fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeAll(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterAll(() => remove())

const net = (hidden: number, init: Record<string, unknown>) =>
  testSpec({ model: { layers: [2, hidden, hidden, 2], activation: { kind: 'tanh' }, bias: true, init } })

it.each(['fan-in-normal', 'fan-sum-normal'])('counts the weights of a net that no array could hold, by formula (%s)', async (kind) => {
  const spec = net(300_000, { kind })
  const { facts, problems } = await precheckSpec(workspace, spec)
  expect(problems).toEqual([])
  expect(estimate(spec, { data: facts.data }).parameters).toBe(3 * 300_000 + 300_001 * 300_000 + 300_001 * 2)
})

it('reads weights that are given, and names what does not fit', async () => {
  const path = join(workspace.folder, 'weights.npz')
  const arrays = { W1: { shape: [2, 3], data: new Float64Array(6) }, b1: { shape: [3], data: new Float64Array(3) } }
  await writeFile(path, Buffer.concat([...npzParts(arrays)]))
  const { problems } = await precheckSpec(workspace, net(3, { kind: 'npz', path }))
  expect(problems).toEqual([
    { path: 'model.init.path', message: expect.stringMatching(/weights\.npz: start weights: the array W2 \(3 × 3\) is missing/) }
  ])
})
