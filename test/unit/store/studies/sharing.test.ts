// Several processes, on several computers, at one study: who has what, by the locks in a shared folder alone.
import { readFile, utimes, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { detailsOf } from '../../../../src/shared/studies/details'
import {
  claimAnalyses,
  createRun,
  holdLock,
  liveLock,
  openRunForTraining,
  openStudy,
  realFileSystem,
  refreshStudyTables,
  studyFolder,
  takeLock,
  thisHost,
  type FileSystem,
  type Workspace
} from '../../../../src/store'
import { study as studySpec } from '../../shared/studies/studies'
import { backend, temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
let path: string
beforeEach(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  path = join(workspace.folder, 'lock.json')
})
afterEach(() => remove())

/** A lock that another computer placed so many seconds ago. */
async function foreignLock(seconds: number, changes: Record<string, unknown> = {}) {
  const heartbeat = new Date(Date.now() - 1000 * seconds)
  const lock = { schemaVersion: 1, host: 'another', pid: process.pid, processStart: 'there', token: 'ab', heartbeat, ...changes }
  await writeFile(path, JSON.stringify(lock))
  await utimes(path, heartbeat, heartbeat)
}

describe('a lock of another computer', () => {
  it.each([
    [0, false],
    [55, false],
    [65, true]
  ])('whose heart beat %i s ago is stale: %s', async (seconds, stale) => {
    await foreignLock(seconds)
    expect((await liveLock(realFileSystem, path)) === null).toBe(stale)
    const taken = await takeLock(realFileSystem, path).then(
      (lock) => lock.release().then(() => true),
      (error: Error) => (expect(error.message).toMatch(/process \d+ on another is working on this run/), false)
    )
    expect(taken).toBe(stale)
  })

  it.runIf(process.platform === 'linux')('of this one’s name is not taken for a dead process of an earlier start', async () => {
    const [, space, ticks] = thisHost.processStart.split(' ')
    const there = { host: thisHost.host, processStart: `another-boot ${space} ${ticks}` }
    await foreignLock(2, there)
    await expect(takeLock(realFileSystem, path)).rejects.toThrow(/is working on this run/)
    await foreignLock(65, there)
    await (await takeLock(realFileSystem, path)).release()
  })

  it('is alive although a network drive remembers an old time of it, until something is made in its folder from here', async () => {
    await foreignLock(1)
    let remembered: Date | null = new Date(Date.now() - 70_000)
    const drive: FileSystem = new Proxy(realFileSystem, {
      get(target, name: keyof FileSystem) {
        if (name === 'info')
          return async (asked: string) => {
            const info = await target.info(asked)
            return info && asked === path && remembered ? { ...info, modified: remembered.getTime() } : info
          }
        if (name === 'open')
          return (asked: string, how: 'create') => {
            if (how === 'create') remembered = null
            return target.open(asked, how)
          }
        return target[name]
      }
    })
    expect(await liveLock(drive, path)).toMatchObject({ host: 'another' })
  })
})

it('a run that another process has ended meanwhile is not opened once more', async () => {
  await createRun(workspace, testSpec(), { id: 'run' })
  const first = await openRunForTraining(workspace, 'run', { backend, unlessEnded: true })
  await first.finish('diverged', 'the loss is not finite')
  const status = () => readFile(join(first.folder, 'status.json'), 'utf8')
  const before = await status()
  await expect(openRunForTraining(workspace, 'run', { backend, unlessEnded: true })).rejects.toMatchObject({
    code: 'locked',
    message: expect.stringMatching(/another process was working on this run and has ended it/)
  })
  expect([existsSync(join(first.folder, 'lock.json')), await status()]).toEqual([false, before])
  // Asked for by hand it goes on as ever.
  await (await openRunForTraining(workspace, 'run', { backend })).finish('done')
})

describe('a study', () => {
  const opened = async () => openStudy(workspace, 'shared', await studySpec())

  it('has the analyses of a run made by one at a time', async () => {
    const study = await opened()
    const seen: (string | null)[] = []
    const made = await claimAnalyses(workspace, study, 'shared-0000-0', async () => {
      seen.push(await claimAnalyses(workspace, study, 'shared-0000-0', async () => 'too'))
      seen.push(await claimAnalyses(workspace, study, 'shared-0001-0', async () => 'another run'))
      return 'first'
    })
    expect([made, ...seen]).toEqual(['first', null, 'another run'])
    expect(await claimAnalyses(workspace, study, 'shared-0000-0', async () => 'later')).toBe('later')
    await expect(claimAnalyses(workspace, study, 'shared-0000-0', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  it('has its tables written by one at a time, the last to look last', async () => {
    const study = await opened()
    const looks: number[] = []
    const look = (n: number) => async () => {
      looks.push(n)
      const run = () => null
      return { run, details: detailsOf({ ...study, name: `${n}`, run, working: false, etaSeconds: null } as never) }
    }
    let second: Promise<unknown> = Promise.resolve()
    await holdLock(workspace.fileSystem, join(studyFolder(workspace, 'shared'), 'tables.lock.json'), async () => {
      expect(await refreshStudyTables(workspace, study, look(0))).toBe(null)
      second = refreshStudyTables(workspace, study, look(1), 5000)
      await expect(refreshStudyTables(workspace, study, look(2), 300)).rejects.toThrow(/is working on/)
      expect(looks).toEqual([])
    })
    await second
    expect(looks).toEqual([1])
    expect(await readFile(join(studyFolder(workspace, 'shared'), 'summary.csv'), 'utf8')).toMatch(/^cell,/)
  })
})
