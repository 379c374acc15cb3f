// A small deterministic "training" over a sink, and specs and states to test the store with.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { networkSpecSchema, type NetworkSpec } from '../../../src/shared/spec/schema'
import type { SnapshotManifestChecks } from '../../../src/shared/run/schema'
import { histogramLine } from '../../../src/engine/training/histograms'
import { layerArrays, layerBlocks } from '../../../src/shared/model/layout'
import type { TrainingSink, TrainingState } from '../../../src/engine/training/interface'
import type { Snapshot } from '../../../src/engine/curvature/snapshot'
import type { CurvatureBlock } from '../../../src/engine/objective'
import { openWorkspace, realFileSystem, type FileSystem, type Workspace } from '../../../src/store'

export const backend = { kind: 'wasm', description: 'WebAssembly kernels 1', threads: 2 }
export const noChecks: SnapshotManifestChecks = { symmetry: null, trace: null, frobenius: null, residual: null, finiteDifference: null }

export function testSpec(overrides: Record<string, unknown> = {}): NetworkSpec {
  return networkSpecSchema.parse({
    schemaVersion: 1,
    name: 'A test',
    data: { dataset: 'xor' },
    model: { layers: [3, 4, 2], activation: { kind: 'tanh' }, bias: true },
    loss: 'half-sse',
    optimizer: { kind: 'adam' },
    budget: { steps: 20 },
    snapshots: { everySteps: 10, hessian: true },
    checkpoints: { everySteps: 5, keep: 2 },
    ...overrides
  })
}

export const parameterCount = 3 * 4 + 4 + 4 * 2 + 2

export function startState(): TrainingState {
  return {
    step: 0,
    epoch: 0,
    samplesIntoEpoch: 0,
    parameters: Float64Array.from({ length: parameterCount }, (_, k) => Math.sin(k + 1)),
    optimizer: { arrays: { m: new Float64Array(parameterCount), v: new Float64Array(parameterCount) }, numbers: { t: 0, beta: -0 } },
    random: { batches: { words: [1, 2, 3] } },
    seconds: 0,
    wallSeconds: 0,
    gradientEvaluations: 0
  }
}

/** One step of a deterministic recurrence whose every bit depends on all of the state. */
export function nextState(state: TrainingState): TrainingState {
  const step = state.step + 1
  const m = state.optimizer.arrays['m'].map((value, k) => 0.9 * value + 0.1 * Math.cos(state.parameters[k] * step))
  const v = state.optimizer.arrays['v'].map((value, k) => 0.99 * value + 0.01 * m[k] * m[k])
  return {
    step,
    epoch: Math.floor(step / 7),
    samplesIntoEpoch: (step % 7) * 10,
    parameters: state.parameters.map((value, k) => value - (0.1 * m[k]) / (Math.sqrt(v[k]) + 1e-8)),
    optimizer: { arrays: { m, v }, numbers: { t: step, beta: -0 } },
    random: { batches: { words: [step, step * 2, step * 3] } },
    seconds: step * 0.5,
    wallSeconds: step * 0.75,
    gradientEvaluations: step
  }
}

/** The block whose matrix goes before `testSnapshot`. */
export const testMatrix = ({ step }: TrainingState): CurvatureBlock => ({
  name: 'full',
  offset: 0,
  size: parameterCount,
  units: 1,
  positiveSemidefinite: false,
  data: Float64Array.from({ length: parameterCount ** 2 }, (_, k) => Math.sin(step + Math.floor(k / parameterCount) + (k % parameterCount)))
})

/** Hands a snapshot over as the real loop does: its matrix, then the rest. */
export async function giveTestSnapshot(sink: TrainingSink, state: TrainingState): Promise<void> {
  await sink.matrix(state.step, testMatrix(state))
  await sink.snapshot(testSnapshot(state))
}

export function testSnapshot(state: TrainingState): Snapshot {
  const size = parameterCount
  const vectors = Float64Array.from({ length: size * 4 }, (_, k) => k + state.step)
  return {
    step: state.step,
    parameters: state.parameters,
    blocks: [
      {
        name: 'full',
        size,
        units: 1,
        eigenvalues: Float64Array.from({ length: size }, (_, k) => k - 3),
        eigenvectors: { data: vectors, rows: size, columns: 4, offset: 0, stride: 4 },
        indices: [0, 1, size - 2, size - 1],
        checks: noChecks
      }
    ]
  }
}

/** The net of `testSpec` by array. */
export const testHistograms = (state: TrainingState, gradient: Float64Array | null) =>
  histogramLine(state.step, layerArrays(layerBlocks([3, 4, 2], true), true), state.parameters, gradient)

/** Trains from `state` to `steps` with checkpoints every 5 and snapshots every 10 steps, in the order the real loop does. */
export async function fakeTrain(sink: TrainingSink, from: TrainingState | null, steps: number): Promise<TrainingState> {
  let state = from ?? startState()
  if (state.step === 0) {
    await sink.checkpoint(state)
    await sink.histograms?.(testHistograms(state, null))
  }
  if (state.step > 0 && state.step % 10 === 0 && !(await sink.hasSnapshot?.(state.step))) await giveTestSnapshot(sink, state)
  while (state.step < steps) {
    state = nextState(state)
    await sink.metrics({
      step: state.step,
      epoch: state.epoch,
      seconds: state.seconds,
      loss: 1 / state.step,
      gradNorm: 1,
      stepNorm: 0.1,
      lambdaMin: -1 / state.step,
      ...(state.step % 5 === 0 ? { testLoss: 2 / state.step, testAccuracy: 0.5 + state.step / 1000 } : {})
    })
    if (state.step % 5 === 0) await sink.histograms?.(testHistograms(state, state.parameters.map(Math.sin)))
    if (state.step % 10 === 0 && (await sink.admitsSnapshot(state.step, 10_000))) await giveTestSnapshot(sink, state)
    if (state.step % 5 === 0) await sink.checkpoint(state)
  }
  await sink.checkpoint(state)
  return state
}

/** A workspace in a temporary folder, and its removal. */
export async function temporaryWorkspace(
  fileSystem: FileSystem = realFileSystem
): Promise<{ workspace: Workspace; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'saddlescope-store-'))
  return { workspace: await openWorkspace(folder, fileSystem), remove: () => rm(folder, { recursive: true, force: true }) }
}
