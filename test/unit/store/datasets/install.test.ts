// A disk that fails, or a process that dies, at every single file operation of an import: what lists is whole or is not there, and the next import works.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readWorkspace } from '../../../../src/store'
import { importDataset, listDatasets, openDataset, removeDataset, verifyDataset } from '../../../../src/store/datasets'
import { realFileSystem, StorageError, type FileSystem, type OpenFile } from '../../../../src/store/files'
import { faultyFileSystem, systemError } from '../faulty-file-system'
import { idxFiles } from '../formats/archives'
import { temporaryFolder, writeFiles } from '../formats/folders'

type Operation = () => Promise<unknown>

/** The real disk, with every changing operation going through `guard` first. */
function guarded(guard: (name: string, half: Operation) => Promise<void>): FileSystem {
  const nothing: Operation = async () => undefined
  const wrapFile = (file: OpenFile): OpenFile => ({
    ...file,
    async write(bytes, position) {
      await guard('write', () => file.write(bytes.subarray(0, bytes.length >> 1), position))
      return file.write(bytes, position)
    },
    async sync() {
      await guard('sync', nothing)
      return file.sync()
    }
  })
  return {
    ...realFileSystem,
    async open(path, mode) {
      await guard('open', nothing)
      return wrapFile(await realFileSystem.open(path, mode))
    },
    async makeNewFolder(path) {
      await guard('makeNewFolder', nothing)
      return realFileSystem.makeNewFolder(path)
    },
    async rename(from, to) {
      await guard('rename', nothing)
      return realFileSystem.rename(from, to)
    },
    async remove(path) {
      await guard('remove', nothing)
      return realFileSystem.remove(path)
    },
    async syncFolder(path) {
      await guard('syncFolder', nothing)
      return realFileSystem.syncFolder(path)
    }
  }
}

/** Notes the path of each write. */
const counting = (places: string[]) =>
  faultyFileSystem(realFileSystem, {
    sync: false,
    before(operation, path) {
      if (operation === 'write') places.push(path)
      return 'go'
    }
  })

const failure = (code: string) => Object.assign(new Error(code), { code })
const installed = async (place: string) =>
  (await listDatasets(readWorkspace(place))).filter((set) => set.state === 'installed').map((set) => set.id)
const small = writeFiles(temporaryFolder(), idxFiles(5, 3))
const other = writeFiles(temporaryFolder(), idxFiles(6, 3))

async function operationsOf(replace: boolean): Promise<number> {
  let count = 0
  const place = temporaryFolder()
  if (replace) await importDataset(readWorkspace(place), other, { id: 'set' })
  await importDataset(
    readWorkspace(
      place,
      guarded(async () => void count++)
    ),
    small,
    { id: 'set', replace }
  )
  return count
}

test('an error at any operation: one sentence, nothing half-done, and the next import works', async () => {
  const operations = await operationsOf(false)
  expect(operations).toBeGreaterThan(15)
  for (let fatal = 0; fatal < operations; fatal++) {
    const place = temporaryFolder()
    let count = 0
    const fileSystem = guarded(async (_, half) => {
      if (count++ !== fatal) return
      await half()
      throw failure('ENOSPC')
    })
    const error: unknown = await importDataset(readWorkspace(place, fileSystem), small, { id: 'set' }).catch((problem: unknown) => problem)
    // The last operation syncs the folder above: the data are whole already.
    if (error instanceof StorageError) expect(error.message).toMatch(/^cannot write .*: the disk is full \(ENOSPC\)$/)
    else expect(error).toMatchObject({ id: 'set' })
    for (const id of await installed(place)) await verifyDataset(readWorkspace(place), id)
    expect(readdirSync(join(place, 'datasets')).filter((name) => name.endsWith('.partial'))).toEqual([])
    await importDataset(readWorkspace(place), small, { id: 'set' })
    await verifyDataset(readWorkspace(place), 'set')
  }
})

test.each([false, true])('dying at any operation (replace: %s): what lists is whole; the next import works', async (replace) => {
  const operations = await operationsOf(replace)
  for (let fatal = 0; fatal < operations; fatal++) {
    const place = temporaryFolder()
    if (replace) await importDataset(readWorkspace(place), other, { id: 'set' })
    let count = 0
    const fileSystem = guarded(async (_, half) => {
      if (count++ < fatal) return
      if (count === fatal + 1) await half()
      throw failure('EIO')
    })
    await importDataset(readWorkspace(place, fileSystem), small, { id: 'set', replace }).catch(() => undefined)
    for (const id of await installed(place)) {
      await verifyDataset(readWorkspace(place), id)
      expect([5, 6]).toContain((await openDataset(readWorkspace(place), id)).train.count)
    }
    await importDataset(readWorkspace(place), small, { id: 'set', replace: true })
    expect((await verifyDataset(readWorkspace(place), 'set')).counts.train).toBe(5)
  }
})

test('removing fails in one sentence, and what it left does not list', async () => {
  const place = temporaryFolder()
  await importDataset(readWorkspace(place), small, { id: 'set' })
  const readOnly = guarded(async (name) => {
    if (name === 'rename') throw failure('EROFS')
  })
  await expect(removeDataset(readWorkspace(place, readOnly), 'set')).rejects.toThrow(
    /^cannot remove .*: the file system is read-only \(EROFS\)$/
  )
  expect(await installed(place)).toEqual(['set'])
  const stuck = guarded(async (name) => {
    if (name === 'remove') throw failure('EIO')
  })
  await expect(removeDataset(readWorkspace(place, stuck), 'set')).rejects.toThrow(/^cannot remove /)
  expect(await installed(place)).toEqual([])
})

test('a full disk: at whatever write it becomes full, nothing lists, and the sentence says so', async () => {
  const places: string[] = []
  await importDataset(readWorkspace(temporaryFolder(), counting(places)), small, { id: 'set' })
  expect(places.length).toBeGreaterThan(5)
  for (const fullAt of places.keys()) {
    const place = temporaryFolder()
    let writes = 0
    const full = faultyFileSystem(realFileSystem, {
      sync: false,
      before: (operation) => (operation === 'write' && writes++ >= fullAt ? 'half' : 'go')
    })
    await expect(importDataset(readWorkspace(place, full), small, { id: 'set' })).rejects.toThrow(
      /^cannot write .*(\.npy|manifest\.json): the disk is full \(ENOSPC\)$/
    )
    expect(await installed(place)).toEqual([])
    expect(readdirSync(join(place, 'datasets'))).toEqual([])
  }
})

test('a drive that fails at any operation, reading included: one sentence that says what, and nothing half-done', async () => {
  let count = 0
  const counted = faultyFileSystem(realFileSystem, { sync: false, before: () => (count++, 'go') })
  await importDataset(readWorkspace(temporaryFolder(), counted), small, { id: 'set' })
  for (let fatal = 0; fatal < count; fatal++) {
    const place = temporaryFolder()
    let operation = 0
    const failing = faultyFileSystem(realFileSystem, { sync: false, before: () => (operation++ === fatal ? systemError('EIO') : 'go') })
    const outcome: unknown = await importDataset(readWorkspace(place, failing), small, { id: 'set' }).catch((error: unknown) => error)
    if (outcome instanceof Error)
      expect(outcome.message).toMatch(/^cannot (read|write) .*: the drive reports an input\/output error \(EIO\)$/)
    else expect(outcome).toMatchObject({ id: 'set' })
    for (const id of await installed(place)) await verifyDataset(readWorkspace(place), id)
  }
})

test('a workspace that cannot be made', async () => {
  const file = join(writeFiles(temporaryFolder(), { file: 'x' }), 'file')
  await expect(importDataset(readWorkspace(file), small, { id: 'set' })).rejects.toThrow(
    /^cannot write .*: a part of the path is not a folder \(ENOTDIR\)$/
  )
})
