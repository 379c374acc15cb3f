// After a crash: leftovers go, a run whose owner is gone is `interrupted`, the newest whole checkpoint is found.
import { join } from 'node:path'
import type { RunSpec } from '../../shared/spec/schema'
import type { RunStatus } from '../../shared/run/schema'
import type { TrainingState } from '../../engine/training/interface'
import { NpyError } from '../../shared/npy'
import { StorageError } from '../files'
import type { Workspace } from '../workspace'
import { checkpointSteps, readCheckpoint } from './checkpoint'
import { logLine, readStatus, recordedDivisor, requireOwnVersion, updateStatus } from './documents'
import { repairStatus, statusOrRebuilt } from './rebuild'
import { holdRun, isLocked } from './hold'
import { liveLock, type HostView } from './lock'
import { scanMetrics } from './metrics-file'
import { isImportFolder, lockPath, metricsPath, runFolder, runsFolder } from './paths'

/** The newest checkpoint that is whole; null when there is none. `faults` says what was passed over. What is beside it in the folder does not matter. */
export async function newestCheckpoint(
  workspace: Workspace,
  id: string,
  spec: RunSpec
): Promise<{ readonly state: TrainingState | null; readonly faults: readonly string[] }> {
  const faults: string[] = []
  for (const step of (await checkpointSteps(workspace, id)).reverse()) {
    try {
      return { state: await readCheckpoint(workspace, id, step, spec), faults }
    } catch (error) {
      // Damage is passed over; a drive that cannot be read now is not damage.
      if (!(error instanceof NpyError) && !(error instanceof StorageError && !error.retryable)) throw error
      faults.push(`checkpoint ${step} is passed over: ${error.message}`)
    }
  }
  return { state: null, faults }
}

/**
 * Sets a run that says `running` but has no living owner to `interrupted` and removes leftovers; makes a status.json that is missing, empty or
 * torn anew from the files beside it. Every other run is left as it is, and
 * so is one of a newer program. Safe to call for any run at any time. Returns its status.
 */
export async function recoverRun(workspace: Workspace, id: string, host?: HostView): Promise<RunStatus> {
  const { status, fault } = await statusOrRebuilt(workspace, id)
  if (fault === null && status.state !== 'running') return status
  const folder = runFolder(workspace, id)
  if (await liveLock(workspace.fileSystem, lockPath(folder), host)) return status
  // A newer program's run is left to it.
  if (
    await requireOwnVersion(workspace, id).then(
      () => false,
      () => true
    )
  )
    return status
  try {
    return await holdRun(workspace, id, () => recoverHeld(workspace, id), host)
  } catch (error) {
    if (isLocked(error)) return status
    throw error
  }
}

/** The same under the run's lock. Looks again: another process may have put the run right, or worked on it, meanwhile. */
async function recoverHeld(workspace: Workspace, id: string): Promise<RunStatus> {
  const { status, fault } = await statusOrRebuilt(workspace, id)
  if (fault !== null) return repairStatus(workspace, id)
  if (status.state !== 'running') return status
  const { steps, seconds, wallSeconds, bytes, figures } = await scanMetrics(workspace.fileSystem, metricsPath(runFolder(workspace, id)), {
    divisor: await recordedDivisor(workspace, id, status)
  })
  const result = await updateStatus(workspace, id, {
    state: 'interrupted',
    step: Math.max(steps, (await checkpointSteps(workspace, id)).at(-1) ?? 0),
    seconds: Math.max(status.seconds, seconds),
    wallSeconds: status.wallSeconds === null ? null : Math.max(status.wallSeconds, wallSeconds ?? 0),
    endedAt: new Date().toISOString(),
    error: 'the process that worked on this run ended without finishing it; resume goes on from the newest checkpoint',
    figures: {
      ...figures,
      snapshots: status.figures?.snapshots ?? 0,
      bytes: { ...(status.figures?.bytes ?? figures.bytes), metrics: bytes }
    }
  })
  // The run is put right whether this can be written or not.
  await logLine(workspace, id, `found interrupted after step ${result.step}: ${result.error}`).catch(() => undefined)
  return result
}

/** One that is being imported right now is young. */
const importPatience = 24 * 3600_000

/** Removes imports that were cut off. What cannot be removed now stays. */
async function sweepImports(workspace: Workspace): Promise<void> {
  const { fileSystem } = workspace
  const runs = runsFolder(workspace)
  for (const name of await fileSystem.list(runs).catch(() => [])) {
    if (!isImportFolder(name)) continue
    const info = await fileSystem.info(join(runs, name)).catch(() => null)
    if (info && Date.now() - info.modified > importPatience) await fileSystem.remove(join(runs, name)).catch(() => undefined)
  }
}

/**
 * For the start of the program: recovers those of the runs `ids` whose owner is gone (those the index shows as running or interrupted may be) and
 * removes imports that were cut off. A run that cannot be recovered is left as it is. Returns the ids of those that must be read again.
 */
export async function recoverWorkspace(workspace: Workspace, ids: readonly string[], host?: HostView): Promise<string[]> {
  await sweepImports(workspace)
  const recovered: string[] = []
  for (const id of ids) {
    const before = await readStatus(workspace, id).catch(() => null)
    if (before !== null && before.state !== 'running') continue
    const after = await recoverRun(workspace, id, host).catch(() => null)
    if (after !== null && after.state !== 'running') recovered.push(id)
  }
  return recovered
}
