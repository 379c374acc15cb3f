// A dead owner's lock is taken over by exactly one, wherever a rival comes between: the lock that a living process has is never away.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { realFileSystem, takeLock, thisHost, type FileSystem, type HostView } from '../../../../src/store'
import { interrupted } from '../interrupted-file-system'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saddlescope-takeover-'))
  path = join(folder, 'lock.json')
})
afterEach(() => rm(folder, { recursive: true }))

const host = (processStart: string): HostView => ({
  ...thisHost,
  processStart,
  stateOf: (_, start) => (start === 'dead' ? 'gone' : 'running')
})
const held = async () => (JSON.parse(await readFile(path, 'utf8')) as { processStart: string }).processStart
const tries = (fileSystem: FileSystem, name: string) =>
  takeLock(fileSystem, path, host(name)).then(
    () => name,
    (error: Error) => {
      if (!error.message.includes('is working on this run')) throw error
      return null
    }
  )

it.each(['dead', 'nobody'])(
  'by one of two, wherever the second comes between, and a third finds it taken (the owner before: %s)',
  async (before) => {
    let operations = 1
    const winners = new Set<string>()
    for (let n = 0; n < operations; n++) {
      await realFileSystem.remove(path)
      if (before === 'dead') await takeLock(realFileSystem, path, host('dead'))
      let second: string | null = null
      const { fileSystem, count } = interrupted(n, async () => {
        second = await tries(realFileSystem, 'second')
      })
      const first = await tries(fileSystem, 'first')
      operations = Math.max(operations, count())
      const owners = [first, second].filter((one) => one !== null)
      expect(owners, `operation ${n}`).toHaveLength(1)
      expect(await held()).toBe(owners[0])
      expect(await tries(realFileSystem, 'third')).toBeNull()
      winners.add(String(owners[0]))
    }
    expect(operations).toBeGreaterThan(3)
    expect([...winners].sort()).toEqual(['first', 'second'])
  }
)

it('by one of many at once, again and again', async () => {
  for (let round = 0; round < 30; round++) {
    await realFileSystem.remove(path)
    await takeLock(realFileSystem, path, host('dead'))
    const found = await Promise.all(Array.from({ length: 8 }, (_, k) => tries(realFileSystem, `rival ${k}`)))
    const owners = found.filter((one) => one !== null)
    expect(owners, `round ${round}`).toHaveLength(1)
    expect(await held()).toBe(owners[0])
  }
})

it('also after one was killed while it took over', async () => {
  await takeLock(realFileSystem, path, host('dead'))
  await takeLock(realFileSystem, `${path}.takeover.partial`, host('dead'))
  expect(await tries(realFileSystem, 'first')).toBe('first')
  expect(await tries(realFileSystem, 'second')).toBeNull()
})
