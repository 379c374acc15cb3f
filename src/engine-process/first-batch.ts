// The first batch of a spec's training data, in order, with weights: what analyses work on without training.
import { join } from 'node:path'
import type { Linalg } from '../engine/linalg'
import { openProblem } from '../engine/training/open-problem'
import type { TrainingProblem } from '../engine/training/problem'
import type { Objective } from '../engine/objective'
import type { RunSpec } from '../shared/spec/schema'
import {
  checkpointSteps,
  fromWeightArrays,
  readCheckpoint,
  readNpz,
  runFolder,
  snapshotFolder,
  snapshotSteps,
  StorageError,
  type Workspace
} from '../store'
import { prepareRun, SpecFault, type PrepareContext } from './prepare'

/** A run and a step whose weights are taken instead of start weights. */
export interface Place {
  readonly run: string
  readonly step: number
}

export interface FirstBatch {
  readonly objective: Objective
  readonly parameters: Float64Array
  readonly problem: TrainingProblem
}

/** `run:step`, as on the command line. Throws SpecFault. */
export function parsePlace(text: string): Place {
  const found = /^([a-z0-9][a-z0-9-]*):(\d+)$/.exec(text)
  if (!found) throw new SpecFault([{ path: '--at', message: `must be RUN:STEP, such as sfn-mnist10:40, got "${text}"` }])
  return { run: found[1], step: Number(found[2]) }
}

/** The weights of a run after a step, from a checkpoint or a snapshot. Throws StorageError `not-found` naming the steps there are. */
export async function weightsAt(workspace: Workspace, spec: RunSpec, { run, step }: Place): Promise<Float64Array> {
  const checkpoints = await checkpointSteps(workspace, run)
  if (checkpoints.includes(step)) return (await readCheckpoint(workspace, run, step)).parameters
  const snapshots = await snapshotSteps(workspace, run)
  if (snapshots.includes(step)) {
    const file = join(snapshotFolder(runFolder(workspace, run), step), 'weights.npz')
    return fromWeightArrays(spec, await readNpz(workspace.fileSystem, file), file)
  }
  const steps = [...new Set([...checkpoints, ...snapshots])].sort((a, b) => a - b)
  throw new StorageError('not-found', `run "${run}" has no stored weights of step ${step}; it has ${steps.join(', ') || 'none'}`)
}

export async function openFirstBatch(
  workspace: Workspace,
  linalg: Linalg,
  spec: RunSpec,
  options: Pick<PrepareContext, 'signal' | 'onNote'> & { readonly at?: Place } = {}
): Promise<FirstBatch> {
  const { at, signal, onNote } = options
  const prepared = await prepareRun({ workspace, linalg, signal, onNote }, spec)
  const parameters = at ? await weightsAt(workspace, spec, at) : prepared.parameters
  if (parameters.length !== prepared.parameters.length)
    throw new SpecFault([
      { path: '--at', message: `its weights are ${parameters.length} numbers, this model has ${prepared.parameters.length}` }
    ])
  const problem = openProblem({ linalg }, spec, prepared.data)
  const samples = Math.min(problem.batchSize ?? problem.samples, problem.samples)
  const objective = problem.objective({ indices: Uint32Array.from({ length: samples }, (_, i) => i), from: 0 }, 'step')
  return { objective, parameters, problem }
}
