// What a run will need, before it is started: parameters, memory at its peak, disk, and roughly seconds a step.
import { parseBytes } from '../format/bytes'
import { blockShapes, functionBlocks, layerBlocks, parameterCount } from '../model/layout'
import { entriesOf, factsOf } from '../spec/optimizers'
import { isFunctionSpec, type RunSpec } from '../spec/schema'
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
  /** Variables of a function. */
  readonly variables?: number
  /** Measured speed of the backend's matrix products, GFlop/s; null: no time is given. */
  readonly gflops?: number | null
}

export interface SpecEstimate {
  readonly parameters: number
  readonly peakBytes: number
  readonly diskBytes: number
  /** A rough figure from the backend's measured speed; null when it is not known. */
  readonly secondsPerStep: number | null
  readonly steps: number | null
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

/** Lines of histograms.ndjson: two histograms an array, each of 64 counts and eight figures. */
function histogramBytes({ evaluate }: RunSpec, arrays: number, steps: number | null, stepsAnEpoch: number): number {
  if (!evaluate.histograms || steps === null) return 0
  const every = [evaluate.everySteps, evaluate.everyEpochs === null ? null : evaluate.everyEpochs * stepsAnEpoch]
  const lines = 1 + every.reduce<number>((sum, one) => sum + (one === null ? 0 : Math.floor(steps / one)), 0)
  return lines * arrays * 2 * 400
}

/** Rough by nature: meant to be right within a factor of two, and to refuse what cannot fit. */
export function estimate(spec: RunSpec, { data, variables = 2, gflops = null }: EstimateInput): SpecEstimate {
  const steps = plannedSteps(spec, data)
  const network = isFunctionSpec(spec) ? null : spec
  const widths = network ? network.model.layers.map((width) => width ?? data?.inputs ?? 1) : [variables, 1]
  const layers = network ? layerBlocks(widths, network.model.bias) : functionBlocks(variables)
  const parameters = parameterCount(layers)
  const scope = snapshotScope(spec, parameters)
  const blocks = blockShapes(layers, scope)
  const batch = network ? (network.batch.size ?? data?.trainCount ?? 1) : 1
  const facts = factsOf(spec.optimizer)
  const own = facts.cost(spec.optimizer, { parameters, batch, blocks })
  const state = facts.state(spec.optimizer)
  const every = spec.snapshots.everySteps
  const snapshots = every === null || steps === null ? 0 : Math.floor(steps / every) + 1
  const snapshotNeed = every === null ? 0 : 3 * entriesOf(blocks) * doubles
  const samples = data ? data.trainCount + (data.validationCount ?? 0) + data.testCount : 0
  const dataBytes = samples * (widths[0] + widths[widths.length - 1]) * doubles
  const activations = 4 * batch * widths.reduce((sum, width) => sum + width, 0) * doubles
  const checkpoint = (1 + state) * parameters * doubles + 4000
  const disk = Math.min(snapshots * snapshotBytes(spec, layers, scope), parseBytes(spec.snapshots.maxBytes))
  const stepsAnEpoch = Math.ceil((data?.trainCount ?? 1) / batch)
  const arrays = layers.length * (network?.model.bias ? 2 : 1)
  const flops = 6 * batch * parameters + own.flops
  return {
    parameters,
    peakBytes: Math.round(
      dataBytes + activations + Math.max(own.numbers * doubles, snapshotNeed) + (4 + state) * parameters * doubles + 60e6
    ),
    diskBytes: Math.round(
      disk + (spec.checkpoints.keep + 1) * checkpoint + (steps ?? 0) * 500 + histogramBytes(spec, arrays, steps, stepsAnEpoch) + 10_000
    ),
    secondsPerStep: gflops === null ? null : flops / (gflops * 1e9) + 1e-4,
    steps
  }
}
