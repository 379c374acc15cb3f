// Checkpoints: a training state as weights.npz, optimizer.npz and state.json, and back, bit by bit.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { npzParts, toFloat64, type NpyArray } from '../../shared/npy'
import { checkpointStateSchema, type CheckpointState } from '../../shared/run/schema'
import type { RunSpec } from '../../shared/spec/schema'
import type { TrainingState } from '../../engine/training/interface'
import { partialEnding, publishFolder, readJson, readNpz, StorageError, translating, writeParts } from '../files'
import type { Workspace } from '../workspace'
import { checkpointFolder, checkpointsFolder, runFolder, stepsIn } from './paths'
import { readSpec } from './documents'
import { fromWeightArrays, toWeightArrays } from './weights'

type StoredNumber = CheckpointState['optimizer'][string]

function storeNumber(value: number): StoredNumber {
  if (Object.is(value, -0)) return '-0'
  if (Number.isNaN(value)) return 'NaN'
  return value === Infinity ? 'Infinity' : value === -Infinity ? '-Infinity' : value
}

/** Bytes of a finished checkpoint. */
async function checkpointBytes(workspace: Workspace, path: string): Promise<number> {
  const state = await readJson(workspace.fileSystem, join(path, 'state.json'), checkpointStateSchema)
  const own = (await workspace.fileSystem.info(join(path, 'state.json')))?.bytes ?? 0
  return (state?.files.reduce((sum, file) => sum + file.bytes, 0) ?? 0) + own
}

function hashOf(parts: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** True when a whole checkpoint of exactly this state is there already, as after a stop at a step that was due anyway. */
async function isStored(workspace: Workspace, path: string, weights: Record<string, NpyArray>, state: TrainingState): Promise<boolean> {
  try {
    const stored = await readJson(workspace.fileSystem, join(path, 'state.json'), checkpointStateSchema)
    return (
      stored !== null &&
      stored.step === state.step &&
      stored.seconds === state.seconds &&
      JSON.stringify(stored.random) === JSON.stringify(state.random) &&
      stored.files.find((file) => file.name === 'weights.npz')?.sha256 === hashOf(npzParts(weights)) &&
      stored.files.find((file) => file.name === 'optimizer.npz')?.sha256 === hashOf(npzParts(optimizerArrays(state)))
    )
  } catch {
    return false
  }
}

const optimizerArrays = (state: TrainingState): Record<string, NpyArray> =>
  Object.fromEntries(Object.entries(state.optimizer.arrays).map(([name, data]) => [name, { shape: [data.length], data }]))

/** Writes the checkpoint of `state` into the run's folder; complete under its final name or not there. Returns its bytes. Throws StorageError. */
export async function writeCheckpoint(workspace: Workspace, folder: string, spec: RunSpec, state: TrainingState): Promise<number> {
  const { fileSystem } = workspace
  const path = checkpointFolder(folder, state.step)
  const partial = path + partialEnding
  const weights = toWeightArrays(spec, state.parameters)
  if (await isStored(workspace, path, weights, state)) return checkpointBytes(workspace, path)
  await translating(`write ${path}`, async () => {
    await fileSystem.remove(partial)
    await fileSystem.makeNewFolder(partial)
  })
  const files = [
    { name: 'weights.npz', ...(await writeParts(fileSystem, join(partial, 'weights.npz'), npzParts(weights))) },
    { name: 'optimizer.npz', ...(await writeParts(fileSystem, join(partial, 'optimizer.npz'), npzParts(optimizerArrays(state)))) }
  ]
  const stored: CheckpointState = {
    schemaVersion: 1,
    step: state.step,
    epoch: state.epoch,
    samplesIntoEpoch: state.samplesIntoEpoch,
    random: state.random,
    seconds: state.seconds,
    wallSeconds: state.wallSeconds,
    gradientEvaluations: state.gradientEvaluations,
    optimizer: Object.fromEntries(Object.entries(state.optimizer.numbers).map(([name, value]) => [name, storeNumber(value)])),
    files
  }
  const text = new TextEncoder().encode(`${JSON.stringify(stored, null, 2)}\n`)
  await writeParts(fileSystem, join(partial, 'state.json'), [text])
  await publishFolder(fileSystem, partial, path)
  return files.reduce((sum, file) => sum + file.bytes, text.length)
}

async function verifyFiles(workspace: Workspace, path: string, files: CheckpointState['files']): Promise<void> {
  for (const file of files) {
    if (!(await translating(`read ${join(path, file.name)}`, () => workspace.fileSystem.info(join(path, file.name)))))
      throw new StorageError('damaged', `${join(path, file.name)}: is missing`)
    const bytes = await translating(`read ${join(path, file.name)}`, () => workspace.fileSystem.readFile(join(path, file.name)))
    if (bytes.length !== file.bytes || hashOf([bytes]) !== file.sha256)
      throw new StorageError(
        'damaged',
        `${join(path, file.name)}: is not what its checksum says; the file was changed or the disk is failing`
      )
  }
}

/** Steps of the run's complete checkpoints, ascending. */
export function checkpointSteps(workspace: Workspace, id: string): Promise<number[]> {
  return stepsIn(workspace, checkpointsFolder(runFolder(workspace, id)))
}

/** The training state after `step` steps. Throws StorageError (`not-found`, `damaged`) or NpyError. */
export async function readCheckpoint(workspace: Workspace, id: string, step: number, spec?: RunSpec): Promise<TrainingState> {
  const path = checkpointFolder(runFolder(workspace, id), step)
  const stored = await readJson(workspace.fileSystem, join(path, 'state.json'), checkpointStateSchema)
  if (!stored) {
    const steps = await checkpointSteps(workspace, id)
    throw new StorageError('not-found', `run "${id}" has no checkpoint of step ${step}; it has ${steps.join(', ') || 'none'}`)
  }
  if (stored.step !== step) throw new StorageError('damaged', `${path}/state.json: is of step ${stored.step}, not ${step}`)
  await verifyFiles(workspace, path, stored.files)
  const weights = join(path, 'weights.npz')
  const parameters = fromWeightArrays(spec ?? (await readSpec(workspace, id)), await readNpz(workspace.fileSystem, weights), weights)
  const optimizer = await readNpz(workspace.fileSystem, join(path, 'optimizer.npz'))
  return {
    step,
    epoch: stored.epoch,
    samplesIntoEpoch: stored.samplesIntoEpoch,
    parameters,
    optimizer: {
      arrays: Object.fromEntries([...optimizer].map(([name, array]) => [name, toFloat64(array)])),
      numbers: Object.fromEntries(Object.entries(stored.optimizer).map(([name, value]) => [name, Number(value)]))
    },
    random: stored.random,
    seconds: stored.seconds,
    wallSeconds: stored.wallSeconds,
    gradientEvaluations: stored.gradientEvaluations
  }
}

/** Which checkpoints the policy lets go: all but the first, the newest, and the `keep` newest. */
export function checkpointsToDrop(steps: readonly number[], keep: number): number[] {
  const sorted = [...steps].sort((a, b) => a - b)
  const kept = new Set([sorted[0], ...sorted.slice(-Math.max(keep, 1))])
  return sorted.filter((step) => !kept.has(step))
}
