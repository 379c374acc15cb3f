// The training loop: steps to the budget, with evaluations, snapshots and checkpoints when they are due. It knows neither files nor windows.
import { defaultDifference } from '../../shared/spec/optimizers'
import { weightArrays } from '../../shared/model/layout'
import { isFunctionSpec, type RunSpec } from '../../shared/spec/schema'
import type { EngineContext } from '../objective'
import { checkpoints } from './checkpoints'
import { DivergedError } from './diverged'
import { breather, graceful, type Grace } from './grace'
import { histogramLine } from './histograms'
import type { StopReason, TrainingData, TrainingOutcome, TrainingRequest, TrainingState } from './interface'
import { openProblem } from './open-problem'
import { phaseReporter } from './progress'
import { positionOf } from './state'
import { giveSnapshot } from './snapshot'
import { finishStep, stepParts, type StepParts } from './step'
import { wallClock, wallTime, type WallClock } from './wall-clock'

/** Why no further step is due; null when one is. `loss` is that of the last step's batch. */
function budgetSpent({ spec, plan }: StepParts, state: TrainingState, loss: number | null): StopReason | null {
  const { epochs, steps, seconds, targetLoss } = spec.budget
  if (targetLoss !== null && loss !== null && loss <= targetLoss) return 'target-loss'
  if (steps !== null && state.step >= steps) return 'budget'
  if (seconds !== null && state.seconds >= seconds) return 'budget'
  if (epochs !== null && state.epoch * plan.samples + state.samplesIntoEpoch >= epochs * plan.samples - 1e-6) return 'budget'
  return null
}

function evaluationDue(spec: RunSpec, state: TrainingState): boolean {
  const { everySteps, everyEpochs } = spec.evaluate
  if (everySteps !== null && state.step % everySteps === 0) return true
  return everyEpochs !== null && state.samplesIntoEpoch === 0 && state.epoch % everyEpochs === 0
}

const due = (every: number | null, step: number) => every !== null && step % every === 0

/**
 * Trains from `request.state` until the budget is spent, the loss reaches its target, a stop is asked for, or something is not finite.
 * Checkpoints are made of step 0, every `checkpoints.everySteps` (those that would not stay: see TrainingSink.rests) and at the end, whatever ended it;
 * the steps after a resume have the same bits as those of an uninterrupted run. Rejects when a step fails for another reason (the last finished step is checkpointed before).
 */
export async function train(context: EngineContext, request: TrainingRequest, data: TrainingData | null): Promise<TrainingOutcome> {
  const clock = request.clock ?? wallClock()
  const { spec, factorizations } = request
  const parts = await stepParts(context.linalg, spec, openProblem(context, spec, data, factorizations))
  const grace = graceful(request.stop)
  try {
    return await run(parts, request, grace, clock)
  } finally {
    grace.dispose()
    parts.optimizer.dispose?.()
    parts.problem.dispose()
  }
}

/** Refuses a run of fd-newton before it starts where the first batch has no inverse: the message names the matrix, its shape and rank. */
async function requireInverse({ problem, plan, spec: { optimizer } }: StepParts, state: TrainingState, signal: AbortSignal): Promise<void> {
  if (optimizer.kind !== 'fd-newton' || problem.point(state.parameters) !== null) return
  const objective = problem.objective(plan.at(positionOf(state)).batch, 'step')
  await objective.inverseGradient?.(state.parameters, { mode: optimizer.mode, r: optimizer.r ?? defaultDifference, signal })
}

async function run(parts: StepParts, request: TrainingRequest, grace: Grace, clock: WallClock): Promise<TrainingOutcome> {
  const { spec, sink, onEvent } = request
  const wallSeconds = wallTime(request.state.wallSeconds, clock)
  const { problem } = parts
  const breathe = breather()
  let { state } = request
  const made = checkpoints(sink, spec.checkpoints.keep, state.step === 0 ? -1 : state.step, (step) =>
    onEvent?.({ kind: 'checkpoint', step })
  )
  let loss: number | null = null
  let expectedSeconds = 0
  const noted = new Set<string>()

  const checkpoint = (at: 'due' | 'now') => {
    // As of now: what came after the step, such as a snapshot, counts too when the run goes on from here.
    if (made.newest() !== state.step) state = { ...state, wallSeconds: wallSeconds() }
    return made[at](state)
  }
  const snapshot = async () => {
    grace.begin(0)
    if (await giveSnapshot(parts, state, sink, grace.signal, phaseReporter(state.step, onEvent)))
      onEvent?.({ kind: 'snapshot', step: state.step })
  }
  const histograms = async (gradient: Float64Array | null) => {
    if (!spec.evaluate.histograms || sink.histograms === undefined) return
    await sink.histograms(histogramLine(state.step, weightArrays(spec, parts.problem.blocks), state.parameters, gradient))
  }
  const finish = async (reason: StopReason, message: string | null = null): Promise<TrainingOutcome> => {
    await checkpoint('now')
    return { reason, state, message }
  }

  try {
    if (state.step === 0) {
      if (spec.optimizer.kind === 'fd-newton') await requireInverse(parts, state, grace.signal)
      await checkpoint('now')
      if (sink.startEvaluation !== undefined && (spec.evaluate.everySteps !== null || spec.evaluate.everyEpochs !== null)) {
        const evaluation = await problem.evaluate(state.parameters, { signal: grace.signal })
        if (evaluation !== null) await sink.startEvaluation(evaluation)
        await histograms(null)
      }
    }
    const missing = state.step > 0 && sink.hasSnapshot !== undefined && !(await sink.hasSnapshot(state.step))
    if (due(spec.snapshots.everySteps, state.step) && (state.step === 0 || missing)) await snapshot()

    for (;;) {
      const spent = budgetSpent(parts, state, loss)
      if (spent !== null) return await finish(spent)
      if (grace.stopping()) return await finish('stopped')
      // Most steps wait for neither: awaiting nothing would cost a cheap step its own time again.
      const others = breathe()
      if (others) await others
      const writing = made.beforeStep(expectedSeconds)
      if (writing) await writing
      grace.begin(expectedSeconds)
      const began = performance.now()
      const reporter = phaseReporter(state.step + 1, onEvent, began)
      const finished = await finishStep(parts, state, grace.signal, reporter)
      const { line, gradient } = finished
      const evaluates = !isFunctionSpec(spec) && evaluationDue(spec, finished.state)
      if (evaluates) {
        reporter.onPhase('evaluation')
        const { optimizer, parameters } = finished.state
        const evaluated = parts.optimizer.evaluatedAt?.(optimizer, parameters) ?? parameters
        const evaluation = await problem.evaluate(evaluated, { signal: grace.signal, onProgress: reporter.onProgress })
        Object.assign(line, evaluation ?? {})
      }
      expectedSeconds = (performance.now() - began) / 1000
      const wall = wallSeconds()
      if (wall !== null) line.wallSeconds = wall
      const written = sink.metrics(line)
      if (written) await written
      state = finished.state
      loss = line.loss
      if (evaluates) await histograms(gradient)
      for (const note of finished.notes) {
        if (!noted.has(note)) await sink.log(`step ${state.step}: ${note}`)
        noted.add(note)
      }
      onEvent?.({ kind: 'step', line })
      if (due(spec.snapshots.everySteps, state.step)) await snapshot()
      if (due(spec.checkpoints.everySteps, state.step)) await checkpoint('due')
    }
  } catch (error) {
    if (grace.signal.aborted) return await finish('stopped')
    if (error instanceof DivergedError) return await finish('diverged', error.message)
    await checkpoint('now')
    throw error
  }
}
