// What datasets there are: built in, installed, and known but not here yet; and looking one over for damage.
import { join } from 'node:path'
import { StorageError } from '../files'
import type { DatasetManifest } from '../../shared/datasets/schema'
import type { DatasetInfo } from '../../shared/api/contract'
import { errorMessage } from '../formats/data-error'
import type { Workspace } from '../workspace'
import { builtInIds, builtInManifest, openBuiltIn } from './built-in'
import { keptBytes } from './download'
import { datasetFingerprint } from './fingerprint'
import { datasetsFolder, installedIds, installedManifest, verifyInstalled, type JobOptions } from './installed'
import { offeredDatasets } from './mirrors'

const nowhere = { path: null, installedAt: null, downloadFrom: null, kept: 0 }

function describe(manifest: DatasetManifest, state: 'built-in' | 'installed'): DatasetInfo {
  return {
    ...nowhere,
    fingerprint: manifest.fingerprint,
    dtype: manifest.dtype,
    targets: manifest.targets,
    id: manifest.id,
    title: manifest.title,
    state,
    trainCount: manifest.counts.train,
    testCount: manifest.counts.test,
    shape: manifest.shape,
    classes: manifest.labels.fine?.length ?? 0,
    partial: manifest.partial,
    bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
    licence: manifest.licence,
    source: manifest.source
  }
}

/** A folder that cannot be read still lists, so that it can be seen and removed. */
function broken(id: string, error: unknown): DatasetInfo {
  const title = `damaged: ${errorMessage(error)}`
  return {
    id,
    title,
    state: 'installed',
    trainCount: 0,
    testCount: 0,
    shape: [],
    classes: 0,
    partial: true,
    bytes: 0,
    licence: '',
    source: '',
    fingerprint: null,
    dtype: null,
    targets: null,
    ...nowhere
  }
}

/** Built-in datasets, then installed ones by id, then known ones that can be downloaded (`bytes` is then the download's size). */
export async function listDatasets(workspace: Workspace): Promise<DatasetInfo[]> {
  const list: DatasetInfo[] = []
  for (const id of builtInIds) {
    const manifest = await builtInManifest(id)
    if (manifest) list.push(describe(manifest, 'built-in'))
  }
  const installed = await installedIds(workspace)
  for (const id of installed) {
    try {
      const manifest = await installedManifest(workspace, id)
      if (!manifest) continue
      const path = join(datasetsFolder(workspace), id)
      const made = await workspace.fileSystem.info(join(path, 'manifest.json'))
      list.push({ ...describe(manifest, 'installed'), path, installedAt: made && new Date(made.modified).toISOString() })
    } catch (error) {
      list.push(broken(id, error))
    }
  }
  for (const known of await offeredDatasets())
    if (!installed.includes(known.id))
      list.push({
        id: known.id,
        title: known.title,
        state: 'available',
        trainCount: known.counts.train,
        testCount: known.counts.test,
        shape: known.shape,
        classes: known.classes,
        partial: false,
        bytes: known.files.reduce((sum, file) => sum + file.bytes, 0),
        licence: known.licence,
        source: known.source,
        fingerprint: null,
        dtype: 'uint8',
        targets: null,
        ...nowhere,
        downloadFrom: new URL(known.files[0].url).host,
        kept: await keptBytes(workspace, known)
      })
  return list
}

/** Reads a dataset through and compares everything with its manifest. Throws one sentence naming the first file that differs, or `not-found`. */
export async function verifyDataset(workspace: Workspace, id: string, options: JobOptions = {}): Promise<DatasetManifest> {
  const builtIn = await openBuiltIn(id)
  if (builtIn) {
    if ((await datasetFingerprint(builtIn.train, builtIn.test, options.signal)) !== builtIn.manifest.fingerprint)
      throw new StorageError('bad-data', `${id}: the fingerprint of the data is not the one of the manifest; install the application again`)
    return builtIn.manifest
  }
  const manifest = await verifyInstalled(workspace, id, options)
  if (manifest === null) throw new StorageError('not-found', `no dataset ${id} is installed`)
  return manifest
}
