// set-aside/ in a run's folder: what damage beside it takes out of a run's way is moved there, never deleted. Nothing here is read again.
import { basename, join } from 'node:path'
import { fileChunks, partialEnding, renamePatiently, translating, type FileSystem } from '../files'
import type { Workspace } from '../workspace'
import { checkpointsFolder, histogramsPath, metricsPath, setAsideFolder, snapshotsFolder, stepName, stepsIn } from './paths'

/** `name`, or `name-2`, `name-3`, …: the first that is free. */
async function freePath(fileSystem: FileSystem, folder: string, name: string): Promise<string> {
  for (let k = 1; ; k++) {
    const path = join(folder, k === 1 ? name : `${name}-${k}`)
    if (!(await fileSystem.info(path))) return path
  }
}

/** Copies what follows the first `from` bytes of a file to a new one; nothing when nothing does. */
async function copyEnd(fileSystem: FileSystem, path: string, from: number, to: string): Promise<void> {
  const info = await fileSystem.info(path)
  if (!info || info.bytes <= from) return
  const target = await fileSystem.open(to + partialEnding, 'create')
  try {
    let done = 0
    for await (const chunk of fileChunks(fileSystem, path, { from })) {
      await target.write(chunk, done)
      done += chunk.length
    }
    await target.sync()
  } finally {
    await target.close()
  }
  await renamePatiently(fileSystem, to + partialEnding, to)
}

/** Bytes of the two line files that stay when a run goes on from a step. */
export interface KeptBytes {
  readonly metrics: number
  readonly histograms: number
}

/**
 * Moves the checkpoints and snapshots of steps after `step` to set-aside/step-NNNNNN/, and copies there what metrics.ndjson and histograms.ndjson
 * have after the bytes that are `kept`, before somebody cuts them. Returns the folder.
 */
export function setLaterAside(workspace: Workspace, folder: string, step: number, kept: KeptBytes): Promise<string> {
  const { fileSystem } = workspace
  return translating(`move files of ${folder} aside`, async () => {
    const aside = await freePath(fileSystem, setAsideFolder(folder), stepName(step))
    await fileSystem.makeFolder(aside)
    for (const [path, bytes] of [
      [metricsPath(folder), kept.metrics],
      [histogramsPath(folder), kept.histograms]
    ] as const)
      await copyEnd(fileSystem, path, bytes, join(aside, basename(path)))
    // The damaged checkpoints last: as long as one is there, an attempt that was cut off is made again.
    for (const parent of [snapshotsFolder(folder), checkpointsFolder(folder)])
      for (const later of (await stepsIn(workspace, parent)).filter((one) => one > step)) {
        await fileSystem.makeFolder(join(aside, basename(parent)))
        await renamePatiently(fileSystem, join(parent, stepName(later)), join(aside, basename(parent), stepName(later)))
      }
    return aside
  })
}

/** Moves one file of a run's folder to set-aside/, when there is anything in it. */
export async function setFileAside(fileSystem: FileSystem, folder: string, path: string): Promise<void> {
  await translating(`move ${path} aside`, async () => {
    const info = await fileSystem.info(path)
    if (!info || info.bytes === 0) return
    await fileSystem.makeFolder(setAsideFolder(folder))
    await renamePatiently(fileSystem, path, await freePath(fileSystem, setAsideFolder(folder), basename(path)))
  })
}
