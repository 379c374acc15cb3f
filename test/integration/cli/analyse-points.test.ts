// `analyse landau` and `analyse scales` of a run's step and of a spec's start: arrays against the run's own snapshot and loss, and wrong input refused in a sentence.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseNpy, toFloat64 } from '../../../src/shared/npy'
import { metricsOf, removeFolder, saddlescope, smallSpec, temporaryFolder, writeSpec } from './saddlescope'

let folder: string
let workspace: string
let spec: string
beforeAll(async () => {
  folder = temporaryFolder()
  workspace = join(folder, 'workspace')
  spec = writeSpec(
    folder,
    smallSpec({
      snapshots: { everySteps: 4, eigenvectors: 4, hessian: false },
      budget: { steps: 8 },
      checkpoints: { everySteps: 4, keep: 9 },
      evaluate: { everySteps: null }
    })
  )
  expect((await saddlescope('run', spec, '--id', 'one', '--workspace', workspace)).status).toBe(0)
})
afterAll(() => removeFolder(folder))

const call = (...words: string[]) => saddlescope(...words, '--workspace', workspace)
const read = (path: string) => toFloat64(parseNpy(readFileSync(path), path))
const run = () => join(workspace, 'runs', 'one')

interface Manifest {
  readonly run: string | null
  readonly step: number
  readonly figures: Record<string, number | null>
  readonly arrays: Record<string, { file: string; shape: number[]; meaning: string; unit: string | null }>
  readonly checks: Record<string, { ok: boolean }>
}

async function analysed(...words: string[]): Promise<Manifest> {
  const { status, stdout, stderr } = await call('analyse', ...words, '--json')
  expect(status, stderr).toBe(0)
  const manifest = JSON.parse(stdout) as Manifest
  for (const [name, { ok }] of Object.entries(manifest.checks)) expect([name, ok]).toEqual([name, true])
  return manifest
}

describe('an analysis at a point', () => {
  test('landau works on the batch of the snapshot: the same eigenvalues, the loss of the next step, its directions told apart', async () => {
    const manifest = await analysed('landau', 'one:4', '--set', 'vectors=6')
    expect(manifest).toMatchObject({ run: 'one', step: 4 })
    const array = (name: string) => read(join(run(), 'analyses', 'landau-4', manifest.arrays[name].file))
    const stored = read(join(run(), 'snapshots', 'step-000004', 'eigenvalues.full.npy'))
    const found = array('eigenvalues')
    const scale = Math.max(...stored.map(Math.abs))
    ;[0, 1, 2, stored.length - 3, stored.length - 2, stored.length - 1].forEach((index, k) => {
      expect(array('indices')[k]).toBe(index)
      expect(Math.abs(found[k] - stored[index]) / scale).toBeLessThan(1e-12)
    })
    const a = array('coefficients')
    const next = metricsOf(run()).find(({ step }) => step === 5)
    for (let k = 0; k < 6; k++) {
      expect(a[7 * k] / Number(next?.loss)).toBeCloseTo(1, 13)
      expect(Math.abs(2 * a[7 * k + 2] - found[k]) / scale).toBeLessThan(1e-11)
    }
    const { troughs, saddles } = manifest.figures
    expect(Number(troughs)).toBeGreaterThanOrEqual(3)
    expect([...found].filter((value) => value < 0)).toHaveLength(Number(saddles))
  })

  test('scales of a spec goes where --out says, and flattens out to uᵀHu', async () => {
    const out = join(folder, 'scales')
    const manifest = await analysed('scales', spec, '--out', out, '--set', 'count=3', '--set', 'perDecade=4')
    expect([manifest.run, manifest.step]).toEqual([null, 0])
    const array = (name: string) => read(join(out, manifest.arrays[name].file))
    const [curvature, limits, epsilon] = [array('curvature'), array('limits'), array('epsilon')]
    expect(manifest.arrays.curvature.shape).toEqual([9, 37])
    expect(epsilon[0]).toBe(1e-8)
    const scale = Math.max(...limits.map(Math.abs))
    for (let k = 0; k < 9; k++) expect(Math.abs(curvature[k * 37] - limits[k]) / scale).toBeLessThan(1e-10)
    expect(Math.abs(Number(manifest.figures.fractionalSlope) + 1.5)).toBeLessThan(0.1)
  })

  test('what cannot be done is refused in a sentence, and nothing is made', async () => {
    const refused = async (words: string[], sentence: string) => {
      const result = await call('analyse', ...words)
      expect([result.status, result.stderr]).toEqual([2, expect.stringContaining(sentence)])
    }
    await refused(['landau', spec], 'landau of a spec needs a folder to go to: give --out DIR')
    await refused(['landau', 'one:5'], 'run "one" has no stored weights of step 5; it has 0, 4, 8')
    await refused(['landau', 'one:4', '--set', 'order=99'], 'order')
    await refused(['scales', 'one:4', '--set', 'from=5', '--set', 'to=1'], 'from must be below to, got 5 and 1')
    await refused(['landau', 'one:4', '--set', 'vectors=[100000]'], 'vectors: 100000 is no number of an eigenvalue')
    expect(existsSync(join(run(), 'analyses', 'landau-8'))).toBe(false)
  })
})
