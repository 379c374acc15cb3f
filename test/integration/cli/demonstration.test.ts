// Both programs of the demonstration, from an archive in CIFAR-100's layout to weights on disk, against NumPy; and on the real sample where it is.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatNpy, npzParts, openNpz, bytesSource, toFloat64 } from '../../../src/shared/npy'
import { cifar100Files, entriesOf, tarGz, type MadeSamples } from '../../unit/store/formats/archives'
import golden from '../../reference/cli/golden.json'
import { metricsOf, removeFolder, saddlescope, statusOf, temporaryFolder } from './saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const at = ['--workspace', workspace]
const runFolder = (id: string) => join(workspace, 'runs', id)
const { samples, width } = golden
const [pixels, classes] = [3072, 100]
afterAll(() => removeFolder(folder))

/** The generator's hash: numbers in [0, 1). */
function hashed(count: number, salt: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let mixed = Math.imul(i + 1 + 1_000_003 * salt, 2654435761) >>> 0
    mixed = Math.imul(mixed ^ (mixed >>> 15), 2246822519) >>> 0
    mixed = Math.imul(mixed ^ (mixed >>> 13), 3266489917) >>> 0
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  })
}
const centred = (count: number, salt: number, scale: number) => hashed(count, salt).map((value) => (value - 0.5) * scale)

const weights = {
  W1: { shape: [width, width], data: centred(width * width, 4, 1) },
  W2: { shape: [width, classes], data: centred(width * classes, 5, 1) }
}
const perceptron = { W1: { shape: [pixels, classes], data: centred(pixels * classes, 6, 0.1) } }
const file = (name: string) => join(folder, name)
const set = (...settings: string[]) => settings.flatMap((setting) => ['--set', setting])
const init = (name: string) => `model.init=${JSON.stringify({ kind: 'npz', path: file(name) })}`

beforeAll(async () => {
  const made: MadeSamples = {
    count: samples,
    x: Uint8Array.from(hashed(samples * pixels, 1), (value) => Math.floor(value * 256)),
    fine: Array.from(hashed(samples, 2), (value) => Math.floor(value * classes)),
    coarse: Array.from({ length: samples }, (_, i) => i % 20)
  }
  writeFileSync(file('cifar-100-python.tar.gz'), tarGz(entriesOf(cifar100Files(made, made).python, 'cifar-100-python')))
  writeFileSync(file('start.npz'), Buffer.concat([...npzParts(weights)]))
  writeFileSync(file('perceptron.npz'), Buffer.concat([...npzParts(perceptron)]))
  writeFileSync(file('projection.npy'), formatNpy({ shape: [pixels, width], data: centred(pixels * width, 3, 2 / Math.sqrt(pixels)) }))
  const imported = await saddlescope('datasets', 'import', file('cifar-100-python.tar.gz'), ...at)
  expect(imported.status, imported.stderr).toBe(0)
})

/** New minus old, by array. */
async function updates(id: string, start: Record<string, { data: Float64Array }>): Promise<Record<string, Float64Array>> {
  const path = join(runFolder(id), 'checkpoints', 'step-000001', 'weights.npz')
  const npz = await openNpz(bytesSource(readFileSync(path), path))
  const result: Record<string, Float64Array> = {}
  for (const name of npz.names) result[name] = toFloat64(await npz.read(name)).map((value, k) => value - start[name].data[k])
  return result
}

function distance(found: ArrayLike<number>, wanted: readonly number[]): number {
  const difference = wanted.map((value, k) => value - found[k])
  return Math.hypot(...difference) / Math.hypot(...wanted)
}

describe('one step from given weights agrees with NumPy', () => {
  test('saddle-free Newton by layer blocks', async () => {
    const projection = JSON.stringify({ kind: 'random-projection', dim: width, matrix: file('projection.npy') })
    const { status, stderr } = await saddlescope(
      'run',
      'sfn-cifar100',
      '--id',
      'slow',
      ...set(`model.layers=[${width},${width},${classes}]`, `data.transforms.1=${projection}`, init('start.npz'), `batch.size=${samples}`),
      ...set('budget.steps=1', 'snapshots.everySteps=1'),
      ...at
    )
    expect(status, stderr).toBe(0)
    const found = await updates('slow', weights)
    expect(distance(found.W1, golden.slow.W1)).toBeLessThan(1e-6)
    expect(distance(found.W2, golden.slow.W2)).toBeLessThan(1e-6)
    const [line] = metricsOf(runFolder('slow'))
    expect(line.loss).toBeCloseTo(golden.slow.loss, 9)
    expect(existsSync(join(runFolder('slow'), 'snapshots', 'step-000001', 'eigenvalues.W2.npy'))).toBe(true)
  })
  test.each([
    ['limit', ['optimizer.mode=limit'], golden.fast.limit, 1e-8],
    ['finite-difference', ['optimizer.r=1e-6'], golden.fast.difference, 1e-5]
  ] as const)('finite-difference Newton, mode %s', async (mode, settings, wanted, tolerance) => {
    // The preset's own mode is finite-difference with its r; the limit has none.
    const optimizer = mode === 'limit' ? ['optimizer={"kind":"fd-newton","mode":"limit","learningRate":0.1}'] : [...settings]
    const { status, stderr } = await saddlescope(
      'run',
      'fd-newton-cifar100',
      '--id',
      mode,
      ...set(...optimizer, init('perceptron.npz'), `batch.size=${samples}`, 'budget.steps=1'),
      ...at
    )
    expect(status, stderr).toBe(0)
    const { W1 } = await updates(mode, perceptron)
    const found = golden.fast.entries.map((entry) => W1[entry])
    expect(distance(found, wanted)).toBeLessThan(tolerance)
    const sums = Array.from({ length: classes }, (_, column) =>
      W1.reduce((sum, value, k) => (k % classes === column ? sum + value : sum), 0)
    )
    expect(distance(sums, golden.fast.columnSums)).toBeLessThan(Math.max(tolerance, 1e-7) * 10)
  })
})

const sample = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'datasets', 'cifar-100-sample', 'cifar-100-python.tar.gz')

describe.runIf(existsSync(sample))('the presets on real pixels', () => {
  const real = ['--workspace', join(folder, 'real')]
  beforeAll(async () => {
    const { status, stderr } = await saddlescope('datasets', 'import', sample, ...real)
    expect(status, stderr).toBe(0)
  })
  test('sfn-cifar100 takes a step of exact layer blocks and keeps the spectra of both', async () => {
    const { status, stderr } = await saddlescope(
      'run',
      'sfn-cifar100',
      '--id',
      'sfn',
      ...set('budget.steps=3', 'snapshots.everySteps=null'),
      ...real
    )
    expect(status, stderr).toBe(0)
    const lines = metricsOf(join(folder, 'real', 'runs', 'sfn'))
    expect(lines.map(({ step }) => step)).toEqual([1, 2, 3])
    expect(statusOf(join(folder, 'real', 'runs', 'sfn'))).toMatchObject({ state: 'done', parameterCount: 7500 })
  })
  test('fd-newton-cifar100 lowers the loss over an epoch', async () => {
    const { status, stderr } = await saddlescope(
      'run',
      'fd-newton-cifar100',
      '--id',
      'fd',
      ...set('batch.size=500', 'budget.epochs=2'),
      ...real
    )
    expect(status, stderr).toBe(0)
    const lines = metricsOf(join(folder, 'real', 'runs', 'fd'))
    expect(lines).toHaveLength(4)
    expect(Number(lines[2].loss)).toBeLessThan(Number(lines[0].loss))
    expect(typeof lines[3].testAccuracy).toBe('number')
  })
})
