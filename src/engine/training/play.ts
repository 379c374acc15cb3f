// Several optimizers on one function from one start: the trajectories behind the playground.
import { functionSpecSchema, type FunctionSpec, type OptimizerSpec } from '../../shared/spec/schema'
import type { MetricsLine } from '../../shared/run/schema'
import type { EngineContext } from '../objective'
import { initialState, train } from '.'
import { functionDefinition } from '../functions/list'
import { messageOf } from '../../shared/format/message-of'

export interface PlayRequest {
  /** A built-in function's name or an expression. */
  readonly function: string
  readonly variables?: readonly string[] | null
  readonly optimizers: readonly OptimizerSpec[]
  /** Default: the function's own start. */
  readonly start?: readonly number[] | null
  readonly steps: number
  readonly signal?: AbortSignal
}

export interface Trajectory {
  readonly optimizer: OptimizerSpec
  /** The start and the point after each step. */
  readonly points: readonly (readonly number[])[]
  /** The function's value at each point; null where it is not finite. */
  readonly values: readonly (number | null)[]
  /** One line a step, as in a run's metrics. */
  readonly lines: readonly MetricsLine[]
  /** What the optimizer had to say, "step 3: …", each sentence where it first came up. */
  readonly notes: readonly string[]
  /** Why it ended before its steps were done: one sentence; null when they were. */
  readonly ended: string | null
}

/** The spec of one trajectory: the same run can be stored with `run`. */
export function playSpec(request: PlayRequest, optimizer: OptimizerSpec): FunctionSpec {
  return functionSpecSchema.parse({
    schemaVersion: 1,
    name: `${request.function} by ${optimizer.kind}`,
    problem: { kind: 'function', function: request.function, variables: request.variables ?? null, start: request.start ?? null },
    optimizer,
    budget: { steps: request.steps },
    checkpoints: { everySteps: 1, keep: 1 }
  })
}

/** Runs each optimizer for `steps` steps. A trajectory that diverges or cannot go on says so and keeps its points; rejects only for a bad function or start, or when cancelled. */
export async function play(context: EngineContext, request: PlayRequest): Promise<Trajectory[]> {
  const definition = functionDefinition({
    function: request.function,
    variables: request.variables === undefined || request.variables === null ? null : [...request.variables],
    start: request.start === undefined || request.start === null ? null : [...request.start]
  })
  const trajectories: Trajectory[] = []
  for (const optimizer of request.optimizers) {
    const points: number[][] = []
    const lines: MetricsLine[] = []
    const notes: string[] = []
    const spec = playSpec(request, optimizer)
    let ended: string | null = null
    try {
      const outcome = await train(
        context,
        {
          spec,
          state: initialState(spec, Float64Array.from(definition.start)),
          stop: request.signal,
          sink: {
            metrics: async (line) => void lines.push(line),
            checkpoint: async (state) => void points.push([...state.parameters]),
            admitsSnapshot: async () => false,
            matrix: async () => undefined,
            snapshot: async () => undefined,
            dropMatrices: async () => undefined,
            log: async (message) => void notes.push(message)
          }
        },
        null
      )
      if (outcome.reason !== 'budget') ended = outcome.message ?? outcome.reason
    } catch (error) {
      ended = messageOf(error)
    }
    request.signal?.throwIfAborted()
    const values = points.map((point) => definition.value(Float64Array.from(point))).map((value) => (Number.isFinite(value) ? value : null))
    trajectories.push({ optimizer, points, values, lines, notes, ended })
  }
  return trajectories
}
