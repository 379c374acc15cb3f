// What the page makes of files before it sends them: what they are, what belongs together, how a table is to be read.
import { describe, expect, it } from 'vitest'
import { fileKind, groupDatasets } from '../../../src/renderer/app/file-kind'
import { csvOptions, emptyCsvForm, isTablePath, targetColumns } from '../../../src/renderer/features/datasets/csv-form'
import { zipParts } from '../../../src/shared/npy'

const file = (name: string, content: string | Uint8Array<ArrayBuffer> = 'x') => {
  const blob = new Blob([content])
  return { name, size: blob.size, slice: blob.slice.bind(blob) }
}
const zip = (...names: string[]) => Buffer.concat([...zipParts(names.map((name) => ({ name, parts: [new TextEncoder().encode('{}')] })))])

describe('the kind of a file', () => {
  it.each([
    ['hessian.npy', 'run'],
    ['Points.CSV', 'table'],
    ['a.tsv', 'table'],
    ['notes.txt', 'table'],
    ['fine_label_names.txt', 'part'],
    ['data.npz', 'dataset'],
    ['cifar-100-python.tar.gz', 'dataset'],
    ['cifar.tgz', 'dataset'],
    ['train-images-idx3-ubyte', 'part'],
    ['train-images-idx3-ubyte.gz', 'part'],
    ['data_batch_1.bin', 'part']
  ])('%s by its name', async (name, kind) => {
    expect(await fileKind(file(name))).toBe(kind)
  })
  it('of a zip by what is in it', async () => {
    expect(await fileKind(file('a.zip', zip('README.md', 'spec.json')))).toBe('run')
    expect(await fileKind(file('a.saddlescope', zip('run/spec.json', 'run/metrics.ndjson')))).toBe('run')
    expect(await fileKind(file('mnist.zip', zip('train-images-idx3-ubyte', 'notspec.json')))).toBe('dataset')
    await expect(fileKind(file('torn.zip', 'PK and no more'))).rejects.toThrow('torn.zip: is not a zip archive')
  })
  it('tables and archives are sets by themselves, the rest is one', () => {
    const found = [
      { kind: 'part', entry: 'images' },
      { kind: 'table', entry: 'a.csv' },
      { kind: 'part', entry: 'labels' },
      { kind: 'dataset', entry: 'b.npz' }
    ] as const
    expect(groupDatasets(found)).toEqual([
      { kind: 'table', files: ['a.csv'] },
      { kind: 'dataset', files: ['b.npz'] },
      { kind: 'dataset', files: ['images', 'labels'] }
    ])
    expect(groupDatasets([])).toEqual([])
  })
})

describe('how a table is read', () => {
  it('what is left to be recognized is not sent', () => {
    expect(csvOptions(emptyCsvForm())).toEqual({})
    expect(csvOptions({ header: 'no', separator: 'tab', target: 'price, 7', meaning: 'values' })).toEqual({
      header: false,
      separator: 'tab',
      target: ['price', '7'],
      classes: false
    })
    expect(csvOptions({ ...emptyCsvForm(), header: 'yes', meaning: 'classes' })).toEqual({ header: true, classes: true })
  })
  it.each([
    ['', []],
    [' , ', []],
    ['a', ['a']],
    ['a,b , c ', ['a', 'b', 'c']],
    ['"height, in cm", 2', ['height, in cm', '2']],
    ['"say ""yes"""', ['say "yes"']],
    ['two words', ['two words']]
  ])('the targets in %j', (text, columns) => {
    expect(targetColumns(text)).toEqual(columns)
  })
  it('only tables', () => {
    expect(['/a/b.csv ', 'c.TXT', 'd.npz', 'e.tar.gz'].map(isTablePath)).toEqual([true, true, false, false])
  })
})
