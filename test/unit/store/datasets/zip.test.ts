// Datasets in zips as Windows, Macs and Python write them: the same data as from plain files, or refused with what the archive is.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatNpy, zipParts } from '../../../../src/shared/npy'
import { readWorkspace, realFileSystem } from '../../../../src/store'
import { importDataset, openDataset, readDatasetSource } from '../../../../src/store/datasets'
import { cifar10Files, cifar100Files, entriesOf, madeSamples, tarGz } from '../formats/archives'
import { temporaryFolder, writeFiles } from '../formats/folders'

interface Golden {
  pixels: Record<'train' | 't10k', number[]>
  labels: Record<'train' | 't10k', number[]>
  read: Record<string, string>
  refused: Record<string, string>
}
const golden: Golden = JSON.parse(readFileSync('test/reference/zip/goldens.json', 'utf8'))

function file(bytes: Uint8Array, name = 'mnist.zip'): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, bytes)
  return path
}
const zipped = (files: Readonly<Record<string, Uint8Array>>) =>
  Buffer.concat([...zipParts(Object.entries(files).map(([name, bytes]) => ({ name, parts: [bytes] })))])

describe('MNIST’s files in a zip', () => {
  test.each(Object.entries(golden.read))('%s', async (_, text) => {
    const { description, train, test: tests } = await readDatasetSource(realFileSystem, file(Buffer.from(text, 'base64')))
    expect(description).toMatchObject({ id: 'mnist', shape: [1, 4, 4], counts: { train: 3, test: 2 } })
    expect([[...train.x], [...(tests?.x ?? [])]]).toEqual([golden.pixels.train, golden.pixels.t10k])
    expect([[...(train.labels.fine ?? [])], [...(tests?.labels.fine ?? [])]]).toEqual([golden.labels.train, golden.labels.t10k])
  })

  const sentences: Readonly<Record<string, string>> = {
    bzip2: 'train-images-idx3-ubyte is compressed by method 12 (bzip2); stored (0) and deflated (8) are read',
    LZMA: 'train-images-idx3-ubyte is compressed by method 14 (LZMA); stored (0) and deflated (8) are read',
    Deflate64: 'train-images-idx3-ubyte is compressed by method 9 (Deflate64); stored (0) and deflated (8) are read',
    encrypted: 'train-images-idx3-ubyte is encrypted; pack it again without a password',
    'several volumes': 'a zip archive in several volumes is not read',
    'out of its folder': 'entry "../../train-images-idx3-ubyte" leads out of its folder; refused'
  }
  test.each(Object.entries(golden.refused))('%s: refused', async (name, text) => {
    await expect(readDatasetSource(realFileSystem, file(Buffer.from(text, 'base64')))).rejects.toThrow(`mnist.zip: ${sentences[name]}`)
  })
})

describe('CIFAR in a zip', () => {
  const hundred = cifar100Files(madeSamples(5, 100, 1), madeSamples(3, 100, 2))
  const ten = cifar10Files([madeSamples(4, 10, 3), madeSamples(2, 10, 4)], madeSamples(3, 10, 5))
  test.each([
    ['CIFAR-100, python version', hundred.python, '/'],
    ['CIFAR-100, binary version', hundred.binary, '\\'],
    ['CIFAR-10, python version', ten.python, '\\'],
    ['CIFAR-10, binary version', ten.binary, '/']
  ])('%s is what the .tar.gz is', async (_, files, mark) => {
    const place = temporaryFolder()
    const named = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`cifar${mark}${name}`, bytes]))
    const fromZip = await importDataset(readWorkspace(place), file(zipped(named), 'cifar.zip'), { id: 'zip' })
    const fromTar = await importDataset(readWorkspace(place), file(tarGz(entriesOf(files)), 'cifar.tar.gz'), { id: 'tar' })
    expect(fromZip.fingerprint).toBe(fromTar.fingerprint)
    expect(fromZip.labels).toEqual(fromTar.labels)
  })

  test('a missing file is named, and so is what holds no dataset', async () => {
    const { test: _, ...rest } = hundred.python
    await expect(readDatasetSource(realFileSystem, file(zipped(rest), 'cifar.zip'))).rejects.toThrow(
      'cifar.zip: the file test of CIFAR-100 is missing'
    )
    await expect(readDatasetSource(realFileSystem, file(zipped({ 'readme.txt': Buffer.from('x') }), 'notes.zip'))).rejects.toThrow(
      'notes.zip: holds no dataset that is known here; what can be read is CIFAR-10'
    )
  })

  test('a zip of NumPy arrays is an .npz by another name', async () => {
    const x = formatNpy({ shape: [2, 1], data: Float64Array.of(1, 2) })
    expect([...(await readDatasetSource(realFileSystem, file(zipped({ 'x.npy': x, 'y.npy': x })))).train.x]).toEqual([1, 2])
  })
})

const sample = process.env.SADDLESCOPE_CIFAR_SAMPLE ?? join(import.meta.dirname, '../../../../../shared/datasets/cifar-100-sample')
const folder = join(sample, 'cifar-100-binary')
const here = existsSync(folder)
test(
  here
    ? 'the CIFAR-100 sample, zipped'
    : `NOT RUN, no sample at ${sample} (SADDLESCOPE_CIFAR_SAMPLE names its folder); made-up files above cover it`,
  async (context) => {
    if (!here) return context.skip(`no sample at ${sample}`)
    const place = temporaryFolder()
    const files = Object.fromEntries(readdirSync(folder).map((name) => [`cifar-100-binary/${name}`, readFileSync(join(folder, name))]))
    const path = join(writeFiles(temporaryFolder(), { 'cifar.zip': zipped(files) }), 'cifar.zip')
    const fromZip = await importDataset(readWorkspace(place), path, { id: 'zip' })
    const fromTar = await importDataset(readWorkspace(place), join(sample, 'cifar-100-python.tar.gz'), { id: 'tar' })
    expect(fromZip.fingerprint).toBe(fromTar.fingerprint)
    expect((await openDataset(readWorkspace(place), 'zip')).train.count).toBe(1000)
  }
)
