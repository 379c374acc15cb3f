// The whole Hessian beyond the embedded memory: rows in panels to native memory and to the disk, then its eigenvalues and 16 eigenvectors, stage by stage; what is whole survives a cancellation.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { chosenVectors } from '../../engine/curvature/snapshot'
import { finiteDifferenceError, snapshotChecks } from '../../engine/curvature/checks'
import { LinalgError, type BackendInfo, type BandForm, type LargeSymmetric, type Linalg } from '../../engine/linalg'
import { isOrdinary } from '../../engine/linalg/vectors'
import { bytesOf, npzParts } from '../../shared/npy'
import { overviewCount, overviewLevels } from '../../shared/run/overview'
import type { SnapshotManifest, SnapshotManifestChecks } from '../../shared/run/schema'
import type { RunSpec } from '../../shared/spec/schema'
import {
  driveRefusal,
  finishFile,
  finishMatrix,
  readNpy,
  renamePatiently,
  StorageError,
  streamArray,
  toWeightArrays,
  translating,
  writeJson,
  writeParts,
  type ArraySource,
  type Workspace
} from '../../store'
import type { FirstBatch, Place } from '../first-batch'
import { versions } from '../versions'
import { openMatrixFile, restoreTriangle, saveTriangle } from './files'
import { readProgress, removeProgress, stages, writeProgress, type Progress, type Stage } from './progress'
import { makeRows, panelBytes, type RowsObjective } from './rows'

/** The snapshot's default: the 8 smallest and the 8 largest. */
const vectorCount = 16

export interface LargeHessianRequest {
  readonly spec: RunSpec
  readonly out: string
  readonly at?: Place
  readonly signal?: AbortSignal
  readonly onPhase?: (phase: string) => void
  readonly onProgress?: (fraction: number) => void
}

export interface LargeHessianReport {
  readonly P: number
  readonly loss: number
  readonly backend: BackendInfo
  /** By stage, of the process that finished it. */
  readonly seconds: Readonly<Record<string, number>>
  readonly checks: Readonly<Record<string, SnapshotManifestChecks>>
  /** The largest resident memory of this process. */
  readonly peakBytes: number
  readonly files: readonly string[]
}

/** Bytes on the drive: the matrix, its overview, the packed reflectors while it is worked on. */
const diskBytes = (size: number) =>
  8 * size ** 2 + 4 * overviewCount(overviewLevels(size, size)) + 4 * size * (size + 1) + 8 * size * (2 * vectorCount + 200)

/** Throws for functions, which are small. */
function withRows(objective: FirstBatch['objective']): RowsObjective {
  const { curvatureRows } = objective
  if (!curvatureRows)
    throw new LinalgError('backend', 'the Hessian of a function is not made by rows: its few variables fit into the embedded memory')
  return { ...objective, curvatureRows }
}

function questionOf({ spec, at }: LargeHessianRequest, gradient: Float64Array, { kind, description, threads }: BackendInfo): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([spec, at ?? null, kind, description, threads, versions().saddlescope]))
  hash.update(bytesOf(gradient))
  return hash.digest('hex')
}

/**
 * Into the folder `out`: gradient.npy, hessian.npy (P × P) with its overview, eigenvalues.full.npy, eigenvectors.full.npy (P × 16), weights.npz, spec.json, and
 * last manifest.json as of a snapshot, with the checks. Goes on from an earlier call with the same question. Throws LinalgError (`out-of-memory` with needed
 * and available bytes before anything is made; `backend` where native memory cannot be had), StorageError, or the signal's reason.
 */
export async function computeLargeHessian(
  workspace: Workspace,
  linalg: Linalg,
  { objective: given, parameters }: Pick<FirstBatch, 'objective' | 'parameters'>,
  request: LargeHessianRequest
): Promise<LargeHessianReport> {
  const { spec, out, signal, onPhase, onProgress } = request
  const { fileSystem } = workspace
  const objective = withRows(given)
  const size = objective.parameterCount
  const inside = (name: string) => join(out, name)
  const large = linalg.openLarge(size, vectorCount)
  try {
    if (panelBytes(objective.blocks, size) > linalg.availableBytes / 2)
      throw new LinalgError(
        'out-of-memory',
        `the rows of one input of the widest layer take ${panelBytes(objective.blocks, size)} bytes, more than half of the embedded memory`
      )
    const gradient = new Float64Array(size)
    const loss = await objective.gradient(parameters, gradient, { signal })
    const question = questionOf(request, gradient, linalg.info)
    let progress = await readProgress(fileSystem, out, question)
    const refusal = progress.rows > 0 ? null : await driveRefusal(fileSystem, out, diskBytes(size))
    if (refusal !== null) throw new StorageError('disk-full', `the Hessian of P = ${size} in ${out}: ${refusal}`)
    await translating(`write ${out}`, () => fileSystem.makeFolder(out))

    const keep = async (next: Progress) => void (await writeProgress(fileSystem, out, (progress = next)))
    const wholeSince = (stage: Stage) => stages.indexOf(progress.stage) >= stages.indexOf(stage)
    /** Seconds of a stage on top of those before. */
    const timed = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
      const began = performance.now()
      onPhase?.(name)
      try {
        return await work()
      } finally {
        progress = {
          ...progress,
          seconds: { ...progress.seconds, [name]: (progress.seconds[name] ?? 0) + (performance.now() - began) / 1000 }
        }
      }
    }
    const write = async (name: string, source: ArraySource) => {
      await streamArray(fileSystem, inside(name), source, 'float64')
      const written = await finishFile(fileSystem, inside(name))
      progress = { ...progress, files: { ...progress.files, [name]: written } }
    }

    if (!wholeSince('matrix')) {
      await write('gradient.npy', { shape: [size], pieces: [gradient] })
      const partial = inside('hessian.npy.partial')
      const file = await openMatrixFile(fileSystem, partial, size)
      try {
        await timed('rows', async () => {
          await file.restore(large, progress.rows, signal)
          progress = await makeRows(linalg, objective, parameters, large, file, progress, keep, { signal, onProgress })
        })
      } finally {
        await file.close()
      }
      if (!isOrdinary(progress.figures.squares) && progress.figures.largest > 0)
        throw new LinalgError(
          'not-finite',
          `the Hessian: the largest entry is ${progress.figures.largest}; its squares leave the range of doubles`
        )
      const column = new Float64Array(size)
      const columnOf = (_unit: number, index: number) => (large.read(index, 0, column), column)
      const block = { name: 'full', offset: 0, size, units: 1 }
      const finiteDifference = await timed('finite differences', () =>
        finiteDifferenceError(objective, parameters, block, columnOf, progress.figures.largest, { signal })
      )
      await timed('overview', async () => {
        const overview = inside('hessian.overview.npy')
        const written = await finishMatrix(fileSystem, partial, overview, size, size, 'float64', { signal, onProgress })
        await renamePatiently(fileSystem, partial, inside('hessian.npy'))
        const files = { ...progress.files, 'hessian.npy': written.matrix, 'hessian.overview.npy': written.overview }
        progress = { ...progress, stage: 'matrix', finiteDifference, files }
      })
      await keep(progress)
    } else if (!wholeSince('band')) await timed('reading rows', () => restoreMatrix(workspace, inside('hessian.npy'), large, size, signal))

    let form: BandForm
    if (!wholeSince('band')) {
      form = await timed('band', () => large.reduceToBand({ signal, onProgress }))
      await timed('writing reflectors', async () => {
        await saveTriangle(fileSystem, inside('reflectors.partial'), large, signal)
        for (const [name, data] of [
          ['band', form.band],
          ['factors', form.factors]
        ] as const)
          await streamArray(fileSystem, inside(`${name}.npy.partial`), { shape: [data.length], pieces: [data] }, 'float64')
      })
      await keep({ ...progress, stage: 'band' })
    } else {
      form = await timed('reading reflectors', async () => {
        await restoreTriangle(fileSystem, inside('reflectors.partial'), large, signal)
        const [band, factors] = [
          await readNpy(fileSystem, inside('band.npy.partial')),
          await readNpy(fileSystem, inside('factors.npy.partial'))
        ]
        return { order: size, width: band.length / size / 2, band, factors }
      })
    }

    let eigenvalues: Float64Array
    if (!wholeSince('values')) {
      eigenvalues = await timed('eigenvalues', () => large.eigenvalues(form, { signal, onProgress }))
      await write('eigenvalues.full.npy', { shape: [size], pieces: [eigenvalues] })
      await keep({ ...progress, stage: 'values' })
    } else eigenvalues = await readNpy(fileSystem, inside('eigenvalues.full.npy'))

    const { indices } = chosenVectors(size, vectorCount)
    const vectorValues = Float64Array.from(indices, (index) => eigenvalues[index])
    const vectors = await timed('eigenvectors', () => large.eigenvectors(form, vectorValues, { signal, onProgress }))
    await write('eigenvectors.full.npy', { shape: [size, indices.length], pieces: [vectors.data] })
    const { trace, squares, largest, asymmetry } = progress.figures
    const checks = await timed('residuals', () =>
      snapshotChecks(
        objective,
        parameters,
        { offset: 0, size, asymmetry },
        'hessian',
        { eigenvalues, vectors, vectorValues },
        { figures: { trace, largest, squares: { scale: 1, sum: squares } }, finiteDifference: progress.finiteDifference },
        { signal, onProgress }
      )
    )
    await writeJson(fileSystem, inside('spec.json'), spec)
    const weights = await writeParts(fileSystem, inside('weights.npz'), npzParts(toWeightArrays(spec, parameters)))
    const manifest = manifestOf(request, size, indices, checks, { ...progress.files, 'weights.npz': weights })
    const peakBytes = process.resourceUsage().maxRSS * 1024
    await writeJson(fileSystem, inside('manifest.json'), {
      ...manifest,
      loss,
      backend: linalg.info,
      versions: versions(),
      seconds: progress.seconds,
      peakBytes
    })
    for (const name of ['reflectors', 'band.npy', 'factors.npy']) await fileSystem.remove(inside(`${name}.partial`))
    await removeProgress(fileSystem, out)
    return {
      P: size,
      loss,
      backend: linalg.info,
      seconds: progress.seconds,
      checks: { full: checks },
      peakBytes,
      files: [...manifest.files.map(({ name }) => name), 'spec.json', 'manifest.json']
    }
  } finally {
    large.release()
  }
}

async function restoreMatrix(
  { fileSystem }: Workspace,
  path: string,
  large: LargeSymmetric,
  size: number,
  signal?: AbortSignal
): Promise<void> {
  const file = await openMatrixFile(fileSystem, path, size)
  try {
    await file.restore(large, size, signal)
  } finally {
    await file.close()
  }
}

function manifestOf(
  { at }: LargeHessianRequest,
  size: number,
  indices: readonly number[],
  checks: SnapshotManifestChecks,
  files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>
): SnapshotManifest {
  return {
    schemaVersion: 1,
    run: at?.run ?? null,
    step: at?.step ?? 0,
    parameterCount: size,
    scope: 'full',
    precision: 'float64',
    blocks: [
      {
        name: 'full',
        offset: 0,
        size,
        units: 1,
        eigenvalues: 'eigenvalues.full.npy',
        eigenvectors: 'eigenvectors.full.npy',
        indices: [...indices],
        hessian: 'hessian.npy',
        overview: 'hessian.overview.npy',
        checks
      }
    ],
    files: Object.entries(files).map(([name, written]) => ({ name, ...written }))
  }
}
