// Atomic writes and appended lines under injected errors: Windows' renames, full disks, torn lines, damaged JSON.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { statusSchema } from '../../../../src/shared/run/schema'
import {
  completeLines,
  openLineFile,
  openNpy,
  parseJson,
  publishFolder,
  readJson,
  realFileSystem,
  StorageError,
  type FileSystem,
  writeAtomically
} from '../../../../src/store'
import { compareNpy, doublesOf, firstDifference, type NpyCase } from '../../../../bench/fuzz/differential'
import { faultyFileSystem, systemError, type Faults } from '../faulty-file-system'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saddlescope-files-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const failing = (operation: string, code: string, times: number, more: Partial<Faults> = {}) => {
  let left = times
  return faultyFileSystem(realFileSystem, { before: (what) => (what === operation && left-- > 0 ? systemError(code) : 'go'), ...more })
}

describe('parts of .npy files', () => {
  it('are in C order whatever order the file has, for every range; larger arrays in Fortran order are read whole or refused', async () => {
    const cases: NpyCase[] = JSON.parse(await readFile('test/reference/npy/goldens.json', 'utf8'))
    let parts = 0
    for (const one of cases.filter((each) => compareNpy(each).kind === 'equal' && each.values !== null)) {
      const path = join(folder, 'a.npy')
      await writeFile(path, Buffer.from(one.file, 'base64'))
      const expected = doublesOf(one.values ?? '')
      const file = await openNpy(realFileSystem, path)
      try {
        expect([one.variant, firstDifference(await file.read(0, expected.length), expected)]).toEqual([one.variant, null])
        for (let from = 0; from < expected.length; from++)
          for (let count = 1; count <= expected.length - from && count < expected.length; count++, parts++) {
            const part = file.read(from, count)
            if (one.shape.length > 2 && file.header.fortranOrder)
              await expect(part).rejects.toThrow(`parts of an array of ${one.shape.length} dimensions in Fortran order are not read`)
            else expect([one.variant, firstDifference(await part, expected.subarray(from, from + count))]).toEqual([one.variant, null])
          }
        await expect(file.read(0, expected.length + 1)).rejects.toThrow(`do not lie inside its ${expected.length}`)
      } finally {
        await file.close()
      }
    }
    expect(parts).toBeGreaterThan(1000)
  })
})

describe('writing atomically', () => {
  it.each([
    ['win32', 'EPERM'],
    ['win32', 'EACCES'],
    ['win32', 'EBUSY'],
    ['linux', 'EBUSY']
  ] as const)('on %s waits for a rename that fails with %s', async (platform, code) => {
    const waited: number[] = []
    await writeAtomically(failing('rename', code, 6, { platform, waited }), join(folder, 'a.json'), 'new')
    expect(await readFile(join(folder, 'a.json'), 'utf8')).toBe('new')
    expect(waited).toHaveLength(6)
  })

  it('gives up after two seconds, names the file, keeps the old one and leaves nothing behind', async () => {
    await writeFile(join(folder, 'a.json'), 'old')
    const waited: number[] = []
    const broken = failing('rename', 'EPERM', Infinity, { platform: 'win32', waited })
    await expect(writeAtomically(broken, join(folder, 'a.json'), 'new')).rejects.toThrow(
      /cannot write .*a\.json: operation not permitted \(EPERM\)/
    )
    const total = waited.reduce((sum, pause) => sum + pause, 0)
    expect(total).toBeGreaterThan(1500)
    expect(total).toBeLessThanOrEqual(2000)
    expect(await readFile(join(folder, 'a.json'), 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['a.json'])
  })

  it('does not wait on Linux for what waiting cannot cure', async () => {
    const waited: number[] = []
    await expect(writeAtomically(failing('rename', 'EACCES', 1, { platform: 'linux', waited }), join(folder, 'a'), 'x')).rejects.toThrow(
      StorageError
    )
    expect(waited).toEqual([])
  })

  it.each([
    ['ENOSPC', 'disk-full', true],
    ['EIO', 'io', true],
    ['EROFS', 'denied', true],
    ['ENOENT', 'vanished', true]
  ])('translates %s', async (system, code, retryable) => {
    const error: unknown = await writeAtomically(failing('write', system, Infinity), join(folder, 'a'), 'x').catch(
      (caught: unknown) => caught
    )
    expect(error).toMatchObject({ code, retryable, systemCode: system })
  })

  it('replaces a folder as a whole', async () => {
    for (const version of ['1', '2']) {
      await realFileSystem.makeFolder(join(folder, 'step.partial'))
      await writeFile(join(folder, 'step.partial', 'v'), version)
      await publishFolder(realFileSystem, join(folder, 'step.partial'), join(folder, 'step'))
      expect(await readFile(join(folder, 'step', 'v'), 'utf8')).toBe(version)
      expect(await readdir(folder)).toEqual(['step'])
    }
  })
})

describe('appending lines', () => {
  const path = () => join(folder, 'metrics.ndjson')
  const text = () => readFile(path(), 'utf8')

  it('cuts off what is behind the kept bytes, and nothing else', async () => {
    await writeFile(path(), 'a\nb\ntor')
    const file = await openLineFile(realFileSystem, path(), 4)
    file.append('c')
    await file.close()
    expect(await text()).toBe('a\nb\nc\n')
  })

  it('writes a line of its own accord soon after', async () => {
    const file = await openLineFile(realFileSystem, path(), 0)
    file.append('a')
    await expect.poll(text, { timeout: 20_000, interval: 20 }).toBe('a\n')
    await file.close()
  })

  it('repeats a half-done write at the same place: no line twice, none torn', async () => {
    let fail = 0
    const flaky = faultyFileSystem(realFileSystem, { before: (what) => (what === 'write' && fail-- > 0 ? 'half' : 'go') })
    const file = await openLineFile(flaky, path(), 0)
    const lines = Array.from({ length: 20 }, (_, k) => `line ${k}`)
    for (const [k, line] of lines.entries()) {
      file.append(line)
      fail = k % 3
      for (;;)
        try {
          await file.sync()
          break
        } catch (error) {
          expect(error).toMatchObject({ code: 'disk-full' })
        }
    }
    await file.close()
    expect(await text()).toBe(`${lines.join('\n')}\n`)
  })

  it('opens the file anew after a failure, and writes again what the drive may have lost', async () => {
    let dead = false
    const flaky = faultyFileSystem(realFileSystem, {
      before: (what) => {
        if (what === 'open-update') dead = false
        return dead && (what === 'write' || what === 'sync') ? systemError('EIO') : 'go'
      }
    })
    const file = await openLineFile(flaky, path(), 0)
    file.append('a')
    await file.sync()
    file.append('b')
    await new Promise((resolve) => setTimeout(resolve, 120))
    await file.flushIfDue()
    dead = true
    file.append('c')
    await expect(file.sync()).rejects.toMatchObject({ code: 'io' })
    // The drive lost what was not synced.
    await writeFile(path(), 'a\n')
    await file.sync()
    expect(await text()).toBe('a\nb\nc\n')
    dead = true
    file.append('d')
    await expect(file.sync()).rejects.toMatchObject({ code: 'io' })
    await writeFile(path(), '')
    await expect(file.sync()).rejects.toThrow(/is shorter than what was written to it/)
    await file.close().catch(() => undefined)
  })

  it('drops a torn last line on reading', () => {
    expect(completeLines('a\nb\nc')).toEqual(['a', 'b'])
    expect(completeLines('torn')).toEqual([])
  })
})

describe('damaged JSON files', () => {
  it('is named with the place in it', async () => {
    await writeFile(join(folder, 'status.json'), '{"schemaVersion":1,"state":"flying"}')
    await expect(readJson(realFileSystem, join(folder, 'status.json'), statusSchema)).rejects.toThrow(/status\.json: state: /)
    expect(await readJson(realFileSystem, join(folder, 'none.json'), statusSchema)).toBeNull()
  })

  it('any change of a status file: a status or an error that names the file', () => {
    const source = JSON.stringify({
      schemaVersion: 1,
      state: 'done',
      step: 3,
      createdAt: '2026-01-01T00:00:00.000Z',
      startedAt: null,
      endedAt: null,
      seconds: 1.5,
      host: 'h',
      backend: { kind: 'wasm', description: 'd', threads: 2 },
      versions: { node: '20' },
      startEvaluation: { testLoss: 1, testAccuracy: null },
      error: null
    })
    let accepted = 0
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(source.length - 1), fc.string({ maxLength: 3 })), { minLength: 1, maxLength: 5 }), (changes) => {
        let text = source
        for (const [at, put] of changes) text = text.slice(0, at) + put + text.slice(at + 1)
        try {
          parseJson(new TextEncoder().encode(text), statusSchema, 'status.json')
          accepted++
        } catch (error) {
          expect(error).toBeInstanceOf(StorageError)
          expect((error as StorageError).message).toMatch(/^status\.json: /)
        }
      }),
      { seed: 2, numRuns: 2000 }
    )
    expect(accepted).toBeGreaterThan(0)
  })
})

describe('two processes in one folder', () => {
  it('a file that another process removes between the look at it and the reading is one that is not there', async () => {
    const path = join(folder, 'lock.json')
    await writeFile(path, '{}')
    const swept: FileSystem = {
      ...realFileSystem,
      async readFile(wanted) {
        await rm(wanted)
        return realFileSystem.readFile(wanted)
      }
    }
    expect(await readJson(swept, path, statusSchema)).toBeNull()
  })
  it('a write whose temporary file another process swept away is done again', async () => {
    let swept = 0
    const sweeping = {
      ...realFileSystem,
      async rename(from: string, to: string) {
        if (swept++ < 2) await realFileSystem.remove(from)
        await realFileSystem.rename(from, to)
      }
    }
    await writeAtomically(sweeping, join(folder, 'meta.json'), 'new')
    expect(await readFile(join(folder, 'meta.json'), 'utf8')).toBe('new')
    await expect(writeAtomically(sweeping, join(folder, 'gone', 'meta.json'), 'new')).rejects.toMatchObject({ code: 'vanished' })
  })
})
