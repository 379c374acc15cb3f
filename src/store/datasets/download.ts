// Fetches a public dataset from its official address and installs it.
import { join } from 'node:path'
import type { DatasetManifest } from '../../shared/datasets/schema'
import { StorageError, translating } from '../files'
import type { Workspace } from '../workspace'
import { knownDataset, knownDatasets, type KnownDataset } from './catalogue'
import { downloadFile, type DownloadOptions } from './download-file'
import { importDataset } from './import'
import { datasetsFolder, installedManifest } from './installed'

export interface DownloadDatasetOptions extends Pick<DownloadOptions, 'signal' | 'stallMilliseconds' | 'attempts' | 'retryMilliseconds'> {
  /** Fraction done, 0…1, and bytes of the download so far. */
  readonly onProgress?: (fraction: number, bytes: number) => void
  /** Puts the whole set in the place of a partial one. */
  readonly replace?: boolean
  /** Another description of the set than the catalogue's, for tests and mirrors. */
  readonly known?: KnownDataset
}

/** The download's share of the progress; the rest is unpacking and writing. */
const downloadShare = 0.8

/**
 * Downloads and installs `cifar-100`, `cifar-10`, `mnist` or `fashion-mnist`. Files come to `datasets/.downloads/<name>/`, survive a
 * broken connection or a killed process there, and are removed once the set is installed. A set that is installed whole is left alone.
 */
export async function downloadDataset(workspace: Workspace, name: string, options: DownloadDatasetOptions = {}): Promise<DatasetManifest> {
  const known = options.known ?? knownDataset(name)
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
  const folder = join(datasetsFolder(workspace), '.downloads', known.id)
  const { fileSystem } = workspace
  await translating(`write ${folder}`, () => fileSystem.makeFolder(folder))
  const total = known.files.reduce((sum, file) => sum + file.bytes, 0)
  let before = 0
  for (const file of known.files) {
    const path = join(folder, file.name)
    const onBytes = (bytes: number) => options.onProgress?.((downloadShare * (before + bytes)) / total, before + bytes)
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
    onProgress: (fraction) => options.onProgress?.(downloadShare + (1 - downloadShare) * fraction, total)
  })
  await translating(`remove ${folder}`, () => fileSystem.remove(folder))
  return manifest
}
