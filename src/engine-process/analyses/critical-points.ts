// Critical points of a run's loss: Newton searches from a checkpoint with noise, on all of its training data, one after the other.
import { join } from 'node:path'
import { criticalPoint, noisyStart, type CriticalOutcome, type CriticalPoint } from '../../engine/analyses/critical-points'
import { curvatureBytes, requireBytes } from '../../engine/curvature/memory'
import { matrix, openLinalg, type Linalg } from '../../engine/linalg'
import { norm } from '../../engine/linalg/vectors'
import type { Objective } from '../../engine/objective'
import { randomStream } from '../../engine/random'
import type { AnalysisOptions } from '../../shared/analyses/kinds'
import { isFunctionSpec, type RunSpec } from '../../shared/spec/schema'
import {
  checkpointSteps,
  finishFile,
  readSpec,
  readStatus,
  runFolder,
  StorageError,
  streamArray,
  withCopiedInputs,
  type Workspace
} from '../../store'
import { openFirstBatch } from '../first-batch'
import type { AnalysisResult, AnalysisRunner, WorkOptions } from './runner'

type Options = AnalysisOptions<'critical-points'>
type Asked = { readonly run: string; readonly step: number; readonly options: Options }

const codes: Readonly<Record<CriticalOutcome, number>> = { 'not-converged': 0, critical: 1, 'gradient-flat': 2 }

/** All training data as one batch: what is critical there is critical for the run's loss. */
const wholeBatch = (spec: RunSpec): RunSpec => (isFunctionSpec(spec) ? spec : { ...spec, batch: { size: null, shuffle: false } })

/** ‖Hg‖ by a product, against the eigendecomposition's. */
async function productError(objective: Objective, { parameters, flatness, largest, gradNorm }: CriticalPoint): Promise<number> {
  if (largest === 0 || gradNorm === 0) return 0
  const gradient = new Float64Array(parameters.length)
  await objective.gradient(parameters, gradient)
  const product = await objective.products(parameters, 'hessian')
  const { data } = await product(matrix(1, gradient.length, gradient))
  return Math.abs(norm(data) / gradNorm - flatness) / largest
}

async function search(
  workspace: Workspace,
  linalg: Linalg,
  { run, step, options }: Asked,
  { signal, onProgress }: WorkOptions
): Promise<{ points: CriticalPoint[]; error: number; samples: number }> {
  const { starts, noise, seed, tolerance, iterations, cutoff } = options
  const spec = wholeBatch(withCopiedInputs(runFolder(workspace, run), await readSpec(workspace, run)))
  const { objective, parameters, problem } = await openFirstBatch(workspace, linalg, spec, { at: { run, step }, signal })
  try {
    requireBytes(
      'the Hessian of scope full',
      curvatureBytes(objective.blocks, 'full', { eigen: 'all', keep: false }).peak,
      linalg.availableBytes
    )
    const points: CriticalPoint[] = []
    let error = 0
    for (let k = 0; k < starts; k++) {
      const start = noisyStart(parameters, noise, randomStream(seed, `critical-points-${step}-${k}`))
      const onIteration = (iteration: number, gradNorm: number) => {
        signal.throwIfAborted()
        onProgress((k + iteration / (iterations + 1)) / starts, `search ${k + 1} of ${starts}, ‖g‖ ${gradNorm.toExponential(1)}`)
      }
      const point = await criticalPoint(linalg, objective, start, { tolerance, iterations, cutoff, signal, onIteration })
      error = Math.max(error, await productError(objective, point))
      points.push(point)
    }
    return { points, error, samples: objective.samples }
  } finally {
    problem.dispose()
  }
}

function* rowsOf(rows: readonly Float64Array[]) {
  yield* rows
}

async function work(workspace: Workspace, asked: Asked, folder: string, how: WorkOptions): Promise<AnalysisResult> {
  const linalg = await openLinalg()
  try {
    const { points, error, samples } = await search(workspace, linalg, asked, how)
    const files: (AnalysisResult['files'][number] & { readonly name: string })[] = []
    const arrays: Record<string, { shape: number[] }> = {}
    const write = async (name: string, shape: number[], rows: readonly Float64Array[]) => {
      const path = join(folder, `${name}.npy`)
      await streamArray(workspace.fileSystem, path, { shape, pieces: rowsOf(rows) }, 'float64')
      files.push({ name: `${name}.npy`, ...(await finishFile(workspace.fileSystem, path)) })
      arrays[name] = { shape }
    }
    for (const name of ['loss', 'gradNorm', 'flatness', 'largest', 'index', 'zero', 'iterations'] as const)
      await write(name, [points.length], [Float64Array.from(points, (point) => point[name])])
    await write('outcome', [points.length], [Float64Array.from(points, ({ outcome }) => codes[outcome])])
    const size = points[0].parameters.length
    await write(
      'eigenvalues',
      [points.length, size],
      points.map(({ eigenvalues }) => eigenvalues)
    )
    await write(
      'points',
      [points.length, size],
      points.map(({ parameters }) => parameters)
    )
    const count = (outcome: CriticalOutcome) => points.filter((point) => point.outcome === outcome).length
    const figures = { critical: count('critical'), gradientFlat: count('gradient-flat'), notConverged: count('not-converged') }
    const limit = 1e-9
    return {
      figures,
      checks: { product: { value: error, limit, ok: error <= limit } },
      arrays,
      files,
      notes: [`On all ${samples} training samples as one batch, without test or validation samples.`],
      backend: linalg.info,
      said: `${figures.critical} of ${points.length} searches ended at a critical point, ${figures.gradientFlat} in a gradient-flat region, ${figures.notConverged} elsewhere`
    }
  } finally {
    await linalg.dispose()
  }
}

export const planCriticalPoints: AnalysisRunner<'critical-points'> = async (workspace, { run, step: asked, options }) => {
  const steps = await checkpointSteps(workspace, run)
  const step = asked ?? steps.at(-1)
  if (step === undefined || !steps.includes(step))
    throw new StorageError(
      'not-found',
      `run "${run}" has no checkpoint${asked === null ? '' : ` of step ${asked}`}; it has ${steps.join(', ') || 'none'}`
    )
  const size = (await readStatus(workspace, run)).parameterCount ?? 0
  const { starts, iterations } = options
  return {
    step,
    title: `Critical points from ${run}:${step}`,
    options,
    diskBytes: 16 * starts * size + 64 * starts + 16_384,
    memoryBytes: 24 * size * size + 64e6,
    seconds: starts * iterations * (0.005 + 3e-9 * size ** 3),
    work: (folder, how) => work(workspace, { run, step, options }, folder, how)
  }
}
