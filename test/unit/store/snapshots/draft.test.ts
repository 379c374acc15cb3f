// A snapshot whose matrices are written first: nothing of it is seen before it is whole, dropped it leaves the earlier ones as they are, and a full disk is told as ever.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRun, openRunForTraining, snapshotSteps, type StorageError, type Workspace } from '../../../../src/store'
import { backend, giveTestSnapshot, nextState, startState, temporaryWorkspace, testMatrix, testSnapshot, testSpec } from '../fake-run'
import { faultyFileSystem, systemError } from '../faulty-file-system'

let workspace: Workspace
let remove: () => Promise<void>
beforeEach(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterEach(() => remove())

const folder = () => join(workspace.folder, 'runs', 'run', 'snapshots')
const filesOf = async (step: string) =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(join(folder(), step))).map(async (name) => [name, (await readFile(join(folder(), step, name))).toString('hex')])
    )
  )

it('is seen when it is whole; dropped, the earlier ones stay and a later one comes as ever', async () => {
  await createRun(workspace, testSpec(), { id: 'run' })
  const { sink, finish } = await openRunForTraining(workspace, 'run', { backend })
  const [first, second] = [startState(), nextState(startState())]
  await giveTestSnapshot(sink, first)
  await sink.settle()
  const before = await filesOf('step-000000')
  await sink.matrix(second.step, testMatrix(second))
  expect(await readdir(folder())).toEqual(['step-000000', 'step-000001.partial'])
  expect(await snapshotSteps(workspace, 'run')).toEqual([0])
  await sink.dropMatrices()
  expect(await readdir(folder())).toEqual(['step-000000'])
  expect(await filesOf('step-000000')).toEqual(before)
  // What was dropped is not remembered: the same step without matrices has none.
  await sink.snapshot(testSnapshot(second))
  await sink.settle()
  expect(await readdir(join(folder(), 'step-000001'))).toEqual([
    'eigenvalues.full.npy',
    'eigenvectors.full.npy',
    'manifest.json',
    'weights.npz'
  ])
  await sink.dropMatrices()
  expect(await readdir(folder())).toEqual(['step-000000', 'step-000001'])
  await finish('done')
})

it('a disk that is full while the matrix is written: the same sentence, waiting, and the same bytes when there is room', async () => {
  await createRun(workspace, testSpec(), { id: 'run' })
  const troubles: string[] = []
  let room = 0
  const fileSystem = faultyFileSystem(workspace.fileSystem, {
    before: (what, path) => (what === 'write' && path.endsWith('hessian.full.npy') && room-- > 0 ? systemError('ENOSPC') : 'go')
  })
  const answer = async (error: StorageError) => {
    troubles.push(`${error.code}: ${error.message}`)
    return troubles.length < 4 ? ('retry' as const) : ('give-up' as const)
  }
  const { sink, finish } = await openRunForTraining({ ...workspace, fileSystem }, 'run', { backend, onTrouble: answer })
  const [first, second] = [startState(), nextState(startState())]
  room = 3
  await giveTestSnapshot(sink, first)
  await sink.settle()
  expect(troubles).toHaveLength(3)
  for (const trouble of troubles) expect(trouble).toMatch(/^disk-full: cannot write .*hessian\.full\.npy: the disk is full \(ENOSPC\)$/)
  const waited = await filesOf('step-000000')
  room = 1
  await expect(giveTestSnapshot(sink, second)).rejects.toMatchObject({ code: 'disk-full' })
  await sink.dropMatrices()
  expect(await readdir(folder())).toEqual(['step-000000'])
  await finish('done')

  await createRun(workspace, testSpec(), { id: 'plain' })
  const plain = await openRunForTraining(workspace, 'plain', { backend })
  await giveTestSnapshot(plain.sink, first)
  await plain.finish('done')
  for (const [name, bytes] of Object.entries(waited))
    if (name !== 'manifest.json')
      expect((await readFile(join(workspace.folder, 'runs', 'plain', 'snapshots', 'step-000000', name))).toString('hex')).toBe(bytes)
})
