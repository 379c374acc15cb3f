// Puts a dataset into a workspace, or takes it out: under a temporary name, synced, the name given last, so that nothing half-done ever lists.
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { datasetManifestSchema, type DatasetManifest } from '../../shared/datasets/schema'
import { realFileSystem, renamePatiently, StorageError, systemCodeOf, toStorageError, writeParts, type FileSystem } from '../files'
import { arrayParts } from './array-file'
import type { DatasetSource } from './dataset'
import { datasetArrays, datasetFingerprint } from './fingerprint'
import { checkDatasetId, datasetsFolder, installedManifest, type JobOptions } from './installed'

export interface InstallOptions extends JobOptions {
  /** Puts the data in the place of other data with this id. */
  readonly replace?: boolean
  /** Another disk than the real one, for tests. */
  readonly fileSystem?: FileSystem
}

/** Marks a folder in the making by host and process, so that leftovers of a killed import can be told from one at work. */
const thisHost = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
let partialCount = 0
const partialSuffix = () => `.${thisHost}-${process.pid}-${++partialCount}.partial`
const partialPattern = /\.([0-9a-f]{8})-(\d+)-\d+\.partial$/

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}

/** Removes what killed imports left: this host's dead processes' at once, other hosts' after a day. */
async function removeLeftovers(fileSystem: FileSystem, workspace: string): Promise<void> {
  for (const name of await fileSystem.list(datasetsFolder(workspace))) {
    const match = partialPattern.exec(name)
    if (!match) continue
    const path = join(datasetsFolder(workspace), name)
    const pid = Number(match[2])
    const old = Date.now() - ((await fileSystem.info(path))?.modified ?? 0) > 86_400_000
    if (match[1] === thisHost ? pid !== process.pid && !isAlive(pid) : old) await fileSystem.remove(path)
  }
}

/** Everything below the final name: arrays, then the manifest. */
async function writeDataset(
  partial: string,
  source: DatasetSource,
  fingerprint: string,
  options: InstallOptions
): Promise<DatasetManifest> {
  const fileSystem = options.fileSystem ?? realFileSystem
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
  await fileSystem.syncFolder(partial)
  return manifest
}

/** Renames a folder; with `replace`, what has the name steps aside first and is then removed. */
async function giveName(fileSystem: FileSystem, partial: string, folder: string, replace: boolean): Promise<void> {
  const aside = `${folder}.old${partialSuffix()}`
  const present = (await fileSystem.info(folder)) !== null
  if (present && !replace) throw new StorageError('conflict', `${folder}: the folder exists and is no dataset; move it away first`)
  if (present) await renamePatiently(fileSystem, folder, aside)
  await renamePatiently(fileSystem, partial, folder)
  if (present) await fileSystem.remove(aside)
}

/**
 * Writes a dataset under a temporary name, synced, its manifest last, and gives it its name at the end: nothing half-done ever lists.
 * The same data under the same id again is no error; other data are refused with `conflict` unless `replace`. A full or read-only disk
 * rejects with a StorageError; what was written is removed where that is possible, else by the next import.
 */
export async function installDataset(workspace: string, source: DatasetSource, options: InstallOptions = {}): Promise<DatasetManifest> {
  const { id } = source.description
  checkDatasetId(id)
  const fileSystem = options.fileSystem ?? realFileSystem
  const fingerprint = await datasetFingerprint(source.train, source.test, options.signal)
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
    await removeLeftovers(fileSystem, workspace)
    await fileSystem.makeNewFolder(partial)
    const manifest = await writeDataset(partial, source, fingerprint, options)
    await giveName(fileSystem, partial, folder, options.replace === true)
    await fileSystem.syncFolder(datasetsFolder(workspace))
    return manifest
  } catch (error) {
    await fileSystem.remove(partial).catch(() => undefined)
    if (error instanceof StorageError || options.signal?.aborted) throw error
    throw toStorageError(error, `write ${folder}`)
  }
}

/** Removes an installed dataset and returns the bytes freed. Throws `not-found` when there is none. */
export async function removeDataset(workspace: string, id: string, fileSystem: FileSystem = realFileSystem): Promise<number> {
  checkDatasetId(id)
  const folder = join(datasetsFolder(workspace), id)
  const manifest = await installedManifest(workspace, id).catch(() => null)
  if ((await fileSystem.info(folder)) === null) throw new StorageError('not-found', `no dataset ${id} is installed`)
  const aside = `${folder}.removed${partialSuffix()}`
  try {
    await renamePatiently(fileSystem, folder, aside)
    await fileSystem.remove(aside)
  } catch (error) {
    throw toStorageError(error, `remove ${folder}`)
  }
  return manifest?.files.reduce((sum, file) => sum + file.bytes, 0) ?? 0
}
