// Datasets in a workspace: `datasets/<id>/` with a manifest and plain .npy arrays. A folder counts once it has its final name, and it gets that name last.
import { join } from 'node:path'
import { datasetManifestSchema, featureCount, type DatasetManifest } from '../../shared/datasets/schema'
import { decodeText, hashFile, systemCodeOf, translating } from '../files'
import { badData, errorMessage } from '../formats/data-error'
import { isId, type Workspace } from '../workspace'
import { readArray, type ArrayRange } from './array-file'
import type { Dataset, DatasetLabels, DatasetSplit } from '../../engine/data/dataset'
import { datasetFingerprint } from './fingerprint'

export interface JobOptions {
  readonly signal?: AbortSignal
  /** Fraction done, 0…1. */
  readonly onProgress?: (fraction: number) => void
}

export const datasetsFolder = (workspace: Workspace) => join(workspace.folder, 'datasets')
const datasetFolder = (workspace: Workspace, id: string) => join(datasetsFolder(workspace), id)
const manifestPath = (workspace: Workspace, id: string) => join(datasetFolder(workspace, id), 'manifest.json')

/** Throws unless the id may name a folder everywhere. */
export function checkDatasetId(id: string): void {
  if (!isId(id))
    throw badData(`dataset id "${id}": must be lower-case letters, digits and hyphens, 1 to 64 of them, and no Windows device name`)
}

/** The manifest of an installed dataset, or null when there is none. Throws when the folder holds a broken one. */
export async function installedManifest(workspace: Workspace, id: string): Promise<DatasetManifest | null> {
  checkDatasetId(id)
  const path = manifestPath(workspace, id)
  const { fileSystem } = workspace
  if (!(await translating(`read ${path}`, () => fileSystem.info(path)))) return null
  const decoded = decodeText(await translating(`read ${path}`, () => fileSystem.readFile(path)))
  if ('fault' in decoded) throw badData(`${path}: ${decoded.fault}`)
  let json: unknown
  try {
    json = JSON.parse(decoded.text)
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

/** Labels of samples `from` … `from + rows − 1` of one part, read by seeking. */
export async function readInstalledLabels(
  workspace: Workspace,
  manifest: DatasetManifest,
  prefix: 'train' | 'test',
  from = 0,
  rows = manifest.counts[prefix] - from
): Promise<DatasetLabels> {
  const folder = datasetFolder(workspace, manifest.id)
  const ranges = splitRanges(manifest, prefix)
  const labels = async (range: ArrayRange | null, names: readonly string[] | null) => {
    if (!range || names === null) return null
    const values = await readArray(workspace.fileSystem, folder, { ...range, from, rows })
    if (!(values instanceof Int32Array)) return null
    checkLabels(values, names.length, `${range.name}.npy`)
    return values
  }
  return { fine: await labels(ranges.fine, manifest.labels.fine), coarse: await labels(ranges.coarse, manifest.labels.coarse) }
}

/** Samples `from` … `from + rows − 1` of one part of an installed dataset, read by seeking. */
export async function readInstalledRows(
  workspace: Workspace,
  manifest: DatasetManifest,
  prefix: 'train' | 'test',
  from = 0,
  rows = manifest.counts[prefix] - from
): Promise<DatasetSplit> {
  const folder = datasetFolder(workspace, manifest.id)
  const ranges = splitRanges(manifest, prefix)
  const read = async (range: ArrayRange | null) => (range ? readArray(workspace.fileSystem, folder, { ...range, from, rows }) : null)
  const x = await readArray(workspace.fileSystem, folder, { ...ranges.x!, from, rows })
  const y = await read(ranges.y)
  if (x instanceof Int32Array) throw badData(`${folder}: train-x.npy holds integers`)
  return {
    x,
    count: rows,
    features: featureCount(manifest),
    labels: await readInstalledLabels(workspace, manifest, prefix, from, rows),
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
export async function openInstalled(workspace: Workspace, id: string): Promise<Dataset | null> {
  const manifest = await installedManifest(workspace, id)
  if (manifest === null) return null
  const train = await readInstalledRows(workspace, manifest, 'train')
  const test = manifest.counts.test > 0 ? await readInstalledRows(workspace, manifest, 'test') : null
  return { manifest, train, test }
}

/** Ids of the folders that hold a manifest, sorted. Folders in the making have names that are no ids. */
export async function installedIds(workspace: Workspace): Promise<string[]> {
  const { fileSystem } = workspace
  const folder = datasetsFolder(workspace)
  const ids: string[] = []
  for (const name of (await translating(`read ${folder}`, () => fileSystem.list(folder))).filter(isId))
    if (await fileSystem.info(manifestPath(workspace, name)).catch(() => null)) ids.push(name)
  return ids
}

/** Reads every file of an installed dataset and compares lengths, SHA-256, headers, label ranges and the fingerprint. Throws naming the first that differs. */
export async function verifyInstalled(workspace: Workspace, id: string, options: JobOptions = {}): Promise<DatasetManifest | null> {
  const manifest = await installedManifest(workspace, id)
  if (manifest === null) return null
  const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  let done = 0
  for (const file of manifest.files) {
    const path = join(datasetFolder(workspace, id), file.name)
    const onBytes = (bytes: number) => options.onProgress?.(Math.min(1, (done + bytes) / total))
    const { bytes, digest } = await hashFile(workspace.fileSystem, path, 'sha256', { signal: options.signal, onBytes }).catch(
      (error: unknown) => {
        if (systemCodeOf(error) === 'ENOENT') throw badData(`${path}: the file is missing; import the dataset again`)
        throw error
      }
    )
    if (bytes !== file.bytes) throw badData(`${path}: has ${bytes} bytes, but its manifest promises ${file.bytes}`)
    if (digest !== file.sha256) throw badData(`${path}: its SHA-256 is not the one of its manifest; import the dataset again`)
    done += bytes
  }
  const dataset = await openInstalled(workspace, id)
  if (dataset && (await datasetFingerprint(dataset.train, dataset.test, options.signal)) !== manifest.fingerprint)
    throw badData(`${datasetFolder(workspace, id)}: the fingerprint of the data is not the one of the manifest`)
  return manifest
}
