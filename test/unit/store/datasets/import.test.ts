// Importing: both CIFAR layouts hold the same data, IDX, npz and CSV; broken input is refused by name; nothing half-done ever lists.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { formatNpy, npzParts, parseNpy, type NpyArray } from '../../../../src/shared/npy'
import { readWorkspace, realFileSystem } from '../../../../src/store'
import { importDataset, listDatasets, openDataset, readDatasetSource, removeDataset, verifyDataset } from '../../../../src/store/datasets'
import { assemble, string2 } from '../formats/pickle-writer'
import { cifar100Files, cifar10Files, entriesOf, idx, idxFiles, madeSamples, tarGz } from '../formats/archives'
import { temporaryFolder, writeFiles } from '../formats/folders'

const trainSamples = madeSamples(7, 100, 1)
const testSamples = madeSamples(4, 100, 2)
const hundred = cifar100Files(trainSamples, testSamples)
const workspace = () => temporaryFolder()

function archive(files: Readonly<Record<string, Uint8Array>>, name = 'data.tar.gz'): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, tarGz(entriesOf(files)))
  return path
}

describe('CIFAR-100', () => {
  test('python archive, python folder, binary archive and binary folder give the same bytes and fingerprint', async () => {
    const place = workspace()
    const parent = writeFiles(
      temporaryFolder(),
      Object.fromEntries(Object.entries(hundred.python).map(([name, bytes]) => [`cifar-100-python/${name}`, bytes]))
    )
    const sources = [
      archive(hundred.python),
      join(parent, 'cifar-100-python'),
      parent,
      archive(hundred.binary),
      writeFiles(temporaryFolder(), hundred.binary)
    ]
    const fingerprints = new Set<string>()
    for (const [i, source] of sources.entries()) {
      const manifest = await importDataset(readWorkspace(place), source, { id: `copy-${i}` })
      fingerprints.add(manifest.fingerprint)
      expect(manifest).toMatchObject({ counts: { train: 7, test: 4 }, partial: true, shape: [3, 32, 32], dtype: 'uint8' })
      const dataset = await openDataset(readWorkspace(place), `copy-${i}`)
      expect(Buffer.from(dataset.train.x.buffer).equals(Buffer.from(trainSamples.x))).toBe(true)
      expect([...(dataset.test?.labels.fine ?? [])]).toEqual(testSamples.fine)
      expect([...(dataset.test?.labels.coarse ?? [])]).toEqual(testSamples.coarse)
      expect(dataset.manifest.labels.fine?.[99]).toBe('fine_99')
      expect(dataset.manifest.labels.coarse?.[19]).toBe('coarse_19')
    }
    expect(fingerprints.size).toBe(1)
  })

  test('the installed arrays are plain .npy files', async () => {
    const place = workspace()
    await importDataset(readWorkspace(place), archive(hundred.python))
    const folder = join(place, 'datasets', 'cifar-100')
    expect(readdirSync(folder).sort()).toEqual(
      ['manifest.json', ...['test', 'train'].flatMap((part) => [`${part}-coarse.npy`, `${part}-fine.npy`, `${part}-x.npy`])].sort()
    )
    const x = parseNpy(readFileSync(join(folder, 'train-x.npy')), 'x')
    expect(x.shape).toEqual([7, 3072])
    expect(Buffer.from(x.data.buffer, x.data.byteOffset, x.data.byteLength).equals(Buffer.from(trainSamples.x))).toBe(true)
    expect([...parseNpy(readFileSync(join(folder, 'train-fine.npy')), 'fine').data]).toEqual(trainSamples.fine)
  })

  test('a single file of a layout stands for the files beside it', async () => {
    const folder = writeFiles(temporaryFolder(), hundred.binary)
    const manifest = await importDataset(readWorkspace(workspace()), join(folder, 'train.bin'))
    expect(manifest.counts).toEqual({ train: 7, test: 4 })
  })

  test('a path opens without being installed', async () => {
    const place = workspace()
    const dataset = await openDataset(readWorkspace(place), { path: archive(hundred.binary) })
    expect(dataset.train.count).toBe(7)
    expect((await listDatasets(readWorkspace(place))).filter((set) => set.state === 'installed')).toEqual([])
    const installed = await importDataset(readWorkspace(place), archive(hundred.python))
    expect(installed.fingerprint).toBe(dataset.manifest.fingerprint)
  })

  const spoiled = (name: string, bytes: Buffer | null, layout: 'python' | 'binary' = 'binary') => {
    const files: Record<string, Buffer> = { ...hundred[layout] }
    if (bytes) files[name] = bytes
    else delete files[name]
    return files
  }
  const withLabel = (label: number, place: number) => {
    const bytes = Buffer.from(hundred.binary['train.bin'])
    bytes[3 * 3074 + place] = label
    return bytes
  }
  test.each<[string, Record<string, Buffer>, string]>([
    ['a missing test file', spoiled('test.bin', null), 'data.tar.gz: the file made-up/test.bin of CIFAR-100 is missing'],
    ['a missing training pickle', spoiled('train', null, 'python'), 'the file made-up/train of CIFAR-100 is missing'],
    [
      'half a record',
      spoiled('train.bin', hundred.binary['train.bin'].subarray(0, 5000)),
      'made-up/train.bin: has 5000 bytes, which is no multiple of the 3074'
    ],
    ['no records', spoiled('train.bin', Buffer.alloc(0)), 'made-up/train.bin: has 0 bytes'],
    [
      'a fine label out of range',
      spoiled('train.bin', withLabel(100, 1)),
      'train.bin: the label of sample 3 is 100, but labels go from 0 to 99'
    ],
    [
      'a coarse label out of range',
      spoiled('train.bin', withLabel(20, 0)),
      'train.bin (coarse): the label of sample 3 is 20, but labels go from 0 to 19'
    ],
    ['too few names', spoiled('fine_label_names.txt', Buffer.from('a\nb\n')), 'names 2 classes, but CIFAR-100 has 100'],
    [
      'a truncated pickle',
      spoiled('train', hundred.python.train.subarray(0, 20_000), 'python'),
      'made-up/train: pickle opcode BINSTRING at byte'
    ]
  ])('%s is refused', async (_, files, message) => {
    const place = workspace()
    await expect(importDataset(readWorkspace(place), archive(files))).rejects.toThrow(message)
    expect((await listDatasets(readWorkspace(place))).filter((set) => set.state === 'installed')).toEqual([])
  })

  test('a pickle with a foreign callable is refused by name, and nothing is run', async () => {
    const place = workspace()
    const trace = join(place, 'was-run')
    const evil = assemble(0x80, 2, 'cos\nsystem\n', string2(`touch ${trace}`), 0x85, 'R.')
    await expect(importDataset(readWorkspace(place), archive(spoiled('train', evil, 'python')))).rejects.toThrow(
      'data.tar.gz: made-up/train: pickle opcode GLOBAL os.system is not allowed (byte 2); only NumPy arrays are'
    )
    expect(existsSync(trace)).toBe(false)
  })

  test('without names the classes are numbers', async () => {
    const manifest = await importDataset(
      readWorkspace(workspace()),
      archive({ 'train.bin': hundred.binary['train.bin'], 'test.bin': hundred.binary['test.bin'] })
    )
    expect(manifest.labels.fine?.slice(0, 3)).toEqual(['0', '1', '2'])
  })
})

describe('CIFAR-10', () => {
  const batches = [madeSamples(2, 10, 3), madeSamples(3, 10, 4), madeSamples(1, 10, 5)]
  const ten = cifar10Files(batches, madeSamples(2, 10, 6))

  test('batches join in their order, alike in both layouts', async () => {
    const place = workspace()
    const python = await importDataset(readWorkspace(place), archive(ten.python), { id: 'p' })
    const binary = await importDataset(readWorkspace(place), archive(ten.binary), { id: 'b' })
    expect(python.fingerprint).toBe(binary.fingerprint)
    const dataset = await openDataset(readWorkspace(place), 'p')
    expect([...(dataset.train.labels.fine ?? [])]).toEqual(batches.flatMap((batch) => batch.fine))
    expect(Buffer.from(dataset.train.x.buffer).equals(Buffer.concat(batches.map((batch) => batch.x)))).toBe(true)
    expect(dataset.manifest.labels).toEqual({ fine: Array.from({ length: 10 }, (_, i) => `class_${i}`), coarse: null })
  })

  test('a gap in the batches is refused', async () => {
    const { data_batch_2: _, ...files } = ten.python
    await expect(importDataset(readWorkspace(workspace()), archive(files))).rejects.toThrow(
      'the file made-up/data_batch_2 of CIFAR-10 is missing'
    )
  })
})

describe('IDX', () => {
  const files = idxFiles(20, 10)

  test('plain and gzipped, also under the names with a dot', async () => {
    const place = workspace()
    const plain = await importDataset(readWorkspace(place), writeFiles(temporaryFolder(), files), { id: 'plain' })
    const renamed = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [`${name.replace('-idx', '.idx')}.gz`, gzipSync(bytes)])
    )
    const packed = await importDataset(readWorkspace(place), writeFiles(temporaryFolder(), renamed), { id: 'packed' })
    expect(packed.fingerprint).toBe(plain.fingerprint)
    expect(plain).toMatchObject({ shape: [1, 4, 4], counts: { train: 20, test: 10 }, dtype: 'uint8' })
    const dataset = await openDataset(readWorkspace(place), 'packed')
    expect([...(dataset.train.labels.fine ?? [])].slice(0, 5)).toEqual([0, 3, 6, 9, 2])
    expect([...dataset.train.x.subarray(0, 3)]).toEqual([0, 5, 10])
  })

  test.each<[string, Record<string, Uint8Array>, string]>([
    [
      'too few labels',
      { 'train-labels-idx1-ubyte': idx([19], new Uint8Array(19)) },
      'train-labels-idx1-ubyte: has 19 labels for 20 images'
    ],
    [
      'a header that promises more',
      { 'train-images-idx3-ubyte': idx([2_000_000_000, 1000, 1000], new Uint8Array(320)) },
      'train-images-idx3-ubyte: has 320 bytes of data, but its header promises 2000000000000000'
    ],
    ['another type', { 't10k-labels-idx1-ubyte': Buffer.from([0, 0, 0x0d, 1, 0, 0, 0, 0]) }, 'IDX type 0x0d is not read'],
    ['something else', { 't10k-labels-idx1-ubyte': Buffer.from('hello, world') }, 'is no IDX file'],
    [
      'images of another size',
      { 't10k-images-idx3-ubyte': idx([10, 5, 5], new Uint8Array(250)) },
      'training images are 4 × 4, test images 5 × 5'
    ]
  ])('%s is refused', async (_, changed, message) => {
    await expect(importDataset(readWorkspace(workspace()), writeFiles(temporaryFolder(), { ...files, ...changed }))).rejects.toThrow(
      message
    )
  })

  test('a gzip bomb is refused', async () => {
    const { unpackGzip } = await import('../../../../src/store/formats/idx')
    expect(() => unpackGzip(gzipSync(new Uint8Array(100_000)), '/x/a.gz', 50_000)).toThrow(
      'a.gz: unpacks to more than 50000 bytes; refused'
    )
    expect(() => unpackGzip(gzipSync(Buffer.from('hello')).subarray(0, 12), '/x/a.gz')).toThrow(
      'a.gz: the gzip file is truncated or damaged'
    )
  })
})

describe('own data', () => {
  const npz = (arrays: Record<string, NpyArray>, name = 'My data (1).npz') => {
    const path = join(temporaryFolder(), name)
    writeFileSync(path, Buffer.concat([...npzParts(arrays)]))
    return path
  }
  const x: NpyArray = { shape: [3, 2], data: Float64Array.of(0.5, 1, 1.5, 2, 2.5, 3) }

  test('npz with whole numbers as y: classes', async () => {
    const place = workspace()
    const manifest = await importDataset(
      readWorkspace(place),
      npz({ x, y: { shape: [3], data: Int32Array.of(2, 0, 1) }, x_test: x, y_test: { shape: [3], data: Uint8Array.of(0, 0, 1) } })
    )
    expect(manifest).toMatchObject({
      id: 'my-data-1',
      labels: { fine: ['0', '1', '2'] },
      counts: { train: 3, test: 3 },
      dtype: 'float64',
      targets: null
    })
    const dataset = await openDataset(readWorkspace(place), 'my-data-1')
    expect([...dataset.train.x]).toEqual([0.5, 1, 1.5, 2, 2.5, 3])
    expect([...(dataset.train.labels.fine ?? [])]).toEqual([2, 0, 1])
  })

  test('npz with real y: values; without y: inputs only; images with channels last turn to planes', async () => {
    const place = workspace()
    const values = await importDataset(readWorkspace(place), npz({ x, y: { shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6.5) } }), {
      id: 'values'
    })
    expect(values).toMatchObject({ targets: 2, labels: { fine: null }, counts: { test: 0 } })
    expect((await openDataset(readWorkspace(place), 'values')).train.targets).toEqual(Float64Array.of(1, 2, 3, 4, 5, 6.5))
    expect(await importDataset(readWorkspace(place), npz({ x }), { id: 'alone' })).toMatchObject({ targets: null, labels: { fine: null } })
    const pictures: NpyArray = { shape: [1, 2, 2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) }
    expect(await importDataset(readWorkspace(place), npz({ x: pictures }), { id: 'pictures' })).toMatchObject({
      shape: [3, 2, 2],
      dtype: 'uint8'
    })
    expect([...(await openDataset(readWorkspace(place), 'pictures')).train.x]).toEqual([1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12])
  })

  test.each<[string, Record<string, NpyArray>, string]>([
    ['no x', { images: x }, 'bad.npz: has no array x (or x_train); it has images'],
    ['y of another length', { x, y: { shape: [2], data: Int32Array.of(0, 1) } }, 'bad.npz: x: has 3 samples, but y has shape (2)'],
    ['not a number in x', { x: { shape: [1, 2], data: Float64Array.of(1, NaN) } }, 'bad.npz: x: entry 1 is NaN; only finite numbers'],
    ['three dimensions too many', { x: { shape: [1, 1, 1, 1, 1], data: Float64Array.of(1) } }, 'bad.npz: x: has shape (1, 1, 1, 1, 1)'],
    [
      'test samples of another width',
      { x, x_test: { shape: [1, 3], data: Float64Array.of(1, 2, 3) } },
      'has 3 features a sample, but the training samples have 2'
    ]
  ])('npz with %s is refused', async (_, arrays, message) => {
    await expect(importDataset(readWorkspace(workspace()), npz(arrays, 'bad.npz'))).rejects.toThrow(message)
  })

  test('a .npy that is no .npz is refused by what it is', async () => {
    const path = join(temporaryFolder(), 'x.npz')
    writeFileSync(path, formatNpy(x))
    await expect(importDataset(readWorkspace(workspace()), path)).rejects.toThrow(/x\.npz: /)
  })

  const csv = (text: string) => {
    const path = join(temporaryFolder(), 'Iris.csv')
    writeFileSync(path, text)
    return path
  }

  test('csv with a header, text labels, quotes and a split column', async () => {
    const place = workspace()
    const text = 'width;length;class;split\r\n1;2;"setosa";train\r\n3;4;"a ""b""";train\r\n\r\n-5e-1;6;setosa;test\r\n'
    const manifest = await importDataset(readWorkspace(place), csv(text))
    expect(manifest).toMatchObject({ id: 'iris', counts: { train: 2, test: 1 }, shape: [2], labels: { fine: ['a "b"', 'setosa'] } })
    const dataset = await openDataset(readWorkspace(place), 'iris')
    expect([...dataset.train.x]).toEqual([1, 2, 3, 4])
    expect([...(dataset.train.labels.fine ?? [])]).toEqual([1, 0])
    expect([...(dataset.test?.x ?? [])]).toEqual([-0.5, 6])
  })

  test('csv without a header: the last column is the target; real numbers are values', async () => {
    const place = workspace()
    expect(await importDataset(readWorkspace(place), csv('1,2,0\n3,4,1\n'), { id: 'classes' })).toMatchObject({
      labels: { fine: ['0', '1'] },
      targets: null
    })
    expect(await importDataset(readWorkspace(place), csv('a,y1,y2\n1,2,0.5\n3,4,1.5\n'), { id: 'values' })).toMatchObject({
      shape: [1],
      targets: 2
    })
    expect([...((await openDataset(readWorkspace(place), 'values')).train.targets ?? [])]).toEqual([2, 0.5, 4, 1.5])
  })

  test('csv headers: numbers as names beside a label column; a missing cell in the first line is no name', async () => {
    const place = workspace()
    const manifest = await importDataset(readWorkspace(place), csv('0,1,label\n5,6,cat\n7,8,dog\n'), { id: 'pandas' })
    expect(manifest).toMatchObject({ counts: { train: 2 }, labels: { fine: ['cat', 'dog'] } })
    await expect(importDataset(readWorkspace(place), csv('1,,0\n3,4,1\n'))).rejects.toThrow(
      'line 1, cell 2: is empty; fill it in or leave the line out'
    )
  })

  test('csv: a few thousand rows keep their order; more numbers than the first memory holds', async () => {
    const place = workspace()
    const lines = Array.from({ length: 3000 }, (_, i) => `${i},${i / 4},${i % 3}`)
    await importDataset(readWorkspace(place), csv(`a,b,class\n${lines.join('\n')}\n`), { id: 'many' })
    const { train } = await openDataset(readWorkspace(place), 'many')
    expect(train.count).toBe(3000)
    expect([...train.x]).toEqual(lines.flatMap((_, i) => [i, i / 4]))
    expect([...(train.labels.fine ?? [])]).toEqual(lines.map((_, i) => i % 3))
    const controller = new AbortController()
    const stopped = readDatasetSource(realFileSystem, csv(lines.join('\n')), {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough'))
    })
    await expect(stopped).rejects.toThrow('enough')
  })

  test.skipIf(process.platform === 'win32')('a folder of links to the files (making links needs a privilege on Windows)', async () => {
    const place = workspace()
    const real = writeFiles(temporaryFolder(), hundred.binary)
    const links = temporaryFolder()
    for (const name of readdirSync(real)) symlinkSync(join(real, name), join(links, name))
    expect((await importDataset(readWorkspace(place), links)).counts).toEqual({ train: 7, test: 4 })
  })

  test.each([
    ['uneven rows', '1,2\n3,4,5\n', 'Iris.csv: line 2 has 3 cells, but line 1 has 2'],
    ['text where a number belongs', 'a,b,y\n1,2,0\n3,x,1\n', 'Iris.csv: line 3, cell 2 (b): "x" is no decimal number'],
    ['an empty cell', '1,2,0\n3,,1\n', 'line 2, cell 2: is empty'],
    ['infinity', '1,2,0\n3,Infinity,1\n', 'line 2, cell 2: "Infinity" is not finite'],
    ['an open quote', '1,"2\n3,4\n', 'Iris.csv: line 1 opens a quote that is never closed'],
    ['one column', '1\n2\n', 'needs at least one input column'],
    ['nothing', '\n\n', 'Iris.csv: holds no lines'],
    ['another split', 'a,y,split\n1,0,train\n2,1,validation\n', 'line 3: split is "validation", must be train or test']
  ])('csv with %s is refused', async (_, text, message) => {
    await expect(importDataset(readWorkspace(workspace()), csv(text))).rejects.toThrow(message)
  })
})

describe('what is no dataset', () => {
  test('is refused with what would be one', async () => {
    const place = workspace()
    await expect(importDataset(readWorkspace(place), join(place, 'nothing'))).rejects.toThrow('nothing: there is no such file or folder')
    await expect(importDataset(readWorkspace(place), writeFiles(temporaryFolder(), { 'readme.txt': 'hello' }))).rejects.toThrow(
      'holds no dataset that is known here'
    )
    await expect(importDataset(readWorkspace(place), archive({ 'readme.md': Buffer.from('hello') }))).rejects.toThrow(
      'holds no dataset that is known here'
    )
    const picture = writeFiles(temporaryFolder(), { 'a.png': 'PNG' })
    await expect(importDataset(readWorkspace(place), join(picture, 'a.png'))).rejects.toThrow('a.png: is no dataset that is known here')
    await expect(importDataset(readWorkspace(place), archive(hundred.python), { id: '../up' })).rejects.toThrow(
      'dataset id "../up": must be'
    )
    await expect(importDataset(readWorkspace(place), archive(hundred.python), { id: 'con' })).rejects.toThrow('dataset id "con": must be')
    expect(existsSync(join(place, 'datasets'))).toBe(false)
  })
})

describe('installing', () => {
  const small = idxFiles(5, 3)
  const other = idxFiles(6, 3)
  const source = (files: Record<string, Uint8Array>) => writeFiles(temporaryFolder(), files)

  test('the same data again is no error; other data are refused, or replace', async () => {
    const place = workspace()
    const first = await importDataset(readWorkspace(place), source(small), { id: 'set' })
    expect(await importDataset(readWorkspace(place), source(small), { id: 'set' })).toEqual(first)
    await expect(importDataset(readWorkspace(place), source(other), { id: 'set' })).rejects.toThrow(
      'dataset set is already installed with other data (5 + 3 samples)'
    )
    const replaced = await importDataset(readWorkspace(place), source(other), { id: 'set', replace: true })
    expect(replaced.counts.train).toBe(6)
    expect((await openDataset(readWorkspace(place), 'set')).train.count).toBe(6)
    expect(readdirSync(join(place, 'datasets'))).toEqual(['set'])
    expect(await removeDataset(readWorkspace(place), 'set')).toBeGreaterThan(0)
    expect(readdirSync(join(place, 'datasets'))).toEqual([])
    await expect(openDataset(readWorkspace(place), 'set')).rejects.toThrow('dataset "set" is not installed; there are mnist10, xor')
    await expect(removeDataset(readWorkspace(place), 'set')).rejects.toThrow('no dataset set is installed')
  })

  test('what a killed import left does not list, and goes with the next import', async () => {
    const place = workspace()
    await importDataset(readWorkspace(place), source(small), { id: 'set' })
    // The folder as it is before it gets its name: left by a process of this host that is no more, at work on this host, and on another host.
    const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    const leftovers = [`set.${host}-${dead}-1.partial`, `set.${host}-${process.ppid}-1.partial`, `set.00000000-${dead}-1.partial`]
    for (const name of leftovers) cpSync(join(place, 'datasets', 'set'), join(place, 'datasets', name), { recursive: true })
    rmSync(join(place, 'datasets', 'set'), { recursive: true })
    expect((await listDatasets(readWorkspace(place))).filter((set) => set.state === 'installed')).toEqual([])
    await importDataset(readWorkspace(place), source(small), { id: 'set' })
    expect((await listDatasets(readWorkspace(place))).filter((set) => set.state === 'installed').map((set) => set.id)).toEqual(['set'])
    expect(readdirSync(join(place, 'datasets')).sort()).toEqual(['set', leftovers[1], leftovers[2]].sort())
  })

  test('cancelling while writing leaves nothing', async () => {
    const place = workspace()
    const controller = new AbortController()
    const importing = importDataset(readWorkspace(place), source(small), {
      id: 'set',
      signal: controller.signal,
      onProgress: (fraction) => fraction > 0.7 && controller.abort(new Error('enough'))
    })
    await expect(importing).rejects.toThrow('enough')
    expect(readdirSync(join(place, 'datasets'))).toEqual([])
  })

  test('a folder that is no dataset is not overwritten', async () => {
    const place = workspace()
    mkdirSync(join(place, 'datasets', 'set'), { recursive: true })
    writeFileSync(join(place, 'datasets', 'set', 'notes.txt'), 'mine')
    await expect(importDataset(readWorkspace(place), source(small), { id: 'set' })).rejects.toThrow('the folder exists and is no dataset')
    expect(readdirSync(join(place, 'datasets'))).toEqual(['set'])
  })

  test.each<[string, (folder: string) => void, RegExp]>([
    ['a flipped byte', (folder) => flip(join(folder, 'train-x.npy'), -1), /train-x\.npy: its SHA-256 is not the one of its manifest/],
    ['a flipped byte in a header', (folder) => flip(join(folder, 'test-fine.npy'), 20), /test-fine\.npy: its SHA-256/],
    [
      'a cut-off file',
      (folder) => writeFileSync(join(folder, 'train-x.npy'), readFileSync(join(folder, 'train-x.npy')).subarray(0, -1)),
      /train-x\.npy: has \d+ bytes, but its manifest promises/
    ],
    ['a missing file', (folder) => renameSync(join(folder, 'train-x.npy'), join(folder, 'gone')), /train-x\.npy: the file is missing/],
    ['a manifest that is no JSON', (folder) => writeFileSync(join(folder, 'manifest.json'), '{'), /manifest\.json: no JSON/],
    [
      'a manifest with another id',
      (folder) => edit(folder, '"id": "set"', '"id": "sets"'),
      /says it is dataset sets, but its folder is set/
    ],
    [
      'a manifest that leaves its folder',
      (folder) => edit(folder, '"name": "train-x.npy"', '"name": "../train-x.npy"'),
      /manifest\.json: files\.\d+\.name: must be a plain file name/
    ]
  ])('verify notices %s', async (_, spoil, message) => {
    const place = workspace()
    await importDataset(readWorkspace(place), source(small), { id: 'set' })
    await expect(verifyDataset(readWorkspace(place), 'set')).resolves.toMatchObject({ id: 'set' })
    spoil(join(place, 'datasets', 'set'))
    await expect(verifyDataset(readWorkspace(place), 'set')).rejects.toThrow(message)
    expect((await listDatasets(readWorkspace(place))).some((set) => set.id === 'set')).toBe(true)
  })

  test('opening notices lengths, headers and labels that do not fit the manifest', async () => {
    const place = workspace()
    await importDataset(readWorkspace(place), source(small), { id: 'set' })
    const folder = join(place, 'datasets', 'set')
    edit(folder, '"train": 5', '"train": 50')
    await expect(openDataset(readWorkspace(place), 'set')).rejects.toThrow(/train-x\.npy: has \d+ bytes, but its manifest promises \d+/)
    edit(folder, '"train": 50', '"train": 5')
    const labels = join(folder, 'train-fine.npy')
    const bytes = readFileSync(labels)
    bytes.writeInt32LE(77, bytes.length - 4)
    writeFileSync(labels, bytes)
    await expect(openDataset(readWorkspace(place), 'set')).rejects.toThrow(
      'train-fine.npy: the label of sample 4 is 77, but labels go from 0 to 9'
    )
  })
})

function flip(path: string, place: number): void {
  const bytes = readFileSync(path)
  bytes[(place + bytes.length) % bytes.length] ^= 1
  writeFileSync(path, bytes)
}

function edit(folder: string, from: string, to: string): void {
  const path = join(folder, 'manifest.json')
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
}
