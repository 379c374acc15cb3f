// What the run list shows and a run's small files do not say: looked for in the rest of its folder, only where it is wanted.
import { lossDivisor } from '../../shared/run/per-sample'
import { trainingSamples } from '../metrics'
import { measureRun, metricsPath, readMeta, readSpec, readStatus, runFolder, scanMetrics, snapshotsFolder, stepsIn } from '../run-folder'
import { snapshotCurvature } from '../snapshots'
import type { Workspace } from '../workspace'
import { summarize, type FoundElsewhere, type RunFiles, type Summarized } from './summary'

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
  if (newest !== undefined && found.wanted.snapshot(newest))
    add({ snapshot: await snapshotCurvature(workspace, { run: id, step: newest }) })
  return found
}
