// Freeing disk space through the API: pinning, pruning, the trash.
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../../src/shared/api/client'
import { bytesBelow, makeRuns, openServed } from './served'

let folder = ''
let served: Awaited<ReturnType<typeof openServed>>
let client: Client

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-space-'))
  await makeRuns(folder, ['one', 'two'], 50)
  served = await openServed(folder)
  client = served.client
})
afterAll(() => served.close())

test('pinned snapshots stay, the others of the policy go, and the list knows the new size', async () => {
  const before = (await client.call('runs.get', { id: 'one' })).summary
  await client.call('snapshots.pin', { run: 'one', steps: [30], pinned: true })
  const { steps, bytes } = await client.call('snapshots.prune', { run: 'one' })
  expect(steps).toEqual([20, 40])
  const after = (await client.call('runs.get', { id: 'one' })).summary
  expect([before.snapshots, after.snapshots]).toEqual([5, 3])
  // status.json itself is a few bytes longer or shorter afterwards.
  expect(Math.abs(before.bytes - after.bytes - bytes)).toBeLessThan(200)
  const library = await client.call('snapshots.library', {})
  expect(library.filter((entry) => entry.run === 'one').map((entry) => [entry.step, entry.pinned])).toEqual([
    [10, false],
    [30, true],
    [50, false]
  ])
})

test('what was removed is listed, and emptying the trash frees its space', async () => {
  await client.call('runs.update', { id: 'two', name: 'The second' })
  await client.call('runs.remove', { ids: ['two'] })
  const bytes = bytesBelow(join(folder, 'trash'))
  expect(bytes).toBeGreaterThan(1000)
  const [entry] = await client.call('trash.list', {})
  expect(entry).toMatchObject({ id: 'two', name: 'The second', bytes })
  await client.call('trash.restore', { entries: [entry.entry] })
  expect((await client.call('runs.get', { id: 'two' })).summary.name).toBe('The second')
  await expect(client.call('trash.restore', { entries: [entry.entry] })).rejects.toThrow(/not in the trash any more/)
  await client.call('runs.remove', { ids: ['two'] })
  expect(await client.call('trash.empty', { entries: ['one.1700000000000'] })).toEqual({ count: 0, bytes: 0 })
  expect(await client.call('trash.empty', {})).toEqual({ count: 1, bytes })
  expect(readdirSync(join(folder, 'trash'))).toEqual([])
})
