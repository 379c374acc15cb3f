// Looking at a data set before it is installed: the same reader as the import, figures recomputed here, and nothing left behind.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { npzParts } from '../../../../src/shared/npy'
import { readWorkspace, realFileSystem } from '../../../../src/store'
import { datasetStatistics, importDataset, inspectDataset, readThumbnails } from '../../../../src/store/datasets'
import { cifar100Files, idxFiles, madeSamples } from '../formats/archives'
import { temporaryFolder, writeFiles } from '../formats/folders'

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
function stdOf(values: readonly number[]) {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))
}

describe('a table', () => {
  const lines = [
    'width,height,colour',
    ...Array.from({ length: 37 }, (_, i) => `${(i * 0.37).toFixed(3)},${Math.cos(i).toFixed(4)},${['red', 'green', 'blue'][i % 3]}`)
  ]
  const folder = writeFiles(temporaryFolder(), { 'colours.csv': `${lines.join('\n')}\n` })
  const path = join(folder, 'colours.csv')

  test('is told as it would be imported: first rows, classes with their counts, statistics; nothing is written', async () => {
    const found = await inspectDataset(realFileSystem, path)
    expect(found.reading).toMatch(
      /separator comma, names from line 1; 2 inputs \(width, height\); target colour \(3 classes: blue, green, red\)/
    )
    expect(found.rows?.columns).toEqual(['width', 'height'])
    expect(found.rows?.values[2]).toEqual([0.74, Number(Math.cos(2).toFixed(4))])
    expect(found.rows?.targets.slice(0, 3)).toEqual(['red', 'green', 'blue'])
    expect([...(found.statistics.fine?.train ?? [])]).toEqual([12, 12, 13])
    const numbers = lines.slice(1).flatMap((line) => line.split(',').slice(0, 2).map(Number))
    const [all] = found.statistics.values.channels
    expect(all.mean).toBeCloseTo(meanOf(numbers), 12)
    expect(all.std).toBeCloseTo(stdOf(numbers), 12)
    expect([all.least, all.greatest]).toEqual([Math.min(...numbers), Math.max(...numbers)])
    expect(all.counts.reduce((sum, count) => sum + count, 0)).toBe(numbers.length)
    expect(readdirSync(folder)).toEqual(['colours.csv'])
    const installed = await importDataset(readWorkspace(temporaryFolder()), path, { expected: found.fingerprint })
    expect([installed.id, installed.fingerprint, installed.counts]).toEqual([found.id, found.fingerprint, found.counts])
  })

  test('is read anew by other options, and data that changed since are not installed', async () => {
    const found = await inspectDataset(realFileSystem, path, { csv: { target: ['height'] } }).catch((error: Error) => error.message)
    expect(found).toMatch(/colour/)
    const values = await inspectDataset(realFileSystem, writeFiles(temporaryFolder(), { 'two.csv': '1,2\n3,4\n5,6\n' }) + '/two.csv', {
      csv: { header: false, classes: false }
    })
    expect([values.targets, values.statistics.fine, values.rows?.targets]).toEqual([1, null, ['2', '4', '6']])
    const place = temporaryFolder()
    await expect(importDataset(readWorkspace(place), path, { expected: values.fingerprint })).rejects.toThrow(
      /holds other data than when it was looked at/
    )
    expect(existsSync(join(place, 'datasets', 'colours'))).toBe(false)
  })
})

describe('images', () => {
  const samples = madeSamples(40, 100, 3)
  const test40 = madeSamples(9, 100, 4)
  const folder = writeFiles(temporaryFolder(), cifar100Files(samples, test40).binary)

  test('statistics of CIFAR are those of its planes, its class counts those of its labels, before and after it is installed', async () => {
    const found = await inspectDataset(realFileSystem, folder)
    const { channels } = found.statistics.values
    for (let c = 0; c < 3; c++) {
      const plane = Array.from({ length: 40 }, (_, n) => [...samples.x.subarray(n * 3072 + c * 1024, n * 3072 + (c + 1) * 1024)]).flat()
      expect(channels[c].mean).toBeCloseTo(meanOf(plane), 10)
      expect(channels[c].std).toBeCloseTo(stdOf(plane), 10)
      expect([channels[c].least, channels[c].greatest]).toEqual([Math.min(...plane), Math.max(...plane)])
      for (const value of [0, 17, 255]) expect(channels[c].counts[value]).toBe(plane.filter((one) => one === value).length)
    }
    const countOf = (labels: ArrayLike<number>, label: number) => Array.from(labels).filter((one) => one === label).length
    for (let label = 0; label < 100; label++) {
      expect(found.statistics.fine?.train[label]).toBe(countOf(samples.fine, label))
      expect(found.statistics.fine?.test[label]).toBe(countOf(test40.fine, label))
    }
    for (let label = 0; label < 20; label++) expect(found.statistics.coarse?.train[label]).toBe(countOf(samples.coarse, label))
    expect(found.pictures?.labels).toHaveLength(24)
    const workspace = readWorkspace(temporaryFolder())
    await importDataset(workspace, folder)
    expect(await datasetStatistics(workspace, 'cifar-100')).toEqual(found.statistics)
  })

  test('samples of some classes are found by their labels, fine or coarse, a page at a time', async () => {
    const workspace = readWorkspace(temporaryFolder())
    await importDataset(workspace, folder)
    for (const [kind, labels] of [
      ['fine', samples.fine],
      ['coarse', samples.coarse]
    ] as const) {
      const classes = [labels[3], labels[30]]
      const expected = Array.from(labels).flatMap((label, n) => (classes.includes(label) ? [n] : []))
      const all = await readThumbnails(workspace, 'cifar-100', 'train', { offset: 0, count: 200, only: { labels: kind, classes } })
      expect([all.samples, all.matched]).toEqual([expected, expected.length])
      const second = await readThumbnails(workspace, 'cifar-100', 'train', { offset: 1, count: 1, only: { labels: kind, classes } })
      expect([second.samples, second.matched]).toEqual([[expected[1]], expected.length])
      // The pixel (1, 2) of each: red, green and blue from their planes.
      all.samples.forEach((sample, k) => {
        const pixel = 32 + 2
        expect([...all.pixels.subarray(k * 3072 + 3 * pixel, k * 3072 + 3 * pixel + 3)]).toEqual(
          [0, 1024, 2048].map((plane) => samples.x[sample * 3072 + plane + pixel])
        )
      })
    }
  })

  test('IDX is read row by row', async () => {
    const files = idxFiles(20, 10, 4)
    const found = await inspectDataset(realFileSystem, writeFiles(temporaryFolder(), files))
    const raw = files['train-images-idx3-ubyte'].subarray(16)
    expect(found.shape).toEqual([1, 4, 4])
    expect([...(found.pictures?.pixels.subarray(0, 20 * 16) ?? [])]).toEqual([...raw.subarray(0, 20 * 16)])
  })

  test('real images, channels last or first, are drawn over the range of the whole training set on every page', async () => {
    const values = Float64Array.from({ length: 70 * 2 * 3 * 3 }, (_, i) => Math.sin(i) * (1 + i / 100))
    const [least, greatest] = [Math.min(...values), Math.max(...values)]
    const x = { shape: [70, 2, 3, 3], data: values }
    const y = { shape: [70], data: Int32Array.from({ length: 70 }, (_, i) => i % 2) }
    const folder2 = writeFiles(temporaryFolder(), { 'last.npz': Buffer.concat([...npzParts({ x, y })]) })
    const workspace = readWorkspace(temporaryFolder())
    await importDataset(workspace, join(folder2, 'last.npz'))
    // (samples, 2, 3, 3): the last axis has the channels when the second has not 1 or 3.
    const found = await readThumbnails(workspace, 'last', 'train', { offset: 60, count: 5 })
    expect([found.width, found.height, found.channels, found.range]).toEqual([3, 2, 3, [least, greatest]])
    const expected = Array.from(values.subarray(60 * 18, 65 * 18), (value) => Math.round(((value - least) / (greatest - least)) * 255))
    expect([...found.pixels]).toEqual(expected)
  })
})
