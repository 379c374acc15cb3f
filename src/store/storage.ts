// What a workspace takes on disk, by what it is for: counted by walking it, every file once.
import { join } from 'node:path'
import type { StorageKind } from '../shared/run/storage-kinds'
import { datasetsFolder } from './datasets/installed'
import type { FileSystem } from './files'
import { analysesFolder, checkpointsFolder, histogramsPath, logPath, metricsPath, runsFolder, snapshotsFolder } from './run-folder/paths'
import { folderBytes } from './run-folder/sizes'
import { isId, trashFolder, type Workspace } from './workspace'
import { uploadsFolder } from './transfer'

type Bytes = Record<StorageKind, number>

const nothing = (): Bytes => ({
  snapshots: 0,
  checkpoints: 0,
  metrics: 0,
  analyses: 0,
  'other-run-files': 0,
  datasets: 0,
  trash: 0,
  uploads: 0,
  other: 0
})

/** A file or folder that was removed while it was looked at takes nothing. */
const bytesOf = (fileSystem: FileSystem, path: string) => folderBytes(fileSystem, path).catch(() => 0)

async function addRun(fileSystem: FileSystem, folder: string, to: Bytes): Promise<void> {
  const parts: readonly (readonly [StorageKind, string])[] = [
    ['snapshots', snapshotsFolder(folder)],
    ['checkpoints', checkpointsFolder(folder)],
    ['metrics', metricsPath(folder)],
    ['metrics', histogramsPath(folder)],
    ['metrics', logPath(folder)],
    ['analyses', analysesFolder(folder)]
  ]
  const apart = new Map(parts.map(([kind, path]) => [path, kind]))
  for (const name of await fileSystem.list(folder).catch(() => [])) {
    const path = join(folder, name)
    to[apart.get(path) ?? 'other-run-files'] += await bytesOf(fileSystem, path)
  }
}

/** Files that are still being written, downloaded or unpacked, and what killed processes left of such. */
const isUnfinished = (name: string) => name.startsWith('.') || name.endsWith('.partial')

/** Bytes of the workspace by kind. Never throws: what cannot be read counts as nothing. */
export async function measureWorkspace(workspace: Workspace): Promise<Bytes> {
  const { folder, fileSystem } = workspace
  const bytes = nothing()
  for (const name of await fileSystem.list(folder).catch(() => [])) {
    const path = join(folder, name)
    if (path === runsFolder(workspace)) {
      for (const id of await fileSystem.list(path).catch(() => []))
        if (isId(id)) await addRun(fileSystem, join(path, id), bytes)
        else bytes.uploads += await bytesOf(fileSystem, join(path, id))
    } else if (path === datasetsFolder(workspace)) {
      for (const id of await fileSystem.list(path).catch(() => []))
        bytes[isUnfinished(id) ? 'uploads' : 'datasets'] += await bytesOf(fileSystem, join(path, id))
    } else if (path === trashFolder(workspace)) bytes.trash += await bytesOf(fileSystem, path)
    else if (path === uploadsFolder(workspace)) bytes.uploads += await bytesOf(fileSystem, path)
    else bytes.other += await bytesOf(fileSystem, path)
  }
  return bytes
}
