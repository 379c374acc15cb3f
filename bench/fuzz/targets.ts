// Every reader of foreign files, with honest files to damage. A reader may accept or refuse with one sentence that names the file; nothing else.
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { RandomGenerator } from '../../src/engine/random'
import { formatNpy, npzParts, NpyError, parseNpy, parseNpz, zipParts } from '../../src/shared/npy'
import { importDataset, readDatasetSource } from '../../src/store/datasets'
import { readCifarBinary, readCifarPickle } from '../../src/store/formats/cifar'
import { readCsv } from '../../src/store/formats/csv'
import { readIdx, unpackGzip } from '../../src/store/formats/idx'
import { readPickle } from '../../src/store/formats/pickle'
import { readTar } from '../../src/store/formats/tar'
import { readWorkspace, realFileSystem, StorageError } from '../../src/store'
import { cifar100Files, entriesOf, idx, idxFiles, madeSamples, tar, tarGz } from '../../test/unit/store/formats/archives'
import { mutate } from './mutate'
import { randomPickle } from './pickle-programs'
import { storeTargets } from './store-targets'
import type { FuzzTarget } from './target'

const samples = madeSamples(2, 100, 5)
const files = cifar100Files(samples, samples)
/** Small enough that damage often hits structure: a batch without the bulk of its pixels is refused, but read to the end. */
const pickles = [files.python.meta, files.python.train]
const tars = [tar(entriesOf(files.python)), tar(entriesOf({ meta: files.python.meta, 'train.bin': files.binary['train.bin'] }))]
const npys = [
  formatNpy({ shape: [3, 4], data: Float64Array.from({ length: 12 }, (_, i) => i / 7) }),
  formatNpy({ shape: [5], data: Int32Array.of(1, 2, 3, 4, 5) }),
  formatNpy({ shape: [2, 2, 2], data: new Uint8Array(8) })
]
const npzs = [
  Buffer.concat([
    ...npzParts({ x: { shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) }, y: { shape: [3], data: Int32Array.of(0, 1, 1) } })
  ])
]
const csvs = [
  'a,b,label\n1,2,x\n3,4.5,"y ""z"""\n-1e3,0,x\n',
  '1;2;3\r\n4;5;6\r\n',
  'a\tsplit\ty\n1\ttrain\t0.5\n2\ttest\t1\n',
  '# y x1 x2\n0 1.5  2\n1 -2.5e0 4\n#\n'
].map((text) => Buffer.from(text))
const zips = [zipOf(idxFiles(3, 2), '/'), zipOf(idxFiles(3, 2), '\\')]
const idxs = [idx([3, 4, 4], new Uint8Array(48).fill(7)), idx([5], Uint8Array.of(1, 2, 3, 4, 5))]

function zipOf(content: Readonly<Record<string, Uint8Array>>, mark: string): Buffer {
  return Buffer.concat([...zipParts(Object.entries(content).map(([name, bytes]) => ({ name: `raw${mark}${name}`, parts: [bytes] })))])
}

const mutated = (seeds: readonly Uint8Array[]) => (random: RandomGenerator) => mutate(random, seeds)

/** Damage before compression, which the gzip checksum would otherwise catch, or after it; and headers whose own checksum is right again. */
function damagedArchive(random: RandomGenerator): Uint8Array {
  if (random.below(3) === 0) return mutate(random, [tarGz(entriesOf(files.binary))])
  const bytes = Buffer.from(mutate(random, tars))
  if (random.below(2) === 0)
    for (let at = 0; at + 512 <= bytes.length; at += 512) {
      if (bytes.toString('latin1', at + 257, at + 262) !== 'ustar') continue
      bytes.fill(' ', at + 148, at + 156)
      const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0)
      bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148)
    }
  return random.below(2) === 0 ? gzipSync(bytes, { level: 1 }) : bytes
}

function placed(bytes: Uint8Array, folder: string, name: string): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

export const fuzzTargets: readonly FuzzTarget[] = [
  { name: 'pickle, damaged', weight: 6, make: mutated(pickles), read: (bytes) => readPickle(bytes, 'case') },
  { name: 'pickle, random program', weight: 8, make: randomPickle, read: (bytes) => readPickle(bytes, 'case') },
  { name: 'CIFAR pickle', weight: 4, make: mutated(pickles), read: (bytes) => readCifarPickle(bytes, 'case', 'cifar-100') },
  {
    name: 'CIFAR binary',
    weight: 1,
    make: mutated([files.binary['test.bin']]),
    read: (bytes) => readCifarBinary(bytes, 'case', 'cifar-100')
  },
  { name: 'IDX', weight: 4, make: mutated(idxs), read: (bytes) => readIdx(bytes, 'case') },
  { name: 'gzip', weight: 2, make: mutated([gzipSync(idxs[0])]), read: (bytes) => readIdx(unpackGzip(bytes, 'case', 1_000_000), 'case') },
  { name: 'npy', weight: 6, make: mutated(npys), read: (bytes) => parseNpy(bytes, 'case') },
  { name: 'npz', weight: 4, make: mutated(npzs), read: (bytes) => parseNpz(bytes, 'case') },
  { name: 'CSV', weight: 4, make: mutated(csvs), read: (bytes) => [...readCsv(Buffer.from(bytes).toString('utf8'), 'case').rows] },
  {
    name: 'tar archive',
    weight: 3,
    make: damagedArchive,
    read: (bytes, folder) =>
      readTar(realFileSystem, placed(bytes, folder, 'case.tar.gz'), {
        wanted: () => true,
        limits: { totalBytes: 2 ** 22, entryBytes: 2 ** 20, entries: 100 }
      })
  },
  {
    name: 'archive, imported',
    weight: 1,
    make: damagedArchive,
    async read(bytes, folder) {
      const workspace = join(folder, 'workspace')
      const outcome = await importDataset(readWorkspace(workspace), placed(bytes, folder, 'case.tar.gz'), { id: 'case' }).catch(
        (error: unknown) => error
      )
      const strange = readdirSync(folder).filter((name) => name !== 'case.tar.gz' && name !== 'workspace')
      rmSync(workspace, { recursive: true, force: true })
      if (strange.length > 0) throw new TypeError(`${strange[0]} was written outside the workspace`)
      if (outcome instanceof Error) throw outcome
    }
  },
  {
    name: 'CSV, as a dataset',
    weight: 1,
    make: mutated(csvs),
    read: (bytes, folder) => readDatasetSource(realFileSystem, placed(bytes, folder, 'case.csv'))
  },
  {
    name: 'npz, as a dataset',
    weight: 1,
    make: mutated(npzs),
    read: (bytes, folder) => readDatasetSource(realFileSystem, placed(bytes, folder, 'case.npz'))
  },
  {
    name: 'zip, as a dataset',
    weight: 1,
    make: mutated(zips),
    read: (bytes, folder) => readDatasetSource(realFileSystem, placed(bytes, folder, 'case.zip'))
  },
  {
    name: 'IDX files, as a dataset',
    weight: 1,
    make: mutated(Object.values(idxFiles(3, 2)).slice(0, 1)),
    read(bytes, folder) {
      const own = idxFiles(3, 2)
      for (const [name, file] of Object.entries({ ...own, 'train-images-idx3-ubyte': bytes })) writeFileSync(join(folder, name), file)
      return readDatasetSource(realFileSystem, join(folder, 'train-images-idx3-ubyte'))
    }
  },
  ...storeTargets
]

/** Null when the error is one sentence for people that names the file, else what is wrong with it. */
export function faultOfError(error: unknown): string | null {
  if (!(error instanceof NpyError || error instanceof StorageError))
    return `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
  if (!/case|idx\d-ubyte/.test(error.message)) return `does not name the file: ${error.message}`
  if (/\p{Cc}/u.test(error.message) || error.message.length > 700) return `is no one sentence: ${error.message.slice(0, 300)}`
  return null
}
