// Who works on a run: a living process is refused at once, one that is ending is waited for, a zombie is gone.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createRun,
  linuxIsDoomed,
  linuxProcessStart,
  openRunForTraining,
  processState,
  realFileSystem,
  removeRun,
  stateFromPs,
  takeLock,
  thisHost,
  type HostView,
  type ProcessState,
  type Workspace
} from '../../../../src/store'
import { backend, temporaryWorkspace, testSpec } from '../fake-run'
import { faultyFileSystem } from '../faulty-file-system'

let workspace: Workspace
let remove: () => Promise<void>
beforeEach(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterEach(() => remove())

/** The next process on this host, to which the owner looks like this, one look after the other; then like the last. */
function successor(...looks: ProcessState[]): HostView {
  let look = 0
  return { ...thisHost, processStart: 'the next one', stateOf: () => looks[Math.min(look++, looks.length - 1)] }
}

describe('the owner of a run', () => {
  const waited: number[] = []
  const notes: string[] = []
  const attempt = async (...looks: ProcessState[]) => {
    waited.length = 0
    notes.length = 0
    const fileSystem = faultyFileSystem(realFileSystem, { before: () => 'go', waited })
    const path = join(workspace.folder, 'lock.json')
    await realFileSystem.remove(path)
    await takeLock(realFileSystem, path)
    return takeLock(fileSystem, path, successor(...looks), (note) => notes.push(note))
  }

  it('that lives is refused without waiting', async () => {
    await expect(attempt('running')).rejects.toThrow(new RegExp(`process ${process.pid} on .* is working on this run`))
    expect([waited, notes]).toEqual([[], []])
  })
  it('that is gone is followed without waiting', async () => {
    await (await attempt('gone')).release()
    expect([waited, notes]).toEqual([[], []])
  })
  it('that is ending is waited for, and that is said once', async () => {
    await (await attempt('ending', 'ending', 'ending', 'gone')).release()
    expect(waited).toEqual([100, 100, 100])
    expect(notes).toEqual([`process ${process.pid}, which worked on this run, is ending: waiting for it`])
  })
  it('that does not end is refused after some seconds', async () => {
    await expect(attempt('ending')).rejects.toThrow(/is working on this run/)
    expect(waited.reduce((sum, one) => sum + one, 0)).toBe(15_000)
  })
  it('of which nothing is known holds it by its heartbeat', async () => {
    await expect(attempt('unknown')).rejects.toThrow(/is working on this run/)
    expect(waited).toEqual([])
  })
})

describe('processes', () => {
  it('that run, run; those that never were, or were others, are gone', () => {
    expect(processState(process.pid, thisHost.processStart)).toBe(process.platform === 'linux' ? 'running' : 'unknown')
    expect(processState(2 ** 22 + 1, thisHost.processStart)).toBe('gone')
  })

  it.skipIf(process.platform === 'win32')('a zombie is gone, though nobody reaps it', async () => {
    await createRun(workspace, testSpec(), { id: 'run' })
    const run = await openRunForTraining(workspace, 'run', { backend })
    const parent = spawn('sh', ['-c', 'sleep 100 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))))
      const stat = linuxProcessStart(pid)
      // A parent that is stopped waits for no child.
      parent.kill('SIGSTOP')
      if (stat !== null) expect(processState(pid, stat)).toBe('running')
      process.kill(pid, 'SIGKILL')
      await expect.poll(() => processState(pid, stat ?? ''), { timeout: 20_000 }).toBe('gone')
      // It is in the list of processes all the same.
      if (process.platform === 'linux') expect(process.kill(pid, 0)).toBe(true)
    } finally {
      parent.kill('SIGKILL')
      await run.finish('done')
    }
    await removeRun(workspace, 'run')
  })

  it('that wait for SIGKILL or dump their memory are doomed', () => {
    const status = (own: string, shared: string, dumping = 0) =>
      `Name:\tnode\nState:\tR (running)\nSigQ:\t0/1\nSigPnd:\t${own}\nShdPnd:\t${shared}\nSigBlk:\t0000000000000100\nCoreDumping:\t${dumping}\n`
    expect(linuxIsDoomed(status('0000000000000000', '0000000000000000'))).toBe(false)
    expect(linuxIsDoomed(status('0000000000000100', '0000000000000000'))).toBe(true)
    expect(linuxIsDoomed(status('0000000000000000', '0000000000004100'))).toBe(true)
    expect(linuxIsDoomed(status('0000000000000000', '0000000000004000'))).toBe(false)
    expect(linuxIsDoomed(status('0000000000000000', '0000000000000000', 1))).toBe(true)
  })

  it('are told by ps where there is no /proc', () => {
    expect(['Z+', 'Z', ''].map(stateFromPs)).toEqual(['gone', 'gone', 'gone'])
    expect(['?E', 'UE+'].map(stateFromPs)).toEqual(['ending', 'ending'])
    expect(['S+', 'R', 'Ss'].map(stateFromPs)).toEqual(['unknown', 'unknown', 'unknown'])
  })
})
