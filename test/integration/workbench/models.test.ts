// A network from elsewhere through the workbench's API and a real engine process: looked at, refused, imported, its spectrum computed on demand.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { JobInfo } from '../../../src/shared/api/contract'
import type { Client } from '../../../src/shared/api/client'
import { parseNpz } from '../../../src/shared/npy'
import type { Workbench } from '../../../src/workbench'
import { engineLauncher, openWithClient } from './real-engines'

const nets = join(import.meta.dirname, '..', '..', 'reference', 'models', 'nets')
const path = join(nets, 'net-10.pt')
const data = { path: join(nets, 'net-10.data.npz') }
const answers = { activation: { kind: 'relu' }, outputActivation: { kind: 'identity' }, loss: 'mse' } as const
const folder = mkdtempSync(join(tmpdir(), 'saddlescope-models-api-'))
let opened: { workbench: Workbench; client: Client }
beforeAll(async () => {
  vi.stubEnv('SADDLESCOPE_BACKEND', 'wasm')
  opened = await openWithClient(folder, engineLauncher([]))
})
afterAll(async () => {
  opened.client.close()
  await opened.workbench.close()
  rmSync(folder, { recursive: true, force: true })
})

async function ended(job: string): Promise<JobInfo> {
  return vi.waitFor(
    async () => {
      const found = (await opened.client.call('jobs.list', {})).find(({ id }) => id === job)
      if (found === undefined || found.state === 'running') throw new Error(`${job} is ${found?.state}`)
      return found
    },
    { timeout: 60_000, interval: 50 }
  )
}

test('is looked at, imported as a run, and its spectrum has the trace of torch’s own Hessian', { timeout: 120_000 }, async () => {
  const { client } = opened
  const found = await client.call('models.inspect', { path })
  expect(found).toMatchObject({ path, name: 'net-10.pt', format: 'pytorch', widths: [4, 5, 5, 2], parameters: 67 })
  expect(found.asked).toEqual(['activation', 'outputActivation', 'loss'])
  await expect(client.call('models.inspect', { path, order: ['0.weight'] })).rejects.toThrow(
    /must name each of 0\.weight, 2\.weight, 4\.weight once/
  )

  const open = await ended((await client.call('models.import', { path, dataset: data })).job)
  expect(open.state).toBe('failed')
  expect(open.message).toMatch(/^net-10\.pt does not say the activation of its hidden layers/)
  expect((await client.call('runs.list', {})).total).toBe(0)

  const done = await ended((await client.call('models.import', { path, dataset: data, ...answers, id: 'mine', name: 'Mine' })).job)
  expect(done).toMatchObject({ state: 'done', made: { kind: 'run', id: 'mine' } })
  const { rows } = await client.call('runs.list', {})
  expect(rows).toMatchObject([{ id: 'mine', name: 'Mine', state: 'done', step: 0, dataset: 'net-10-data' }])

  expect(await ended((await client.call('snapshots.compute', { run: 'mine', step: 0, scope: 'full', hessian: true })).job)).toMatchObject({
    state: 'done'
  })
  const { values } = await client.call('snapshots.eigenvalues', { run: 'mine', step: 0, block: 'full' })
  const [triangle, size] = [(await parseNpz(readFileSync(join(nets, '..', 'hessians.npz')), 'hessians.npz'))['net-10'].data, 67]
  let [trace, squares] = [0, 0]
  for (let row = 0, k = 0; row < size; row++)
    for (let column = row; column < size; column++, k++) {
      if (row === column) trace += triangle[k]
      squares += triangle[k] ** 2 * (row === column ? 1 : 2)
    }
  const sum = (of: (value: number) => number) => values.reduce((total, value) => total + of(value), 0)
  expect(values).toHaveLength(size)
  expect(Math.abs(sum((value) => value) - trace) / trace).toBeLessThan(1e-10)
  expect(Math.abs(sum((value) => value * value) - squares) / squares).toBeLessThan(1e-10)
})
