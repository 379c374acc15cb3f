// `export RUN:STEP[/BLOCK] --for elpa`: the matrix as raw float64 with a driver that solves it on as many machines as it takes.
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { wholeName } from '../../shared/model/layout'
import { bytesOf } from '../../shared/npy'
import { matrixText } from '../../shared/run/matrix'
import type { SnapshotManifest } from '../../shared/run/schema'
import {
  driveRefusal,
  finishFile,
  placeOutside,
  readManifest,
  readSpec,
  readStatus,
  requireRun,
  snapshotSteps,
  StorageError,
  translating,
  writeAtomically,
  writeJson,
  type Workspace
} from '../../store'
import { weightsAt, type Place } from '../first-batch'
import { openForRun, requireCheckpoint } from '../stored-state'
import { names, type About } from './documents'
import { driverText, readmeText } from './driver'
import { computeRows, copyStored, type Watch, type WrittenMatrix } from './source'

/** A matrix that is further from symmetric, relative to its largest entry, has no one spectrum to the digits that are checked. */
const symmetryLimit = 1e-12
/** Smaller ones have no block for a second rank, and nobody who waits for them. */
const smallest = 64

export interface ElpaTarget extends Place {
  /** Null: the snapshot's only block, or the whole matrix. */
  readonly block: string | null
}

type ManifestBlock = SnapshotManifest['blocks'][number]

/** SHA-256 of the bytes of the parameters. */
export const weightsHash = (parameters: Float64Array) => createHash('sha256').update(bytesOf(parameters)).digest('hex')

function blockName({ run, step, block }: ElpaTarget, blocks: readonly ManifestBlock[]): string {
  if (block !== null) return block
  if (blocks.length < 2) return blocks[0]?.name ?? wholeName
  throw new StorageError(
    'bad-input',
    `the snapshot ${run}:${step} has the blocks ${blocks.map(({ name }) => name).join(', ')}: say which, such as ${run}:${step}/${blocks[0].name}`
  )
}

/** The block whose stored matrix can be taken as it is. Throws where the block can never be one. */
function storedBlock(manifest: SnapshotManifest | null, name: string): ManifestBlock | null {
  const block = manifest?.blocks.find((one) => one.name === name)
  if (!manifest || !block) return null
  if (block.units > 1)
    throw new StorageError(
      'bad-input',
      `${name} is ${block.units} matrices of ${block.size} rows, one an output unit: their eigenvalues are small problems, and stored`
    )
  if (block.hessian === null) return null
  // A Hessian rounded to float32 is another matrix than that of its weights; an array from elsewhere is what it is.
  return manifest.precision === 'float64' || manifest.scope === 'imported' ? block : null
}

const meaningOf = (place: string, { computed }: Pick<About, 'computed'>) =>
  `The Hessian ${place} of a Saddlescope run, ${computed ? `computed from its checkpoint on the ${computed.batch.samples} samples of step ${computed.batch.step}` : 'as its snapshot holds it'}.`

/**
 * Writes the folder `out`: matrix.f64, matrix.json, driver.c, README.txt. From the snapshot where it keeps the matrix in float64, else from the checkpoint by rows, in
 * bounded memory. Complete under its name or not there. Throws StorageError, SpecFault or LinalgError.
 */
export async function exportForElpa(
  workspace: Workspace,
  target: ElpaTarget,
  out: string,
  { vectors, ...watch }: Watch & { readonly vectors: number }
): Promise<{ readonly path: string; readonly about: About }> {
  const { run, step } = target
  const { fileSystem } = workspace
  await requireRun(workspace, run)
  const manifest = (await snapshotSteps(workspace, run)).includes(step) ? await readManifest(workspace, target) : null
  const block = blockName(target, manifest?.blocks ?? [])
  const stored = storedBlock(manifest, block)
  const place = matrixText({ run, step, block })
  const symmetry = stored?.checks.symmetry ?? 0
  if (symmetry > symmetryLimit)
    throw new StorageError(
      'bad-input',
      `${place}: is symmetric to ${symmetry.toExponential(1)} of its largest entry only, at most ${symmetryLimit} is taken: import (H + Hᵀ)/2 in its place`
    )
  if (!stored) await requireCheckpoint(workspace, target)

  const admit = async (size: number) => {
    if (size < smallest)
      throw new StorageError(
        'bad-input',
        `${place}: has ${size} rows; from ${smallest} on a matrix is exported, smaller ones are solved here at once`
      )
    if (!Number.isInteger(vectors) || vectors < 1 || 2 * vectors > size)
      throw new StorageError(
        'bad-input',
        `--vectors: must be an integer from 1 to ${Math.floor(size / 2)}, half of the rows, got ${vectors}`
      )
    const refusal = await driveRefusal(fileSystem, dirname(out), 8 * size * (size + 2 * vectors + 1))
    if (refusal !== null) throw new StorageError('disk-full', `${place} in ${out}: ${refusal}`)
  }

  const write = async (path: string): Promise<WrittenMatrix> => {
    if (stored && manifest) {
      await admit(stored.size)
      const weighed = manifest.files.some(({ name }) => name === 'weights.npz')
      const parameters = weighed ? await weightsAt(workspace, await readSpec(workspace, run), target) : null
      return { ...(await copyStored(workspace, target, stored, path, watch)), parameters }
    }
    const linalg = await openForRun(await readStatus(workspace, run))
    try {
      return await computeRows(workspace, linalg, target, block, path, admit, watch)
    } finally {
      await linalg.dispose()
    }
  }

  let about: About | null = null
  const path = await placeOutside(fileSystem, out, async (partial) => {
    await translating(`write ${partial}`, () => fileSystem.makeFolder(partial))
    const { rows: n, figures, parameters, ...made } = await write(join(partial, names.matrix))
    watch.onPhase?.('checksum')
    about = {
      schemaVersion: 1,
      for: 'elpa',
      run,
      step,
      block,
      n,
      vectors,
      meaning: meaningOf(place, made),
      order: 'raw little-endian float64, column by column (row by row is the same: it is symmetric)',
      ...(await finishFile(fileSystem, join(partial, names.matrix))),
      trace: figures.trace,
      squares: figures.squares,
      largest: figures.largest,
      weights: parameters && weightsHash(parameters),
      storedMatrix: manifest?.files.find(({ name }) => name === stored?.hessian)?.sha256 ?? null,
      ...made
    }
    await writeJson(fileSystem, join(partial, names.about), about)
    await writeAtomically(fileSystem, join(partial, names.driver), driverText(about))
    await writeAtomically(fileSystem, join(partial, names.readme), readmeText(about))
    watch.signal?.throwIfAborted()
  })
  if (about === null) throw new Error('nothing was exported')
  return { path, about }
}
