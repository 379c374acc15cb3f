// Archives: what is taken, and every trick that is refused with the entry's name.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { realFileSystem } from '../../../../src/store'
import { readTar, type TarLimits } from '../../../../src/store/formats/tar'
import { tar, tarGz, type TarEntry } from './archives'
import { temporaryFolder } from './folders'

const folder = temporaryFolder()
let count = 0
function file(bytes: Uint8Array): string {
  const path = join(folder, `${++count}.tar.gz`)
  writeFileSync(path, bytes)
  return path
}
const take = (bytes: Uint8Array, limits?: TarLimits) =>
  readTar(realFileSystem, file(bytes), { wanted: (path) => !path.includes('unwanted'), limits })
const hello = Buffer.from('hello')
const incompressible = Uint8Array.from({ length: 200_000 }, (_, i) => (Math.imul(i, 2654435761) >>> 13) & 255)

describe('archives that are read', () => {
  test.each([
    ['plain', tar],
    ['gzipped', tarGz]
  ])('%s: wanted files, byte for byte', async (_, write) => {
    const files = await take(
      write([
        { name: 'a/', type: '5' },
        { name: './a/one', bytes: hello },
        { name: 'a/unwanted', bytes: incompressible },
        { name: 'a/two', bytes: incompressible },
        { name: 'a/empty' }
      ])
    )
    expect([...files.keys()]).toEqual(['a/one', 'a/two', 'a/empty'])
    expect(Buffer.from(files.get('a/one') ?? []).toString()).toBe('hello')
    expect(Buffer.from(files.get('a/two') ?? []).equals(Buffer.from(incompressible))).toBe(true)
    expect(files.get('a/empty')).toHaveLength(0)
  })

  test('long names as another writer packs them', async () => {
    const name = `${'long-folder/'.repeat(20)}train`
    const packed = pack()
    packed.entry({ name }, hello)
    packed.finalize()
    const chunks: Uint8Array[] = []
    for await (const chunk of packed) if (chunk instanceof Uint8Array) chunks.push(chunk)
    expect([...(await take(Buffer.concat(chunks))).keys()]).toEqual([name])
  })

  test('progress rises to 1', async () => {
    const seen: number[] = []
    await readTar(realFileSystem, file(tarGz([{ name: 'a', bytes: incompressible }])), {
      wanted: () => true,
      onProgress: (fraction) => seen.push(fraction)
    })
    expect(seen.at(-1)).toBe(1)
    expect([...seen].sort((a, b) => a - b)).toEqual(seen)
  })
})

describe('archives that are refused', () => {
  const good: TarEntry = { name: 'train', bytes: hello }
  test.each<[string, TarEntry[], string]>([
    ['a path upwards', [good, { name: '../evil', bytes: hello }], 'entry "../evil" is a path that leaves the archive; refused'],
    [
      'a path upwards in the middle',
      [good, { name: 'a/../../evil', bytes: hello }],
      'entry "a/../../evil" is a path that leaves the archive'
    ],
    ['backslashes upwards', [good, { name: 'a\\..\\..\\evil', bytes: hello }], 'is a path that leaves the archive'],
    ['an absolute path', [{ name: '/etc/passwd', bytes: hello }], 'entry "/etc/passwd" is an absolute path; refused'],
    ['a drive', [{ name: 'C:\\evil', bytes: hello }], 'is an absolute path'],
    ['a symbolic link', [good, { name: 'link', type: '2', link: '/etc/passwd' }], 'entry "link" is a symbolic link; refused'],
    ['a hard link', [good, { name: 'link', type: '1', link: 'train' }], 'entry "link" is a hard link; refused'],
    ['a device', [good, { name: 'zero', type: '3' }], 'entry "zero" is no plain file but character-device'],
    ['a fifo', [good, { name: 'pipe', type: '6' }], 'entry "pipe" is no plain file but fifo'],
    ['the same name twice', [good, good], 'entry "train" is there twice'],
    ['a size that lies', [{ name: 'train', bytes: hello, size: 10_000_000 }], 'truncated or damaged after entry "train"'],
    ['a checksum that lies', [{ name: 'train', bytes: hello, checksum: 1 }], 'truncated or damaged at its start'],
    ['control characters in a name', [{ name: '../\u001b[31m\n', bytes: hello }], 'entry "../?[31m?" is a path that leaves the archive']
  ])('%s', async (_, entries, message) => {
    const before = readdirSync(folder).length
    await expect(take(tarGz(entries))).rejects.toThrow(message)
    expect(readdirSync(folder)).toHaveLength(before + 1)
  })

  test.each([0.1, 0.5, 0.9, 0.999])('a gzip cut off at %d of its length', async (fraction) => {
    const bytes = tarGz([{ name: 'train', bytes: incompressible }])
    await expect(take(bytes.subarray(0, Math.floor(bytes.length * fraction)))).rejects.toThrow(
      /\d+\.tar\.gz: the archive is truncated or damaged/
    )
  })

  test('a tar cut off inside an entry', async () => {
    await expect(take(tar([{ name: 'train', bytes: incompressible }]).subarray(0, 100_000))).rejects.toThrow(
      'truncated or damaged after entry "train"'
    )
  })

  test('flipped bits in a gzip are noticed by its checksum', async () => {
    const bytes = tarGz([{ name: 'train', bytes: incompressible }])
    bytes[bytes.length >> 1] ^= 255
    await expect(take(bytes)).rejects.toThrow('truncated or damaged')
  })

  test('no archive at all, and an empty one', async () => {
    await expect(take(Buffer.from('this is text '.repeat(100)))).rejects.toThrow('truncated or damaged at its start')
    await expect(take(new Uint8Array(0))).rejects.toThrow('is an empty archive')
    await expect(take(tarGz([]))).rejects.toThrow('is an empty archive')
  })

  test('a bomb ends as soon as it passes the limit, also in entries nobody wants', async () => {
    const limits = { totalBytes: 2_000_000, entryBytes: 1_000_000, entries: 10 }
    const bomb = gzipSync(tar([{ name: 'unwanted', bytes: new Uint8Array(50_000_000) }]))
    expect(bomb.length).toBeLessThan(100_000)
    await expect(take(bomb, limits)).rejects.toThrow('unpacks to more than 2000000 bytes; refused')
    await expect(take(tarGz([{ name: 'train', bytes: new Uint8Array(1_500_000) }]), limits)).rejects.toThrow(
      'entry "train" declares 1500000 bytes, more than the 1000000 allowed'
    )
    const many = Array.from({ length: 11 }, (_, i) => ({ name: `unwanted${i}` }))
    await expect(take(tarGz(many), limits)).rejects.toThrow('has more than 10 entries')
  })

  test('cancelling rejects with the reason', async () => {
    const controller = new AbortController()
    const path = file(tarGz([{ name: 'train', bytes: incompressible }]))
    const reading = readTar(realFileSystem, path, {
      wanted: () => true,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough'))
    })
    await expect(reading).rejects.toThrow('enough')
    await expect(readTar(realFileSystem, path, { wanted: () => true, signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before'
    )
  })
})
