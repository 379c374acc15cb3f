// Snapshots when they are due: the weights after k steps, the curvature on the batch of step k + 1.
import { snapshotBytes, snapshotScope } from '../../shared/run/snapshot-size'
import { scopeOf } from '../../shared/spec/optimizers'
import { isFunctionSpec, type RunSpec, type Scope, type SnapshotsSpec } from '../../shared/spec/schema'
import { curvatureBytes } from '../curvature/memory'
import { takeSnapshot, type Snapshot } from '../curvature/snapshot'
import { LinalgError } from '../linalg'
import type { CurvatureBlock, EngineContext, Objective } from '../objective'
import { planBatches } from './batches'
import type { TrainingData, TrainingSink, TrainingState } from './interface'
import { openProblem } from './open-problem'
import type { PhaseReporter } from './progress'
import { takeSplitSnapshot } from './split-snapshot'
import { positionOf } from './state'
import { curvatureObjective, type CurvatureParts } from './step'

/** The spec's scope; layers in place of a whole matrix that nobody asked for and that does not fit into memory. */
function fittingScope(parts: CurvatureParts, objective: Objective): Scope {
  const { optimizer, snapshots } = parts.spec
  const scope = snapshotScope(parts.spec, objective.parameterCount)
  if (scope !== 'full' || scopeOf(optimizer) !== null || isFunctionSpec(parts.spec)) return scope
  const eigen = snapshots.eigenvectors === 'all' ? 'all' : snapshots.eigenvectors > 0 ? 'some' : 'values'
  const { peak } = curvatureBytes(objective.blocks, 'full', { eigen })
  return peak <= parts.linalg.availableBytes ? 'full' : 'layer-blocks'
}

/** Where a kept matrix goes, before it is decomposed in place. Valid only during the call. */
type MatrixWriter = (block: CurvatureBlock) => Promise<void>

async function take(
  parts: CurvatureParts,
  objective: Objective,
  state: TrainingState,
  scope: Scope,
  contents: SnapshotsSpec,
  writeMatrix: MatrixWriter,
  signal: AbortSignal,
  report: PhaseReporter
) {
  const keepMatrix = contents.hessian ? writeMatrix : undefined
  const options = { step: state.step, signal, onPhase: report.onPhase, onProgress: report.onProgress, keepMatrix }
  const split = scope === 'layer-blocks' && objective.outputsDecouple === true && !contents.hessian
  if (split) return takeSplitSnapshot(objective, state.parameters, contents, parts.linalg, options)
  return takeSnapshot(objective, state.parameters, contents, scope, parts.linalg, options)
}

/** The objective whose curvature a snapshot of this state shows: the batch of the next step, or the spec's batch of curvature. */
function objectiveAt(parts: CurvatureParts, state: TrainingState): Objective {
  const position = positionOf(state)
  return curvatureObjective(parts, position, parts.problem.objective(parts.plan.at(position).batch, 'step'))
}

/** Hands a snapshot to the sink. False when the sink refuses its size, it does not fit into memory, or the curvature is not finite (the run's log says so). */
export async function giveSnapshot(
  parts: CurvatureParts,
  state: TrainingState,
  sink: TrainingSink,
  signal: AbortSignal,
  report: PhaseReporter
): Promise<boolean> {
  const { spec } = parts
  const objective = objectiveAt(parts, state)
  const scope = fittingScope(parts, objective)
  const { snapshots } = spec
  if (!(await sink.admitsSnapshot(state.step, snapshotBytes(spec, objective.blocks, scope)))) return false
  try {
    const snapshot = await take(parts, objective, state, scope, snapshots, (block) => sink.matrix(state.step, block), signal, report)
    try {
      await sink.snapshot(snapshot)
    } finally {
      snapshot.release()
    }
    return true
  } catch (error) {
    await sink.dropMatrices()
    if (!(error instanceof LinalgError) || !['out-of-memory', 'not-finite'].includes(error.code)) throw error
    await sink.log(`step ${state.step}: no snapshot: ${error.message}`)
    return false
  }
}

export interface SnapshotRequest {
  /** The run's spec; its `snapshots` say what the snapshot holds. */
  readonly spec: RunSpec
  readonly state: TrainingState
  /** null: the scope that the run itself would take. */
  readonly scope: Scope | null
  readonly signal: AbortSignal
  readonly report: PhaseReporter
}

/** What is known of a snapshot before it is computed. */
export interface SnapshotPlan {
  readonly scope: Scope
  /** Samples of the batch. */
  readonly samples: number
  /** Of the whole snapshot on disk, at most. */
  readonly bytes: number
}

/** Opens the objective whose curvature a snapshot of a stored state shows, for `work`. */
export async function withObjectiveOfState<Result>(
  { linalg }: EngineContext,
  { spec, state }: Pick<SnapshotRequest, 'spec' | 'state'>,
  data: TrainingData | null,
  work: (objective: Objective, parts: CurvatureParts) => Promise<Result>
): Promise<Result> {
  const problem = openProblem({ linalg }, spec, data)
  try {
    const plan = planBatches(problem.samples, problem.batchSize, problem.shuffle)
    const parts = { spec, linalg, problem, plan }
    return await work(objectiveAt(parts, state), parts)
  } finally {
    problem.dispose()
  }
}

/**
 * The snapshot that a run would have taken at a stored state, bit by bit: the same batch, the same code. `admit` hears what it will be before anything
 * is computed and refuses by throwing; `write` gets its matrices, where the spec keeps them, and then the rest, while their memory is valid. Throws LinalgError where it does not fit into memory or is not finite.
 */
export function snapshotOfState(
  context: EngineContext,
  request: SnapshotRequest,
  data: TrainingData | null,
  admit: (plan: SnapshotPlan) => Promise<void>,
  write: { readonly matrix: MatrixWriter; readonly snapshot: (snapshot: Snapshot) => Promise<void> }
): Promise<void> {
  const { spec, state, scope, signal, report } = request
  return withObjectiveOfState(context, request, data, async (objective, parts) => {
    const chosen = scope ?? fittingScope(parts, objective)
    await admit({ scope: chosen, samples: objective.samples, bytes: snapshotBytes(spec, objective.blocks, chosen) })
    const snapshot = await take(parts, objective, state, chosen, spec.snapshots, write.matrix, signal, report)
    try {
      await write.snapshot(snapshot)
    } finally {
      snapshot.release()
    }
  })
}
