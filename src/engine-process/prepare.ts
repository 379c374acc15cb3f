// From a spec to what training needs: data, start weights, and the hashes that tell comparable runs.
import { createHash } from 'node:crypto'
import { type CallOptions, type Linalg, matrix, type Matrix } from '../engine/linalg'
import type { Network } from '../engine/nn/network'
import { drawParameters, parametersFromArrays } from '../engine/nn/parameters'
import { splitState } from '../engine/data/split'
import { functionDefinition } from '../engine/functions/list'
import { randomStream } from '../engine/random'
import { networkOf } from '../engine/training/open-problem'
import type { TrainingData } from '../engine/training'
import { NpyError, toFloat64 } from '../shared/npy'
import type { SpecProblem } from '../shared/spec/problem'
import { readingSentence, type DatasetManifest } from '../shared/datasets/schema'
import type { RunMeta } from '../shared/run/schema'
import { isFunctionSpec, type DataSpec, type NetworkSpec, type RunSpec } from '../shared/spec/schema'
import { checkModelAgainstData, checkTargetsAgainstLoss, openDataset, prepareData } from '../store/datasets'
import { checkpointSteps, openNpy, readCheckpoint, readNpz, type Workspace } from '../store'
import { messageOf } from '../shared/format/message-of'

/** Thrown where a spec does not meet its data or its files: the problems with their paths, and all of them as the message. */
export class SpecFault extends Error {
  constructor(readonly problems: readonly SpecProblem[]) {
    super(problems.map(({ path, message }) => `${path}: ${message}`).join('; '))
    this.name = 'SpecFault'
  }
}

export interface Prepared {
  readonly data: TrainingData | null
  /** What the dataset is and what it was taken for, in a sentence; null for a function. */
  readonly understood: string | null
  readonly parameters: Float64Array
  readonly hashes: RunMeta['hashes']
}

export interface PrepareContext extends CallOptions {
  readonly workspace: Workspace
  readonly linalg: Linalg
  /** Gets what a dataset given by path was taken for, in a sentence. */
  readonly onNote?: (sentence: string) => void
}

const sha256 = (...parts: (Float64Array | string)[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(typeof part === 'string' ? part : new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  return hash.digest('hex')
}

/** What tells the random projections of comparable runs. */
export const projectionHash = (projections: readonly Matrix[]) => sha256(...projections.map((projection) => projection.data))

async function readMatrix(workspace: Workspace, path: string, where: string): Promise<Matrix> {
  const fault = (message: string) => new SpecFault([{ path: where, message }])
  const file = await openNpy(workspace.fileSystem, path).catch((error: unknown) => {
    throw error instanceof NpyError ? fault(error.message) : error
  })
  try {
    const { shape, count } = file.header
    if (shape.length !== 2) throw fault(`${path} must hold a matrix (in × dim), got shape (${shape.join(', ')})`)
    const entries = await file.read(0, count)
    const wrong = entries.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0)
      throw fault(`${path}: entry (${Math.floor(wrong / shape[1])}, ${wrong % shape[1]}) is ${entries[wrong]}, must be finite`)
    return matrix(shape[0], shape[1], entries)
  } finally {
    await file.close()
  }
}

/** The matrices that projections name, by path. Throws SpecFault naming the file and what is wrong with it, or StorageError. */
export async function readMatrices(workspace: Workspace, data: DataSpec): Promise<Record<string, Matrix>> {
  const matrices: Record<string, Matrix> = {}
  for (const [place, transform] of data.transforms.entries())
    if (transform.kind === 'random-projection' && transform.matrix !== null)
      matrices[transform.matrix] = await readMatrix(workspace, transform.matrix, `data.transforms.${place}.matrix`)
  return matrices
}

/** What is trained on, for people: the dataset by title and fingerprint, how a table was read, samples and widths as the network sees them. */
function understoodAs(manifest: DatasetManifest, { train, validation, test }: TrainingData, spec: Pick<NetworkSpec, 'data'>): string {
  const reading = typeof spec.data.dataset === 'string' ? readingSentence(manifest) : null
  const { inputs, targets } = train
  const tested = test === null ? 'no' : test.inputs.rows
  return `data: ${manifest.title} (fingerprint ${manifest.fingerprint.slice(0, 12)}…)${reading === null ? '' : `, ${reading}`}; ${inputs.rows} training${validation === null ? '' : `, ${validation.inputs.rows} validation`} and ${tested} test samples, ${inputs.columns} inputs after transforms, ${targets.columns} outputs`
}

/** Opens the dataset, checks that the model fits it, and transforms it. Throws SpecFault, or the dataset's own error. */
async function prepareTrainingData(context: PrepareContext, spec: Pick<NetworkSpec, 'data' | 'model' | 'loss' | 'seed'>) {
  const { workspace, linalg, signal, onProgress, onNote } = context
  const { dataset: reference } = spec.data
  const dataset = await openDataset(workspace, reference, { signal })
  const reading = readingSentence(dataset.manifest)
  if (typeof reference !== 'string' && reading !== null) onNote?.(`${reference.path}: ${reading}`)
  const problems = [...checkModelAgainstData(spec, dataset.manifest), ...checkTargetsAgainstLoss(spec, dataset)]
  if (problems.length > 0) throw new SpecFault(problems)
  const matrices = await readMatrices(workspace, spec.data)
  const data = await prepareData(dataset, spec.data, { seed: spec.seed, matrices, linalg, signal, onProgress })
  return { data, fingerprint: dataset.manifest.fingerprint, understood: understoodAs(dataset.manifest, data, spec) }
}

type GivenWeights = Extract<NetworkSpec['model']['init'], { kind: 'npz' | 'run' }>

/** Start weights from an .npz or from another run's checkpoint, their shapes checked. Throws SpecFault, NpyError or StorageError. */
export async function givenWeights(workspace: Workspace, init: GivenWeights, network: Network): Promise<Float64Array> {
  if (init.kind === 'npz') {
    const arrays = await readNpz(workspace.fileSystem, init.path)
    const doubles = Object.fromEntries([...arrays].map(([name, array]) => [name, { shape: array.shape, data: toFloat64(array) }]))
    try {
      return parametersFromArrays(network, doubles)
    } catch (error) {
      throw new SpecFault([{ path: 'model.init.path', message: `${init.path}: ${messageOf(error)}` }])
    }
  }
  const { parameters } = await readRunCheckpoint(workspace, init.run, init.step)
  if (parameters.length !== network.parameterCount)
    throw new SpecFault([
      { path: 'model.init.run', message: `run ${init.run} has ${parameters.length} parameters, this network ${network.parameterCount}` }
    ])
  return parameters
}

/** Start weights as the spec says: drawn from the stream `init` of its seed, or given. */
export async function startWeights(workspace: Workspace, spec: NetworkSpec, network: Network): Promise<Float64Array> {
  const { init } = spec.model
  if (init.kind === 'npz' || init.kind === 'run') return givenWeights(workspace, init, network)
  return drawParameters(network, init, randomStream(spec.seed, 'init'))
}

async function readRunCheckpoint(workspace: Workspace, run: string, step: number) {
  const steps = await checkpointSteps(workspace, run)
  if (!steps.includes(step))
    throw new SpecFault([
      { path: 'model.init.step', message: `run ${run} has checkpoints of the steps ${steps.join(', ') || '(none)'}, not of ${step}` }
    ])
  return readCheckpoint(workspace, run, step)
}

/** Which samples the batches hold, in which order: with a split of the training data also which of them are left. */
function batchHash(spec: NetworkSpec, { train, validation }: TrainingData): string {
  const { size, shuffle } = spec.batch
  const samples = train.inputs.rows
  const order = shuffle ? randomStream(spec.seed, 'batches').save() : 'in order'
  const split = validation === null ? {} : { validation: validation.inputs.rows, split: splitState(spec.seed) }
  return sha256(JSON.stringify({ samples, size: Math.min(size ?? samples, samples), order, ...split }))
}

export type Hashes = RunMeta['hashes']

/** The data of a run whose weights come from elsewhere: null for a function. */
export async function prepareRunData(
  context: PrepareContext,
  spec: RunSpec
): Promise<{ data: TrainingData | null; hashes: Pick<Hashes, 'dataset' | 'batches'> }> {
  if (isFunctionSpec(spec)) return { data: null, hashes: { dataset: null, batches: null } }
  const { data, fingerprint } = await prepareTrainingData(context, spec)
  return { data, hashes: { dataset: fingerprint, batches: batchHash(spec, data) } }
}

/** The fault of data or batches that are not those a run recorded; null where nothing was recorded or they are the same. */
export function otherData(recorded: Hashes, found: Pick<Hashes, 'dataset' | 'batches'>, purpose: string): SpecFault | null {
  const differs = (name: 'dataset' | 'batches') => recorded[name] !== null && recorded[name] !== found[name]
  if (differs('dataset'))
    return new SpecFault([
      {
        path: 'data.dataset',
        message: `is not the data this run was trained on (fingerprint ${found.dataset?.slice(0, 12)}…, recorded ${recorded.dataset?.slice(0, 12)}…): install that dataset to ${purpose}`
      }
    ])
  if (!differs('batches')) return null
  return new SpecFault([
    {
      path: 'data',
      message: `trainLimit, validation, batch or seed are not what this run was trained with (its batches would hold other samples): put spec.json back as it was to ${purpose}`
    }
  ])
}

/** Everything a run starts with. Long parts report progress and stop at the signal. */
export async function prepareRun(context: PrepareContext, spec: RunSpec): Promise<Prepared> {
  if (isFunctionSpec(spec)) {
    const parameters = Float64Array.from(functionDefinition(spec.problem).start)
    return {
      data: null,
      understood: null,
      parameters,
      hashes: { weights: sha256(parameters), projection: null, batches: null, dataset: null }
    }
  }
  const { data, fingerprint, understood } = await prepareTrainingData(context, spec)
  const parameters = await startWeights(context.workspace, spec, networkOf(spec, data))
  return {
    data,
    understood,
    parameters,
    hashes: {
      weights: sha256(parameters),
      projection: data.projections.length === 0 ? null : projectionHash(data.projections),
      batches: batchHash(spec, data),
      dataset: fingerprint
    }
  }
}
