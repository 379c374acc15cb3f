// One training step: batch, gradient, the optimizer's update, and the line that tells of it. Its input state is never changed.
import type { MetricsLine } from '../../shared/run/schema'
import type { RunSpec } from '../../shared/spec/schema'
import type { Linalg } from '../linalg'
import { createOptimizer } from '../optimizers'
import type { Optimizer } from '../optimizers/interface'
import { norm } from '../linalg/vectors'
import type { Objective } from '../objective'
import { planBatches, type BatchPlan, type Position } from './batches'
import { DivergedError, meansDiverged, requireFiniteNumber, requireFiniteVector } from './diverged'
import type { TrainingState } from './interface'
import { diagnosticsLine } from './metrics'
import type { TrainingProblem } from './problem'
import type { PhaseReporter } from './progress'
import { compileSchedule, type Schedule } from './schedule'
import { positionOf } from './state'

/** What the curvature of a step depends on. */
export interface CurvatureParts {
  readonly spec: RunSpec
  readonly linalg: Linalg
  readonly problem: TrainingProblem
  readonly plan: BatchPlan
}

/** A run taken apart into what its steps need. */
export interface StepParts extends CurvatureParts {
  readonly optimizer: Optimizer
  readonly learningRate: Schedule
  readonly damping: Schedule
}

/** Over an open problem; `optimizer` is to be disposed of by the caller. */
export async function stepParts(linalg: Linalg, spec: RunSpec, problem: TrainingProblem): Promise<StepParts> {
  const { optimizer } = spec
  return {
    spec,
    linalg,
    problem,
    plan: planBatches(problem.samples, problem.batchSize, problem.shuffle),
    optimizer: createOptimizer(optimizer),
    learningRate: await compileSchedule(optimizer.learningRate),
    damping: await compileSchedule('damping' in optimizer ? optimizer.damping.value : 0)
  }
}

export interface FinishedStep {
  readonly state: TrainingState
  readonly line: MetricsLine
  /** Of the step's batch, before its update. */
  readonly gradient: Float64Array
  readonly notes: readonly string[]
}

/** The objective on which a step's curvature is computed; the step's own one unless the spec names another batch size. */
export function curvatureObjective(parts: CurvatureParts, position: Position, own: Objective): Objective {
  const { spec, problem, plan } = parts
  const size = 'curvatureBatch' in spec.optimizer ? spec.optimizer.curvatureBatch : null
  if (size === null) return own
  const batch = plan.resized(position, size)
  return problem.objective(batch, 'curvature', problem.sumLoss ? own.samples / batch.indices.length : 1)
}

/** When diagnostics ask for it, and on the steps whose curvature a snapshot shows, so that metrics and snapshots go together. */
function spectrumDue({ diagnostics, snapshots }: RunSpec, step: number): boolean {
  if (diagnostics.everySteps !== null && step % diagnostics.everySteps === 0) return true
  return snapshots.everySteps !== null && snapshots.eigenvalues && (step - 1) % snapshots.everySteps === 0
}

/** What went wrong, with the point of a small problem named. */
function inContext(parts: StepParts, step: number, parameters: Float64Array, error: Error): DivergedError {
  const point = parts.problem.point(parameters)
  return new DivergedError(`step ${step}: ${error.message}${point === null ? '' : ` at ${point}`}`)
}

/**
 * Does step `state.step + 1`. Rejects with DivergedError when loss, gradient, update or the new weights are not finite, with the
 * signal's reason when cancelled, and with the optimizer's error otherwise. For second-order optimizers the loss is evaluated once
 * more after the update (`actualDecrease`); that evaluation is not part of `seconds`.
 */
export async function finishStep(
  parts: StepParts,
  state: TrainingState,
  signal: AbortSignal,
  report: PhaseReporter
): Promise<FinishedStep> {
  const { spec, linalg, problem, plan, optimizer } = parts
  const step = state.step + 1
  const began = performance.now()
  try {
    const position = positionOf(state)
    const { batch, next } = plan.at(position)
    const objective = problem.objective(batch, 'step')
    const gradient = new Float64Array(problem.parameterCount)
    report.onPhase('gradient')
    const loss = await objective.gradient(state.parameters, gradient, { signal, onProgress: report.onProgress })
    requireFiniteNumber(loss, 'the loss')
    requireFiniteVector(gradient, 'the gradient', objective.blocks)
    const learningRate = parts.learningRate(step, state.epoch)
    const damping = parts.damping(step, state.epoch)
    requireFiniteNumber(learningRate, 'the learning rate')
    requireFiniteNumber(damping, 'the damping')
    const result = await optimizer.step(state.optimizer, {
      linalg,
      parameters: state.parameters,
      objective,
      curvatureObjective: curvatureObjective(parts, position, objective),
      gradient,
      loss,
      step,
      epoch: state.epoch,
      learningRate,
      damping,
      wantSpectrum: spectrumDue(spec, step),
      signal,
      onPhase: report.onPhase,
      onProgress: report.onProgress
    })
    requireFiniteVector(result.update, 'the update', objective.blocks)
    const parameters = state.parameters.slice()
    for (let i = 0; i < parameters.length; i++) parameters[i] += result.update[i]
    requireFiniteVector(parameters, 'the new weight', objective.blocks)
    const seconds = state.seconds + (performance.now() - began) / 1000
    signal.throwIfAborted()

    const { diagnostics } = result
    const [gradNorm, stepNorm] = [norm(gradient), norm(result.update)]
    requireFiniteNumber(gradNorm, 'the norm of the gradient')
    requireFiniteNumber(stepNorm, 'the norm of the update')
    const samplesSeen = next.epoch * plan.samples + next.samplesIntoEpoch
    const gradientEvaluations = state.gradientEvaluations + 1 + (diagnostics.extraGradients ?? 0)
    const line: MetricsLine = {
      step,
      epoch: samplesSeen / plan.samples,
      seconds,
      loss,
      gradNorm,
      stepNorm,
      learningRate,
      ...diagnosticsLine(diagnostics),
      ...(objective.penalty === undefined ? {} : { penalty: objective.penalty(state.parameters) }),
      gradientEvaluations
    }
    if (diagnostics.predictedDecrease !== undefined) {
      const after = await objective.loss(parameters, { signal })
      requireFiniteNumber(after, 'the loss after the update')
      line.actualDecrease = loss - after
    }
    return {
      state: {
        step,
        epoch: next.epoch,
        samplesIntoEpoch: next.samplesIntoEpoch,
        parameters,
        optimizer: result.state,
        random: { ...state.random, batches: next.random },
        seconds,
        wallSeconds: state.wallSeconds,
        gradientEvaluations
      },
      line,
      gradient,
      notes: diagnostics.notes ?? []
    }
  } catch (error) {
    if (!signal.aborted && meansDiverged(error)) throw inContext(parts, step, state.parameters, error)
    throw error
  }
}
