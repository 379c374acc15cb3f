// What the page makes of files before it sends them: what belongs together, how a table is to be read.
import { describe, expect, it } from 'vitest'
import { stage } from '../../../src/renderer/app/stage'
import { csvOptions, emptyCsvForm, isTablePath, targetColumns } from '../../../src/renderer/features/datasets/csv-form'

const known = (name: string, together: boolean, more: { path: string } | { file: File }) =>
  ({ name, kind: together ? 'images' : 'table', together, bytes: 10, ...more }) as const

const send = async (files: readonly File[]) => `sent ${files.map(({ name }) => name).join(' ')}`

describe('data sets that wait', () => {
  it('tables and archives are sets by themselves, parts of one folder are one', async () => {
    const sets = stage(
      [
        known('train-images-idx3-ubyte', true, { path: '/a/train-images-idx3-ubyte' }),
        known('points.csv', false, { path: '/a/points.csv' }),
        known('train-labels-idx1-ubyte', true, { path: '/a/train-labels-idx1-ubyte' }),
        known('test_batch', true, { path: '/b/test_batch' })
      ],
      send
    )
    expect(sets.map(({ names, kind, bytes }) => ({ names, kind, bytes }))).toEqual([
      { names: ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'], kind: 'images', bytes: 20 },
      { names: ['points.csv'], kind: 'table', bytes: 10 },
      { names: ['test_batch'], kind: 'images', bytes: 10 }
    ])
    expect(await Promise.all(sets.map((set) => set.place()))).toEqual(['/a/train-images-idx3-ubyte', '/a/points.csv', '/b/test_batch'])
    expect(stage([], send)).toEqual([])
  })
  it('parts without a path are one set, wherever they were, and are sent together when it is imported', async () => {
    const file = (name: string) => ({ file: { name } as File })
    const sets = stage([known('a', true, file('a')), known('b', true, file('b')), known('c.csv', false, file('c.csv'))], send)
    expect(sets.map(({ names }) => names)).toEqual([['a', 'b'], ['c.csv']])
    expect(await Promise.all(sets.map((set) => set.place()))).toEqual(['sent a b', 'sent c.csv'])
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
