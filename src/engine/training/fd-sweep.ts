// The differencing error of fast finite-difference Newton over r, for the problem of a spec on its first batch.
import type { RunSpec } from '../../shared/spec/schema'
import { fdSweep, type SweepRow } from '../curvature/inverse-gradient'
import type { CallOptions } from '../linalg'
import type { EngineContext } from '../objective'
import { planBatches } from './batches'
import type { TrainingData } from './interface'
import { openProblem } from './open-problem'
import { initialState, positionOf } from './state'

/** One row an r, from 1e-1 to 1e-14 unless told otherwise. The spec's optimizer does not matter. Rejects with one sentence where there is no inverse. */
export async function sweepOfSpec(
  context: EngineContext,
  spec: RunSpec,
  data: TrainingData | null,
  parameters: Float64Array,
  options: CallOptions & { readonly differences?: readonly number[] } = {}
): Promise<SweepRow[]> {
  // As an fd-newton run, so that refusals come first and the batch's factorization is kept from one r to the next.
  const asked: RunSpec = { ...spec, optimizer: { kind: 'fd-newton', learningRate: 1, mode: 'finite-difference' } }
  const problem = openProblem(context, asked, data)
  try {
    const plan = planBatches(problem.samples, problem.batchSize, problem.shuffle)
    const { batch } = plan.at(positionOf(initialState(asked, parameters)))
    return await fdSweep(problem.objective(batch, 'step'), parameters, options)
  } finally {
    problem.dispose()
  }
}
