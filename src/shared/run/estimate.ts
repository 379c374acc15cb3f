// What a run will need, before it is started: parameters, memory at its peak, disk, and roughly seconds a step.
import { blockShapes, functionBlocks, layerBlocks, parameterCount, type BlockShape } from '../model/layout'
import { snapshotBytes, snapshotScope } from './snapshot-size'
import { isFunctionSpec, type RunSpec } from '../spec/schema'

/** What the estimate has to know of the data, after transforms. */
export interface DataFacts {
  readonly inputs: number
  readonly outputs: number
  readonly trainCount: number
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

/** "20 GB" in bytes. */
export function parseBytes(text: string): number {
  const found = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB|TB)$/.exec(text)
  if (!found) throw new Error(`"${text}" is not a size such as "20 GB"`)
  const powers = ['B', 'kB', 'MB', 'GB', 'TB']
  return Number(found[1]) * 1000 ** powers.indexOf(found[2])
}

function plannedSteps(spec: RunSpec, data: DataFacts | null): number | null {
  const { steps, epochs } = spec.budget
  const samples = isFunctionSpec(spec) ? 1 : (data?.trainCount ?? null)
  if (samples === null) return steps
  const size = isFunctionSpec(spec) ? 1 : (spec.batch.size ?? samples)
  const fromEpochs = epochs === null ? null : Math.ceil(epochs * Math.ceil(samples / Math.min(size, samples)))
  if (steps === null || fromEpochs === null) return steps ?? fromEpochs
  return Math.min(steps, fromEpochs)
}

/** State that the optimizer keeps between steps, in vectors of P numbers. */
function stateVectors(spec: RunSpec): number {
  const { optimizer } = spec
  if (optimizer.kind === 'l-bfgs') return 2 * optimizer.history + 2
  const vectors: Partial<Record<typeof optimizer.kind, number>> = { momentum: 1, nesterov: 1, rmsprop: 3, adam: 2, adamw: 2 }
  return vectors[optimizer.kind] ?? 0
}

interface CurvatureNeed {
  readonly bytes: number
  readonly flops: number
}

const entriesOf = (blocks: readonly BlockShape[]) => blocks.reduce((sum, { size, units }) => sum + size * size * units, 0)

/** A second-order step's matrices: assembled (1.3 × their size at the peak), then decomposed (three of them at once) where the step needs the spectrum. */
function curvatureNeed(spec: RunSpec, blocks: readonly BlockShape[], parameters: number, batch: number): CurvatureNeed {
  const { optimizer } = spec
  const entries = entriesOf(blocks)
  const cubes = blocks.reduce((sum, { size, units }) => sum + size ** 3 * units, 0)
  if (optimizer.kind === 'sfn-krylov') {
    const vectors = Math.min(optimizer.vectors, parameters)
    return { bytes: 2 * vectors * parameters * doubles, flops: vectors * 20 * batch * parameters }
  }
  if (optimizer.kind === 'fd-newton') return { bytes: 2 * batch * batch * doubles, flops: batch ** 3 / 3 + 4 * batch * parameters }
  if (!('scope' in optimizer)) return { bytes: 0, flops: 0 }
  const decomposes = optimizer.kind === 'sfn'
  // A symmetric eigendecomposition takes about 9 n³ flops, at about a third of the speed of products; Cholesky n³/3.
  return { bytes: (decomposes ? 3 : 1.3) * entries * doubles, flops: batch * entries + (decomposes ? 27 * cubes : cubes / 3) }
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
  const own = curvatureNeed(spec, blocks, parameters, batch)
  const every = spec.snapshots.everySteps
  const snapshots = every === null || steps === null ? 0 : Math.floor(steps / every) + 1
  const snapshotNeed = every === null ? 0 : 3 * entriesOf(blocks) * doubles
  const samples = data ? data.trainCount + data.testCount : 0
  const dataBytes = samples * (widths[0] + widths[widths.length - 1]) * doubles
  const activations = 4 * batch * widths.reduce((sum, width) => sum + width, 0) * doubles
  const checkpoint = (1 + stateVectors(spec)) * parameters * doubles + 4000
  const disk = Math.min(snapshots * snapshotBytes(spec, layers, scope), parseBytes(spec.snapshots.maxBytes))
  const flops = 6 * batch * parameters + own.flops
  return {
    parameters,
    peakBytes: Math.round(
      dataBytes + activations + Math.max(own.bytes, snapshotNeed) + (4 + stateVectors(spec)) * parameters * doubles + 60e6
    ),
    diskBytes: Math.round(disk + (spec.checkpoints.keep + 1) * checkpoint + (steps ?? 0) * 500 + 10_000),
    secondsPerStep: gflops === null ? null : flops / (gflops * 1e9) + 1e-4,
    steps
  }
}
