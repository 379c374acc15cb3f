// Names inside a run folder.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { partialEnding } from '../files'
import { requireId, type Workspace } from '../workspace'

export const runsFolder = (workspace: Workspace) => join(workspace.folder, 'runs')
/** Where a run is put together before it is checked and renamed: no id, so that nobody takes it for a run. */
export const newImportFolder = (workspace: Workspace) =>
  join(runsFolder(workspace), `.importing-${randomBytes(6).toString('hex')}${partialEnding}`)
export const isImportFolder = (name: string) => /^\.importing-[0-9a-f]+\.partial$/.test(name)
/** Throws StorageError `bad-input` for what is no id, so that no id leads out of the workspace. */
export const runFolder = (workspace: Workspace, id: string) => join(runsFolder(workspace), requireId(id))

export const specPath = (folder: string) => join(folder, 'spec.json')
export const metaPath = (folder: string) => join(folder, 'meta.json')
export const statusPath = (folder: string) => join(folder, 'status.json')
export const metricsPath = (folder: string) => join(folder, 'metrics.ndjson')
export const histogramsPath = (folder: string) => join(folder, 'histograms.ndjson')
export const logPath = (folder: string) => join(folder, 'log.ndjson')
export const lockPath = (folder: string) => join(folder, 'lock.json')
export const inputsFolder = (folder: string) => join(folder, 'inputs')
export const checkpointsFolder = (folder: string) => join(folder, 'checkpoints')
/** What damage took out of a run's way. */
export const setAsideFolder = (folder: string) => join(folder, 'set-aside')
export const snapshotsFolder = (folder: string) => join(folder, 'snapshots')
export const analysesFolder = (folder: string) => join(folder, 'analyses')

/** `step-000050`; more digits when they are needed. */
export const stepName = (step: number) => `step-${String(step).padStart(6, '0')}`
export const checkpointFolder = (folder: string, step: number) => join(checkpointsFolder(folder), stepName(step))
export const snapshotFolder = (folder: string, step: number) => join(snapshotsFolder(folder), stepName(step))

/** The step of a name such as `step-000050`; null for anything else, leftovers included. */
export function stepOf(name: string): number | null {
  const found = /^step-(\d{6,15})$/.exec(name)
  return found ? Number(found[1]) : null
}

/** Steps of the complete checkpoints or snapshots in a folder, ascending. */
export async function stepsIn(workspace: Workspace, folder: string): Promise<number[]> {
  return (await workspace.fileSystem.list(folder))
    .map(stepOf)
    .filter((step) => step !== null)
    .sort((a, b) => a - b)
}
