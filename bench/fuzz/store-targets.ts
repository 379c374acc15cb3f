// The run store's readers of files that may come from elsewhere, for the fuzz: run archives, metrics, documents of a run, .npy Hessians.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { formatNpy, npzParts, zipParts } from '../../src/shared/npy'
import { emptyFigures } from '../../src/shared/run/figures'
import {
  importPath,
  metricsService,
  openRunIndex,
  openWorkspace,
  readCheckpoint,
  readEigenvalues,
  readManifest,
  readMeta,
  readSpec,
  readStatus,
  scanMetrics,
  realFileSystem,
  StorageError,
  type Workspace
} from '../../src/store'
import { mutate } from './mutate'
import type { FuzzTarget } from './target'

const json = (value: unknown) => Buffer.from(JSON.stringify(value, null, 2))
const spec = json({
  schemaVersion: 1,
  name: 'case',
  problem: { kind: 'function', function: 'x^2 - y^2' },
  optimizer: { kind: 'adam' },
  budget: { steps: 5 }
})
const meta = json({
  schemaVersion: 1,
  name: 'case',
  tags: ['a', 'b'],
  notes: '',
  pinned: false,
  colour: null,
  group: null,
  lineage: null,
  hashes: { weights: null, projection: null, batches: null, dataset: null }
})
const status = json({
  schemaVersion: 1,
  state: 'done',
  step: 2,
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: null,
  endedAt: null,
  seconds: 1,
  host: null,
  backend: null,
  versions: {},
  startEvaluation: null,
  error: null,
  figures: emptyFigures
})
const lines = Buffer.from(
  [1, 2, 3]
    .map(
      (step) => `${JSON.stringify({ step, epoch: 0, seconds: step, loss: 1 / step, gradNorm: 1, stepNorm: 1, lambdaMin: { W1: -1 } })}\n`
    )
    .join('')
)
const weights = Buffer.concat([...npzParts({ x: { shape: [2], data: Float64Array.of(1, 2) } })])
const state = json({
  schemaVersion: 1,
  step: 0,
  epoch: 0,
  samplesIntoEpoch: 0,
  random: {},
  seconds: 0,
  wallSeconds: 0,
  gradientEvaluations: 0,
  optimizer: {},
  files: []
})
const manifest = json({
  schemaVersion: 1,
  run: 'case',
  step: 0,
  parameterCount: 2,
  scope: 'full',
  precision: 'float64',
  blocks: [
    {
      name: 'full',
      offset: 0,
      size: 2,
      units: 1,
      eigenvalues: 'eigenvalues.full.npy',
      eigenvectors: null,
      indices: [],
      hessian: null,
      overview: null,
      checks: { symmetry: null, trace: null, frobenius: null, residual: null, finiteDifference: null }
    }
  ],
  files: []
})
const eigenvalues = Buffer.from(formatNpy({ shape: [2], data: Float64Array.of(-2, 2) }))
const hessian = Buffer.from(formatNpy({ shape: [2, 2], data: Float64Array.of(1, 2, 2, -1) }))

const honest: Readonly<Record<string, Uint8Array>> = {
  'spec.json': spec,
  'meta.json': meta,
  'status.json': status,
  'metrics.ndjson': lines,
  'checkpoints/step-000000/weights.npz': weights,
  'checkpoints/step-000000/optimizer.npz': weights,
  'checkpoints/step-000000/state.json': state,
  'snapshots/step-000000/manifest.json': manifest,
  'snapshots/step-000000/eigenvalues.full.npy': eigenvalues
}
const archive = Buffer.concat([
  ...zipParts(
    Object.entries(honest)
      .filter(([name]) => !name.includes('/'))
      .map(([name, bytes]) => ({ name, parts: [bytes] }))
  )
])

/** A workspace whose one run has this file in place of the honest one. */
async function withRun(folder: string, name: string, bytes: Uint8Array): Promise<Workspace> {
  const run = join(folder, 'runs', 'case')
  if (!existsSync(run))
    for (const [file, content] of Object.entries(honest)) {
      mkdirSync(dirname(join(run, file)), { recursive: true })
      writeFileSync(join(run, file), content)
    }
  writeFileSync(join(run, name), bytes)
  return { folder, fileSystem: realFileSystem }
}

const document = (
  name: string,
  weight: number,
  seeds: readonly Uint8Array[],
  read: (workspace: Workspace) => Promise<unknown>
): FuzzTarget => ({
  name: `run: ${name}`,
  weight,
  make: (random) => mutate(random, seeds),
  async read(bytes, folder) {
    const workspace = await withRun(folder, name, bytes)
    // Whatever one file says, the list of runs has its row.
    if ((await openRunIndex(workspace)).all().length !== 1) throw new TypeError('the run has no row')
    await read(workspace)
  }
})

/** Imports into a fresh workspace; nothing may be written beside it, and a refusal leaves no run. */
async function imported(bytes: Uint8Array, folder: string, name: string): Promise<void> {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  const workspace = await openWorkspace(join(folder, 'workspace'))
  const outcome = await importPath(workspace, path).catch((error: unknown) => error)
  const runs = readdirSync(join(workspace.folder, 'runs'))
  const strange = readdirSync(folder).filter((entry) => entry !== name && entry !== 'workspace')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  if (strange.length > 0) throw new TypeError(`${strange[0]} was written outside the workspace`)
  if (runs.length !== (typeof outcome === 'string' ? 1 : 0)) throw new TypeError(`left ${runs.join(', ')} in the workspace`)
  if (outcome instanceof Error) throw outcome
}

export const storeTargets: readonly FuzzTarget[] = [
  document('spec.json', 1, [spec], (workspace) => readSpec(workspace, 'case')),
  document('meta.json', 1, [meta], (workspace) => readMeta(workspace, 'case')),
  document('status.json', 1, [status], (workspace) => readStatus(workspace, 'case')),
  document('metrics.ndjson', 2, [lines], async (workspace) => {
    const { steps } = await scanMetrics(realFileSystem, join(workspace.folder, 'runs', 'case', 'metrics.ndjson'))
    const { total } = await metricsService(workspace).read('case', { columns: ['loss', 'lambdaMin.W1'], pixels: 2 })
    if (total < steps) throw new TypeError(`${steps} lines were scanned, ${total} read`)
    if (steps < 3) throw new StorageError('damaged', `case: ${steps} whole lines`)
  }),
  document('checkpoints/step-000000/state.json', 1, [state], (workspace) => readCheckpoint(workspace, 'case', 0)),
  document('checkpoints/step-000000/weights.npz', 1, [weights], (workspace) => readCheckpoint(workspace, 'case', 0)),
  document('snapshots/step-000000/manifest.json', 1, [manifest], async (workspace) => {
    await readManifest(workspace, { run: 'case', step: 0 })
    await readEigenvalues(workspace, { run: 'case', step: 0 }, 'full')
  }),
  document('snapshots/step-000000/eigenvalues.full.npy', 1, [eigenvalues], (workspace) =>
    readEigenvalues(workspace, { run: 'case', step: 0 }, 'full')
  ),
  {
    name: 'run archive, imported',
    weight: 2,
    make: (random) => mutate(random, [archive]),
    read: (bytes, folder) => imported(bytes, folder, 'case.zip')
  },
  {
    name: 'Hessian, imported',
    weight: 1,
    make: (random) => mutate(random, [hessian, eigenvalues]),
    read: (bytes, folder) => imported(bytes, folder, 'case.npy')
  }
]
