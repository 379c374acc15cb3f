// Which snapshots to keep, and how to let the others go: planned to the byte first, then done as planned.
import { join } from 'node:path'
import { StorageError, jsonText, removeWhole, translating, writeJson, type FileSystem } from '../files'
import { requireOwnVersion } from '../run-folder/documents'
import { liveLock } from '../run-folder/lock'
import { lockPath, runFolder, snapshotFolder, snapshotsFolder } from '../run-folder/paths'
import { recountRun } from '../run-folder/recount'
import { folderBytes } from '../run-folder/sizes'
import type { Workspace } from '../workspace'
import { pinnedSnapshots } from './pins'
import { readManifest, snapshotSteps } from './read'

export interface PrunePolicy {
  /** Every k-th snapshot is kept, counted from the first; null: none but the first, the last and the pinned ones. */
  readonly keepEvery: number | null
  /** Steps that are kept whatever else is said. */
  readonly pinned?: readonly number[]
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

/** What goes, or would go, of one snapshot. */
export interface Freed {
  readonly step: number
  readonly bytes: number
}

interface Plan extends Freed {
  apply(): Promise<void>
}

async function planWhole(fileSystem: FileSystem, folder: string, step: number): Promise<Plan> {
  const path = snapshotFolder(folder, step)
  return {
    step,
    bytes: await folderBytes(fileSystem, path),
    apply: () => removeWhole(fileSystem, path)
  }
}

/** Null where there is no Hessian to take out. The manifest is replaced first, so that nothing it lists is ever missing. */
async function planHessians(workspace: Workspace, id: string, step: number): Promise<Plan | null> {
  const { fileSystem } = workspace
  const path = snapshotFolder(runFolder(workspace, id), step)
  const manifest = await readManifest(workspace, { run: id, step })
  const gone = new Set(manifest.blocks.flatMap((block) => [block.hessian, block.overview]).filter((name) => name !== null))
  if (gone.size === 0) return null
  const manifestPath = join(path, 'manifest.json')
  const left = {
    ...manifest,
    blocks: manifest.blocks.map((block) => ({ ...block, hessian: null, overview: null })),
    files: manifest.files.filter((file) => !gone.has(file.name))
  }
  let bytes = (await folderBytes(fileSystem, manifestPath)) - Buffer.byteLength(jsonText(left))
  for (const name of gone) bytes += await folderBytes(fileSystem, join(path, name))
  return {
    step,
    bytes,
    async apply() {
      await writeJson(fileSystem, manifestPath, left)
      for (const name of gone) await translating(`remove ${join(path, name)}`, () => fileSystem.remove(join(path, name)))
    }
  }
}

export interface PruneOptions {
  /** The policy that says which go; or exactly these steps, of which none may be pinned. */
  readonly which: PrunePolicy | { readonly steps: readonly number[] }
  /** Of what the policy lets go, these alone: the others stay. */
  readonly among?: readonly number[]
  /** Only the large Hessian files go; eigenvalues, vectors and weights stay. */
  readonly hessiansOnly?: boolean
  /** Says what would go, and leaves it. */
  readonly dryRun?: boolean
  /** What a dry run said: refused with `conflict` where something else would go by now. */
  readonly expected?: readonly Freed[]
}

async function chosenSteps(workspace: Workspace, id: string, { which, among }: PruneOptions): Promise<number[]> {
  const steps = await snapshotSteps(workspace, id)
  const pinned = await pinnedSnapshots(workspace, id)
  if (!('steps' in which)) {
    const going = snapshotsToPrune(steps, { ...which, pinned: [...(which.pinned ?? []), ...pinned] })
    return among ? going.filter((step) => among.includes(step)) : going
  }
  const asked = [...new Set(which.steps)].sort((a, b) => a - b)
  const kept = asked.filter((step) => pinned.includes(step))
  if (kept.length > 0)
    throw new StorageError('conflict', `run "${id}": the snapshot of step ${kept.join(', ')} is pinned; unpin it before it is deleted`)
  const missing = asked.filter((step) => !steps.includes(step))
  if (missing.length > 0)
    throw new StorageError('not-found', `run "${id}" has no snapshot of step ${missing.join(', ')}; it has ${steps.join(', ') || 'none'}`)
  return asked
}

const sameAs = (plans: readonly Freed[], expected: readonly Freed[]) =>
  plans.length === expected.length && plans.every(({ step, bytes }, k) => step === expected[k].step && bytes === expected[k].bytes)

/**
 * Deletes snapshots, or their Hessians, and says what went; a dry run says the same beforehand. Throws StorageError (`locked` while the run is being
 * worked on, `conflict` for what is pinned or no longer as `expected`).
 */
export async function pruneSnapshots(
  workspace: Workspace,
  id: string,
  options: PruneOptions
): Promise<{ readonly steps: number[]; readonly bytes: number; readonly freed: Freed[] }> {
  const { fileSystem } = workspace
  const folder = runFolder(workspace, id)
  if (await liveLock(fileSystem, lockPath(folder)))
    throw new StorageError('locked', `run "${id}" is being worked on; pause or stop it first`)
  await requireOwnVersion(workspace, id)
  const plans: Plan[] = []
  for (const step of await chosenSteps(workspace, id, options)) {
    const plan = options.hessiansOnly ? await planHessians(workspace, id, step) : await planWhole(fileSystem, folder, step)
    if (plan) plans.push(plan)
  }
  const steps = plans.map(({ step }) => step)
  const freed = plans.map(({ step, bytes }) => ({ step, bytes }))
  if (options.expected && !sameAs(freed, options.expected))
    throw new StorageError(
      'conflict',
      `the snapshots of run "${id}" have changed since they were looked at: look again before anything is deleted`
    )
  if (options.dryRun) return { steps, freed, bytes: freed.reduce((sum, { bytes }) => sum + bytes, 0) }
  const before = await folderBytes(fileSystem, snapshotsFolder(folder))
  for (const plan of plans) await plan.apply()
  await recountRun(workspace, id)
  return { steps, freed, bytes: before - (await folderBytes(fileSystem, snapshotsFolder(folder))) }
}
