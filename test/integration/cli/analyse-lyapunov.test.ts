// Lyapunov exponents through the command: of a run's own checkpoints, against the run's files; of the preset that is a chaotic map; what is refused.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnalysisManifest } from '../../../src/shared/analyses/manifest'
import { parseNpy } from '../../../src/shared/npy'
import { removeFolder, saddlescope, smallSpec, temporaryFolder, writeSpec } from './saddlescope'

let folder: string
let workspace: string
const learningRate = 0.4
const read = (path: string) => parseNpy(readFileSync(path), path)

async function analyse(target: string, ...settings: string[]) {
  const words = settings.flatMap((one) => ['--set', one])
  const { status, stdout, stderr } = await saddlescope('analyse', 'lyapunov', target, '--json', ...words, '--workspace', workspace)
  expect([status, stderr.includes('rror')]).toEqual([0, false])
  const manifest = JSON.parse(stdout) as AnalysisManifest
  expect(Object.entries(manifest.checks).filter(([, { ok }]) => !ok)).toEqual([])
  const made = join(workspace, 'runs', manifest.run ?? '', 'analyses')
  const name = readdirSync(made).find((one) => readFileSync(join(made, one, 'manifest.json'), 'utf8').includes(manifest.createdAt))
  return { manifest, array: (of: string) => read(join(made, name ?? '', manifest.arrays[of].file)) }
}

beforeAll(async () => {
  folder = temporaryFolder()
  workspace = join(folder, 'workspace')
  const net = smallSpec({
    model: { layers: [100, 2, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal' } },
    optimizer: { kind: 'gd', learningRate },
    batch: { size: 100, shuffle: true },
    regularization: { l2: 0.01 },
    budget: { steps: 12 },
    snapshots: { everySteps: 6, eigenvectors: 0 },
    checkpoints: { everySteps: 4, keep: 10 },
    evaluate: { everySteps: null }
  })
  expect((await saddlescope('run', writeSpec(folder, net), '--id', 'net', '--workspace', workspace)).status).toBe(0)
  expect((await saddlescope('run', 'logistic-map', '--workspace', workspace)).status).toBe(0)
}, 120_000)
afterAll(() => removeFolder(folder))

describe('lyapunov', () => {
  test('follows the run to the bit from its checkpoint, with the exponents of single steps from its snapshots', async () => {
    const { manifest, array } = await analyse('net:4', 'steps=8')
    const size = 232
    expect(manifest).toMatchObject({
      kind: 'lyapunov',
      run: 'net',
      step: 4,
      options: { steps: 8, exponents: 'all', discard: 0, tangent: 'exact', orthogonalizeEvery: null, r: null }
    })
    expect(manifest.figures).toMatchObject({ departure: 0, steps: 8, dimension: size, twoOverEta: 2 / learningRate, resumed: 0 })
    const exponents = [...array('exponents').data].map(Number)
    expect(exponents).toHaveLength(size)
    expect(exponents).toEqual([...exponents].sort((a, b) => b - a))
    const sum = exponents.reduce((total, value) => total + value, 0)
    expect(manifest.figures.sum).toBeCloseTo(sum, 12)
    expect(manifest.figures.logDeterminant).toBeCloseTo(sum, 10)
    expect(manifest.figures.largest).toBe(exponents[0])
    expect(array('running').shape.at(-1)).toBe(size)
    expect([...array('running').data].slice(-size).map(Number)).toEqual(exponents)

    expect([...array('oneStepSteps').data].map(Number)).toEqual([0, 6, 12])
    const rows = array('oneStep')
    expect(rows.shape).toEqual([3, size])
    for (const [row, step] of [0, 6, 12].entries()) {
      const snapshot = join(workspace, 'runs', 'net', 'snapshots', `step-${String(step).padStart(6, '0')}`)
      const values = read(join(snapshot, 'eigenvalues.full.npy')).data
      for (const i of [0, 100, size - 1])
        expect(Number(rows.data[row * size + i])).toBeCloseTo(Math.log(Math.abs(1 - learningRate * Number(values[i]))), 12)
    }
    expect(manifest.notes.join(' ')).toContain('Every step has a batch of its own')
  })

  test('the logistic map’s exponent is ln 2', async () => {
    const { manifest } = await analyse('logistic-map:0', 'steps=20000')
    expect(Math.abs((manifest.figures.largest ?? 0) - Math.LN2)).toBeLessThan(3e-3)
    expect(manifest.figures).toMatchObject({ positive: 1, dimension: 1, kaplanYorke: null })
  })

  test('says what it cannot do', async () => {
    const call = (...words: string[]) => saddlescope('analyse', 'lyapunov', ...words, '--workspace', workspace)
    const other = await call('net:6')
    expect(other.status).not.toBe(0)
    expect(other.stderr).toMatch(/6.*checkpoint|checkpoint.*6/)
    expect((await call('net', '--set', 'exponents=0')).stderr).toContain('exponents')
  })
})
