// Gradient, Hessian and eigenvalues of a spec's first batch, as .npy files, without training.
import { join } from 'node:path'
import { curvatureBytes, requireBytes } from '../engine/curvature/memory'
import { type SnapshotBlock, takeSnapshot } from '../engine/curvature/snapshot'
import { LinalgError, type BackendInfo, type Linalg } from '../engine/linalg'
import type { CurvatureBlock } from '../engine/objective'
import type { SnapshotManifestChecks } from '../shared/run/schema'
import type { RunSpec, Scope } from '../shared/spec/schema'
import { finishFile, streamArray, translating, type ArraySource, type Workspace } from '../store'
import { openFirstBatch, type FirstBatch, type Place } from './first-batch'
import { computeLargeHessian } from './large-hessian'

export interface HessianRequest {
  readonly spec: RunSpec
  readonly scope: Scope
  /** Folder for the files, made where it is missing. */
  readonly out: string
  readonly at?: Place
  readonly vectors: boolean
  /** By rows in native memory, as a matrix that does not fit into the embedded memory always is; of scope `full`. */
  readonly native?: boolean
  /** Assemblies into the same memory, at least 1. */
  readonly repeat: number
  readonly signal?: AbortSignal
  /** Gets what a dataset given by path was taken for. */
  readonly onNote?: (sentence: string) => void
  readonly onPhase?: (phase: string) => void
  readonly onProgress?: (fraction: number) => void
}

export interface HessianReport {
  readonly P: number
  readonly blocks: readonly { readonly name: string; readonly size: number; readonly units: number }[]
  readonly seconds: { readonly assembly: readonly number[]; readonly eigen: number; readonly write: number }
  readonly backend: BackendInfo
  readonly checks: Readonly<Record<string, SnapshotManifestChecks>>
  readonly loss: number
  readonly files: readonly string[]
  /** Of a matrix in native memory: seconds by stage, and the largest resident memory of this process. */
  readonly stages?: Readonly<Record<string, number>>
  readonly peakBytes?: number
}

const since = (began: number) => (performance.now() - began) / 1000

/** Rows of a matrix that may be strided, one after the other. */
function* rowsOf({ data, rows, columns, offset, stride }: NonNullable<SnapshotBlock['eigenvectors']>): Generator<Float64Array> {
  for (let row = 0; row < rows; row++) yield data.subarray(offset + row * stride, offset + row * stride + columns)
}

function matrixSource({ data, size, units }: CurvatureBlock): ArraySource {
  return { shape: units > 1 ? [units, size, size] : [size, size], pieces: [data.subarray(0, units * size * size)] }
}

/** The whole matrix by rows in native memory; a refusal says what else can be had. */
async function byRows(workspace: Workspace, linalg: Linalg, batch: FirstBatch, request: HessianRequest): Promise<HessianReport> {
  const { vectors, repeat } = request
  if (vectors || repeat > 1)
    throw new LinalgError('shape', `${vectors ? 'all eigenvectors' : 'repeated assemblies'} are not to be had of a matrix in native memory`)
  try {
    const { seconds, peakBytes, ...found } = await computeLargeHessian(workspace, linalg, batch, request)
    const sum = (...names: string[]) => names.reduce((total, name) => total + (seconds[name] ?? 0), 0)
    return {
      ...found,
      blocks: [{ name: 'full', size: found.P, units: 1 }],
      seconds: { assembly: [sum('rows')], eigen: sum('band', 'eigenvalues', 'eigenvectors'), write: sum('overview', 'writing reflectors') },
      stages: seconds,
      peakBytes
    }
  } catch (error) {
    if (!(error instanceof LinalgError) || (error.code !== 'out-of-memory' && error.code !== 'backend')) throw error
    throw new LinalgError(error.code, `${error.message}; --density answers with its spectral density and its extreme eigenpairs`)
  }
}

/** Throws SpecFault, LinalgError (`out-of-memory` before anything is allocated) or StorageError. */
export async function computeHessian(workspace: Workspace, linalg: Linalg, request: HessianRequest): Promise<HessianReport> {
  const { spec, scope, out, vectors, repeat, signal, onPhase, onProgress } = request
  const { fileSystem } = workspace
  const files: string[] = []
  let writeSeconds = 0
  const write = async (name: string, source: ArraySource) => {
    const began = performance.now()
    await streamArray(fileSystem, join(out, name), source, 'float64')
    await finishFile(fileSystem, join(out, name))
    files.push(name)
    writeSeconds += since(began)
  }

  onPhase?.('reading data')
  const batch = await openFirstBatch(workspace, linalg, spec, {
    at: request.at,
    signal,
    onNote: request.onNote
  })
  const { objective, parameters, problem } = batch
  try {
    const question = { eigen: vectors ? ('all' as const) : ('values' as const) }
    const { peak } = curvatureBytes(objective.blocks, scope, question)
    if (scope === 'full' && (request.native || peak > linalg.availableBytes)) return await byRows(workspace, linalg, batch, request)
    // Told before the folder is made: what does not fit leaves nothing behind.
    requireBytes(`the Hessian of scope ${scope}`, peak, linalg.availableBytes)
    await translating(`write ${out}`, () => fileSystem.makeFolder(out))
    const gradient = new Float64Array(objective.parameterCount)
    const loss = await objective.gradient(parameters, gradient, { signal })
    await write('gradient.npy', { shape: [gradient.length], pieces: [gradient] })

    const assembly: number[] = []
    let blocks: CurvatureBlock[] | undefined
    try {
      for (let round = 0; round < repeat; round++) {
        onPhase?.(`assembly ${round + 1} of ${repeat}`)
        const began = performance.now()
        blocks = await objective.curvature(parameters, { scope, reuse: blocks, signal, onProgress })
        assembly.push(since(began))
      }
      onPhase?.('writing')
      for (const block of blocks ?? [])
        await write(block.name === 'full' ? 'hessian.npy' : `hessian.${block.name}.npy`, matrixSource(block))
    } catch (error) {
      for (const { data } of blocks ?? []) linalg.release(data)
      throw error
    }

    let eigenSeconds = 0
    let eigenBegan: number | null = null
    const watch = (phase: string) => {
      if (eigenBegan !== null) eigenSeconds += since(eigenBegan)
      eigenBegan = phase.startsWith('eigendecomposition') ? performance.now() : null
      onPhase?.(phase)
    }
    // A few vectors more than asked for let the residual be checked, where there is memory for them.
    const some = curvatureBytes(objective.blocks, scope, { eigen: 'some' }).peak <= linalg.availableBytes
    const contents = { eigenvalues: true, eigenvectors: vectors ? ('all' as const) : some ? 16 : 0 }
    const snapshot = await takeSnapshot(objective, parameters, contents, scope, linalg, {
      step: 0,
      reuse: blocks,
      signal,
      onPhase: watch,
      onProgress
    })
    watch('writing')
    try {
      for (const { name, size, units, eigenvalues, eigenvectors } of snapshot.blocks) {
        if (eigenvalues) await write(`eigenvalues.${name}.npy`, { shape: units > 1 ? [units, size] : [size], pieces: [eigenvalues] })
        if (vectors && eigenvectors)
          await write(`eigenvectors.${name}.npy`, { shape: [eigenvectors.rows, eigenvectors.columns], pieces: rowsOf(eigenvectors) })
      }
    } finally {
      snapshot.release()
    }
    return {
      P: objective.parameterCount,
      blocks: snapshot.blocks.map(({ name, size, units }) => ({ name, size, units })),
      seconds: { assembly, eigen: eigenSeconds, write: writeSeconds },
      backend: linalg.info,
      checks: Object.fromEntries(snapshot.blocks.map(({ name, checks }) => [name, checks])),
      loss,
      files
    }
  } finally {
    problem.dispose()
  }
}
