// How much disk a run takes, counted by walking its folder: done when it is opened for training or when nobody has counted yet.
import { join } from 'node:path'
import { bytes as bytesText } from '../../shared/format/bytes'
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

/** Kept free on the drive beside what is large: metrics and checkpoints must still fit after it. */
const reservedBytes = 64 * 1024 * 1024

/** Why so many bytes must not be written below `folder`, as the end of a sentence; null when they may. */
export async function driveRefusal(fileSystem: FileSystem, folder: string, bytes: number): Promise<string | null> {
  const free = await fileSystem.freeBytes(folder).catch(() => null)
  if (free !== null && free < bytes + reservedBytes) return `it needs ${bytesText(bytes)} and the drive has ${bytesText(free)} free`
  return null
}
