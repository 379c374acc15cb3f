// Datasets in a workspace: `datasets/<id>/` with a manifest and plain .npy arrays. A folder counts once it has its final name, and it gets that name last.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { datasetManifestSchema, featureCount, type DatasetManifest } from '../../shared/datasets/schema'
import { runIdPattern } from '../../shared/spec/schema'
import { badData, DataError, errorCode, errorMessage } from '../formats/data-error'
import { readArray, writeArray, type ArrayRange } from './array-file'
import type { Dataset, DatasetSource, DatasetSplit } from './dataset'
import { datasetArrays, datasetFingerprint } from './fingerprint'

export interface JobOptions {
  readonly signal?: AbortSignal
  /** Fraction done, 0…1. */
  readonly onProgress?: (fraction: number) => void
}

export const datasetsFolder = (workspace: string) => join(workspace, 'datasets')
const windowsDevice = /^(con|prn|aux|nul|com\d|lpt\d)$/

/** Throws unless the id may name a folder everywhere. */
export function checkDatasetId(id: string): void {
  if (!runIdPattern.test(id) || windowsDevice.test(id))
    throw badData(`dataset id "${id}": must be lower-case letters, digits and hyphens, 1 to 64 of them, and no Windows device name`)
}

/** The manifest of an installed dataset, or null when there is none. Throws when the folder holds a broken one. */
export async function installedManifest(workspace: string, id: string): Promise<DatasetManifest | null> {
  checkDatasetId(id)
  const path = join(datasetsFolder(workspace), id, 'manifest.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null
    throw error
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw badData(`${path}: no JSON (${errorMessage(error)})`)
  }
  const parsed = datasetManifestSchema.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw badData(`${path}: ${issue.path.join('.')}: ${issue.message}`)
  }
  if (parsed.data.id !== id) throw badData(`${path}: says it is dataset ${parsed.data.id}, but its folder is ${id}`)
  return parsed.data
}

/** The arrays that a manifest's counts and shape call for. */
function splitRanges(manifest: DatasetManifest, prefix: 'train' | 'test'): Record<'x' | 'fine' | 'coarse' | 'y', ArrayRange | null> {
  const totalRows = manifest.counts[prefix]
  const range = (name: string, type: ArrayRange['type'], columns: number): ArrayRange => ({
    name: `${prefix}-${name}`,
    type,
    totalRows,
    columns
  })
  return {
    x: range('x', manifest.dtype === 'uint8' ? '|u1' : '<f8', featureCount(manifest)),
    fine: manifest.labels.fine ? range('fine', '<i4', 1) : null,
    coarse: manifest.labels.coarse ? range('coarse', '<i4', 1) : null,
    y: manifest.targets === null ? null : range('y', '<f8', manifest.targets)
  }
}

/** Samples `from` … `from + rows − 1` of one part of an installed dataset, read by seeking. */
export async function readInstalledRows(
  workspace: string,
  manifest: DatasetManifest,
  prefix: 'train' | 'test',
  from = 0,
  rows = manifest.counts[prefix] - from
): Promise<DatasetSplit> {
  const folder = join(datasetsFolder(workspace), manifest.id)
  const ranges = splitRanges(manifest, prefix)
  const read = async (range: ArrayRange | null) => (range ? readArray(folder, { ...range, from, rows }) : null)
  const labels = async (range: ArrayRange | null, names: readonly string[] | null) => {
    const values = await read(range)
    if (!(values instanceof Int32Array) || names === null) return null
    checkLabels(values, names.length, `${range?.name}.npy`)
    return values
  }
  const x = await readArray(folder, { ...ranges.x!, from, rows })
  const y = await read(ranges.y)
  if (x instanceof Int32Array) throw badData(`${folder}: train-x.npy holds integers`)
  return {
    x,
    count: rows,
    features: featureCount(manifest),
    labels: { fine: await labels(ranges.fine, manifest.labels.fine), coarse: await labels(ranges.coarse, manifest.labels.coarse) },
    targets: y instanceof Float64Array ? y : null
  }
}

/** Throws when a label is no class number, naming the first such sample. */
export function checkLabels(labels: ArrayLike<number>, classes: number, where: string): void {
  for (let i = 0; i < labels.length; i++)
    if (!(labels[i] >= 0 && labels[i] < classes))
      throw badData(`${where}: the label of sample ${i} is ${labels[i]}, but labels go from 0 to ${classes - 1}`)
}

/** An installed dataset with all its arrays, or null when none has this id. */
export async function openInstalled(workspace: string, id: string): Promise<Dataset | null> {
  const manifest = await installedManifest(workspace, id)
  if (manifest === null) return null
  const train = await readInstalledRows(workspace, manifest, 'train')
  const test = manifest.counts.test > 0 ? await readInstalledRows(workspace, manifest, 'test') : null
  return { manifest, train, test }
}

/** Ids of the folders that hold a manifest, sorted. Folders in the making have names that are no ids. */
export async function installedIds(workspace: string): Promise<string[]> {
  const names = await readdir(datasetsFolder(workspace)).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  })
  const ids: string[] = []
  for (const name of names.filter((name) => runIdPattern.test(name)).sort())
    if (await stat(join(datasetsFolder(workspace), name, 'manifest.json')).catch(() => null)) ids.push(name)
  return ids
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

/** Reads every file of an installed dataset and compares lengths, SHA-256, headers, label ranges and the fingerprint. Throws naming the first that differs. */
export async function verifyInstalled(workspace: string, id: string, options: JobOptions = {}): Promise<DatasetManifest | null> {
  const manifest = await installedManifest(workspace, id)
  if (manifest === null) return null
  const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  let done = 0
  for (const file of manifest.files) {
    const path = join(datasetsFolder(workspace), id, file.name)
    const hash = createHash('sha256')
    let bytes = 0
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, signal: options.signal })) {
        const part: Buffer = chunk
        hash.update(part)
        bytes += part.length
        options.onProgress?.(Math.min(1, (done + bytes) / total))
      }
    } catch (error) {
      if (errorCode(error) === 'ENOENT') throw badData(`${path}: the file is missing; import the dataset again`)
      throw error
    }
    if (bytes !== file.bytes) throw badData(`${path}: has ${bytes} bytes, but its manifest promises ${file.bytes}`)
    if (hash.digest('hex') !== file.sha256) throw badData(`${path}: its SHA-256 is not the one of its manifest; import the dataset again`)
    done += bytes
  }
  const dataset = await openInstalled(workspace, id)
  if (dataset && (await datasetFingerprint(dataset.train, dataset.test, options.signal)) !== manifest.fingerprint)
    throw badData(`${join(datasetsFolder(workspace), id)}: the fingerprint of the data is not the one of the manifest`)
  return manifest
}
