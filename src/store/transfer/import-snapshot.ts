// A snapshot that `hessian` made without a run (hessian.npy with its manifest and spec) as a run that holds it, to be browsed like any other.
import { dirname, join } from 'node:path'
import { emptyFigures } from '../../shared/run/figures'
import { snapshotManifestSchema, type SnapshotManifest } from '../../shared/run/schema'
import { readJson, StorageError, writeJson, type FileSystem } from '../files'
import { freshMeta, freshStatus, metaPath, snapshotFolder, specPath, statusPath } from '../run-folder'
import { readSpecFile } from '../run-folder/documents'
import { copyFile, type CopyOptions } from './copy'

/** The manifest of such a folder; null for any other: one that is a run's has meta.json and keeps its snapshots below. */
export async function loneManifest(fileSystem: FileSystem, folder: string): Promise<SnapshotManifest | null> {
  if (await fileSystem.info(join(folder, 'meta.json'))) return null
  if (await fileSystem.info(join(folder, 'progress.json')))
    throw new StorageError('bad-input', `${folder}: its Hessian is not whole yet; the command that made it goes on with it`)
  return (await fileSystem.info(join(folder, 'manifest.json')))
    ? readJson(fileSystem, join(folder, 'manifest.json'), snapshotManifestSchema)
    : null
}

/** Copies it to its place in `to`, a run folder that is being made, with the documents of a run that is done. Checksums are for whoever settles the run. */
export async function stageSnapshot(
  fileSystem: FileSystem,
  from: string,
  manifest: SnapshotManifest,
  to: string,
  options: CopyOptions
): Promise<void> {
  const spec = await readSpecFile(fileSystem, join(from, 'spec.json'))
  if (!spec) throw new StorageError('damaged', `${from}: spec.json is missing`)
  const place = snapshotFolder(to, manifest.step)
  await fileSystem.makeFolder(place)
  for (const { name } of manifest.files) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(npy|npz)$/.test(name) || dirname(name) !== '.')
      throw new StorageError('damaged', `${from}: "${name}" is no file of a snapshot`)
    if (await fileSystem.isLink(join(from, name)))
      throw new StorageError('bad-input', `${join(from, name)}: is a link; links are not followed on import`)
    await copyFile(fileSystem, join(from, name), join(place, name), options)
  }
  await writeJson(fileSystem, join(place, 'manifest.json'), manifest)
  const now = new Date()
  await writeJson(fileSystem, specPath(to), spec)
  await writeJson(fileSystem, metaPath(to), freshMeta(spec))
  await writeJson(fileSystem, statusPath(to), {
    ...freshStatus(now),
    state: 'done',
    step: manifest.step,
    endedAt: now.toISOString(),
    parameterCount: manifest.parameterCount,
    figures: emptyFigures
  })
}
