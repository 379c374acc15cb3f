// influence and relaxation through the command, on the presets made for them: what their arrays hold against the data set and against each other.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBuiltIn } from '../../../src/store/datasets/built-in'
import { parseNpy, toFloat64 } from '../../../src/shared/npy'
import { removeFolder, saddlescope, temporaryFolder } from './saddlescope'

let folder: string
let workspace: string

interface Manifest {
  readonly figures: Record<string, number | null>
  readonly checks: Record<string, { ok: boolean }>
  readonly arrays: Record<string, { shape: number[] }>
  readonly notes: string[]
}

async function analysed(kind: string, run: string, name: string, ...settings: string[]) {
  const words = [...settings.flatMap((one) => ['--set', one]), '--workspace', workspace]
  const { status, stdout, stderr } = await saddlescope('analyse', kind, run, '--json', ...words)
  expect(status, stderr).toBe(0)
  const manifest = JSON.parse(stdout) as Manifest
  expect(Object.entries(manifest.checks).filter(([, { ok }]) => !ok)).toEqual([])
  return { manifest, array: (of: string) => readArray(join(workspace, 'runs', run, 'analyses', name, `${of}.npy`)) }
}

const readArray = (path: string) => toFloat64(parseNpy(readFileSync(path), path))
const transforms = `data.transforms=${JSON.stringify([
  { kind: 'affine', divide: 256, subtract: 0 },
  { kind: 'random-projection', dim: 12 }
])}`

beforeAll(async () => {
  folder = temporaryFolder()
  workspace = join(folder, 'workspace')
  const run = (preset: string, id: string, ...settings: string[]) =>
    saddlescope('run', preset, '--id', id, '--workspace', workspace, ...settings.flatMap((one) => ['--set', one]))
  const ran = [
    await run(
      'influence-softmax',
      'softmax',
      'data.trainLimit=120',
      'data.validation=20',
      'data.testLimit=30',
      transforms,
      'model.layers=[12,10]'
    ),
    await run('fd-newton-joint', 'square', 'budget.steps=3')
  ]
  expect(ran.map(({ status, stderr }) => [status, stderr.match(/error.*/i)?.[0]])).toEqual([
    [0, undefined],
    [0, undefined]
  ])
}, 120_000)
afterAll(() => removeFolder(folder))

describe('influence', () => {
  test('names its samples by their places in the data set, validation split off, and agrees with samples left out for real', async () => {
    const { manifest, array } = await analysed('influence', 'softmax', 'influence-8', 'order=3', 'retrain=6', 'test=[3,0,29]')
    expect(manifest.figures).toMatchObject({ weight: 0.01, onTest: 1, order: 3, negative: null })
    expect(manifest.figures.spearman ?? 0).toBeGreaterThan(0.99)
    const digits = await openBuiltIn('mnist10')
    const [places, labels] = [array('trainPlaces'), array('trainLabels')]
    expect(new Set(places).size).toBe(100)
    expect([...places].every((place, i) => place < 120 && (i === 0 || place > places[i - 1]))).toBe(true)
    expect([...places]).not.toEqual([...array('trainRows')])
    expect([...labels]).toEqual([...places].map((place) => digits?.train.labels.fine?.[place]))
    expect([...array('testPlaces')]).toEqual([3, 0, 29])
    expect([...array('testLabels')]).toEqual([3, 0, 29].map((place) => digits?.test?.labels.fine?.[place]))

    const [influences, orders, actual, retrained] = ['influence', 'orders', 'actual', 'retrained'].map(array)
    expect(manifest.arrays.orders.shape).toEqual([3, 100, 3])
    expect([...orders.subarray(600)]).toEqual([...influences])
    const errors = [0, 0, 0]
    for (const [place, n] of retrained.entries())
      for (let m = 0; m < 3; m++)
        for (const k of [0, 1, 2]) errors[k] += Math.abs(0.01 * (orders[k * 300 + n * 3 + m] - actual[place * 3 + m])) / 18
    for (const k of [0, 1, 2]) expect(manifest.figures[`error${k + 1}`]).toBeCloseTo(errors[k], 14)
    expect(errors[0] / errors[1] > 5 && errors[1] / errors[2] > 2).toBe(true)
  })

  test('refuses a row that is none, with the rows there are', async () => {
    const { status, stderr } = await saddlescope('analyse', 'influence', 'softmax', '--set', 'train=[100]', '--workspace', workspace)
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('influence: train has row 100, which is not among the 100 training rows of the loss')
    ])
  })
})

describe('relaxation', () => {
  test('plain diverges by the spectrum, MINRES ends at the direct solution', async () => {
    const plain = await analysed('relaxation', 'square', 'relaxation-3')
    expect(plain.manifest.figures).toMatchObject({ converged: 0 })
    const spectrum = plain.array('spectrum')
    expect(spectrum).toHaveLength(200)
    expect(plain.manifest.figures.predictedRate).toBe(Math.max(...spectrum.map((mu) => Math.abs(1 - mu))))
    expect(plain.manifest.figures.nonPositive).toBe(spectrum.filter((mu) => mu <= 0).length)
    const solved = await analysed('relaxation', 'square', 'relaxation-3-2', 'method=minres')
    expect(solved.manifest.figures).toMatchObject({ converged: 1 })
    expect(solved.manifest.figures.distance ?? 1).toBeLessThan(1e-6)
    const residuals = solved.array('residuals')
    expect([residuals[0], residuals[residuals.length - 1]]).toEqual([1, solved.manifest.figures.residual])
  })
})
