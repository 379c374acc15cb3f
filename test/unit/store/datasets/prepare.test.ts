// What training gets: built-in data against independent figures, transforms against plain formulas, faults against both numbers by name.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { areaAverage } from '../../../../scripts/make-mnist10.mjs'
import { matrix, type Matrix } from '../../../../src/engine/linalg'
import { randomStream } from '../../../../src/engine/random'
import { dataSchema, type DataSpec } from '../../../../src/shared/spec/schema'
import { readWorkspace } from '../../../../src/store'
import {
  checkModelAgainstData,
  checkTargetsAgainstLoss,
  datasetThumbnails,
  importDataset,
  openDataset,
  openManifest,
  prepareData,
  readThumbnails,
  resourcesFolder,
  verifyDataset,
  type Dataset,
  type PrepareOptions
} from '../../../../src/store/datasets'
import type { ProjectionLinalg } from '../../../../src/engine/data/transforms'
import { validationRows } from '../../../../src/engine/data/split'
import { datasetFingerprint } from '../../../../src/store/datasets/fingerprint'
import { openPlain } from '../../../reference/linalg/plain'
import { cifar100Files, idxFiles, madeSamples } from '../formats/archives'
import { temporaryFolder, writeFiles } from '../formats/folders'

const nowhere = temporaryFolder()
const spec = (data: Record<string, unknown>): DataSpec => dataSchema.parse({ dataset: 'any', ...data })
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

interface Mnist10 {
  readonly x: string
  readonly labels: string
  readonly first: number[]
  readonly classes: number[]
  readonly mean: number
}
const golden: Record<'train' | 'test', Mnist10> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../reference/mnist10/mnist10.json'), 'utf8')
)

describe('mnist10', () => {
  test('every byte is what NumPy computed from the original files', async () => {
    const dataset = await openDataset(readWorkspace(nowhere), 'mnist10')
    for (const part of ['train', 'test'] as const) {
      const split = dataset[part]
      if (split === null || !(split.x instanceof Uint8Array) || !split.labels.fine) throw new Error('no pixels')
      expect(split.count).toBe(part === 'train' ? 60_000 : 10_000)
      expect([...split.x.subarray(0, 100)]).toEqual(golden[part].first)
      expect(digest(split.x)).toBe(golden[part].x)
      expect(digest(Uint8Array.from(split.labels.fine))).toBe(golden[part].labels)
    }
    expect(await datasetFingerprint(dataset.train, dataset.test)).toBe(dataset.manifest.fingerprint)
    expect((await verifyDataset(readWorkspace(nowhere), 'mnist10')).id).toBe('mnist10')
  })

  test('area averaging keeps constants and the mean, and weighs pixels that two cells share', () => {
    expect([...areaAverage(new Uint8Array(784).fill(93), 1, 28, 10)]).toEqual(Array(100).fill(93))
    // Three pixels in a row to two cells: the middle one counts half in each.
    expect([...areaAverage(Uint8Array.of(30, 60, 0, 30, 60, 0, 30, 60, 0), 1, 3, 2)]).toEqual([40, 20, 40, 20])
  })
})

describe('generators', () => {
  test('XOR and two spirals', async () => {
    const xor = await openDataset(readWorkspace(nowhere), 'xor')
    expect([...xor.train.x]).toEqual([-1, -1, -1, 1, 1, -1, 1, 1])
    expect([...(xor.train.labels.fine ?? [])]).toEqual([0, 1, 1, 0])
    const { train, test: half } = await openDataset(readWorkspace(nowhere), 'two-spirals')
    expect([train.count, half?.count]).toEqual([194, 192])
    for (let n = 0; n < train.count; n += 2) {
      // The arms mirror each other in the origin, and every point lies on r = 1 − φ · 16 / (104 π).
      expect([train.x[2 * n + 2], train.x[2 * n + 3]]).toEqual([-train.x[2 * n], -train.x[2 * n + 1]])
      expect(Math.hypot(train.x[2 * n], train.x[2 * n + 1])).toBeCloseTo(1 - n / 2 / 104, 12)
    }
  })

  test('teacher–student: some student of that shape has no loss, and the id is the data', async () => {
    const dataset = await openDataset(readWorkspace(nowhere), 'teacher-student-4-3-2-seed-7')
    const again = await openDataset(readWorkspace(nowhere), 'teacher-student-4-3-2-seed-7')
    const other = await openDataset(readWorkspace(nowhere), 'teacher-student-4-3-2')
    expect(dataset.manifest).toMatchObject({ shape: [4], targets: 2, counts: { train: 2000, test: 500 } })
    expect(again.manifest.fingerprint).toBe(dataset.manifest.fingerprint)
    expect(other.manifest.fingerprint).not.toBe(dataset.manifest.fingerprint)
    // The teacher, drawn again from its streams.
    const draw = (name: string, count: number, scale: number) => {
      const stream = randomStream(7, name)
      return Array.from({ length: count }, () => stream.normal() * scale)
    }
    const [a, b] = [draw('teacher-student teacher 1', 12, 1 / 2), draw('teacher-student teacher 2', 6, 1 / Math.sqrt(3))]
    const { x, targets } = dataset.train
    for (const n of [0, 1999]) {
      const hidden = [0, 1, 2].map((j) => Math.tanh([0, 1, 2, 3].reduce((sum, i) => sum + x[4 * n + i] * a[3 * i + j], 0)))
      for (const k of [0, 1])
        expect(targets?.[2 * n + k]).toBeCloseTo(
          hidden.reduce((sum, h, j) => sum + h * b[2 * j + k], 0),
          12
        )
    }
  })

  test('linear regression: least squares leaves the noise of 0.1', async () => {
    const dataset = await openDataset(readWorkspace(nowhere), 'linear-regression-1-1')
    const { x, targets, count } = dataset.train
    let [xy, xx] = [0, 0]
    for (let n = 0; n < count; n++) {
      xy += x[n] * (targets?.[n] ?? 0)
      xx += x[n] * x[n]
    }
    let rest = 0
    for (let n = 0; n < count; n++) rest += ((targets?.[n] ?? 0) - (x[n] * xy) / xx) ** 2
    expect(Math.sqrt(rest / count)).toBeGreaterThan(0.09)
    expect(Math.sqrt(rest / count)).toBeLessThan(0.11)
    expect(xx / count).toBeGreaterThan(0.9)
  })

  test('ids that no generator knows are unknown', async () => {
    for (const id of ['teacher-student-0-1-1', 'teacher-student-1-1', 'linear-regression-99999-1', 'xor-2'])
      await expect(openDataset(readWorkspace(nowhere), id)).rejects.toThrow(
        `dataset "${id}" is not installed; there are mnist10, xor, two-spirals`
      )
  })
})

/** Bytes 0 … 11 as three samples of four. */
function tiny(): Dataset {
  const x = Uint8Array.from({ length: 12 }, (_, i) => 20 * i)
  const split = { x, count: 3, features: 4, labels: { fine: Int32Array.of(2, 0, 1), coarse: Int32Array.of(1, 0, 1) }, targets: null }
  const manifest = {
    schemaVersion: 1 as const,
    id: 'tiny',
    title: 'tiny',
    source: '',
    licence: '',
    shape: [1, 2, 2],
    dtype: 'uint8' as const,
    counts: { train: 3, test: 3 },
    partial: false,
    labels: { fine: ['a', 'b', 'c'], coarse: ['odd', 'even'] },
    targets: null,
    checks: [],
    files: [],
    fingerprint: ''
  }
  return { manifest, train: split, test: split }
}

const affine = { kind: 'affine', divide: 256, subtract: 0.5 }
const projection = (dim: number, path: string | null = null) => ({ kind: 'random-projection', dim, matrix: path })

/** Entry by entry, sums from the last term to the first. */
function product(x: (row: number, column: number) => number, rows: number, by: Matrix): number[] {
  return Array.from({ length: rows * by.columns }, (_, place) => {
    const [row, column] = [Math.floor(place / by.columns), place % by.columns]
    let sum = 0
    for (let k = by.rows - 1; k >= 0; k--) sum += x(row, k) * by.data[k * by.columns + column]
    return sum
  })
}

function closeTo(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-13): void {
  expect(found.length).toBe(expected.length)
  expected.forEach((value, i) => expect(Math.abs(found[i] - value)).toBeLessThan(tolerance))
}

/** A gemm that counts its calls, as the backends' interface has it. */
function countingGemm(): ProjectionLinalg & { calls: number; held: number } {
  return {
    calls: 0,
    held: 0,
    allocate(length) {
      this.held++
      return new Float64Array(length)
    },
    release() {
      this.held--
    },
    async gemm(a, b, c) {
      this.calls++
      for (let i = 0; i < a.rows; i++)
        for (let j = 0; j < b.columns; j++) {
          let sum = 0
          for (let k = 0; k < a.columns; k++) sum += a.data[a.offset + i * a.stride + k] * b.data[b.offset + k * b.stride + j]
          c.data[c.offset + i * c.stride + j] = sum
        }
    }
  }
}

describe('targets and the loss', () => {
  const check = (values: readonly number[], width: number, changes: object = {}) => {
    const dataset = tiny()
    const count = dataset.train.count
    const targets = Float64Array.from(values)
    expect(targets).toHaveLength(count * width)
    return checkTargetsAgainstLoss(
      { loss: 'softmax-cross-entropy', data: spec({}), ...changes },
      { manifest: { ...dataset.manifest, targets: width }, train: { ...dataset.train, targets }, test: null }
    )
  }

  test.each([
    ['−1 and 1', [1, -1, 1, -1, 1, -1], 2, 'training sample 1 of dataset tiny holds -1'],
    ['values', [0.5, 0.5, 0.25, 0.25, 1, 0], 2, 'training sample 2 of dataset tiny sums to 0.5'],
    ['one output', [0, 1, 1], 1, 'training sample 1 of dataset tiny sums to 0']
  ])('%s are no distributions', (_, values, width, why) => {
    expect(check(values, width)).toEqual([
      {
        path: 'loss',
        message: `softmax-cross-entropy needs classes, or targets ≥ 0 that sum to 1, but the target of ${why}; take half-sse or mse, or import the target as classes (--classes yes)`
      }
    ])
    expect(check(values, width, { loss: 'half-sse' })).toEqual([])
  })

  test('rows that sum to 1 are, and so are labels; rows beyond the limit do not matter', () => {
    expect(check([0.25, 0.75, 1, 0, 1 / 3, 2 / 3], 2)).toEqual([])
    expect(check([0.25, 0.75, 1, 0, 5, 5], 2, { data: spec({ trainLimit: 2 }) })).toEqual([])
    expect(checkTargetsAgainstLoss({ loss: 'softmax-cross-entropy', data: spec({}) }, tiny())).toEqual([])
  })
})

/** With plain loops for a backend unless another is given. */
const prepared = (dataset: Dataset, data: Parameters<typeof prepareData>[1], options: Partial<PrepareOptions> & { seed: number }) =>
  prepareData(dataset, data, { linalg: openPlain(), ...options })

describe('prepareData', () => {
  test('x / divide − subtract, one-hot fine targets, labels', async () => {
    const { train, test: half, projections } = await prepared(tiny(), spec({ transforms: [affine], testLimit: 2 }), { seed: 0 })
    expect([...train.inputs.data]).toEqual(Array.from({ length: 12 }, (_, i) => (20 * i) / 256 - 0.5))
    expect([...train.targets.data]).toEqual([0, 0, 1, 1, 0, 0, 0, 1, 0])
    expect([...(train.labels ?? [])]).toEqual([2, 0, 1])
    expect([half?.inputs.rows, half?.targets.rows, half?.labels?.length]).toEqual([2, 2, 2])
    expect(projections).toEqual([])
  })

  test('coarse labels, limits, inputs as targets', async () => {
    const coarse = await prepared(tiny(), spec({ labels: 'coarse', trainLimit: 2 }), { seed: 0 })
    expect([...coarse.train.targets.data]).toEqual([0, 1, 1, 0])
    expect(coarse.train.inputs.rows).toBe(2)
    const auto = await prepared(tiny(), spec({ targets: 'input', transforms: [affine] }), { seed: 0 })
    expect(auto.train.targets).toBe(auto.train.inputs)
    // No classes, no accuracy.
    expect(auto.train.labels).toBeNull()
  })

  test('a drawn projection is randn(in, dim) / √in from the stream "projection", the same for every call and for test samples', async () => {
    const data = spec({ transforms: [affine, projection(3)] })
    const first = await prepared(tiny(), data, { seed: 5 })
    const again = await prepared(tiny(), data, { seed: 5 })
    const other = await prepared(tiny(), data, { seed: 6 })
    const stream = randomStream(5, 'projection')
    const [drawn] = first.projections
    expect([drawn.rows, drawn.columns]).toEqual([4, 3])
    expect([...drawn.data]).toEqual(Array.from({ length: 12 }, () => stream.normal() / 2))
    closeTo(
      first.train.inputs.data,
      product((row, k) => (20 * (4 * row + k)) / 256 - 0.5, 3, drawn)
    )
    expect(first.test?.inputs.data).toEqual(first.train.inputs.data)
    expect(again.train.inputs.data).toEqual(first.train.inputs.data)
    expect(other.train.inputs.data).not.toEqual(first.train.inputs.data)
  })

  test('a given projection, transforms in their order, two projections in a row', async () => {
    const p = matrix(4, 2, Float64Array.of(1, 0, 0, 1, -1, 0.5, 0.25, 2))
    const q = matrix(2, 1, Float64Array.of(3, -1))
    const data = spec({ transforms: [projection(2, 'p.npy'), { kind: 'affine', divide: 2, subtract: 1 }, projection(1, 'q.npy'), affine] })
    const { train, projections } = await prepared(tiny(), data, { seed: 0, matrices: { 'p.npy': p, 'q.npy': q } })
    expect(projections).toEqual([p, q])
    const once = product((row, k) => 20 * (4 * row + k), 3, p).map((value) => value / 2 - 1)
    const twice = product((row, k) => once[2 * row + k], 3, q).map((value) => value / 256 - 0.5)
    closeTo(train.inputs.data, twice)
    await expect(prepared(tiny(), data, { seed: 0, matrices: { 'p.npy': q } })).rejects.toThrow(
      'data.transforms.0.matrix: p.npy is 2 × 1, but the projection needs 4 × 2'
    )
    await expect(prepared(tiny(), data, { seed: 0 })).rejects.toThrow('data.transforms.0.matrix: the matrix p.npy was not loaded')
  })

  test('chunks and their remainders join; the backend gives the same numbers to rounding; limits do not change a sample', async () => {
    const dataset = await openDataset(readWorkspace(nowhere), 'mnist10')
    const data = (trainLimit: number) => spec({ transforms: [affine, projection(7)], trainLimit, testLimit: 5 })
    const plain = await prepared(dataset, data(2500), { seed: 1 })
    const linalg = countingGemm()
    const fast = await prepared(dataset, data(2500), { seed: 1, linalg })
    // Training samples in chunks of 1024, test samples in one; all memory goes back.
    expect(linalg.calls).toBe(4)
    expect(linalg.held).toBe(0)
    closeTo(fast.train.inputs.data, [...plain.train.inputs.data])
    closeTo(
      plain.train.inputs.data,
      product((row, k) => dataset.train.x[100 * row + k] / 256 - 0.5, 2500, plain.projections[0])
    )
    const fewer = await prepared(dataset, data(300), { seed: 1 })
    expect(fewer.train.inputs.data).toEqual(plain.train.inputs.data.slice(0, 300 * 7))
  })

  test.each([
    [0.2, 300, 60],
    [45, 300, 45],
    [299, 300, 299],
    [1, 2, 1]
  ])('validation %d of the first %d: %d of their rows apart, none changed, none twice', async (validation, trainLimit, apart) => {
    const dataset = await openDataset(readWorkspace(nowhere), 'mnist10')
    const data = { transforms: [affine, projection(3)], trainLimit, testLimit: 5 }
    const whole = await prepared(dataset, spec(data), { seed: 4 })
    const parts = await prepared(dataset, spec({ ...data, validation }), { seed: 4 })
    const rows = new Set(validationRows(trainLimit, apart, 4))
    const wanted = (there: boolean) => Array.from({ length: trainLimit }, (_, row) => row).filter((row) => rows.has(row) === there)
    for (const [part, places] of [
      [parts.train, wanted(false)],
      [parts.validation, wanted(true)]
    ] as const) {
      expect(part?.inputs.rows).toBe(places.length)
      expect([...(part?.inputs.data ?? [])]).toEqual(places.flatMap((row) => [...whole.train.inputs.data.subarray(3 * row, 3 * row + 3)]))
      expect([...(part?.targets.data ?? [])]).toEqual(
        places.flatMap((row) => [...whole.train.targets.data.subarray(10 * row, 10 * row + 10)])
      )
      expect([...(part?.labels ?? [])]).toEqual(places.map((row) => dataset.train.labels.fine?.[row]))
    }
    expect(parts.test?.inputs.data).toEqual(whole.test?.inputs.data)
    expect(parts.projections).toEqual(whole.projections)
    expect(whole.validation).toBeNull()
  })

  test('a validation split of inputs that are their own targets', async () => {
    const { train, validation } = await prepared(tiny(), spec({ targets: 'input', validation: 1 }), { seed: 0 })
    expect(validation?.targets).toBe(validation?.inputs)
    expect(train.targets).toBe(train.inputs)
    expect([train.inputs.rows, validation?.inputs.rows, validation?.labels]).toEqual([2, 1, null])
  })

  test('a split that leaves one side empty is refused, after the limit', async () => {
    const dataset = tiny()
    const fault = (data: Record<string, unknown>) =>
      checkModelAgainstData({ data: spec(data), model: { layers: [4, 3] } }, dataset.manifest)
    expect(fault({ validation: 3 })).toEqual([
      {
        path: 'data.validation',
        message: 'must be a fraction or a count that gives 1 to 2: of 3 training samples, 3 splits off 3, which leaves none to train on'
      }
    ])
    expect(fault({ validation: 0.1 })[0].message).toBe(
      'must be a fraction or a count that gives 1 to 2: of 3 training samples, 0.1 splits off none of them'
    )
    expect(fault({ validation: 2, trainLimit: 2 })[0].message).toMatch(/of 2 training samples, 2 splits off 2/)
    expect(fault({ validation: 0.5, trainLimit: 1 })[0].message).toBe(
      'must be null (there are too few to split): of 1 training sample, 0.5 splits off 1, which leaves none to train on'
    )
    expect(fault({ validation: 2 })).toEqual([])
    await expect(prepared(dataset, spec({ validation: 7 }), { seed: 0 })).rejects.toThrow('data.validation: must be')
  })

  test('real-valued targets are taken as they are', async () => {
    const dataset = await openDataset(readWorkspace(nowhere), 'linear-regression-3-2')
    const { train } = await prepared(dataset, spec({ trainLimit: 4 }), { seed: 0 })
    expect(train.targets).toMatchObject({ rows: 4, columns: 2 })
    expect([...train.targets.data]).toEqual([...(dataset.train.targets?.slice(0, 8) ?? [])])
    expect(train.labels).toBeNull()
  })

  test('cancelling rejects with the reason; progress rises to 1', async () => {
    const dataset = await openDataset(readWorkspace(nowhere), 'mnist10')
    const seen: number[] = []
    await prepared(dataset, spec({ trainLimit: 1000 }), { seed: 0, onProgress: (fraction) => seen.push(fraction) })
    expect(seen.at(-1)).toBe(1)
    expect([...seen].sort((a, b) => a - b)).toEqual(seen)
    const controller = new AbortController()
    const stopped = prepared(dataset, spec({}), {
      seed: 0,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough'))
    })
    await expect(stopped).rejects.toThrow('enough')
  })
})

describe('checkModelAgainstData', () => {
  const problems = (layers: (number | null)[], data: Record<string, unknown> = {}) =>
    checkModelAgainstData({ data: spec(data), model: { layers } }, tiny().manifest).map(({ path, message }) => `${path}: ${message}`)

  test('names both numbers', () => {
    expect(problems([4, 10, 3])).toEqual([])
    expect(problems([null, 10, 3])).toEqual([])
    expect(problems([60, 10, 5])).toEqual([
      'model.layers.0: the input layer has 60 units, but dataset tiny gives 4 inputs after its transforms',
      'model.layers.2: the output layer has 5 units, but dataset tiny has 3 fine classes'
    ])
    expect(problems([9, 2], { labels: 'coarse', transforms: [projection(9)] })).toEqual([])
    expect(problems([9, 8], { targets: 'input', transforms: [projection(9)] })).toEqual([
      'model.layers.1: the output layer has 8 units, but dataset tiny has 9 targets (the inputs)'
    ])
  })

  test('says when a set has no such labels', async () => {
    const mnist = await openManifest(readWorkspace(nowhere), 'mnist10')
    expect(checkModelAgainstData({ data: spec({ labels: 'coarse' }), model: { layers: [100, 10] } }, mnist)).toEqual([
      { path: 'data.labels', message: 'dataset mnist10 has no coarse labels; use fine' }
    ])
    const dataset = await openDataset(readWorkspace(nowhere), 'mnist10')
    await expect(prepared(dataset, spec({ labels: 'coarse' }), { seed: 0 })).rejects.toThrow(
      'data.labels: dataset mnist10 has no coarse labels'
    )
  })
})

describe('thumbnails', () => {
  test('planes become pixels; reading from disk gives the same as from memory', async () => {
    const place = temporaryFolder()
    const samples = madeSamples(3, 100, 9)
    const folder = writeFiles(temporaryFolder(), cifar100Files(samples, samples).binary)
    await importDataset(readWorkspace(place), folder)
    const dataset = await openDataset(readWorkspace(place), 'cifar-100')
    const memory = datasetThumbnails(dataset, 'train', [2, 1])
    expect(memory).toMatchObject({ width: 32, height: 32, channels: 3, labels: [`fine_${samples.fine[2]}`, `fine_${samples.fine[1]}`] })
    const start = 2 * 3072
    expect([...memory.pixels.subarray(3 * 33, 3 * 33 + 3)]).toEqual([33, 1024 + 33, 2048 + 33].map((place) => samples.x[start + place]))
    const disk = await readThumbnails(readWorkspace(place), 'cifar-100', 'test', { offset: 1, count: 40 })
    expect(disk).toEqual({ ...datasetThumbnails(dataset, 'test', [1, 2]), samples: [1, 2], matched: 3 })
    expect((await readThumbnails(readWorkspace(place), 'cifar-100', 'test', { offset: 99, count: 40 })).pixels).toHaveLength(0)
    const named = { offset: 0, count: 40, samples: [2, 0, 1, 0] }
    expect(await readThumbnails(readWorkspace(place), 'cifar-100', 'train', named)).toEqual({
      ...datasetThumbnails(dataset, 'train', named.samples),
      samples: named.samples,
      matched: 4
    })
    await expect(readThumbnails(readWorkspace(place), 'cifar-100', 'train', { ...named, samples: [1, 3] })).rejects.toThrow(
      'samples: there is no sample 3, they are counted from 0 to 2'
    )
    expect(() => datasetThumbnails(dataset, 'test', [3])).toThrow('sample 3: must be from 0 to 2')
  })

  test('real numbers are scaled to bytes', async () => {
    const pictures = await readThumbnails(readWorkspace(nowhere), 'xor', 'train', { offset: 0, count: 4 })
    expect(pictures).toMatchObject({ width: 2, height: 1, channels: 1, labels: ['same', 'different', 'different', 'same'] })
    expect([...pictures.pixels]).toEqual([0, 0, 0, 255, 255, 0, 255, 255])
  })
})

test('resources/ is found from here, and its absence is one sentence', () => {
  expect(resourcesFolder()).toBe(join(import.meta.dirname, '../../../../resources'))
  expect(() => resourcesFolder('/')).toThrow('the built-in data are missing: no resources/datasets above /')
})

test('in a packaged application resources/ is found in Electron’s own folder', () => {
  const packaged = writeFiles(temporaryFolder(), { 'resources/datasets/mnist10.json': '{}' })
  Object.defineProperty(process, 'resourcesPath', { value: packaged, configurable: true })
  try {
    expect(resourcesFolder('/')).toBe(join(packaged, 'resources'))
    // A development checkout comes first: Electron has a resourcesPath there too.
    expect(resourcesFolder()).toBe(join(import.meta.dirname, '../../../../resources'))
  } finally {
    Reflect.deleteProperty(process, 'resourcesPath')
  }
})

test('an imported IDX set trains like a built-in one', async () => {
  const place = temporaryFolder()
  await importDataset(readWorkspace(place), writeFiles(temporaryFolder(), idxFiles(6, 2)), { id: 'own' })
  const { train, test: half } = await prepared(await openDataset(readWorkspace(place), 'own'), spec({ dataset: 'own' }), { seed: 0 })
  expect([train.inputs.rows, train.inputs.columns, train.targets.columns, half?.inputs.rows]).toEqual([6, 16, 10, 2])
  expect([...train.inputs.data.subarray(0, 3)]).toEqual([0, 5, 10])
})
