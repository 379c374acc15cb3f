// Extreme eigenvalues and index of stored snapshots: read from their eigenvalues once, for they do not change.
import { basename, join } from 'node:path'
import { eigenvalueFigures, type SnapshotCurvature } from '../../shared/run/curvature'
import { scopes } from '../../shared/spec/schema'
import { runFolder, snapshotFolder } from '../run-folder/paths'
import type { Workspace } from '../workspace'
import { readEigenvalues, readManifest, snapshotSteps, type SnapshotPlace } from './read'

/** Null where a block has no eigenvalues. Throws StorageError. */
async function read(workspace: Workspace, place: SnapshotPlace): Promise<SnapshotCurvature | null> {
  const manifest = await readManifest(workspace, place)
  if (manifest.blocks.length === 0 || manifest.blocks.some((block) => block.eigenvalues === null)) return null
  const blocks: Float64Array[] = []
  for (const { name } of manifest.blocks) blocks.push((await readEigenvalues(workspace, place, name)).values)
  return { step: place.step, scope: scopes.find((scope) => scope === manifest.scope) ?? 'full', ...eigenvalueFigures(blocks) }
}

const known = new WeakMap<Workspace, Map<string, SnapshotCurvature | null>>()
const mostKnown = 50_000

/** Null where it has no eigenvalues, or cannot be read: whoever opens it is told why. */
export async function snapshotCurvature(workspace: Workspace, place: SnapshotPlace): Promise<SnapshotCurvature | null> {
  const mine = known.get(workspace) ?? new Map<string, SnapshotCurvature | null>()
  known.set(workspace, mine)
  const folder = snapshotFolder(runFolder(workspace, place.run), place.step)
  // A run that was set back to a checkpoint, or made again under its name, may have made the snapshot of a step again.
  const made = (await workspace.fileSystem.info(join(folder, 'manifest.json')))?.modified ?? 0
  const key = `${place.run} ${basename(folder)} ${made}`
  const found = mine.get(key)
  if (found !== undefined) return found
  const figures = await read(workspace, place).catch(() => null)
  if (mine.size >= mostKnown) mine.clear()
  mine.set(key, figures)
  return figures
}

/** Of all snapshots of a run that have eigenvalues, by ascending step. */
export async function snapshotCurvatures(workspace: Workspace, run: string): Promise<SnapshotCurvature[]> {
  const all: SnapshotCurvature[] = []
  for (const step of await snapshotSteps(workspace, run)) {
    const figures = await snapshotCurvature(workspace, { run, step })
    if (figures) all.push(figures)
  }
  return all
}
