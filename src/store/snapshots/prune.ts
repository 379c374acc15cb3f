// Which snapshots to keep, and how to let the others go.
import { join } from 'node:path'
import { z } from 'zod'
import { StorageError, readJson, translating, writeJson } from '../files'
import { readMeta, readStatus, requireOwnVersion, updateStatus } from '../run-folder/documents'
import { liveLock } from '../run-folder/lock'
import { lockPath, metaPath, runFolder, runsFolder, snapshotFolder, snapshotsFolder, specPath } from '../run-folder/paths'
import { folderBytes, measureRun } from '../run-folder/sizes'
import { isId, type Workspace } from '../workspace'
import { readManifest, snapshotSteps } from './read'
import { manifestBytes } from './write'

export interface PrunePolicy {
  /** Every k-th snapshot is kept, counted from the first; null: none but the first, the last and the pinned ones. */
  readonly keepEvery: number | null
  /** Steps that are kept whatever else is said. */
  readonly pinned?: readonly number[]
  /** Only the large Hessian files go; eigenvalues, vectors and weights stay. */
  readonly hessiansOnly?: boolean
}

/** The first, the last, every k-th and the pinned ones stay; the rest is returned, ascending. */
export function snapshotsToPrune(steps: readonly number[], policy: PrunePolicy): number[] {
  const sorted = [...steps].sort((a, b) => a - b)
  const pinned = new Set(policy.pinned)
  return sorted.filter((step, k) => {
    if (k === 0 || k === sorted.length - 1 || pinned.has(step)) return false
    return policy.keepEvery === null || k % policy.keepEvery !== 0
  })
}

const pinsSchema = z.looseObject({ pinnedSnapshots: z.array(z.number().int().nonnegative()).default([]) })

/** Steps of the snapshots pinned in the run's meta.json. */
export async function pinnedSnapshots(workspace: Workspace, id: string): Promise<number[]> {
  return (await readJson(workspace.fileSystem, metaPath(runFolder(workspace, id)), pinsSchema))?.pinnedSnapshots ?? []
}

/** Pins or unpins one snapshot: `prune` leaves pinned ones alone. */
export async function pinSnapshot(workspace: Workspace, id: string, step: number, pinned: boolean): Promise<void> {
  const meta = await readMeta(workspace, id)
  const others = (await pinnedSnapshots(workspace, id)).filter((one) => one !== step)
  const pinnedSteps = pinned ? [...others, step].sort((a, b) => a - b) : others
  await writeJson(workspace.fileSystem, metaPath(runFolder(workspace, id)), { ...meta, pinnedSnapshots: pinnedSteps })
}

/** Takes the Hessian files out of a snapshot; the manifest is replaced first, so that nothing it lists is ever missing. */
async function dropHessians(workspace: Workspace, id: string, step: number): Promise<void> {
  const folder = snapshotFolder(runFolder(workspace, id), step)
  const manifest = await readManifest(workspace, { run: id, step })
  const gone = new Set(manifest.blocks.flatMap((block) => [block.hessian, block.overview]).filter((name) => name !== null))
  if (gone.size === 0) return
  await writeJson(workspace.fileSystem, join(folder, 'manifest.json'), {
    ...manifest,
    blocks: manifest.blocks.map((block) => ({ ...block, hessian: null, overview: null })),
    files: manifest.files.filter((file) => !gone.has(file.name))
  })
  for (const name of gone) await translating(`remove ${join(folder, name)}`, () => workspace.fileSystem.remove(join(folder, name)))
}

/** Deletes snapshots by the policy. Returns what went and the bytes freed. Throws StorageError (`locked` while the run is being worked on). */
export async function pruneSnapshots(
  workspace: Workspace,
  id: string,
  policy: PrunePolicy
): Promise<{ readonly steps: number[]; readonly bytes: number }> {
  const folder = runFolder(workspace, id)
  if (await liveLock(workspace.fileSystem, lockPath(folder)))
    throw new StorageError('locked', `run "${id}" is being worked on; pause or stop it first`)
  await requireOwnVersion(workspace, id)
  const before = await folderBytes(workspace.fileSystem, snapshotsFolder(folder))
  const pinned = [...(policy.pinned ?? []), ...(await pinnedSnapshots(workspace, id))]
  const steps = snapshotsToPrune(await snapshotSteps(workspace, id), { ...policy, pinned })
  for (const step of steps) {
    if (policy.hessiansOnly) await dropHessians(workspace, id, step)
    else
      // Out of sight in one operation, then deleted: a crash leaves a leftover, not half a snapshot.
      await translating(`remove ${snapshotFolder(folder, step)}`, async () => {
        const leftover = `${snapshotFolder(folder, step)}.partial`
        await workspace.fileSystem.remove(leftover)
        await workspace.fileSystem.rename(snapshotFolder(folder, step), leftover)
        await workspace.fileSystem.remove(leftover)
      })
  }
  const figures = (await readStatus(workspace, id).catch(() => null))?.figures
  if (figures) await updateStatus(workspace, id, { figures: { ...figures, ...(await measureRun(workspace.fileSystem, folder)) } })
  return { steps, bytes: before - (await folderBytes(workspace.fileSystem, snapshotsFolder(folder))) }
}

export interface LibraryEntry {
  readonly run: string
  readonly step: number
  readonly bytes: number
  readonly blocks: readonly string[]
  readonly hessian: boolean
  readonly pinned: boolean
}

/** The snapshots of one run, sizes from their manifests. One that cannot be read is left out. */
export async function runSnapshots(workspace: Workspace, id: string): Promise<LibraryEntry[]> {
  const pinned = new Set(await pinnedSnapshots(workspace, id).catch(() => []))
  const entries: LibraryEntry[] = []
  for (const step of await snapshotSteps(workspace, id)) {
    const manifest = await readManifest(workspace, { run: id, step }).catch(() => null)
    if (!manifest) continue
    entries.push({
      run: id,
      step,
      bytes: manifestBytes(manifest),
      blocks: manifest.blocks.map((block) => block.name),
      hessian: manifest.blocks.some((block) => block.hessian !== null),
      pinned: pinned.has(step)
    })
  }
  return entries
}

/** All snapshots of the workspace. */
export async function snapshotLibrary(workspace: Workspace): Promise<LibraryEntry[]> {
  const ids = (await workspace.fileSystem.list(runsFolder(workspace))).filter(isId)
  const all: LibraryEntry[] = []
  for (const id of ids)
    if (await workspace.fileSystem.info(specPath(runFolder(workspace, id)))) all.push(...(await runSnapshots(workspace, id)))
  return all
}
