// Steps of an optimizer taken by hand on any objective, with what each of them says of itself.
import { createOptimizer, type StepResult } from '../../../../src/engine/optimizers'
import type { Linalg } from '../../../../src/engine/linalg'
import type { Objective } from '../../../../src/engine/objective'
import { functionDefinition } from '../../../../src/engine/functions/list'
import { functionObjective } from '../../../../src/engine/objectives/function'
import { optimizerSchema } from '../../../../src/shared/spec/schema'

export interface Walk {
  /** The point after each step. */
  readonly points: readonly Float64Array[]
  readonly results: readonly StepResult[]
  /** Loss and gradient at the last point. */
  readonly loss: number
  readonly gradient: Float64Array
}

/** Steps with the numbers that the spec names (no schedules) until `done` says so of a gradient, or as many as `steps`. */
export async function walk(
  linalg: Linalg,
  objective: Objective,
  start: Float64Array,
  options: Record<string, unknown>,
  steps: number,
  done: (gradient: Float64Array) => boolean = () => false
): Promise<Walk> {
  const spec = optimizerSchema.parse(options)
  const optimizer = createOptimizer(spec)
  let state = optimizer.init(start.length)
  let point = start
  let loss = Number.NaN
  const points: Float64Array[] = []
  const results: StepResult[] = []
  const gradient = new Float64Array(start.length)
  for (let step = 1; ; step++) {
    loss = await objective.gradient(point, gradient)
    if (step > steps || done(gradient) || !gradient.every(Number.isFinite)) break
    const result = await optimizer.step(state, {
      linalg,
      parameters: point,
      objective,
      curvatureObjective: objective,
      gradient: gradient.slice(),
      loss,
      step,
      epoch: 0,
      learningRate: spec.learningRate as number,
      damping: 'damping' in spec ? (spec.damping.value as number) : 0,
      wantSpectrum: false
    })
    state = result.state
    point = point.map((value, i) => value + result.update[i])
    points.push(point)
    results.push(result)
  }
  optimizer.dispose?.()
  return { points, results, loss, gradient }
}

/** A built-in function or an expression, as an objective. */
export const functionOf = (linalg: Linalg, source: string, variables: readonly string[] | null = null): Objective =>
  functionObjective(
    { linalg },
    functionDefinition({ function: source, variables: variables === null ? null : [...variables], start: null })
  )
