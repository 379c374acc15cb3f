// A matrix out to ELPA and its spectrum back, with our own linear algebra in the solver's place: to the same bits, and every refusal with its figure.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { computeSnapshot } from '../../../src/engine-process/compute-snapshot'
import { exportForElpa, importFromElpa, isElpaFolder, type ElpaTarget } from '../../../src/engine-process/elpa'
import { executeRun } from '../../../src/engine-process/execute-run'
import { openLinalg, type Linalg } from '../../../src/engine/linalg'
import { formatNpyHeader } from '../../../src/shared/npy'
import type { SnapshotManifest } from '../../../src/shared/run/schema'
import { checkSpec } from '../../../src/shared/spec/check'
import {
  createRun,
  hashFile,
  importPath,
  openWorkspace,
  readEigenvalues,
  readEigenvector,
  realFileSystem,
  type Workspace
} from '../../../src/store'

const folder = mkdtempSync(join(tmpdir(), 'saddlescope-elpa-'))
let workspace: Workspace
let linalg: Linalg
let count = 0
beforeAll(async () => {
  vi.stubEnv('SADDLESCOPE_BACKEND', 'wasm')
  workspace = await openWorkspace(join(folder, 'workspace'))
  linalg = await openLinalg({ backend: 'wasm', threads: 1 })
})
afterAll(async () => {
  await linalg.dispose()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

async function trained(changes: Record<string, unknown> = {}): Promise<string> {
  const { spec, problems } = await checkSpec({
    schemaVersion: 1,
    name: `elpa ${count++}`,
    seed: 3,
    data: {
      dataset: 'mnist10',
      trainLimit: 40,
      transforms: [
        { kind: 'affine', divide: 256, subtract: 0.5 },
        { kind: 'random-projection', dim: 9 }
      ]
    },
    model: { layers: [9, 7, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 1 } },
    loss: 'softmax-cross-entropy',
    batch: { size: 30, shuffle: true },
    optimizer: { kind: 'adam' },
    budget: { steps: 2 },
    snapshots: { everySteps: null },
    checkpoints: { everySteps: 1, keep: 9 },
    ...changes
  })
  if (!spec) throw new Error(JSON.stringify(problems))
  const id = await createRun(workspace, spec)
  const { state, message } = await executeRun(workspace, id, { threads: 1 })
  expect({ state, message }).toEqual({ state: 'done', message: null })
  return id
}

const signal = () => new AbortController().signal
const snapshot = (run: string, step: number, hessian: boolean, scope: 'full' | 'layer-blocks' = 'full') =>
  computeSnapshot(
    workspace,
    { run, step, scope, eigenvectors: 4, hessian, replace: false },
    { signal: signal(), onProgress: () => undefined }
  )
const fresh = () => join(folder, `out-${count++}`)
const doubles = (path: string) => {
  const bytes = readFileSync(path)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}
const at = (run: string, step: number) => join(workspace.folder, 'runs', run, 'snapshots', `step-${String(step).padStart(6, '0')}`)
const manifestOf = (run: string, step: number) => JSON.parse(readFileSync(join(at(run, step), 'manifest.json'), 'utf8')) as SnapshotManifest
const out = async (target: ElpaTarget, vectors = 3) => (await exportForElpa(workspace, target, fresh(), { vectors })).path

/** Writes what the driver would: the stand-in is our own eigensolver. */
async function solve(path: string): Promise<void> {
  const { n, vectors } = JSON.parse(readFileSync(join(path, 'matrix.json'), 'utf8')) as { n: number; vectors: number }
  const found = await linalg.eigenSymmetric({ data: doubles(join(path, 'matrix.f64')), rows: n, columns: n, offset: 0, stride: n })
  const columns = Array.from({ length: 2 * vectors }, (_, k) => (k < vectors ? k : n - 1 - (k - vectors)))
  const raw = Float64Array.from({ length: 2 * vectors * n }, (_, i) => {
    const { data, offset, stride } = found.vectors
    return data[offset + (i % n) * stride + columns[Math.floor(i / n)]]
  })
  writeFileSync(join(path, 'eigenvalues.f64'), new Uint8Array(found.values.slice().buffer))
  writeFileSync(join(path, 'eigenvectors.f64'), new Uint8Array(raw.buffer))
  const said = { library: 'ELPA', version: 'stand-in', ranks: 2, n, vectors, gap: 0, seconds: { read: 0, solve: 0 } }
  writeFileSync(join(path, 'result.json'), JSON.stringify(said))
  found.release()
}
const back = (path: string, replace = false) => importFromElpa(workspace, path, { replace })

describe('a matrix for ELPA', () => {
  it('computed from a checkpoint by rows is that of the snapshot of its step, in bounded pieces, whole and by layer', async () => {
    const [run, other] = [await trained(), await trained()]
    await snapshot(run, 1, true)
    await snapshot(other, 1, true, 'layer-blocks')
    for (const [from, block, name] of [
      [other, 'full', 'hessian.full.npy'],
      [run, 'W1', 'hessian.W1.npy'],
      [run, 'W2', 'hessian.W2.npy']
    ] as const) {
      // The snapshot of the one run has what the other computes.
      const path = await out({ run: from, step: 1, block })
      const stored = readFileSync(join(at(from === run ? other : run, 1), name))
      const raw = readFileSync(join(path, 'matrix.f64'))
      const about = JSON.parse(readFileSync(join(path, 'matrix.json'), 'utf8')) as Record<string, unknown>
      const n = Number(about.n)
      const wanted = new Float64Array(stored.buffer.slice(stored.byteOffset + stored.length - 8 * n * n, stored.byteOffset + stored.length))
      const got = doubles(join(path, 'matrix.f64'))
      expect(got.length).toBe(n * n)
      const largest = Math.max(...wanted.map(Math.abs))
      for (let k = 0; k < got.length; k++) expect(Math.abs(got[k] - wanted[k])).toBeLessThan(1e-13 * largest)
      for (let r = 0; r < n; r += 7) for (let c = 0; c < r; c++) expect(got[r * n + c]).toBe(got[c * n + r])
      expect(about).toMatchObject({ run: from, step: 1, block, bytes: raw.length, computed: { batch: { step: 2, samples: 10 } } })
      expect((about.checks as { finiteDifference: number }).finiteDifference).toBeLessThan(1e-7)
      expect((await hashFile(realFileSystem, join(path, 'matrix.f64'), 'sha256')).digest).toBe(about.sha256)
      expect(readdirSync(path)).toEqual(['README.txt', 'driver.c', 'matrix.f64', 'matrix.json'])
      expect(readFileSync(join(path, 'driver.c'), 'utf8')).toContain(`#define N ${n}\n#define VECTORS 3\n`)
    }
  })

  it('of a snapshot without a spectrum, or of none, comes back as the spectrum of its step: the same as ours, with who solved it', async () => {
    const [run, ours] = [await trained(), await trained()]
    await snapshot(ours, 1, false)
    const path = await out({ run, step: 1, block: null })
    await solve(path)
    expect(await isElpaFolder(workspace, path)).toBe(true)
    const { checks, solved } = await back(path)
    expect(solved).toMatchObject({ block: 'full', library: 'ELPA', version: 'stand-in', ranks: 2 })
    for (const [name, value] of Object.entries(checks)) expect(value, name).toBeLessThan(name === 'finiteDifference' ? 1e-7 : 1e-12)
    const manifest = manifestOf(run, 1)
    expect(manifest.solvedElsewhere).toEqual([solved])
    expect(manifest.onDemand?.batch).toEqual({ step: 2, samples: 10 })
    expect(manifest.blocks[0]).toMatchObject({ name: 'full', size: 150, indices: [0, 1, 2, 147, 148, 149], hessian: null })
    const [mine, theirs] = [
      await readEigenvalues(workspace, { run: ours, step: 1 }, 'full'),
      await readEigenvalues(workspace, { run, step: 1 }, 'full')
    ]
    const most = Math.max(...mine.values.map(Math.abs))
    mine.values.forEach((value, k) => expect(Math.abs(value - theirs.values[k])).toBeLessThan(1e-12 * most))
    const last = [
      await readEigenvector(workspace, { run: ours, step: 1 }, 'full', 149),
      await readEigenvector(workspace, { run, step: 1 }, 'full', 149)
    ]
    const cosine = last[0].vector.reduce((sum, value, k) => sum + value * last[1].vector[k], 0)
    expect(Math.abs(cosine)).toBeCloseTo(1, 10)
    for (const { name, sha256 } of manifest.files)
      expect((await hashFile(realFileSystem, join(at(run, 1), name), 'sha256')).digest).toBe(sha256)
  })

  it('takes the place of a spectrum only when told so; matrix, weights and other blocks stay to the byte', async () => {
    const run = await trained()
    await snapshot(run, 1, true, 'layer-blocks')
    const before = manifestOf(run, 1)
    const kept = ['hessian.W1.npy', 'hessian.W2.npy', 'hessian.W2.overview.npy', 'eigenvalues.W1.npy', 'weights.npz']
    const bytes = kept.map((name) => readFileSync(join(at(run, 1), name)))
    await expect(out({ run, step: 1, block: null })).rejects.toThrow(/has the blocks W1, W2: say which, such as .*:1\/W1/)
    const path = await out({ run, step: 1, block: 'W2' })
    await solve(path)
    await expect(back(path)).rejects.toThrow(/:1\/W2 has a spectrum; --replace puts this one in its place/)
    expect(manifestOf(run, 1)).toEqual(before)
    await back(path, true)
    const after = manifestOf(run, 1)
    expect(after.blocks[0]).toEqual(before.blocks[0])
    expect(after.blocks[1].indices).toHaveLength(6)
    expect(after.blocks[1].checks.symmetry).toBe(before.blocks[1].checks.symmetry)
    kept.forEach((name, k) => expect(readFileSync(join(at(run, 1), name)).equals(bytes[k]), name).toBe(true))
    expect(readdirSync(at(run, 1)).sort()).toEqual([...after.files.map(({ name }) => name), 'manifest.json'].sort())
    // A matrix of a block that the snapshot has not.
    const whole = await out({ run, step: 1, block: 'full' })
    await solve(whole)
    await expect(back(whole)).rejects.toThrow(/has the blocks W1, W2, not full; --replace/)
    await back(whole, true)
    expect(manifestOf(run, 1).blocks.map(({ name }) => name)).toEqual(['full'])
  })

  it('from elsewhere, a symmetric array of its own, comes back too', async () => {
    const n = 70
    const entries = Float64Array.from({ length: n * n }, (_, k) => Math.cos(Math.floor(k / n) * (k % n)) + (k % (n + 1) === 0 ? k / n : 0))
    const file = join(folder, 'array.npy')
    writeFileSync(file, Buffer.concat([formatNpyHeader('f8', [n, n]), new Uint8Array(entries.buffer)]))
    const run = await importPath(workspace, file)
    const path = await out({ run, step: 0, block: null }, 35)
    await solve(path)
    const { checks } = await back(path)
    expect(checks.residual).toBeLessThan(1e-13)
    expect(manifestOf(run, 0)).toMatchObject({ scope: 'imported', blocks: [{ hessian: 'hessian.full.npy' }] })
    entries[1] += 1e-6
    writeFileSync(file, Buffer.concat([formatNpyHeader('f8', [n, n]), new Uint8Array(entries.buffer)]))
    await expect(out({ run: await importPath(workspace, file), step: 0, block: null })).rejects.toThrow(
      /is symmetric to 1\.\de-8 of its largest entry only/
    )
  })
})

describe('is refused', () => {
  let run: string
  let path: string
  beforeAll(async () => {
    run = await trained()
    path = await out({ run, step: 1, block: null })
  })
  const nothingCame = () => expect(existsSync(at(run, 1))).toBe(false)

  it.each([
    ['eigenvalues.f64', (values: Float64Array) => values.subarray(1), /eigenvalues\.f64: has 1192 bytes, must have 1200 \(150 numbers/],
    [
      'eigenvalues.f64',
      (values: Float64Array) => values.slice().reverse(),
      /eigenvalue 1 is .*, smaller than the one before it .*must ascend/
    ],
    [
      'eigenvalues.f64',
      (values: Float64Array) => values.map((value, k) => (k === 80 ? NaN : value)),
      /eigenvalues\.f64: number 80 is NaN, must be finite/
    ],
    [
      'eigenvalues.f64',
      (values: Float64Array) => values.map((value, k) => value * (k === 149 ? 1 + 1e-8 : 1)),
      /‖Av − λv‖ of eigenvalue 149 is 1\.0e-8·max\|λ\|; at most 1e-10/
    ],
    // In the middle no vector tells: the sums do.
    [
      'eigenvalues.f64',
      (values: Float64Array) => values.map((value, k) => (k === 140 ? value + 1e-6 * values[149] : value)),
      /their sum is .* of Σ\|λ\| away from the trace of the matrix; at most 1e-10/
    ],
    [
      'eigenvectors.f64',
      (values: Float64Array) => values.map((value, k) => (k === 5 ? value + 1e-6 : value)),
      /‖Av − λv‖ of eigenvalue 0 is .*; at most 1e-10/
    ],
    [
      'eigenvectors.f64',
      (values: Float64Array) => values.map((value, k) => (k < 150 ? 2 * value : value)),
      /max \|VᵀV − I\| is 3\.0e\+0; at most 1e-10/
    ],
    [
      'matrix.f64',
      (values: Float64Array) => values.map((value, k) => (k === 4 ? -value : value)),
      /is not the matrix that was exported \(its SHA-256 begins/
    ],
    ['matrix.f64', (values: Float64Array) => values.subarray(0, 9), /has 72 bytes, must have the 180000 that were exported/]
  ])('%s that was changed (%#)', async (name, change, sentence) => {
    await solve(path)
    const whole = readFileSync(join(path, name))
    const changed = change(doubles(join(path, name)))
    writeFileSync(join(path, name), new Uint8Array(changed.buffer, changed.byteOffset, changed.byteLength))
    try {
      await expect(back(path)).rejects.toThrow(sentence)
    } finally {
      writeFileSync(join(path, name), whole)
    }
    nothingCame()
  })

  it('a result that is missing, of another matrix, or of other weights', async () => {
    await solve(path)
    const result = readFileSync(join(path, 'result.json'), 'utf8')
    rmSync(join(path, 'result.json'))
    await expect(back(path)).rejects.toThrow(/there is no result\.json yet; run the driver as README\.txt says/)
    writeFileSync(join(path, 'result.json'), result.replace('"n":150', '"n":151'))
    await expect(back(path)).rejects.toThrow(/n is 151, but matrix\.json says 150/)
    writeFileSync(join(path, 'result.json'), result)
    const about = readFileSync(join(path, 'matrix.json'), 'utf8')
    writeFileSync(join(path, 'matrix.json'), about.replace('"step": 1,', '"step": 2,'))
    await expect(back(path)).rejects.toThrow(/:2\/full: has other weights than those the matrix was exported of/)
    writeFileSync(join(path, 'matrix.json'), about.replace(`"run": "${run}"`, '"run": "nobody"'))
    await expect(back(path)).rejects.toThrow(/there is no run "nobody"/)
    writeFileSync(join(path, 'matrix.json'), about)
    nothingCame()
  })

  it('a matrix that is not the Hessian, though every file fits: by products from the weights', async () => {
    await solve(path)
    const about = JSON.parse(readFileSync(join(path, 'matrix.json'), 'utf8')) as Record<string, unknown>
    const matrix = doubles(join(path, 'matrix.f64'))
    for (let k = 0; k < 150; k++) matrix[k * 151] += 1e-6
    const other = await out({ run, step: 1, block: null })
    writeFileSync(join(other, 'matrix.f64'), new Uint8Array(matrix.buffer))
    const sums = { trace: Number(about.trace) + 150e-6, squares: matrix.reduce((sum, value) => sum + value * value, 0) }
    const { digest } = await hashFile(realFileSystem, join(other, 'matrix.f64'), 'sha256')
    writeFileSync(join(other, 'matrix.json'), JSON.stringify({ ...about, ...sums, sha256: digest }))
    await solve(other)
    await expect(back(other)).rejects.toThrow(
      /‖Hv − λv‖ by Hessian-vector products is .*: the matrix is not the Hessian of this run at this step/
    )
    nothingCame()
  })

  it('on export: no such step, too small a block, too many vectors, a name that is taken', async () => {
    await expect(out({ run, step: 7, block: null })).rejects.toThrow(/has no checkpoint of step 7; it has 0, 1, 2/)
    await expect(out({ run, step: 1, block: 'W9' })).rejects.toThrow(/has no block "W9"; there are full, W1, W2/)
    await expect(out({ run, step: 1, block: 'W1' }, 36)).rejects.toThrow(/--vectors: must be an integer from 1 to 35/)
    await expect(exportForElpa(workspace, { run, step: 1, block: null }, path, { vectors: 3 })).rejects.toThrow(/exists already/)
    const tiny = await trained({
      model: { layers: [9, 2, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 1 } }
    })
    await expect(out({ run: tiny, step: 1, block: null })).rejects.toThrow(/has 50 rows; from 64 on a matrix is exported/)
    const left = readdirSync(folder).filter((name) => name.endsWith('.partial'))
    expect(left).toEqual([])
  })
})
