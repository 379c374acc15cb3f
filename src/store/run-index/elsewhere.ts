// What the run list shows and a run's small files do not say: looked for in the rest of its folder, only where it is wanted.
import { basename, join } from 'node:path'
import { eigenvalueFigures, type SnapshotCurvature } from '../../shared/run/curvature'
import { lossDivisor } from '../../shared/run/per-sample'
import { scopes } from '../../shared/spec/schema'
import { trainingSamples } from '../metrics'
import {
  measureRun,
  metricsPath,
  readMeta,
  readSpec,
  readStatus,
  runFolder,
  scanMetrics,
  snapshotFolder,
  snapshotsFolder,
  stepsIn
} from '../run-folder'
import { readEigenvalues, readManifest } from '../snapshots'
import type { Workspace } from '../workspace'
import { summarize, type FoundElsewhere, type RunFiles, type Summarized } from './summary'

/** Figures of a snapshot's stored eigenvalues; null where a block has none. */
async function snapshotCurvature(workspace: Workspace, run: string, step: number): Promise<SnapshotCurvature | null> {
  const manifest = await readManifest(workspace, { run, step })
  if (manifest.blocks.length === 0 || manifest.blocks.some((block) => block.eigenvalues === null)) return null
  const blocks: Float64Array[] = []
  for (const { name } of manifest.blocks) blocks.push((await readEigenvalues(workspace, { run, step }, name)).values)
  return { step, scope: scopes.find((scope) => scope === manifest.scope) ?? 'full', ...eigenvalueFigures(blocks) }
}

/** A snapshot's files do not change: its figures are read once. */
const known = new WeakMap<Workspace, Map<string, SnapshotCurvature | null>>()

async function knownCurvature(workspace: Workspace, run: string, step: number): Promise<SnapshotCurvature | null> {
  const mine = known.get(workspace) ?? new Map<string, SnapshotCurvature | null>()
  known.set(workspace, mine)
  const folder = snapshotFolder(runFolder(workspace, run), step)
  // A run that was removed, or set back, may have made the snapshot of a step again.
  const made = (await workspace.fileSystem.info(join(folder, 'manifest.json')))?.modified ?? 0
  const key = `${run} ${basename(folder)} ${made}`
  const found = mine.get(key)
  if (found !== undefined) return found
  // One that cannot be read gives no figures; whoever opens it is told why.
  const read = await snapshotCurvature(workspace, run, step).catch(() => null)
  if (mine.size > 20_000) mine.clear()
  mine.set(key, read)
  return read
}

async function recordedSamples(workspace: Workspace, id: string): Promise<number | null> {
  const spec = await readSpec(workspace, id).catch(() => null)
  const status = await readStatus(workspace, id).catch(() => null)
  const meta = await readMeta(workspace, id).catch(() => null)
  return spec && trainingSamples(workspace, id, { spec, status, meta }).catch(() => null)
}

/** The summary of a run's small files, completed from the others where these do not say all of it. */
export async function summarizeFolder(workspace: Workspace, id: string, files: RunFiles): Promise<Summarized> {
  const { fileSystem } = workspace
  const folder = runFolder(workspace, id)
  let elsewhere: FoundElsewhere = {}
  let found = summarize(id, files)
  const add = (more: FoundElsewhere) => {
    elsewhere = { ...elsewhere, ...more }
    found = summarize(id, files, elsewhere)
  }
  const { wanted } = found
  if (wanted.measured) add({ measured: await measureRun(fileSystem, folder) })
  if (wanted.trainingSamples) add({ trainingSamples: await recordedSamples(workspace, id) })
  if (found.wanted.scanned) add({ scanned: await scanMetrics(fileSystem, metricsPath(folder), { divisor: lossDivisor(found.summary) }) })
  const newest = (await stepsIn(workspace, snapshotsFolder(folder))).at(-1)
  if (newest !== undefined && found.wanted.snapshot(newest)) add({ snapshot: await knownCurvature(workspace, id, newest) })
  return found
}
