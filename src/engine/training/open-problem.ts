// From a spec to the problem that the loop trains.
import { isFunctionSpec, type FunctionSpec, type RunSpec } from '../../shared/spec/schema'
import { describePoint, functionDefinition, functionObjective } from '../functions/objective'
import type { EngineContext } from '../problem'
import type { TrainingData } from './interface'
import type { TrainingProblem } from './problem'

function functionProblem(context: EngineContext, spec: FunctionSpec): TrainingProblem {
  const definition = functionDefinition(spec.problem)
  const objective = functionObjective(context, definition)
  return {
    parameterCount: objective.parameterCount,
    samples: 1,
    batchSize: null,
    shuffle: false,
    sumLoss: false,
    objective: () => objective,
    evaluate: async () => null,
    point: (parameters) => describePoint(definition, parameters),
    dispose: () => undefined
  }
}

/** Throws one sentence when the spec needs data and none is given, or does not meet it. */
export function openProblem(context: EngineContext, spec: RunSpec, data: TrainingData | null): TrainingProblem {
  if (isFunctionSpec(spec)) return functionProblem(context, spec)
  if (data === null) throw new Error('data: the spec trains a network, but no data was given')
  throw new Error('networks: not wired yet')
}
