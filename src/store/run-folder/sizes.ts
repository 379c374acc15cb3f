// How much disk a run takes, counted by walking its folder: done when it is opened for training or when nobody has counted yet.
import { join } from 'node:path'
import type { RunFigures } from '../../shared/run/schema'
import type { FileSystem } from '../files'
import { checkpointsFolder, metricsPath, snapshotsFolder, stepOf } from './paths'

/** Bytes of all files below a folder; 0 when it does not exist. */
export async function folderBytes(fileSystem: FileSystem, path: string): Promise<number> {
  const info = await fileSystem.info(path)
  if (!info) return 0
  if (info.kind !== 'folder') return info.bytes
  let sum = 0
  for (const name of await fileSystem.list(path)) sum += await folderBytes(fileSystem, join(path, name))
  return sum
}

/** Sizes and the number of snapshots as they are on disk now. */
export async function measureRun(fileSystem: FileSystem, folder: string): Promise<Pick<RunFigures, 'bytes' | 'snapshots'>> {
  const total = await folderBytes(fileSystem, folder)
  const metrics = await folderBytes(fileSystem, metricsPath(folder))
  const checkpoints = await folderBytes(fileSystem, checkpointsFolder(folder))
  const snapshots = await folderBytes(fileSystem, snapshotsFolder(folder))
  const names = await fileSystem.list(snapshotsFolder(folder))
  return {
    bytes: { metrics, checkpoints, snapshots, other: total - metrics - checkpoints - snapshots },
    snapshots: names.filter((name) => stepOf(name) !== null).length
  }
}
