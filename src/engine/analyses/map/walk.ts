// One pixel of a map: a training from its start, by the run's own optimizer, cut short as soon as its outcome cannot change.
import { lastLosses, lossCap, mapOutcome } from '../../../shared/analyses/map'
import { isFunctionSpec, type NetworkSpec, type RunSpec } from '../../../shared/spec/schema'
import { setValue } from '../../../shared/spec/settings'
import { factsOf } from '../../../shared/spec/optimizers'
import type { SampleRows } from '../../data/split'
import type { KernelMemory, Linalg } from '../../linalg'
import { norm } from '../../linalg/vectors'
import { drawParameters } from '../../nn/parameters'
import { randomStream } from '../../random'
import {
  finishStep,
  networkOf,
  openProblem,
  positionOf,
  stepParts,
  type StepParts,
  type TrainingData,
  type TrainingState
} from '../../training'
import { meansDiverged } from '../../training/diverged'
import type { Centre } from '../../../shared/analyses/gathering'
import { smallGradient, type SmallGradient } from './small-gradient'

export interface WalkAxis {
  readonly path: string
  readonly values: Float64Array
  /** Of the start weights, per unit of the value; null: the path is one of the spec. */
  readonly direction: Float64Array | null
}

/** Everything that a thread needs; plain data, to be posted. */
export interface WalkPlan {
  readonly spec: RunSpec
  readonly of: 'trainability' | 'basin'
  readonly steps: number
  readonly tolerance: number
  readonly escape: number
  readonly x: WalkAxis
  readonly y: WalkAxis
  /** Of every pixel; its weights are those that the axes add to. */
  readonly state: TrainingState
  readonly data: Pick<SampleRows, 'inputs' | 'targets'> | null
}

export interface Pixel {
  readonly value: number
  readonly outcome: number
  /** Where a critical point was reached: `outcome` is then to be filled in. */
  readonly end: Centre | null
}

/** What the newest step saw before its update. */
interface Seen {
  loss: number
  gradNorm: number
}

/** Goes one step on. Throws what the step throws. */
type Stepper = (state: TrainingState) => Promise<TrainingState>

const never = new AbortController().signal
const silent = { onPhase: () => undefined, onProgress: () => undefined }

/** The run's own step, its loss and gradient looked at in passing: they count also where the step fails later. */
function ownStepper(parts: StepParts, seen: Seen): Stepper {
  let first = true
  const problem: StepParts['problem'] = {
    ...parts.problem,
    objective(batch, use, factor) {
      const own = parts.problem.objective(batch, use, factor)
      if (use !== 'step') return own
      return {
        ...own,
        async gradient(parameters, gradient, options) {
          const loss = await own.gradient(parameters, gradient, options)
          if (first) {
            seen.loss = loss
            seen.gradNorm = norm(gradient)
            first = false
          }
          return loss
        }
      }
    }
  }
  const watched = { ...parts, problem }
  return async (state) => {
    first = true
    return (await finishStep(watched, state, never, silent)).state
  }
}

class NotFinite extends Error {}

const finite = (values: Float64Array) => {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

/** The same step for a rule that asks for nothing but the gradient of the whole batch, which `small` gives. */
function quickStepper({ linalg, problem, plan, optimizer, learningRate }: StepParts, small: SmallGradient, seen: Seen): Stepper {
  const objective = problem.objective({ indices: Uint32Array.from({ length: plan.samples }, (_, i) => i), from: 0 }, 'step')
  const { gradient } = small
  return async (state) => {
    small.parameters.set(state.parameters)
    const loss = small.compute()
    seen.loss = loss
    seen.gradNorm = NaN
    const step = state.step + 1
    const rate = learningRate(step, state.epoch)
    if (!Number.isFinite(loss) || !finite(gradient) || !Number.isFinite(rate)) throw new NotFinite()
    const { update, state: optimizerState } = await optimizer.step(state.optimizer, {
      linalg,
      parameters: state.parameters,
      objective,
      curvatureObjective: objective,
      gradient,
      loss,
      step,
      epoch: state.epoch,
      learningRate: rate,
      damping: 0,
      wantSpectrum: false
    })
    const parameters = new Float64Array(update.length)
    for (let i = 0; i < parameters.length; i++) parameters[i] = state.parameters[i] + update[i]
    if (!finite(parameters)) throw new NotFinite()
    return { ...state, step, epoch: state.epoch + 1, parameters, optimizer: optimizerState }
  }
}

async function trainability(step: Stepper, start: TrainingState, seen: Seen, steps: number): Promise<Pixel> {
  let state = start
  let [first, sum, inverse] = [NaN, 0, 0]
  const tail = new Float64Array(Math.min(lastLosses, steps)).fill(lossCap)
  let broken: number | null = null
  let taken = 0
  for (; taken < steps; taken++) {
    seen.loss = NaN
    try {
      state = await step(state)
    } catch (error) {
      broken = error instanceof NotFinite || meansDiverged(error) ? mapOutcome.diverged : mapOutcome.stuck
    }
    if (taken === 0) first = seen.loss
    const relative = seen.loss / first
    const counted = Number.isFinite(relative) ? Math.min(lossCap, Math.max(-lossCap, relative)) : lossCap
    sum += counted
    inverse += counted === 0 ? lossCap : 1 / counted
    tail[taken % tail.length] = counted
    if (broken !== null) break
  }
  // What follows a loss that is not finite is not finite either.
  const missing = broken === null ? 0 : steps - taken - 1
  sum += missing * lossCap
  inverse += missing / lossCap
  // A step that fails last of all changes no loss that counts.
  if (missing === 0 && Number.isFinite(seen.loss) && tail.reduce((total, one) => total + one, 0) < tail.length)
    return { value: 0 - sum, outcome: mapOutcome.converged, end: null }
  return { value: inverse, outcome: broken ?? mapOutcome.notBelow, end: null }
}

const largest = (values: Float64Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

async function basin(
  step: Stepper,
  gradNormAt: (state: TrainingState) => Promise<number>,
  start: TrainingState,
  { steps, tolerance, escape }: WalkPlan
): Promise<Pixel> {
  let state = start
  for (let taken = 0; taken <= steps; taken++) {
    const gradNorm = await gradNormAt(state)
    if (gradNorm <= tolerance) return { value: taken, outcome: NaN, end: { point: state.parameters, gradNorm } }
    if (!Number.isFinite(gradNorm) || largest(state.parameters) > escape) return { value: taken, outcome: mapOutcome.diverged, end: null }
    if (taken === steps) break
    try {
      state = await step(state)
    } catch (error) {
      const outcome = error instanceof NotFinite || meansDiverged(error) ? mapOutcome.diverged : mapOutcome.stuck
      return { value: taken, outcome, end: null }
    }
  }
  return { value: steps, outcome: mapOutcome.notBelow, end: null }
}

/** First-order rules on so few numbers a pass gain from the tight gradient. */
const mostQuick = 4e6

const isQuick = ({ spec, plan, problem }: StepParts): boolean =>
  problem.network !== null &&
  factsOf(spec.optimizer).needs === 'gradient' &&
  spec.optimizer.kind !== 'l-bfgs' &&
  plan.batchSize === plan.samples &&
  !problem.shuffle &&
  problem.parameterCount * plan.samples <= mostQuick

export interface Walker {
  pixel(column: number, row: number): Promise<Pixel>
  /** The weights after the first step. */
  firstStep(column: number, row: number): Promise<{ readonly start: Float64Array; readonly after: Float64Array | null }>
  dispose(): void
}

/** `kernels` null: every step is the run's own one. */
export async function openWalker(linalg: Linalg, kernels: KernelMemory | null, walk: WalkPlan): Promise<Walker> {
  const { spec, x, y, state } = walk
  const data: TrainingData | null = walk.data === null ? null : { train: { ...walk.data, labels: null }, validation: null, test: null }
  const axes = [x, y].filter(({ direction }) => direction === null)
  const changesProblem = axes.some(({ path }) => /^(regularization|model\.activation)/.test(path))
  const drawsStart = axes.some(({ path }) => path.startsWith('model.init.'))
  const shared = await stepParts(linalg, spec, openProblem({ linalg }, spec, data))
  const small =
    kernels !== null && !isFunctionSpec(spec) && data !== null && !changesProblem && walk.of === 'trainability' && isQuick(shared)
      ? smallGradient(kernels, networkOf(spec, data), spec.loss, data.train, spec.regularization.l2)
      : null

  function specOf(column: number, row: number): RunSpec {
    let changed: unknown = spec
    if (x.direction === null) changed = setValue(changed, x.path, x.values[column])
    if (y.direction === null) changed = setValue(changed, y.path, y.values[row])
    return changed as RunSpec
  }
  function drawn(own: NetworkSpec): Float64Array {
    const { init } = own.model
    if (data === null || init.kind === 'npz' || init.kind === 'run') throw new Error(`model.init: ${init.kind} draws nothing`)
    return drawParameters(networkOf(own, data), init, randomStream(own.seed, 'init'))
  }
  function startOf(own: RunSpec, column: number, row: number): TrainingState {
    const parameters = drawsStart && !isFunctionSpec(own) ? drawn(own) : state.parameters.slice()
    for (const [axis, place] of [
      [x, column],
      [y, row]
    ] as const) {
      if (axis.direction === null) continue
      for (let i = 0; i < parameters.length; i++) parameters[i] += axis.values[place] * axis.direction[i]
    }
    return { ...state, parameters }
  }
  async function within<Result>(
    column: number,
    row: number,
    work: (step: Stepper, parts: StepParts, start: TrainingState, seen: Seen) => Promise<Result>
  ): Promise<Result> {
    const own = axes.length === 0 ? spec : specOf(column, row)
    const problem = changesProblem ? openProblem({ linalg }, own, data) : shared.problem
    const parts = await stepParts(linalg, own, problem)
    const seen: Seen = { loss: NaN, gradNorm: NaN }
    try {
      const step = small === null ? ownStepper(parts, seen) : quickStepper(parts, small, seen)
      return await work(step, parts, startOf(own, column, row), seen)
    } finally {
      parts.optimizer.dispose?.()
      if (changesProblem) problem.dispose()
    }
  }
  return {
    pixel: (column, row) =>
      within(column, row, (step, parts, start, seen) => {
        if (walk.of === 'trainability') return trainability(step, start, seen, walk.steps)
        const gradient = new Float64Array(start.parameters.length)
        const gradNormAt = async (at: TrainingState) => {
          const objective = parts.problem.objective(parts.plan.at(positionOf(at)).batch, 'step')
          return Number.isFinite(await objective.gradient(at.parameters, gradient)) ? norm(gradient) : NaN
        }
        return basin(step, gradNormAt, start, walk)
      }),
    firstStep: (column, row) =>
      within(column, row, async (step, _, start) => {
        const after = await step(start).then(
          ({ parameters }) => parameters,
          () => null
        )
        return { start: start.parameters, after }
      }),
    dispose() {
      shared.optimizer.dispose?.()
      shared.problem.dispose()
    }
  }
}
