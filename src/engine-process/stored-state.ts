// A checkpoint with all that its curvature needs: the run's spec, its state, the data it was trained on, and linear algebra as the run's own where it is at hand.
import { openLinalg, type Linalg } from '../engine/linalg'
import type { TrainingData, TrainingState } from '../engine/training'
import type { RunStatus } from '../shared/run/schema'
import type { RunSpec } from '../shared/spec/schema'
import { checkpointSteps, readCheckpoint, readMeta, readSpec, runFolder, StorageError, withCopiedInputs, type Workspace } from '../store'
import type { Place } from './first-batch'
import { otherData, prepareRunData, type PrepareContext } from './prepare'
import { openRecorded } from './run-backend'

/** The run's own backend where it can be opened, else this machine's best; `info` says which it is. */
export async function openForRun(status: Pick<RunStatus, 'backend'>): Promise<Linalg> {
  try {
    return (await openRecorded(status.backend)) ?? (await openLinalg())
  } catch {
    return openLinalg()
  }
}

/** Throws StorageError `not-found` naming the steps there are. */
export async function requireCheckpoint(workspace: Workspace, { run, step }: Place): Promise<void> {
  const steps = await checkpointSteps(workspace, run)
  if (!steps.includes(step))
    throw new StorageError('not-found', `run "${run}" has no checkpoint of step ${step}; it has ${steps.join(', ') || 'none'}`)
}

export interface StoredState {
  readonly spec: RunSpec
  readonly state: TrainingState
  readonly data: TrainingData | null
}

/** Throws SpecFault where the data are not those of the run, or StorageError. */
export async function openStoredState(context: PrepareContext, { run, step }: Place): Promise<StoredState> {
  const { workspace } = context
  const stored = await readSpec(workspace, run)
  const spec = withCopiedInputs(runFolder(workspace, run), stored)
  const state = await readCheckpoint(workspace, run, step, stored)
  const { data, hashes: found } = await prepareRunData(context, spec)
  const { hashes } = await readMeta(workspace, run)
  const fault = otherData(hashes, found, 'compute its curvature')
  if (fault !== null) throw fault
  return { spec, state, data }
}
