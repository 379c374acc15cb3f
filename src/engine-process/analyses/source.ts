// The weights and data that an analysis works on: of a run's stored steps, or of a spec's start point.
import type { AnalysisPoint, AnalysisShape, AnalysisSource } from '../../engine/analyses'
import { openLinalg, type Linalg } from '../../engine/linalg'
import {
  initialState,
  networkOfWidth,
  openProblem,
  planBatches,
  positionAfter,
  positionOf,
  stepParts,
  type StepParts
} from '../../engine/training'
import { isFunctionSpec, type RunSpec } from '../../shared/spec/schema'
import {
  checkpointSteps,
  metricsService,
  readCheckpoint,
  readEigenvalues,
  readManifest,
  readMeta,
  readSpec,
  readStatus,
  requireRun,
  runFolder,
  snapshotSteps,
  StorageError,
  withCopiedInputs,
  type SnapshotPlace,
  type Workspace
} from '../../store'
import { weightsAt } from '../first-batch'
import { precheckSpec, type SpecFacts } from '../precheck'
import { rowChoice } from './chosen-rows'
import { otherData, prepareRun, prepareRunData, SpecFault } from '../prepare'

/** What an analysis is asked for: a stored step of a run (null: the newest), or the start point of a complete spec. */
export type AnalysisTarget = { readonly run: string; readonly step: number | null } | { readonly spec: RunSpec }

/** A target whose steps are known and whose data need not be open yet. */
export interface Place {
  readonly run: string | null
  readonly step: number
  readonly spec: RunSpec
  readonly steps: readonly number[]
  readonly checkpoints: readonly number[]
  readonly shape: AnalysisShape
}

/** What is known of a spec's problem before its data are read; `steps`: whose weights are stored. */
export function shapeOf(
  spec: RunSpec,
  { data, variables }: SpecFacts,
  parameterCount: number | null,
  samples: 'batch' | 'all',
  steps: number
): AnalysisShape {
  if (isFunctionSpec(spec)) return { parameterCount: variables ?? 0, samples: 1, outputs: 1, steps }
  const { size } = spec.batch
  // Data given by path are not known before they are read.
  const all = data?.trainCount ?? size ?? 1
  return {
    parameterCount: parameterCount ?? (data === null ? 0 : networkOfWidth(spec, data.inputs).parameterCount),
    samples: samples === 'all' ? all : Math.min(size ?? all, all),
    outputs: data?.outputs ?? spec.model.layers.at(-1) ?? 1,
    steps
  }
}

/** For people: RUN:STEP, or the start of a spec. */
export const placeName = ({ run, step, spec }: Pick<Place, 'run' | 'step' | 'spec'>) =>
  run === null ? `the start of ${spec.name}` : `${run}:${step}`

/** Throws StorageError naming the steps there are, SpecFault. */
export async function findPlace(workspace: Workspace, target: AnalysisTarget, samples: 'batch' | 'all'): Promise<Place> {
  if ('spec' in target) {
    const { spec } = target
    const { facts, problems } = await precheckSpec(workspace, spec, false)
    if (problems.length > 0) throw new SpecFault(problems)
    return { run: null, step: 0, spec, steps: [0], checkpoints: [0], shape: shapeOf(spec, facts, null, samples, 1) }
  }
  const { run } = target
  await requireRun(workspace, run)
  const spec = withCopiedInputs(runFolder(workspace, run), await readSpec(workspace, run))
  const checkpoints = await checkpointSteps(workspace, run)
  const steps = [...new Set([...checkpoints, ...(await snapshotSteps(workspace, run))])].sort((a, b) => a - b)
  const step = target.step ?? checkpoints.at(-1) ?? steps.at(-1)
  if (step === undefined || !steps.includes(step))
    throw new StorageError(
      'not-found',
      `run "${run}" has no stored weights${target.step === null ? '' : ` of step ${target.step}`}; it has ${steps.join(', ') || 'none'}`
    )
  const { parameterCount } = await readStatus(workspace, run)
  const { facts, problems } = await precheckSpec(workspace, spec, false)
  if (problems.length > 0) throw new SpecFault(problems)
  return { run, step, spec, steps, checkpoints, shape: shapeOf(spec, facts, parameterCount, samples, steps.length) }
}

async function prepared(workspace: Workspace, linalg: Linalg, { run, spec }: Place, signal: AbortSignal) {
  const context = { workspace, linalg, signal }
  if (run === null) {
    const { data, parameters } = await prepareRun(context, spec)
    return { data, parametersAt: async () => parameters.slice() }
  }
  const { data, hashes } = await prepareRunData(context, spec)
  const fault = otherData((await readMeta(workspace, run)).hashes, hashes, 'analyse it')
  if (fault !== null) throw fault
  return { data, parametersAt: (step: number) => weightsAt(workspace, spec, { run, step }) }
}

/** Of a net of one layer its block is the whole. Whoever opens a snapshot that cannot be read is told why. */
async function wholeSpectrum(workspace: Workspace, place: SnapshotPlace, parameterCount: number): Promise<Float64Array | null> {
  try {
    const { blocks } = await readManifest(workspace, place)
    const whole = blocks.find(({ size, units }) => units === 1 && size === parameterCount)
    return whole === undefined ? null : (await readEigenvalues(workspace, place, whole.name)).values.slice().sort()
  } catch (error) {
    if (error instanceof StorageError) return null
    throw error
  }
}

/** Opens data and linear algebra for `work` and closes them after it. */
export async function withSource<Result>(
  workspace: Workspace,
  place: Place,
  samples: 'batch' | 'all',
  signal: AbortSignal,
  work: (source: AnalysisSource) => Promise<Result>
): Promise<Result> {
  const linalg = await openLinalg()
  try {
    const { run, spec, step: asked, steps, checkpoints } = place
    const { data, parametersAt } = await prepared(workspace, linalg, place, signal)
    const problem = openProblem({ linalg }, spec, data)
    const opened: StepParts[] = []
    try {
      const plan = planBatches(problem.samples, problem.batchSize, problem.shuffle)
      const batchAt = (step: number) => {
        if (samples === 'all') return { indices: Uint32Array.from({ length: problem.samples }, (_, i) => i), from: 0 }
        const begin = positionOf(initialState(spec, new Float64Array(problem.parameterCount)))
        return plan.at(positionAfter(plan, begin, step)).batch
      }
      const point = async (step = asked): Promise<AnalysisPoint> => {
        const batch = batchAt(step)
        const objective = problem.objective(batch, 'step')
        const network =
          problem.network === null || isFunctionSpec(spec)
            ? null
            : { network: problem.network.network, batch: problem.network.samplesOf(batch, 'step'), loss: spec.loss }
        return { step, spec, linalg, parameters: await parametersAt(step), objective, samples: objective.samples, network }
      }
      const training = async (step = asked) => {
        if (opened.length === 0) opened.push(await stepParts(linalg, spec, problem))
        const state = run === null ? initialState(spec, await parametersAt(0)) : await readCheckpoint(workspace, run, step)
        return { parts: opened[0], state }
      }
      const recordedLoss = async (step: number): Promise<number | null> => {
        if (run === null) return null
        const { columns } = await metricsService(workspace).read(run, { columns: ['loss'], from: step + 1, to: step + 1 })
        const loss = columns.loss?.[0]
        return Number.isFinite(loss) ? loss : null
      }
      const storedSpectrum = async (step: number): Promise<Float64Array | null> =>
        run === null ? null : await wholeSpectrum(workspace, { run, step }, problem.parameterCount)
      const common = { run, step: asked, spec, linalg, steps, checkpoints }
      const batchRows = (step = asked) => batchAt(step).indices.slice()
      const rows = rowChoice(linalg, spec, data, problem, batchAt(asked).indices.length)
      return await work({ ...common, ...rows, batchRows, point, parametersAt, training, recordedLoss, storedSpectrum })
    } finally {
      for (const { optimizer } of opened) optimizer.dispose?.()
      problem.dispose()
    }
  } finally {
    await linalg.dispose()
  }
}
