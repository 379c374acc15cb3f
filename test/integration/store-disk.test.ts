// A drive that is really full: a small tmpfs where the tests may mount one. Elsewhere the same story is told with a disk that counts its bytes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  createRun,
  openRunForTraining,
  openWorkspace,
  readCheckpoint,
  readLog,
  readStatus,
  realFileSystem,
  type FileSystem
} from '../../src/store'
import { backend, fakeTrain, testSpec } from '../unit/store/fake-run'

const capacity = 400_000
let folder: string
let mounted = false

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-full-'))
  mounted = process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${capacity}`, 'tmpfs', folder]).status === 0
})
afterAll(() => {
  if (mounted) spawnSync('umount', [folder])
  rmSync(folder, { recursive: true, force: true })
})

/** Where no tmpfs can be mounted: writes fail with ENOSPC while `ballast` exists. */
function countingDisk(ballast: string): FileSystem {
  return {
    ...realFileSystem,
    async open(path, mode) {
      const file = await realFileSystem.open(path, mode)
      return {
        ...file,
        async write(bytes, position) {
          if (readdirSync(folder).includes(ballast)) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
          await file.write(bytes, position)
        }
      }
    }
  }
}

it('a full disk pauses the run with everything in memory; it goes on when there is room, to the same bytes', async () => {
  const ballast = join(folder, 'ballast')
  const fileSystem = mounted ? realFileSystem : countingDisk('ballast')
  const workspace = await openWorkspace(join(folder, 'workspace'), fileSystem)
  const spec = testSpec({ snapshots: {}, checkpoints: { everySteps: 5, keep: 1 } })
  const fill = () => {
    try {
      writeFileSync(ballast, new Uint8Array(capacity))
    } catch {
      // Filled to the last byte.
    }
  }
  const train = async (id: string, disturbed: boolean) => {
    const reasons: string[] = []
    await createRun(workspace, spec, { id })
    const run = await openRunForTraining(workspace, id, {
      backend,
      onTrouble: async (error) => {
        reasons.push(error.message)
        if (reasons.length === 2) rmSync(ballast, { force: true })
        return 'retry'
      }
    })
    let checkpoints = 0
    const sink = {
      ...run.sink,
      checkpoint: async (state: Parameters<typeof run.sink.checkpoint>[0]) => {
        if (disturbed && ++checkpoints === 3) fill()
        await run.sink.checkpoint(state)
      }
    }
    await fakeTrain(sink, run.resume, 20)
    await run.finish('done')
    return reasons
  }
  expect(await train('calm', false)).toEqual([])
  const reasons = await train('pressed', true)
  expect(reasons).toHaveLength(2)
  expect(reasons[0]).toMatch(/cannot write .*: the disk is full \(ENOSPC\)/)
  expect((await readLog(workspace, 'pressed')).map((line) => line.message).join()).toMatch(/paused: cannot write/)
  expect((await readCheckpoint(workspace, 'pressed', 20)).parameters).toEqual((await readCheckpoint(workspace, 'calm', 20)).parameters)
  expect((await readStatus(workspace, 'pressed')).state).toBe('done')
})

it('a snapshot that does not fit is refused before it is begun', async () => {
  const workspace = await openWorkspace(join(folder, 'workspace'))
  await createRun(workspace, testSpec({ snapshots: { everySteps: 1, maxBytes: '100 kB' } }), { id: 'budget' })
  const run = await openRunForTraining(workspace, 'budget', { backend })
  expect(await run.sink.admitsSnapshot(1, 200_000)).toBe(false)
  // The drive itself: on the small one nothing fits beside the reserve.
  const free = await realFileSystem.freeBytes(folder)
  expect(await run.sink.admitsSnapshot(2, 50_000)).toBe(free === null || free > 65 * 1024 * 1024)
  await run.finish('interrupted')
  expect((await readLog(workspace, 'budget')).map((line) => line.message).join()).toMatch(
    /no snapshot at step 1: its 2\d\d kB .* would exceed snapshots\.maxBytes = 100 kB/
  )
})

it('a folder that vanishes is said to have vanished, and training goes on when it is back', async () => {
  const { rename } = await import('node:fs/promises')
  const place = mkdtempSync(join(tmpdir(), 'saddlescope-vanish-'))
  const workspace = await openWorkspace(join(place, 'drive'))
  await createRun(workspace, testSpec({ snapshots: {} }), { id: 'run' })
  const reasons: string[] = []
  const run = await openRunForTraining(workspace, 'run', {
    backend,
    onTrouble: async (error) => {
      reasons.push(error.message)
      if (reasons.length === 2) await rename(join(place, 'unplugged'), join(place, 'drive'))
      return 'retry'
    }
  })
  let count = 0
  const sink = {
    ...run.sink,
    checkpoint: async (state: Parameters<typeof run.sink.checkpoint>[0]) => {
      if (++count === 2) await rename(join(place, 'drive'), join(place, 'unplugged'))
      await run.sink.checkpoint(state)
    }
  }
  const state = await fakeTrain(sink, run.resume, 20)
  await run.finish('done')
  expect(reasons[0]).toMatch(/no such file or folder \(ENOENT\)/)
  expect((await readCheckpoint(workspace, 'run', 20)).parameters).toEqual(state.parameters)
  rmSync(place, { recursive: true, force: true })
})
