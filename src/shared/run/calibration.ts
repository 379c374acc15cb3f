// Estimates corrected by what was measured on this machine: by a probe of the same spec, a run that does the same, or a probe of the same optimizer at another size.
import { z } from 'zod'
import { isFunctionSpec, type RunSpec } from '../spec/schema'
import { totalSeconds, type SpecEstimate } from './estimate'

/** What a few real steps of a spec took, in memory and without a run folder. */
export interface ProbeResult {
  readonly parameters: number
  readonly backend: { readonly kind: string; readonly description: string; readonly threads: number }
  /** Reading and transforming the data, drawing the weights. */
  readonly prepareSeconds: number
  /** The first step by itself: memory is touched for the first time. null when not even that was done in time. */
  readonly firstStepSeconds: number | null
  /** Median of the steps after it; null when there was none. */
  readonly stepSeconds: number | null
  /** Steps that were done. */
  readonly steps: number
  readonly snapshotSeconds: number | null
  readonly evaluationSeconds: number | null
  /** Peak memory of the process that measured; null where the system does not say. */
  readonly peakBytes: number | null
  /** What should be known, such as why there were fewer steps. */
  readonly notes: readonly string[]
}

/** One measured step beside what the formula counts for it. */
const pointSchema = z.object({ flops: z.number().positive(), factor: z.number().positive(), parameters: z.number().int().nonnegative() })
/** By backend and optimizer, newest last; kept in the workspace's settings. */
export const calibrationSchema = z.record(z.string(), z.array(pointSchema).max(8))
export type Calibration = z.output<typeof calibrationSchema>
export const calibrationSetting = 'estimateCalibration'

const mostPoints = 8
/** A factor is believed within this ratio of work: small steps are overhead, large ones arithmetic. */
const reach = 10

export const calibrationKey = (backend: { kind: string; threads: number }, spec: RunSpec) =>
  `${backend.kind}/${backend.threads}/${spec.optimizer.kind}`

/** The calibration with one more measurement; of two at the same work the newer counts. */
export function withPoint(calibration: Calibration, key: string, point: z.output<typeof pointSchema>): Calibration {
  const others = (calibration[key] ?? []).filter(({ flops }) => Math.abs(Math.log(flops / point.flops)) > Math.log(1.3))
  return { ...calibration, [key]: [...others.slice(1 - mostPoints), point] }
}

/** The estimate by the measurement nearest in work, unchanged when there is none near. */
export function corrected(spec: RunSpec, found: SpecEstimate, flops: number, calibration: Calibration, key: string): SpecEstimate {
  const distance = (point: { flops: number }) => Math.abs(Math.log(point.flops / flops))
  const [near] = [...(calibration[key] ?? [])].sort((a, b) => distance(a) - distance(b))
  if (!near || distance(near) > Math.log(reach) || found.secondsPerStep === null) return found
  const changed = { ...found, secondsPerStep: found.secondsPerStep * near.factor }
  return {
    ...changed,
    totalSeconds: totalSeconds(spec, changed),
    basis: { kind: 'corrected', factor: near.factor, parameters: near.parameters }
  }
}

/** Everything of a spec that a step's time depends on; specs with the same key take the same. */
export function stepKey(spec: RunSpec): string {
  const { learningRate: _, ...optimizer } = spec.optimizer
  if ('damping' in optimizer) optimizer.damping = { ...optimizer.damping, value: 1 }
  const work = isFunctionSpec(spec)
    ? spec.problem
    : {
        data: spec.data,
        layers: spec.model.layers,
        activation: spec.model.activation,
        bias: spec.model.bias,
        loss: spec.loss,
        batch: spec.batch.size
      }
  return JSON.stringify([optimizer, work])
}

/** The same for a probe, which measures snapshots and evaluations too. */
export function probeKey(spec: RunSpec): string {
  const { everySteps, maxBytes: _, ...contents } = spec.snapshots
  const evaluates = spec.evaluate.everySteps !== null || spec.evaluate.everyEpochs !== null
  return JSON.stringify([stepKey(spec), everySteps === null ? null : contents, evaluates])
}

/** The estimate with a run's own figures in place of the formula's. */
export function fromRun(
  spec: RunSpec,
  found: SpecEstimate,
  run: { id: string; name: string; step: number; seconds: number }
): SpecEstimate {
  const changed = { ...found, secondsPerStep: run.seconds / run.step }
  return { ...changed, totalSeconds: totalSeconds(spec, changed), basis: { kind: 'run', id: run.id, name: run.name, steps: run.step } }
}

/** The same with what a probe measured; what it did not come to stays estimated. */
export function measured(spec: RunSpec, found: SpecEstimate, probe: ProbeResult): SpecEstimate {
  const changed = {
    ...found,
    parameters: probe.parameters,
    peakBytes: Math.max(found.peakBytes, probe.peakBytes ?? 0),
    secondsPerStep: probe.stepSeconds ?? probe.firstStepSeconds ?? found.secondsPerStep,
    secondsPerSnapshot: probe.snapshotSeconds ?? found.secondsPerSnapshot,
    secondsPerEvaluation: probe.evaluationSeconds ?? found.secondsPerEvaluation
  }
  return { ...changed, totalSeconds: totalSeconds(spec, changed) }
}
