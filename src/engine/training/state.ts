// Where a run begins, and where it stands in its data.
import type { RunSpec } from '../../shared/spec/schema'
import { createOptimizer } from '../optimizers'
import { randomStream, restoreRandom, type RandomState } from '../random'
import type { Position } from './batches'
import type { TrainingState } from './interface'

/** The state of a run before its first step, with these weights. */
export function initialState(spec: RunSpec, parameters: Float64Array): TrainingState {
  return {
    step: 0,
    epoch: 0,
    samplesIntoEpoch: 0,
    parameters: parameters.slice(),
    optimizer: createOptimizer(spec.optimizer).init(parameters.length),
    random: { batches: randomStream(spec.seed, 'batches').save() },
    seconds: 0,
    wallSeconds: 0,
    gradientEvaluations: 0
  }
}

/** Saved states that were looked at: the steps of an epoch stand on one and the same, by which the order drawn from it is found again. */
const sound = new WeakMap<object, RandomState>()

function soundState(random: unknown): RandomState {
  const known = typeof random === 'object' && random !== null ? sound.get(random) : undefined
  if (known !== undefined) return known
  const state = restoreRandom(random).save()
  // Anything else was refused.
  for (const one of [random as object, state]) sound.set(one, state)
  return state
}

/** Throws when the saved state of the stream `batches` is missing or damaged. */
export function positionOf(state: TrainingState): Position {
  return { epoch: state.epoch, samplesIntoEpoch: state.samplesIntoEpoch, random: soundState(state.random.batches) }
}
