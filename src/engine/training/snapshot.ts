// Snapshots when they are due: the weights after k steps, the curvature on the batch of step k + 1.
import { snapshotBytes, snapshotScope } from '../../shared/run/snapshot-size'
import { isFunctionSpec, type Scope, type SnapshotsSpec } from '../../shared/spec/schema'
import { curvatureBytes } from '../curvature/memory'
import { takeSnapshot } from '../curvature/snapshot'
import { LinalgError } from '../linalg'
import type { Objective } from '../objective'
import type { TrainingSink, TrainingState } from './interface'
import type { PhaseReporter } from './progress'
import { takeSplitSnapshot } from './split-snapshot'
import { positionOf } from './state'
import { curvatureObjective, type StepParts } from './step'

/** The spec's scope; layers in place of a whole matrix that nobody asked for and that does not fit into memory. */
function fittingScope(parts: StepParts, objective: Objective): Scope {
  const { optimizer, snapshots } = parts.spec
  const scope = snapshotScope(parts.spec, objective.parameterCount)
  if (scope !== 'full' || 'scope' in optimizer || isFunctionSpec(parts.spec)) return scope
  const eigen = snapshots.eigenvectors === 'all' ? 'all' : snapshots.eigenvectors > 0 ? 'some' : 'values'
  const { peak } = curvatureBytes(objective.blocks, 'full', { eigen, keep: snapshots.hessian })
  return peak <= parts.linalg.availableBytes ? 'full' : 'layer-blocks'
}

async function take(
  parts: StepParts,
  objective: Objective,
  state: TrainingState,
  scope: Scope,
  contents: SnapshotsSpec,
  signal: AbortSignal,
  report: PhaseReporter
) {
  const options = { step: state.step, signal, onPhase: report.onPhase, onProgress: report.onProgress }
  const split = scope === 'layer-blocks' && objective.outputsDecouple === true && !contents.hessian
  if (split) return takeSplitSnapshot(objective, state.parameters, contents, parts.linalg, options)
  return takeSnapshot(objective, state.parameters, contents, scope, parts.linalg, options)
}

/** Hands a snapshot to the sink. False when the sink refuses its size, it does not fit into memory, or the curvature is not finite (the run's log says so). */
export async function giveSnapshot(
  parts: StepParts,
  state: TrainingState,
  sink: TrainingSink,
  signal: AbortSignal,
  report: PhaseReporter
): Promise<boolean> {
  const { problem, plan, spec } = parts
  const position = positionOf(state)
  const own = problem.objective(plan.at(position).batch, 'step')
  const objective = curvatureObjective(parts, position, own)
  const scope = fittingScope(parts, objective)
  const { snapshots } = spec
  if (!(await sink.admitsSnapshot(state.step, snapshotBytes(spec, objective.blocks, scope)))) return false
  try {
    const snapshot = await take(parts, objective, state, scope, snapshots, signal, report)
    try {
      await sink.snapshot(snapshot)
    } finally {
      snapshot.release()
    }
    return true
  } catch (error) {
    if (!(error instanceof LinalgError) || !['out-of-memory', 'not-finite'].includes(error.code)) throw error
    await sink.log(`step ${state.step}: no snapshot: ${error.message}`)
    return false
  }
}
