// The harness: a kill between any two file operations of a run's life, and during every write: the workspace opens, nothing is half there, the resumed bits are the same.
import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import {
  createRun,
  openRunForTraining,
  openRunIndex,
  openWorkspace,
  readCheckpoint,
  readSpec,
  realFileSystem,
  recoverRun,
  runFiles,
  thisHost,
  StorageError,
  type FileSystem,
  type HostView,
  type Workspace
} from '../../../../src/store'
import { backend, fakeTrain, temporaryWorkspace, testSpec } from '../fake-run'
import { faultyFileSystem, Killed, killedAt, systemError, type Faults } from '../faulty-file-system'

const steps = 12
const quick = (): FileSystem => faultyFileSystem(realFileSystem, { before: () => 'go', sync: false })

/** Each attempt plays a process of its own: those before it are dead. */
const processNumber = (k: number): HostView => ({
  ...thisHost,
  processStart: `process ${k}`,
  stateOf: (_, start) => (start === `process ${k}` ? 'running' : 'gone')
})

async function live(workspace: Workspace, host: HostView, onTrouble?: () => Promise<'retry' | 'give-up'>): Promise<void> {
  if (!(await realFileSystem.info(join(workspace.folder, 'runs', 'run', 'spec.json'))))
    await createRun(workspace, testSpec({ evaluate: { everySteps: 5, histograms: true } }), { id: 'run' })
  const run = await openRunForTraining(workspace, 'run', { backend, host, ...(onTrouble ? { onTrouble } : {}) })
  try {
    await fakeTrain(run.sink, run.resume, steps)
  } catch (error) {
    await run.abandon().catch(() => undefined)
    throw error
  }
  await run.finish('done')
}

async function outcome(workspace: Workspace) {
  const folder = join(workspace.folder, 'runs', 'run')
  const files = await runFiles(realFileSystem, folder)
  const contents: Record<string, string> = {}
  // Everything but the log and times must be the same, byte by byte.
  for (const { name } of files.filter((file) => !/^(log\.ndjson|status\.json|meta\.json)$/.test(file.name)))
    contents[name] = (await readFile(join(folder, name))).toString('base64')
  const state = await readCheckpoint(workspace, 'run', steps)
  return { contents, parameters: [...state.parameters] }
}

/** What must be true at once after a kill, before anything is repaired. */
async function checkWholeness(workspace: Workspace): Promise<void> {
  const index = await openRunIndex(workspace)
  const folder = join(workspace.folder, 'runs', 'run')
  if (!(await realFileSystem.info(join(folder, 'spec.json')))) return
  await readSpec(workspace, 'run')
  expect(index.get('run')?.error ?? '').not.toMatch(/not valid|missing/)
  for (const name of await readdir(join(folder, 'checkpoints')).catch(() => []))
    if (!name.endsWith('.partial')) await readCheckpoint(workspace, 'run', Number(name.slice(5)))
  for (const name of await readdir(join(folder, 'snapshots')).catch(() => []))
    if (!name.endsWith('.partial')) {
      const manifest = JSON.parse(await readFile(join(folder, 'snapshots', name, 'manifest.json'), 'utf8'))
      for (const file of manifest.files)
        expect((await realFileSystem.info(join(folder, 'snapshots', name, file.name)))?.bytes).toBe(file.bytes)
    }
}

async function undisturbed(): Promise<{ expected: Awaited<ReturnType<typeof outcome>>; operations: number }> {
  const { workspace, remove } = await temporaryWorkspace(quick())
  const counter = killedAt(Infinity)
  await live({ ...workspace, fileSystem: faultyFileSystem(realFileSystem, counter) }, processNumber(0))
  const expected = await outcome(workspace)
  await remove()
  return { expected, operations: counter.count() }
}

/** Kills at operation first, first + stride, …; checks each; returns how often it did. */
export async function killEverywhere(first: number, stride: number): Promise<{ kills: number; operations: number }> {
  const { expected, operations } = await undisturbed()
  const { workspace, remove } = await temporaryWorkspace(quick())
  let kills = 0
  for (let n = first; n <= operations; n += stride) {
    await rm(join(workspace.folder, 'runs'), { recursive: true })
    await openWorkspace(workspace.folder, quick())
    const fault = killedAt(n)
    const dying = { ...workspace, fileSystem: faultyFileSystem(realFileSystem, fault) }
    const died = await live(dying, processNumber(1)).then(
      () => false,
      (error: unknown) => {
        if (!(error instanceof Killed)) throw new Error(`operation ${n} (${fault.last()}): ${String(error)}`, { cause: error })
        return true
      }
    )
    if (died) kills++
    await checkWholeness(workspace)
    if (await realFileSystem.info(join(workspace.folder, 'runs', 'run', 'status.json'))) {
      const status = await recoverRun(workspace, 'run', processNumber(2))
      expect(status.state, fault.last()).not.toBe('running')
    }
    await live(workspace, processNumber(2))
    expect(await outcome(workspace), `killed at operation ${n}: ${fault.last()}`).toEqual(expected)
  }
  await remove()
  return { kills, operations }
}

/** The n-th operation fails once, with a system error; a write may have been half done. */
function failingOnce(n: number, code: string): Faults & { last(): string } {
  let count = 0
  let last = ''
  return {
    sync: false,
    before(operation, path) {
      count++
      if (count !== n) return 'go'
      last = `${operation} ${path}`
      return operation === 'write' && code === 'ENOSPC' ? 'half' : systemError(code)
    },
    last: () => last
  }
}

/** One system error at operation first, first + stride, …: the run waits and goes on, or says so in a sentence and the next attempt works. */
export async function failEverywhere(code: string, first: number, stride: number): Promise<{ waited: number }> {
  const { expected, operations } = await undisturbed()
  const { workspace, remove } = await temporaryWorkspace(quick())
  let waited = 0
  for (let n = first; n <= operations; n += stride) {
    await rm(join(workspace.folder, 'runs'), { recursive: true })
    await openWorkspace(workspace.folder, quick())
    const fault = failingOnce(n, code)
    const failing = { ...workspace, fileSystem: faultyFileSystem(realFileSystem, fault) }
    try {
      await live(failing, processNumber(1), async () => {
        waited++
        return 'retry'
      })
    } catch (error) {
      // Before training begins and when it ends there is nobody to wait for: one sentence, and the next attempt works.
      expect(error, fault.last()).toBeInstanceOf(StorageError)
      expect((error as StorageError).message).toMatch(/\/.*(ENOSPC|EIO|EACCES)/)
      await live(workspace, processNumber(2))
    }
    const got = await outcome(workspace)
    // A snapshot whose second phase failed is lost and said so; everything else must be the same.
    const lost = Object.keys(expected.contents).filter((name) => !(name in got.contents))
    expect(
      lost.every((name) => name.startsWith('snapshots/')),
      `${fault.last()}: ${lost.join()}`
    ).toBe(true)
    const kept = Object.fromEntries(Object.entries(expected.contents).filter(([name]) => !lost.includes(name)))
    expect(got.contents, `${code} at operation ${n}: ${fault.last()}`).toEqual(kept)
  }
  await remove()
  return { waited }
}
