// Factorizations on disk: the same bits come back, damage is as good as absence, and the budget is kept.
import { readdir, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryFactorizations, type BatchFactorization } from '../../../../src/engine/curvature/inverse-gradient'
import { randomStream } from '../../../../src/engine/random'
import { createRun, factorizationsFolder, factorizationsOnDisk, removeFactorizations, type Workspace } from '../../../../src/store'
import { openPlain } from '../../../reference/linalg/plain'
import { temporaryWorkspace, testSpec } from '../fake-run'

const linalg = openPlain()
const size = 800
const bytes = 8 * size * size
let workspace: Workspace
let remove: () => Promise<void>
let id: string
beforeEach(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  id = 'fd'
  await createRun(workspace, testSpec(), { id })
})
afterEach(() => remove())

function factorization(seed: number): BatchFactorization {
  const random = randomStream(seed, 'factorization')
  const data = linalg.allocate(size * size)
  for (let i = 0; i < data.length; i++) data[i] = random.below(2 ** 30) / 3
  const lower = { data, rows: size, columns: size, offset: 0, stride: size }
  return { kind: 'rows', rank: size, condition: 12.5, refinements: 1, arrays: { lower } }
}
const open = (memoryBytes: number, budget = 1e9) =>
  factorizationsOnDisk(workspace, id, linalg, memoryFactorizations(linalg, memoryBytes), budget)

describe('factorizations on disk', () => {
  it('take what memory does not, and give the same bits back, also to a resumed run', async () => {
    const first = await open(bytes)
    const [held, stored] = [factorization(1), factorization(2)]
    await first.put('0+50', held)
    await first.put('50+50', stored)
    expect(first.owns(held)).toBe(true)
    expect(first.owns(stored)).toBe(false)
    expect(await readdir(factorizationsFolder(workspace, id))).toEqual(['50+50.npz'])
    for (const cache of [first, await open(0)]) {
      const read = await cache.get('50+50')
      expect(read).toEqual(stored)
      expect(cache.owns(read as BatchFactorization)).toBe(false)
    }
    expect(await (await open(0)).get('0+50')).toBeNull()
  })

  it('that are damaged or foreign are as good as absent, and are made again', async () => {
    const cache = await open(0)
    await cache.put('0+50', factorization(3))
    const path = join(factorizationsFolder(workspace, id), '0+50.npz')
    await truncate(path, (await stat(path)).size - 1000)
    const again = await open(0)
    expect(await again.get('0+50')).toBeNull()
    await again.put('0+50', factorization(3))
    expect(await again.get('0+50')).toEqual(factorization(3))
    await writeFile(path, 'no archive')
    expect(await (await open(0)).get('0+50')).toBeNull()
  })

  it('keep to their budget, counting what an earlier process left', async () => {
    const cache = await open(0, 1.5 * bytes)
    await cache.put('0+50', factorization(4))
    await cache.put('50+50', factorization(5))
    expect(await readdir(factorizationsFolder(workspace, id))).toHaveLength(1)
    await (await open(0, 1.5 * bytes)).put('100+50', factorization(6))
    expect(await readdir(factorizationsFolder(workspace, id))).toHaveLength(1)
  })

  it('are gone when the run has no more use for them', async () => {
    await (await open(0)).put('0+50', factorization(7))
    await removeFactorizations(workspace, id)
    expect(await (await open(0)).get('0+50')).toBeNull()
  })
})
