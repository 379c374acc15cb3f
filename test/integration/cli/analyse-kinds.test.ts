// landscape, overlap, ntk, density and fd-sweep through the command: their arrays, read here byte by byte, against the run's own files and sums taken here.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { metricsOf, removeFolder, saddlescope, smallSpec, start, temporaryFolder, writeSpec } from './saddlescope'

let folder: string
let workspace: string
const call = (...words: string[]) => saddlescope(...words, '--workspace', workspace)

/** A .npy file of doubles by its published format, version 1.0. */
function readDoubles(path: string): { shape: number[]; data: Float64Array } {
  const file = readFileSync(path)
  expect(file.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00')
  const length = file.readUInt16LE(8)
  const header = file.subarray(10, 10 + length).toString('latin1')
  expect(header).toMatch(/'descr': '<f8', 'fortran_order': False/)
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').flatMap((word) => (word.trim() === '' ? [] : [Number(word)]))
  const count = shape.reduce((product, n) => product * n, 1)
  expect(file.length).toBe(10 + length + 8 * count)
  return { shape, data: Float64Array.from({ length: count }, (_, k) => file.readDoubleLE(10 + length + 8 * k)) }
}

interface Manifest {
  readonly kind: string
  readonly run: string | null
  readonly step: number
  readonly options: Record<string, unknown>
  readonly figures: Record<string, number | null>
  readonly checks: Record<string, { value: number | null; limit: number; ok: boolean }>
  readonly arrays: Record<string, { file: string; shape: number[]; meaning: string; unit: string | null }>
  readonly notes: string[]
}

async function analyse(kind: string, target: string, ...settings: string[]) {
  const { status, stdout, stderr } = await call('analyse', kind, target, '--json', ...settings.flatMap((one) => ['--set', one]))
  expect([status, stderr.includes('rror')]).toEqual([0, false])
  const manifest = JSON.parse(stdout) as Manifest
  const made = join(workspace, 'runs', manifest.run ?? '', 'analyses')
  const path = readdirSync(made)
    .map((name) => join(made, name))
    .find((one) => JSON.stringify(JSON.parse(readFileSync(join(one, 'manifest.json'), 'utf8'))) === JSON.stringify(manifest))
  const failing = Object.entries(manifest.checks).filter(([, { ok, value, limit }]) => !ok || value === null || value > limit)
  expect(failing).toEqual([])
  const array = (name: string) => {
    const { file, shape } = manifest.arrays[name]
    const found = readDoubles(join(path ?? '', file))
    expect(found.shape).toEqual(shape)
    return found.data
  }
  return { manifest, array, figures: manifest.figures, checks: manifest.checks }
}

const lossOfStep = (run: string, step: number) =>
  (metricsOf(join(workspace, 'runs', run)) as unknown as { step: number; loss: number }[]).find((line) => line.step === step)?.loss

beforeAll(async () => {
  folder = temporaryFolder()
  workspace = join(folder, 'workspace')
  const every = {
    snapshots: { everySteps: 8, eigenvectors: 0 },
    checkpoints: { everySteps: 4, keep: 100 },
    budget: { steps: 16 },
    evaluate: { everySteps: null }
  }
  const decayed = smallSpec({
    ...every,
    loss: 'half-sse',
    regularization: { l2: 0.01 },
    optimizer: { kind: 'sfn', damping: { kind: 'shifted-abs', value: 10 }, learningRate: 0.3 }
  })
  const perceptron = smallSpec({
    ...every,
    loss: 'half-sse',
    model: { layers: [100, 10], activation: { kind: 'leaky-relu', slope: 0.5 }, bias: false },
    optimizer: { kind: 'gd', learningRate: 1e-4 },
    batch: { size: 40, shuffle: true }
  })
  for (const [id, spec] of [
    ['net', decayed],
    ['perceptron', perceptron]
  ] as const)
    expect((await saddlescope('run', writeSpec(folder, spec, `${id}.json`), '--id', id, '--workspace', workspace)).status).toBe(0)
}, 120_000)
afterAll(() => removeFolder(folder))

describe('landscape', () => {
  test('has the loss that the run recorded in its middle, bit by bit, and its path', async () => {
    const { manifest, array, figures, checks } = await analyse('landscape', 'net:8', 'size=21')
    expect(manifest).toMatchObject({
      kind: 'landscape',
      run: 'net',
      step: 8,
      options: { plane: 'eigenvectors', size: 21, extent: null, data: 'batch' }
    })
    const recorded = lossOfStep('net', 9)
    expect(figures.centerLoss).toBe(recorded)
    expect(checks.recorded.value).toBe(0)
    const loss = array('loss')
    expect(loss).toHaveLength(441)
    expect(loss[220] / (recorded ?? 0)).toBeCloseTo(1, 13)
    expect(figures.lowest).toBe(Math.min(...loss))
    expect(figures.highest).toBe(Math.max(...loss))
    expect([...array('pathSteps')]).toEqual([0, 4, 8, 12, 16])
    const path = array('path')
    // The checkpoint that it was asked for lies in the middle.
    expect([path[4], path[5], array('pathDistance')[2]]).toEqual([0, 0, 0])
    expect(array('pathLoss')[2]).toBe(recorded)
    const axes = array('axes')
    const size = axes.length / 2
    const [a, b] = [axes.subarray(0, size), axes.subarray(size)]
    const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * y[i], 0)
    expect(Math.max(Math.abs(dot(a, a) - 1), Math.abs(dot(b, b) - 1), Math.abs(dot(a, b)))).toBeLessThan(1e-13)
    // A parabola of the largest curvature, close to the middle.
    const u = array('u')
    expect((loss[221] + loss[219] - 2 * loss[220]) / u[11] ** 2 / (figures.curvatureU ?? 0)).toBeCloseTo(1, 1)
  })

  test('of the trajectory, on all training data: shares of the checkpoints, whose weights it goes by', async () => {
    const { array, figures, checks, manifest } = await analyse('landscape', 'net', 'plane=trajectory', 'data=all', 'size=11')
    expect(manifest.step).toBe(16)
    expect(checks).not.toHaveProperty('recorded')
    const [path, distances] = [array('path'), array('pathDistance')]
    const squares = [0, 1, 2, 3, 4].map((k) => [path[2 * k] ** 2, path[2 * k + 1] ** 2, distances[k] ** 2])
    const total = squares.flat().reduce((sum, value) => sum + value, 0)
    for (const [axis, share] of [figures.shareU, figures.shareV].entries())
      expect(squares.reduce((sum, row) => sum + row[axis], 0) / total).toBeCloseTo(share ?? 0, 10)
    expect(figures.shareU).toBeGreaterThan(figures.shareV ?? 1)
    expect(manifest.notes.join(' ')).toContain('all 250 training samples')
  })

  test('leaves nothing when it is interrupted', { timeout: 120_000 }, async () => {
    const made = join(workspace, 'runs', 'net', 'analyses')
    const before = readdirSync(made)
    const begun = start(['analyse', 'landscape', 'net', '--set', 'size=1001', '--set', 'data=all', '--workspace', workspace])
    const poll = setInterval(() => {
      if (readdirSync(made).length === before.length) return
      clearInterval(poll)
      begun.kill('SIGINT')
    }, 5)
    const ended = await begun.ended
    clearInterval(poll)
    expect(ended.status).toBe(130)
    expect(readdirSync(made)).toEqual(before)
  })
})

describe('the others', () => {
  test('overlap compares all stored steps, in both ways', async () => {
    const { array, figures, manifest } = await analyse('overlap', 'net', 'vectors=6', 'against=first')
    const steps = array('steps')
    expect([...steps]).toEqual([0, 4, 8, 12, 16])
    const overlap = array('overlap')
    for (let a = 0; a < 5; a++) {
      expect(overlap[6 * a]).toBeCloseTo(1, 12)
      for (let b = 0; b < 5; b++) expect(overlap[5 * a + b]).toBe(overlap[5 * b + a])
    }
    expect([...array('against')]).toEqual([0, 1, 2, 3, 4].map((a) => overlap[5 * a]))
    const size = 100 * 3 + 3 + 3 * 10 + 10
    expect(figures.chance).toBe(6 / size)
    expect(manifest.arrays.ipr.shape).toEqual([5, 6])
    const eigenvalues = array('eigenvalues')
    for (let row = 0; row < 5; row++)
      for (let k = 1; k < 6; k++) expect(Math.abs(eigenvalues[row * 6 + k])).toBeLessThanOrEqual(Math.abs(eigenvalues[row * 6 + k - 1]))
    // The snapshot of step 8 has all eigenvalues of the same Hessian.
    const spectrum = readDoubles(join(workspace, 'runs', 'net', 'snapshots', 'step-000008', 'eigenvalues.full.npy')).data
    const leading = [...spectrum].sort((a, b) => Math.abs(b) - Math.abs(a)).slice(0, 6)
    leading.forEach((value, k) => expect(eigenvalues[2 * 6 + k] / value).toBeCloseTo(1, 10))
  })

  test('ntk agrees with the Gauss–Newton matrix of the same samples', async () => {
    const { array, figures, manifest } = await analyse('ntk', 'net:8', 'samples=20')
    const [eigenvalues, ggn] = [array('eigenvalues'), array('ggn')]
    expect([eigenvalues.length, ggn.length, figures.rows]).toEqual([200, 200, 200])
    eigenvalues.forEach((value, k) => expect(Math.abs(value - ggn[k])).toBeLessThan(1e-11 * eigenvalues[0]))
    expect(eigenvalues.reduce((sum, value) => sum + value, 0) / (figures.trace ?? 0)).toBeCloseTo(1, 12)
    expect(manifest.notes[0]).toContain('first 20 of 60 samples')
  })

  test('density has the trace and the ends of the snapshot’s spectrum', async () => {
    const { array, figures } = await analyse('density', 'net:8', 'probes=20', 'vectors=60')
    const spectrum = readDoubles(join(workspace, 'runs', 'net', 'snapshots', 'step-000008', 'eigenvalues.full.npy')).data
    const trace = spectrum.reduce((sum, value) => sum + value, 0)
    expect(Math.abs((figures.trace ?? 0) - trace)).toBeLessThan(5 * (figures.traceError ?? 0))
    expect((figures.highest ?? 0) / spectrum[spectrum.length - 1]).toBeCloseTo(1, 8)
    expect((figures.lowest ?? 0) / spectrum[0]).toBeCloseTo(1, 6)
    const [grid, density] = [array('grid'), array('density')]
    let integral = 0
    for (let k = 1; k < grid.length; k++) integral += ((density[k] + density[k - 1]) / 2) * (grid[k] - grid[k - 1])
    expect(integral).toBeCloseTo(1, 3)
    expect(Math.min(...array('error'))).toBeGreaterThanOrEqual(0)
  })

  test('fd-sweep gives what the command fd-sweep prints, of a run’s weights and of a spec’s', async () => {
    const out = join(folder, 'swept')
    const spec = join(folder, 'perceptron.json')
    // At the start the command's first batch is the file's; the run's batches are shuffled.
    const plain = writeSpec(
      folder,
      { ...(JSON.parse(readFileSync(spec, 'utf8')) as object), batch: { size: 40, shuffle: false } },
      'plain.json'
    )
    const swept = await saddlescope('analyse', 'fd-sweep', plain, '--out', out, '--json', '--workspace', workspace)
    expect(swept.status).toBe(0)
    expect(JSON.parse(swept.stdout)).toMatchObject({ run: null, step: 0, checks: { limit: { ok: true } } })
    const rows = JSON.parse((await call('fd-sweep', plain, '--json')).stdout) as {
      r: number
      twoSided: number | null
      oneSided: number | null
    }[]
    expect([...readDoubles(join(out, 'r.npy')).data]).toEqual(rows.map(({ r }) => r))
    const { shape, data } = readDoubles(join(out, 'error.npy'))
    expect(shape).toEqual([2, 27])
    rows.forEach(({ twoSided, oneSided }, k) => expect([data[k], data[27 + k]]).toEqual([twoSided ?? Number.NaN, oneSided ?? Number.NaN]))
    const { manifest, array } = await analyse('fd-sweep', 'perceptron:4', 'r=[1e-3,1e-6]')
    expect(manifest.arrays.error.shape).toEqual([2, 2])
    expect([...array('r')]).toEqual([1e-3, 1e-6])
  })

  test.each([
    [['landscape', 'net:8', '--set', 'size=20'], 'landscape: size: must be odd: the centre is on the grid'],
    [['landscape', 'net:8', '--set', 'vectors=[0,999]'], 'vectors: there are 343 eigenvectors, 0 to 342; got 999'],
    [['landscape', 'net:5'], 'run "net" has no stored weights of step 5; it has 0, 4, 8, 12, 16'],
    [['overlap', 'net', '--set', 'against=5'], 'the weights of step 5 are not stored; those of 0, 4, 8, 12, 16 are'],
    [['ntk', 'net', '--set', 'samples=513'], /ntk: samples: .*512/],
    [['density', 'net', '--set', 'probes=1'], /density: probes: .*2/],
    [['fd-sweep', 'net'], 'fd-sweep: regularization.l2 must be 0']
  ] as const)('%j is refused with one sentence', async (words, sentence) => {
    const made = join(workspace, 'runs', 'net', 'analyses')
    const before = existsSync(made) ? readdirSync(made) : []
    const { status, stdout, stderr } = await call('analyse', ...words)
    expect([status === 0, stdout]).toEqual([false, ''])
    expect(stderr.trim().split('\n')).toHaveLength(1)
    if (typeof sentence === 'string') expect(stderr).toContain(sentence)
    else expect(stderr).toMatch(sentence)
    expect(readdirSync(made)).toEqual(before)
  })
})
