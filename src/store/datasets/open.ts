// One way to a dataset by reference: a built-in or installed id, or the path of something importable.
import { StorageError } from '../files'
import type { Workspace } from '../workspace'
import { builtInIds, openBuiltIn } from './built-in'
import type { Dataset } from '../../engine/data/dataset'
import { datasetFingerprint } from './fingerprint'
import { readDatasetSource } from './import'
import { installedIds, openInstalled, type JobOptions } from './installed'
import { manifestOfId } from './manifest'
import type { DatasetManifest } from '../../shared/datasets/schema'

/** An id, or a path to an archive, folder or file that `datasets import` understands. */
export type DatasetReference = string | { readonly path: string }

async function unknownId(workspace: Workspace, id: string): Promise<StorageError> {
  const known = [...builtInIds, ...(await installedIds(workspace))]
  return new StorageError(
    'not-found',
    `dataset "${id}" is not installed; there are ${known.join(', ')} (see: datasets import, datasets download)`
  )
}

/** Opens a dataset with all its data. Throws `not-found` naming the datasets there are, or one sentence about what is wrong with the file. */
export async function openDataset(workspace: Workspace, reference: DatasetReference, options: JobOptions = {}): Promise<Dataset> {
  if (typeof reference !== 'string') {
    const source = await readDatasetSource(workspace.fileSystem, reference.path, options)
    const fingerprint = await datasetFingerprint(source.train, source.test, options.signal)
    return { ...source, manifest: { ...source.description, schemaVersion: 1, files: [], fingerprint } }
  }
  const dataset = (await openBuiltIn(reference)) ?? (await openInstalled(workspace, reference))
  if (dataset === null) throw await unknownId(workspace, reference)
  return dataset
}

/** A dataset's manifest without its arrays (for checking a spec); for a path everything is read. */
export async function openManifest(workspace: Workspace, reference: DatasetReference, options: JobOptions = {}): Promise<DatasetManifest> {
  if (typeof reference !== 'string') return (await openDataset(workspace, reference, options)).manifest
  const manifest = await manifestOfId(workspace, reference)
  if (manifest === null) throw await unknownId(workspace, reference)
  return manifest
}
