// Puts a dataset into a workspace, or takes it out: under a temporary name, synced, the name given last, so that nothing half-done ever lists.
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { datasetManifestSchema, type DatasetManifest } from '../../shared/datasets/schema'
import { DataError, errorCode } from '../formats/data-error'
import { writeArray } from './array-file'
import type { DatasetSource } from './dataset'
import { datasetArrays, datasetFingerprint } from './fingerprint'
import { checkDatasetId, datasetsFolder, installedManifest, type JobOptions } from './installed'

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
    return errorCode(error) === 'EPERM'
  }
}

/** Removes what killed imports left: this host's dead processes' at once, other hosts' after a day. */
async function removeLeftovers(workspace: string): Promise<void> {
  for (const name of await readdir(datasetsFolder(workspace))) {
    const match = partialPattern.exec(name)
    if (!match) continue
    const path = join(datasetsFolder(workspace), name)
    const pid = Number(match[2])
    const stale =
      match[1] === thisHost
        ? pid !== process.pid && !isAlive(pid)
        : Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? 0) > 86_400_000
    if (stale) await rm(path, { recursive: true, force: true })
  }
}

/** Syncs a folder's entries; Windows has no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/**
 * Writes a dataset under a temporary name, synced, its manifest last, and gives it its name at the end: nothing half-done ever lists.
 * The same data under the same id again is no error; other data are refused with `conflict` unless `replace`.
 */
export async function installDataset(
  workspace: string,
  source: DatasetSource,
  options: JobOptions & { replace?: boolean } = {}
): Promise<DatasetManifest> {
  const { id } = source.description
  checkDatasetId(id)
  const fingerprint = await datasetFingerprint(source.train, source.test, options.signal)
  const folder = join(datasetsFolder(workspace), id)
  const present = await installedManifest(workspace, id).catch((error: unknown) => {
    if (options.replace) return null
    throw error
  })
  if (present?.fingerprint === fingerprint) return present
  if (present && !options.replace)
    throw new DataError(
      'conflict',
      `dataset ${id} is already installed with other data (${present.counts.train} + ${present.counts.test} samples); choose another id or remove it first`
    )
  await mkdir(datasetsFolder(workspace), { recursive: true })
  await removeLeftovers(workspace)
  const partial = folder + partialSuffix()
  await mkdir(partial)
  try {
    const arrays = datasetArrays(source.train, source.test)
    const total = arrays.reduce((sum, array) => sum + array.data.byteLength, 0)
    let written = 0
    const onBytes = (bytes: number) => options.onProgress?.((written += bytes) / total)
    const files = []
    for (const array of arrays) files.push(await writeArray(partial, array, { signal: options.signal, onBytes }))
    const manifest = datasetManifestSchema.parse({ schemaVersion: 1, ...source.description, files, fingerprint })
    const file = await open(join(partial, 'manifest.json'), 'wx')
    try {
      await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await syncFolder(partial)
    await giveName(partial, folder, options.replace === true)
    await syncFolder(datasetsFolder(workspace))
    return manifest
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined)
    throw error
  }
}

/** Renames a folder; with `replace`, what has the name steps aside first and is then removed. */
async function giveName(partial: string, folder: string, replace: boolean): Promise<void> {
  const aside = `${folder}.old${partialSuffix()}`
  if (replace)
    await rename(folder, aside).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error
    })
  try {
    await rename(partial, folder)
  } catch (error) {
    if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST' || errorCode(error) === 'ENOTDIR')
      throw new DataError('conflict', `${folder}: the folder exists and is no dataset; move it away first`)
    throw error
  }
  await rm(aside, { recursive: true, force: true })
}

/** Removes an installed dataset and returns the bytes freed. Throws `not-found` when there is none. */
export async function removeDataset(workspace: string, id: string): Promise<number> {
  checkDatasetId(id)
  const folder = join(datasetsFolder(workspace), id)
  const manifest = await installedManifest(workspace, id).catch(() => null)
  if (!(await stat(folder).catch(() => null))) throw new DataError('not-found', `no dataset ${id} is installed`)
  const aside = `${folder}.removed${partialSuffix()}`
  await rename(folder, aside)
  await rm(aside, { recursive: true, force: true })
  return manifest?.files.reduce((sum, file) => sum + file.bytes, 0) ?? 0
}
