// Fetches a public dataset from its official address and installs it.
import { join } from 'node:path'
import type { DatasetManifest } from '../../shared/datasets/schema'
import { partialEnding, StorageError, translating } from '../files'
import type { Workspace } from '../workspace'
import { knownDatasets, type KnownDataset } from './catalogue'
import { downloadFile, type DownloadOptions } from './download-file'
import { importDataset } from './import'
import { datasetsFolder, installedManifest } from './installed'
import { offeredDataset } from './mirrors'

export interface DownloadDatasetOptions extends Pick<DownloadOptions, 'signal' | 'stallMilliseconds' | 'attempts' | 'retryMilliseconds'> {
  /** Fraction done, 0…1, and bytes of the download so far. */
  readonly onProgress?: (fraction: number, bytes: number, total: number) => void
  /** Puts the whole set in the place of a partial one. */
  readonly replace?: boolean
  /** Another description of the set than the catalogue's, for tests and mirrors. */
  readonly known?: KnownDataset
}

const downloadFolder = (workspace: Workspace, id: string) => join(datasetsFolder(workspace), '.downloads', id)

/** Bytes of a download that was broken off or cancelled, kept to go on from. */
export async function keptBytes(workspace: Workspace, { id, files }: Pick<KnownDataset, 'id' | 'files'>): Promise<number> {
  let sum = 0
  for (const file of files) {
    const path = join(downloadFolder(workspace, id), file.name)
    for (const name of [path, path + partialEnding])
      sum += Math.min(file.bytes, (await workspace.fileSystem.info(name).catch(() => null))?.bytes ?? 0)
  }
  return sum
}

/** Removes what is kept of a download. The caller has made sure that it is not under way. Returns the bytes freed. */
export async function discardDownload(workspace: Workspace, id: string): Promise<number> {
  const known = await offeredDataset(id)
  if (known === null) throw new StorageError('not-found', `no dataset "${id}" can be downloaded`)
  const bytes = await keptBytes(workspace, known)
  const folder = downloadFolder(workspace, known.id)
  await translating(`remove ${folder}`, () => workspace.fileSystem.remove(folder))
  return bytes
}

/** The download's share of the progress; the rest is unpacking and writing. */
const downloadShare = 0.8

/**
 * Downloads and installs `cifar-100`, `cifar-10`, `mnist` or `fashion-mnist`. Files come to `datasets/.downloads/<name>/`, survive a
 * broken connection or a killed process there, and are removed once the set is installed. A set that is installed whole is left alone.
 */
export async function downloadDataset(workspace: Workspace, name: string, options: DownloadDatasetOptions = {}): Promise<DatasetManifest> {
  const known = options.known ?? (await offeredDataset(name))
  if (known === null)
    throw new StorageError(
      'not-found',
      `no dataset "${name}" can be downloaded; there are ${knownDatasets.map((set) => set.id).join(', ')}`
    )
  const present = await installedManifest(workspace, known.id).catch(() => null)
  if (present && !present.partial) return present
  if (present && !options.replace)
    throw new StorageError(
      'conflict',
      `dataset ${known.id} is already installed with ${present.counts.train} + ${present.counts.test} samples; remove it first (saddlescope datasets rm ${known.id}), then download the whole set`
    )
  const folder = downloadFolder(workspace, known.id)
  const { fileSystem } = workspace
  await translating(`write ${folder}`, () => fileSystem.makeFolder(folder))
  const total = known.files.reduce((sum, file) => sum + file.bytes, 0)
  let before = 0
  for (const file of known.files) {
    const path = join(folder, file.name)
    const onBytes = (bytes: number) => options.onProgress?.((downloadShare * (before + bytes)) / total, before + bytes, total)
    // Whatever has its final name was checked before it got it.
    if (!(await fileSystem.info(path).catch(() => null))) await downloadFile(fileSystem, file, path, { ...options, onBytes })
    before += file.bytes
    onBytes(0)
  }
  const source = known.files.length === 1 ? join(folder, known.files[0].name) : folder
  const manifest = await importDataset(workspace, source, {
    id: known.id,
    replace: options.replace,
    signal: options.signal,
    onProgress: (fraction) => options.onProgress?.(downloadShare + (1 - downloadShare) * fraction, total, total)
  })
  await translating(`remove ${folder}`, () => fileSystem.remove(folder))
  return manifest
}
