// What a run will need, before it is started: parameters, memory at its peak, disk, and roughly seconds a step.
import { parseBytes } from '../format/bytes'
import {
  blockShapes,
  functionBlocks,
  layerBlocks,
  parameterCount,
  weightArrays,
  type BlockShape,
  type ParameterBlock
} from '../model/layout'
import { entriesOf, factsOf } from '../spec/optimizers'
import { isFunctionSpec, type RunSpec, type Scope } from '../spec/schema'
import { snapshotBytes, snapshotScope } from './snapshot-size'

/** What the estimate has to know of the data, after transforms. */
export interface DataFacts {
  readonly inputs: number
  readonly outputs: number
  readonly trainCount: number
  /** Training samples that are split off for validation; left out: none. */
  readonly validationCount?: number
  readonly testCount: number
}

export interface EstimateInput {
  /** null for a function, or while the dataset is not known. */
  readonly data: DataFacts | null
  /** Variables of a function; null where they are not known. */
  readonly variables?: number | null
  /** Measured speed of the backend's matrix products, GFlop/s; null: no time is given. */
  readonly gflops?: number | null
}

export interface SpecEstimate {
  readonly parameters: number
  readonly peakBytes: number
  readonly diskBytes: number
  /** null when nothing tells; `basis` says where it comes from. */
  readonly secondsPerStep: number | null
  readonly secondsPerSnapshot: number | null
  readonly secondsPerEvaluation: number | null
  /** null when the budget does not say. */
  readonly steps: number | null
  readonly snapshots: number
  readonly evaluations: number
  /** Steps, snapshots and evaluations; capped by a budget in seconds of step time; null when steps or a time are not known. */
  readonly totalSeconds: number | null
  readonly basis: EstimateBasis
}

/** Where the time of a step comes from: the backend's speed and a count of operations, the same corrected by a measurement of this optimizer here, or a run that does the same. */
export type EstimateBasis =
  | { readonly kind: 'formula' }
  | { readonly kind: 'corrected'; readonly factor: number; readonly parameters: number }
  | { readonly kind: 'run'; readonly id: string; readonly name: string; readonly steps: number }

/** Operations that the formula counts, for correcting it by measurements. */
export interface StepWork {
  readonly flops: number
  readonly snapshotFlops: number
  readonly evaluationFlops: number
}

const doubles = 8

function plannedSteps(spec: RunSpec, data: DataFacts | null): number | null {
  const { steps, epochs } = spec.budget
  const samples = isFunctionSpec(spec) ? 1 : (data?.trainCount ?? null)
  if (samples === null) return steps
  const size = isFunctionSpec(spec) ? 1 : (spec.batch.size ?? samples)
  const fromEpochs = epochs === null ? null : Math.ceil(epochs * Math.ceil(samples / Math.min(size, samples)))
  if (steps === null || fromEpochs === null) return steps ?? fromEpochs
  return Math.min(steps, fromEpochs)
}

const overhead = 1e-4
/** What an engine process takes by itself, its code and kernels included (resident: 154 MB at the most in a run whose own arrays take about 12 MB). */
const engineBytes = 140e6

interface Sizes {
  readonly parameters: number
  readonly batch: number
  readonly layers: ParameterBlock[]
  readonly arrays: readonly (readonly number[])[]
  readonly widths: readonly number[]
  readonly scope: Scope
  readonly blocks: BlockShape[]
}

function sizesOf(spec: RunSpec, { data, variables }: EstimateInput): Sizes {
  const network = isFunctionSpec(spec) ? null : spec
  const widths = network ? network.model.layers.map((width) => width ?? data?.inputs ?? 1) : [variables ?? 2, 1]
  const layers = network ? layerBlocks(widths, network.model.bias) : functionBlocks(variables ?? 2)
  const parameters = parameterCount(layers)
  const scope = snapshotScope(spec, parameters)
  const samples = data?.trainCount ?? 1
  const batch = network ? Math.min(network.batch.size ?? samples, data ? samples : Infinity) : 1
  const arrays = weightArrays(spec, layers).map(({ shape }) => shape)
  return { parameters, batch, layers, arrays, widths, scope, blocks: blockShapes(layers, scope) }
}

/** Floating-point operations of a step, a snapshot and an evaluation. */
export function workOf(spec: RunSpec, input: EstimateInput): StepWork {
  const sizes = sizesOf(spec, input)
  const { parameters, batch, blocks } = sizes
  const own = factsOf(spec.optimizer).cost(spec.optimizer, sizes)
  const cubes = blocks.reduce((sum, { size, units }) => sum + size ** 3 * units, 0)
  const decomposes = spec.snapshots.eigenvalues || spec.snapshots.eigenvectors !== 0
  return {
    flops: 6 * batch * parameters + own.flops,
    snapshotFlops: batch * entriesOf(blocks) + (decomposes ? 27 * cubes : 0),
    evaluationFlops: 2 * ((input.data?.testCount ?? 0) + (input.data?.validationCount ?? 0)) * parameters
  }
}

/** Lines of histograms.ndjson: two histograms an array, each of 64 counts and eight figures. */
const histogramBytes = ({ evaluate }: RunSpec, arrays: number, evaluations: number) =>
  evaluate.histograms ? evaluations * arrays * 2 * 400 : 0

/** What the whole run takes: nothing is known when a time is missing that it needs. */
export function totalSeconds(
  spec: Pick<RunSpec, 'budget'>,
  of: Pick<SpecEstimate, 'secondsPerStep' | 'secondsPerSnapshot' | 'secondsPerEvaluation' | 'steps' | 'snapshots' | 'evaluations'>
): number | null {
  const { secondsPerStep, secondsPerSnapshot, secondsPerEvaluation, steps, snapshots, evaluations } = of
  const limit = spec.budget.seconds ?? Infinity
  const stepping = secondsPerStep === null || steps === null ? limit : Math.min(secondsPerStep * steps, limit)
  if (!Number.isFinite(stepping)) return null
  if ((snapshots > 0 && secondsPerSnapshot === null) || (evaluations > 0 && secondsPerEvaluation === null)) return null
  // What the time limit cuts off takes its snapshots and evaluations along.
  const done = secondsPerStep !== null && steps !== null && steps > 0 ? Math.min(1, limit / (secondsPerStep * steps)) : 1
  return stepping + done * (snapshots * (secondsPerSnapshot ?? 0) + evaluations * (secondsPerEvaluation ?? 0))
}

function plannedEvaluations(spec: RunSpec, data: DataFacts | null, steps: number | null, batch: number): number {
  if (steps === null || isFunctionSpec(spec)) return 0
  const { everySteps, everyEpochs } = spec.evaluate
  if (everySteps === null && everyEpochs === null) return 0
  const epoch = data ? Math.max(1, Math.ceil(data.trainCount / batch)) : Infinity
  const bySteps = everySteps === null ? 0 : Math.floor(steps / everySteps)
  const byEpochs = everyEpochs === null ? 0 : Math.floor(steps / (epoch * everyEpochs))
  // One of the start besides.
  return 1 + Math.max(bySteps, byEpochs)
}

/** Rough by nature: meant to be right within a factor of two, and to refuse what cannot fit. Times are those of the formula. */
export function estimate(spec: RunSpec, input: EstimateInput): SpecEstimate {
  const { data, gflops = null } = input
  const sizes = sizesOf(spec, input)
  const { parameters, batch, layers, widths, scope, blocks } = sizes
  const steps = plannedSteps(spec, data)
  const facts = factsOf(spec.optimizer)
  const own = facts.cost(spec.optimizer, sizes)
  const state = facts.state(spec.optimizer, sizes)
  const every = spec.snapshots.everySteps
  const planned = every === null || steps === null ? 0 : Math.floor(steps / every) + 1
  const snapshotSize = snapshotBytes(spec, layers, scope)
  const mostBytes = parseBytes(spec.snapshots.maxBytes)
  const snapshotNeed = every === null ? 0 : 3 * entriesOf(blocks) * doubles
  const samples = data ? data.trainCount + (data.validationCount ?? 0) + data.testCount : 0
  const dataBytes = samples * (widths[0] + widths[widths.length - 1]) * doubles
  const activations = 4 * batch * widths.reduce((sum, width) => sum + width, 0) * doubles
  const checkpoint = (parameters + state) * doubles + 4000
  const arrays = layers.length * (!isFunctionSpec(spec) && spec.model.bias ? 2 : 1)
  const work = workOf(spec, input)
  const seconds = (flops: number) => (gflops === null ? null : flops / (gflops * 1e9) + overhead)
  const times = {
    secondsPerStep: seconds(work.flops),
    secondsPerSnapshot: seconds(work.snapshotFlops),
    secondsPerEvaluation: seconds(work.evaluationFlops),
    steps,
    snapshots: Math.min(planned, Math.floor(mostBytes / snapshotSize)),
    evaluations: plannedEvaluations(spec, data, steps, batch)
  }
  return {
    parameters,
    peakBytes: Math.round(
      dataBytes + activations + Math.max(own.numbers * doubles, snapshotNeed) + (4 * parameters + state) * doubles + engineBytes
    ),
    diskBytes: Math.round(
      Math.min(planned * snapshotSize, mostBytes) +
        (spec.checkpoints.keep + 1) * checkpoint +
        (steps ?? 0) * 500 +
        histogramBytes(spec, arrays, times.evaluations) +
        10_000
    ),
    ...times,
    totalSeconds: totalSeconds(spec, times),
    basis: { kind: 'formula' }
  }
}
