// A sink of arrays, and small specs and data for tests of the loop.
import { matrix, type Matrix } from '../../../../src/engine/linalg'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import type { TrainingData, TrainingSink, TrainingState } from '../../../../src/engine/training'
import type { Snapshot } from '../../../../src/engine/curvature/snapshot'
import type { Evaluation, MetricsLine } from '../../../../src/shared/run/schema'
import { networkSpecSchema, type NetworkSpec } from '../../../../src/shared/spec/schema'

export interface MemorySink extends TrainingSink {
  readonly lines: MetricsLine[]
  readonly checkpoints: TrainingState[]
  readonly snapshots: Snapshot[]
  /** Those of `snapshots` and those dropped, in the order they came. */
  readonly matrices: { readonly step: number; readonly name: string; readonly data: Float64Array }[]
  /** How often matrices were dropped. */
  readonly drops: number[]
  readonly messages: string[]
  readonly starts: Evaluation[]
}

export function memorySink(overrides: Partial<TrainingSink> = {}): MemorySink {
  const lines: MetricsLine[] = []
  const checkpoints: TrainingState[] = []
  const snapshots: Snapshot[] = []
  const matrices: MemorySink['matrices'] = []
  const drops: number[] = []
  const messages: string[] = []
  const starts: Evaluation[] = []
  return {
    lines,
    checkpoints,
    snapshots,
    matrices,
    drops,
    messages,
    starts,
    metrics: async (line) => void lines.push(line),
    checkpoint: async (state) => void checkpoints.push(state),
    admitsSnapshot: async () => true,
    matrix: async (step, { name, data }) => void matrices.push({ step, name, data: data.slice() }),
    dropMatrices: async () => void drops.push(matrices.length),
    snapshot: async (snapshot) => void snapshots.push({ ...snapshot, parameters: snapshot.parameters.slice() }),
    log: async (message) => void messages.push(message),
    startEvaluation: async (evaluation) => void starts.push(evaluation),
    ...overrides
  }
}

function classes(count: number, inputs: number, outputs: number, name: string): { inputs: Matrix; targets: Matrix; labels: Int32Array } {
  const generator = randomStream(5, name)
  const x = matrix(count, inputs, fillNormal(generator, new Float64Array(count * inputs)))
  const targets = matrix(count, outputs)
  const labels = Int32Array.from({ length: count }, (_, n) => {
    const label = x.data[n * inputs] > 0 ? 1 : 0
    targets.data[n * outputs + label] = 1
    return label
  })
  return { inputs: x, targets, labels }
}

/** Two classes told apart by the sign of the first input. */
export function smallData(count = 10, inputs = 3, outputs = 2): TrainingData {
  return { train: classes(count, inputs, outputs, 'train'), validation: null, test: classes(7, inputs, outputs, 'test') }
}

export function smallSpec(changes: Record<string, unknown> = {}): NetworkSpec {
  return networkSpecSchema.parse({
    schemaVersion: 1,
    name: 'small',
    seed: 3,
    data: { dataset: 'synthetic' },
    model: { layers: [null, 4, 2], activation: { kind: 'tanh' }, bias: true },
    loss: 'half-sse',
    batch: { size: 4, shuffle: true },
    optimizer: { kind: 'gd', learningRate: 0.1 },
    budget: { steps: 8 },
    checkpoints: { everySteps: 1, keep: 3 },
    ...changes
  })
}

export function startWeights(count: number): Float64Array {
  return fillNormal(randomStream(11, 'weights'), new Float64Array(count), 0.5)
}
