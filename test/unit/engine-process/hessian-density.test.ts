// `hessian --density` against the whole spectrum of the same Hessian.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { computeHessian } from '../../../src/engine-process/hessian'
import { computeHessianDensity, type HessianDensityReport } from '../../../src/engine-process/hessian-density'
import { openLinalg, type Linalg } from '../../../src/engine/linalg'
import { parseNpy } from '../../../src/shared/npy'
import { checkSpec } from '../../../src/shared/spec/check'
import type { RunSpec } from '../../../src/shared/spec/schema'
import { temporaryWorkspace } from '../store/fake-run'
import type { Workspace } from '../../../src/store'

let workspace: Workspace
let remove: () => Promise<void>
let linalg: Linalg
let folder: string
let report: HessianDensityReport
let eigenvalues: Float64Array

const spec = async (layers: number[]): Promise<RunSpec> => {
  const checked = await checkSpec({
    schemaVersion: 1,
    name: 'density',
    seed: 5,
    data: { dataset: 'mnist10', trainLimit: 60, transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }] },
    model: { layers, activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 1 } },
    loss: 'softmax-cross-entropy',
    batch: { size: 60, shuffle: false },
    optimizer: { kind: 'sfn', scope: 'full' },
    budget: { steps: 1 }
  })
  if (checked.spec === null) throw new Error(JSON.stringify(checked.problems))
  return checked.spec
}
const array = async (name: string) => {
  const found = parseNpy(await readFile(join(folder, name)), name)
  return { shape: found.shape, data: Float64Array.from(found.data as Float64Array) }
}
const call = { signal: new AbortController().signal, onProgress: () => undefined }

beforeAll(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  folder = await mkdtemp(join(tmpdir(), 'saddlescope-density-'))
  linalg = await openLinalg({ threads: 1 })
  report = await computeHessianDensity(workspace, linalg, { spec: await spec([100, 3, 10]), out: folder, ...call })
  await computeHessian(workspace, linalg, { spec: await spec([100, 3, 10]), out: folder, scope: 'full', vectors: false, repeat: 1 })
  eigenvalues = (await array('eigenvalues.full.npy')).data
})
afterAll(async () => {
  await linalg.dispose()
  await rm(folder, { recursive: true, force: true })
  await remove()
})

describe('a density in place of the matrix', () => {
  it('has the extreme eigenpairs of the whole spectrum', async () => {
    const { data } = await array('eigenvalues.extreme.npy')
    const scale = Math.max(...eigenvalues.map(Math.abs))
    const expected = [...eigenvalues.slice(0, 8), ...eigenvalues.slice(-8)]
    expected.forEach((value, k) => expect(Math.abs(data[k] - value) / scale).toBeLessThan(1e-12))
    expect((await array('eigenvectors.extreme.npy')).shape).toEqual([343, 16])
    expect(Object.values(report.checks).every(({ ok }) => ok)).toBe(true)
  })

  it('and a density whose trace, ends and integral up to any point are those of the spectrum, within its error bars', async () => {
    const [grid, density] = [(await array('density.grid.npy')).data, (await array('density.npy')).data]
    const { trace = NaN, traceError = NaN, sigma = NaN, lowest, highest } = report.figures as Record<string, number>
    const exact = eigenvalues.reduce((sum, value) => sum + value, 0)
    expect(Math.abs(trace - exact)).toBeLessThan(4 * traceError)
    // Hutchinson's estimate by signs has the variance 2 Σ H_ij² over i ≠ j; 16 probes.
    const { data } = await array('hessian.npy')
    let squares = 0
    data.forEach((value, k) => (squares += k % 344 === 0 ? 0 : value * value))
    expect(traceError / Math.sqrt((2 * squares) / 16)).toBeGreaterThan(0.5)
    expect(traceError / Math.sqrt((2 * squares) / 16)).toBeLessThan(2)
    expect(lowest).toBeGreaterThanOrEqual(eigenvalues[0] - 1e-12)
    expect(highest).toBeLessThanOrEqual(eigenvalues[342] + 1e-12)
    // The exact spectrum under the same Gaussian: within four standard errors (of 16 probes, not normal) nearly everywhere, and close up to any point.
    const error = (await array('density.error.npy')).data
    let [outside, gap, worst] = [0, 0, 0]
    grid.forEach((x, k) => {
      let sum = 0
      for (const value of eigenvalues) sum += Math.exp(-((x - value) ** 2) / (2 * sigma * sigma))
      const smooth = sum / (343 * sigma * Math.sqrt(2 * Math.PI))
      if (Math.abs(density[k] - smooth) > 4 * error[k] + 1e-3 * smooth) outside++
      gap += (density[k] - smooth) * (grid[1] - grid[0])
      worst = Math.max(worst, Math.abs(gap))
    })
    expect(outside / grid.length).toBeLessThan(0.1)
    expect(worst).toBeLessThan(0.02)
  })

  it('keeps what it says in density.json, with every file beside it', async () => {
    const kept = JSON.parse(await readFile(join(folder, 'density.json'), 'utf8')) as HessianDensityReport
    expect(kept.figures).toEqual(report.figures)
    const names = await readdir(folder)
    for (const file of report.files) expect(names).toContain(file)
  })

  it('is what the refusal of a matrix too large points to, before anything is made', async () => {
    const out = join(folder, 'huge')
    const request = { spec: await spec([100, 900, 10]), out, scope: 'full', vectors: false, repeat: 1 } as const
    await expect(computeHessian(workspace, linalg, request)).rejects.toThrow(
      /needs .* \(\d+ bytes\), .* \(\d+ bytes\) are available.*--density/
    )
    expect(await readdir(folder)).not.toContain('huge')
  })

  it('ends when it is cancelled', async () => {
    const stop = new AbortController()
    const onProgress = (fraction: number) => fraction > 0.2 && stop.abort(new Error('stopped'))
    const out = join(folder, 'cancelled')
    await expect(
      computeHessianDensity(workspace, linalg, { spec: await spec([100, 3, 10]), out, signal: stop.signal, onProgress })
    ).rejects.toThrow('stopped')
    expect(await readdir(out)).not.toContain('density.json')
  })
})
