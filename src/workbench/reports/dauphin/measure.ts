// Figures over all of a run's training data, from its checkpoints: loss, error, spectrum; so that minibatch and full-batch runs are measured alike.
import { prepareRun } from '../../../engine-process/prepare'
import { matrix, type Linalg } from '../../../engine/linalg'
import { evaluate } from '../../../engine/objectives/evaluate'
import { networkObjective } from '../../../engine/objectives/network'
import { networkOf } from '../../../engine/training/open-problem'
import { isFunctionSpec, type NetworkSpec } from '../../../shared/spec/schema'
import { checkpointSteps, readCheckpoint } from '../../../store'
import type { FinishedRun, RunsContext } from '../runs'

export interface Measured {
  readonly step: number
  readonly epoch: number
  /** Of the steps alone. */
  readonly seconds: number
  readonly loss: number
  /** Fraction of training samples whose largest output is not their class. */
  readonly error: number
}

export interface TrainingSet {
  /** Loss and error at some weights. */
  at(parameters: Float64Array): Promise<{ readonly loss: number; readonly error: number }>
  /** All eigenvalues of the Hessian of the loss at some weights, ascending. */
  eigenvalues(parameters: Float64Array): Promise<Float64Array>
}

function networkSpecOf({ id, spec }: Pick<FinishedRun, 'id' | 'spec'>): NetworkSpec {
  if (isFunctionSpec(spec)) throw new Error(`run ${id} minimizes a function`)
  return spec
}

/** The data that a run was trained on, as one batch. */
export async function openTrainingSet({ workspace, signal }: RunsContext, linalg: Linalg, run: FinishedRun): Promise<TrainingSet> {
  const spec = networkSpecOf(run)
  const { data } = await prepareRun({ workspace, linalg, signal }, spec)
  if (data === null) throw new Error(`run ${run.id} has no data`)
  const { train } = data
  const network = networkOf(spec, data)
  const objective = networkObjective({ linalg }, network, spec.loss, train)
  return {
    async at(parameters) {
      const { loss, accuracy } = await evaluate({ linalg }, network, spec.loss, parameters, train, { signal })
      return { loss, error: 1 - (accuracy ?? NaN) }
    },
    async eigenvalues(parameters) {
      const [{ size, data: hessian }] = await objective.curvature(parameters, { scope: 'full', signal })
      try {
        return await linalg.eigenvalues(matrix(size, size, hessian), { overwrite: true, signal })
      } finally {
        linalg.release(hessian)
      }
    }
  }
}

/** At every checkpoint of the run. Weights that are no numbers any more have no figures. */
export async function measureCourse({ workspace }: RunsContext, set: TrainingSet, { id, lines }: FinishedRun): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const step of await checkpointSteps(workspace, id)) {
    const { parameters, seconds } = await readCheckpoint(workspace, id, step)
    const { loss, error } = await set.at(parameters)
    if (!Number.isFinite(loss)) continue
    const line = lines[step - 1]
    measured.push({ step, epoch: step === 0 ? 0 : line.epoch, seconds, loss, error })
  }
  return measured
}
