// Puts a dataset into a workspace, or takes it out: under a temporary name, synced, the name given last, so that nothing half-done ever lists.
import { join } from 'node:path'
import { datasetManifestSchema, type DatasetManifest } from '../../shared/datasets/schema'
import { isReplaced, partialEnding, publishFolder, renamePatiently, StorageError, toStorageError, translating, writeParts } from '../files'
import { isLeftBehind, processMark, type Workspace } from '../workspace'
import { arrayParts } from './array-file'
import type { DatasetSource } from '../../engine/data/dataset'
import { datasetArrays, datasetFingerprint } from './fingerprint'
import { checkDatasetId, datasetsFolder, installedManifest, type JobOptions } from './installed'

export interface InstallOptions extends JobOptions {
  /** Puts the data in the place of other data with this id. */
  readonly replace?: boolean
  /** Fingerprint of the data as they were looked at: other data are refused with `conflict`. */
  readonly expected?: string
}

let partialCount = 0
const partialSuffix = () => `.${processMark()}-${++partialCount}${partialEnding}`
const partialPattern = /\.([0-9a-f]{8}-\d+)-\d+\.partial$/

/** Removes what killed imports left: this host's dead processes' at once, the rest after a day. */
async function removeLeftovers(workspace: Workspace): Promise<void> {
  const { fileSystem } = workspace
  for (const name of await fileSystem.list(datasetsFolder(workspace))) {
    const marked = partialPattern.exec(name)
    if (!marked && !isReplaced(name)) continue
    const path = join(datasetsFolder(workspace), name)
    if (isLeftBehind(marked?.[1] ?? null, (await fileSystem.info(path))?.modified ?? 0)) await fileSystem.remove(path)
  }
}

/** Everything below the final name: arrays, then the manifest. */
async function writeDataset(
  { fileSystem }: Workspace,
  partial: string,
  source: DatasetSource,
  fingerprint: string,
  options: InstallOptions
): Promise<DatasetManifest> {
  const arrays = datasetArrays(source.train, source.test)
  const total = arrays.reduce((sum, array) => sum + array.data.byteLength, 0)
  let written = 0
  const onBytes = (bytes: number) => options.onProgress?.(Math.min(1, (written += bytes) / total))
  const files = []
  for (const array of arrays) {
    const name = `${array.name}.npy`
    files.push({ name, ...(await writeParts(fileSystem, join(partial, name), arrayParts(array, onBytes, options.signal))) })
  }
  const manifest = datasetManifestSchema.parse({ schemaVersion: 1, ...source.description, files, fingerprint })
  await writeParts(fileSystem, join(partial, 'manifest.json'), [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)])
  return manifest
}

/**
 * Writes a dataset under a temporary name, synced, its manifest last, and gives it its name at the end: nothing half-done ever lists.
 * The same data under the same id again is no error; other data are refused with `conflict` unless `replace`. A full or read-only disk
 * rejects with a StorageError; what was written is removed where that is possible, else by the next import.
 */
export async function installDataset(workspace: Workspace, source: DatasetSource, options: InstallOptions = {}): Promise<DatasetManifest> {
  const { id } = source.description
  checkDatasetId(id)
  const { fileSystem } = workspace
  const fingerprint = await datasetFingerprint(source.train, source.test, options.signal)
  if (options.expected !== undefined && options.expected !== fingerprint)
    throw new StorageError('conflict', `${source.description.title}: holds other data than when it was looked at; look at it again`)
  const folder = join(datasetsFolder(workspace), id)
  const present = await installedManifest(workspace, id).catch((error: unknown) => {
    if (options.replace) return null
    throw error
  })
  if (present?.fingerprint === fingerprint) return present
  if (present && !options.replace)
    throw new StorageError(
      'conflict',
      `dataset ${id} is already installed with other data (${present.counts.train} + ${present.counts.test} samples); choose another id or remove it first`
    )
  const partial = folder + partialSuffix()
  try {
    await fileSystem.makeFolder(datasetsFolder(workspace))
    await removeLeftovers(workspace)
    await fileSystem.makeNewFolder(partial)
    const manifest = await writeDataset(workspace, partial, source, fingerprint, options)
    if (!options.replace && (await fileSystem.info(folder)))
      throw new StorageError('conflict', `${folder}: the folder exists and is no dataset; move it away first`)
    await publishFolder(fileSystem, partial, folder)
    return manifest
  } catch (error) {
    await fileSystem.remove(partial).catch(() => undefined)
    throw options.signal?.aborted ? error : toStorageError(error, `write ${folder}`)
  }
}

/** Removes an installed dataset and returns the bytes freed. Throws `not-found` when there is none. */
export async function removeDataset(workspace: Workspace, id: string): Promise<number> {
  checkDatasetId(id)
  const { fileSystem } = workspace
  const folder = join(datasetsFolder(workspace), id)
  const manifest = await installedManifest(workspace, id).catch(() => null)
  if ((await fileSystem.info(folder)) === null) throw new StorageError('not-found', `no dataset ${id} is installed`)
  const aside = `${folder}.removed${partialSuffix()}`
  await translating(`remove ${folder}`, async () => {
    await renamePatiently(fileSystem, folder, aside)
    await fileSystem.remove(aside)
  })
  return manifest?.files.reduce((sum, file) => sum + file.bytes, 0) ?? 0
}
