// Opens a run for training: takes its lock, cleans up after a crash, checks that the numbers will be the same, and hands out the sink.
import { Mutex } from 'async-mutex'
import type { RunMeta, RunState, RunStatus } from '../../shared/run/schema'
import { batchLossOf, lossDivisor, type Divisor } from '../../shared/run/per-sample'
import { sameBits } from '../../shared/run/same-bits'
import { hasEnded } from '../../shared/studies/details'
import type { RunSpec } from '../../shared/spec/schema'
import { wallClock, wallTime, type WallClock } from '../../engine/training/wall-clock'
import type { TrainingState } from '../../engine/training/interface'
import { openLineFile, StorageError, translating, writeJson, type LineFile } from '../files'
import type { Workspace } from '../workspace'
import { readSpec, requireOwnVersion, requireTrainable, updateMeta } from '../run-folder/documents'
import { histogramBytes } from '../run-folder/histograms-file'
import { withCopiedInputs } from '../run-folder/inputs'
import { isLocked } from '../run-folder/hold'
import { heartbeatEvery, takeLock, thisHost, type HostView } from '../run-folder/lock'
import { scanMetrics } from '../run-folder/metrics-file'
import { lossText } from '../run-folder/metrics-lines'
import {
  checkpointsFolder,
  histogramsPath,
  logPath,
  lockPath,
  metricsPath,
  runFolder,
  snapshotFolder,
  snapshotsFolder,
  statusPath,
  stepsIn
} from '../run-folder/paths'
import { repairMeta, repairStatus } from '../run-folder/rebuild'
import { dropLeftovers } from '../run-folder/leftovers'
import { newestCheckpoint } from '../run-folder/recover'
import { setLaterAside } from '../run-folder/set-aside'
import { folderSink, type FolderSink, type SinkProgress, type TroubleHandler } from './sink'
import { measureRun } from '../run-folder/sizes'

export type BackendRecord = NonNullable<RunStatus['backend']>

export interface OpenOptions {
  /** The linear algebra of this process (`linalg.info`). */
  readonly backend: BackendRecord
  /** Goes on although the recorded backend is another one, and records the step from which the numbers differ. */
  readonly allowOtherBackend?: boolean
  readonly versions?: Readonly<Record<string, string>>
  readonly onTrouble?: TroubleHandler
  /** Told, in one sentence each, what is waited for, and what was found damaged and how the run goes on all the same (the log gets that too). */
  readonly onNote?: (message: string) => void
  /** Called when the lock is lost while the run is open: stop training at once. */
  readonly onLockLost?: (error: StorageError) => void
  readonly host?: HostView
  /** Refuses (`locked`) a run that has ended: who waited for its lock, or came too late for it, has nothing to do any more. */
  readonly unlessEnded?: boolean
  /** Runs since work on the run began in this process; left out: since it is opened. */
  readonly clock?: WallClock
}

/** A run that this process owns. Every path out ends in `finish` or `abandon`. */
export interface TrainingRun {
  readonly id: string
  readonly folder: string
  /** As stored, except that the files it names are the copies in the run folder. */
  readonly spec: RunSpec
  readonly sink: FolderSink
  /** The state to go on from; null: from the start. */
  readonly resume: TrainingState | null
  status(): RunStatus
  setMeta(patch: Partial<RunMeta>): Promise<RunMeta>
  setStatus(patch: Partial<RunStatus>): Promise<void>
  /** Records how many samples the run trains on, before its first step. A run of a version that did not gets what follows from it. */
  setTrainingSamples(samples: number): Promise<void>
  /** Everything is on disk, the state is recorded and the lock given back. Throws StorageError; the lock is given back all the same. */
  finish(state: RunState, error?: string | null): Promise<RunStatus>
  /** Gives the lock back and records nothing, as a crash would. */
  abandon(): Promise<void>
}

const described = (backend: BackendRecord) => `${backend.description} with ${backend.threads} thread${backend.threads === 1 ? '' : 's'}`

/** What the status says about numerics when the run goes on here. Throws StorageError `other-backend`. */
function checkBackend(spec: RunSpec, status: RunStatus, resumeStep: number, here: BackendRecord, allow: boolean): Partial<RunStatus> {
  const recorded = status.backend
  const steps = { optimizer: spec.optimizer.kind, parameters: status.parameterCount }
  if (!recorded || resumeStep === 0 || sameBits(steps, recorded, here)) return { backend: here }
  if (!allow)
    throw new StorageError(
      'other-backend',
      `the run was computed with ${described(recorded)}, here is ${described(here)}: its numbers would differ in the last digits; --allow-other-backend goes on and records that`
    )
  return { backend: here, numericsChangedAtStep: status.numericsChangedAtStep ?? resumeStep }
}

/**
 * True when a checkpoint that was due is gone: the steps after `start` cannot have gone so far without one. Those of cheap steps wait in memory before
 * they are written, so the newest that was must be a later one, where that is recorded.
 */
function checkpointIsLost(spec: RunSpec, { newestCheckpoint }: RunStatus, start: number | null, steps: number): boolean {
  const every = spec.checkpoints.everySteps
  if (newestCheckpoint !== null && newestCheckpoint <= (start ?? -1)) return false
  if (start === null) return steps > 0
  return every !== null && steps > (Math.floor(start / every) + 1) * every
}

/**
 * Opens the run and sets it `running`. Leftovers of a crash are removed, metrics behind the newest checkpoint cut off, later snapshots removed: they
 * are made again, with the same bits. Where it is damage that makes the run go on from further back, all that is set aside instead.
 * Throws StorageError: `not-found`, `locked`, `other-backend`, `damaged`, or the drive's failure.
 */
export function openRunForTraining(workspace: Workspace, id: string, options: OpenOptions): Promise<TrainingRun> {
  return translating(`open the run ${runFolder(workspace, id)}`, () => openRun(workspace, id, options))
}

async function openRun(workspace: Workspace, id: string, options: OpenOptions): Promise<TrainingRun> {
  const { fileSystem } = workspace
  const folder = runFolder(workspace, id)
  const stored = await readSpec(workspace, id)
  await requireOwnVersion(workspace, id)
  await requireTrainable(workspace, id)
  const clock = options.clock ?? wallClock()
  const lock = await clock.paused(() => takeLock(fileSystem, lockPath(folder), options.host ?? thisHost, options.onNote))
  const opened: LineFile[] = []
  try {
    const before = await repairStatus(workspace, id)
    if (options.unlessEnded && hasEnded(before.state))
      throw new StorageError('locked', `another process was working on this run and has ended it (${folder})`)
    await repairMeta(workspace, id)
    await dropLeftovers(workspace, folder)
    const { state: resume, faults } = await newestCheckpoint(workspace, id, stored)
    const startStep = resume?.step ?? 0
    const numerics = checkBackend(stored, before, startStep, options.backend, options.allowOtherBackend ?? false)
    let divided: { readonly samples: number | null; readonly by: Divisor | null } | null = null
    const divisorFor = (samples: number | null) => {
      if (divided?.samples !== samples || divided === null) divided = { samples, by: lossDivisor(batchLossOf(stored, samples)) }
      return divided.by
    }
    const scan = (samples: number | null) =>
      scanMetrics(fileSystem, metricsPath(folder), { limit: startStep, divisor: divisorFor(samples) })
    const kept = await scan(before.trainingSamples)
    const histogramsKept = await histogramBytes(fileSystem, histogramsPath(folder), startStep)
    const notes = [...faults]
    if (faults.length > 0 || checkpointIsLost(stored, before, resume?.step ?? null, kept.newest)) {
      const aside = await setLaterAside(workspace, folder, startStep, { metrics: kept.bytes, histograms: histogramsKept })
      notes.push(`what was there of steps after ${startStep} is kept in ${aside}; the run makes those steps again`)
    } else await dropLater(workspace, folder, startStep)
    const lost = lossText(kept)
    if (lost !== null) notes.push(lost)
    if (before.backend === null && startStep > 0)
      notes.push(`which backend computed the steps before is not recorded; ${described(options.backend)} goes on`)
    await translating(`write ${folder}`, async () => {
      await fileSystem.makeFolder(checkpointsFolder(folder))
      await fileSystem.makeFolder(snapshotsFolder(folder))
    })
    const metrics = await openLineFile(fileSystem, metricsPath(folder), kept.bytes)
    opened.push(metrics)
    const log = await openLineFile(fileSystem, logPath(folder), (await fileSystem.info(logPath(folder)))?.bytes ?? 0)
    opened.push(log)
    const histograms = stored.evaluate.histograms ? await openLineFile(fileSystem, histogramsPath(folder), histogramsKept) : null
    if (histograms) opened.push(histograms)
    const measured = await measureRun(fileSystem, folder)
    const start: SinkProgress = { step: startStep, seconds: resume?.seconds ?? 0, figures: { ...kept.figures, ...measured } }

    const wallSeconds = wallTime(resume === null ? 0 : resume.wallSeconds, clock)
    let status: RunStatus = {
      ...before,
      ...numerics,
      state: 'running',
      step: startStep,
      seconds: start.seconds,
      wallSeconds: wallSeconds(),
      newestCheckpoint: resume?.step ?? null,
      startedAt: before.startedAt ?? new Date().toISOString(),
      endedAt: null,
      host: (options.host ?? thisHost).host,
      versions: { ...before.versions, ...options.versions },
      error: null,
      figures: start.figures
    }
    const writing = new Mutex()
    const writeStatus = async (patch: Partial<RunStatus>): Promise<void> => {
      status = { ...status, ...patch }
      await writing.runExclusive(() => writeJson(fileSystem, statusPath(folder), status))
    }
    const fromProgress = ({ step, seconds, figures }: SinkProgress) => ({ step, seconds, wallSeconds: wallSeconds(), figures })
    const sink = folderSink({
      workspace,
      id,
      folder,
      spec: stored,
      metrics,
      histograms,
      log,
      start,
      divisor: () => divisorFor(status.trainingSamples),
      ...(options.onTrouble ? { onTrouble: options.onTrouble } : {}),
      saveStatus: (progress, extra = {}) => writeStatus({ ...fromProgress(progress), ...extra })
    })
    await writeStatus({})
    for (const note of notes) {
      options.onNote?.(note)
      await sink.log(note)
    }
    if (before.state === 'interrupted' || startStep > 0) await sink.log(`goes on from step ${startStep}`)
    if (numerics.numericsChangedAtStep === startStep && startStep > 0)
      await sink.log(`numerics change at step ${startStep}: now ${described(options.backend)}`)

    const beat = setInterval(() => {
      void lock
        .beat()
        .then(() => writeStatus(fromProgress(sink.progress())))
        .catch((error: unknown) => {
          // A full disk is the sink's to report; only a lost lock must stop the training.
          if (isLocked(error)) options.onLockLost?.(error)
        })
    }, heartbeatEvery)
    beat.unref()
    const letGo = async () => {
      clearInterval(beat)
      await writing.runExclusive(() => lock.release())
    }
    return {
      id,
      folder,
      spec: withCopiedInputs(folder, stored),
      sink,
      resume,
      status: () => ({ ...status, ...fromProgress(sink.progress()) }),
      setMeta: (patch) => updateMeta(workspace, id, patch),
      setStatus: writeStatus,
      async setTrainingSamples(samples) {
        if (status.trainingSamples === null && startStep > 0) sink.setFigures((await scan(samples)).figures)
        await writeStatus({ ...fromProgress(sink.progress()), trainingSamples: samples })
      },
      finish: (state, error = null) =>
        translating(`finish the run ${folder}`, async () => {
          try {
            await sink.settle()
            await sink.close()
            clearInterval(beat)
            await writeStatus({ ...fromProgress(sink.progress()), state, error, endedAt: new Date().toISOString() })
            return status
          } finally {
            await sink.close().catch(() => undefined)
            await letGo()
          }
        }),
      async abandon() {
        await sink.close().catch(() => undefined)
        await letGo()
      }
    }
  } catch (error) {
    for (const file of opened) await file.close().catch(() => undefined)
    await lock.release().catch(() => undefined)
    throw error
  }
}

/** Removes snapshots (and checkpoints, of which there are none) of steps after `step`: the run goes on from there and makes them again. */
async function dropLater(workspace: Workspace, folder: string, step: number): Promise<void> {
  for (const parent of [checkpointsFolder(folder), snapshotsFolder(folder)])
    for (const later of (await stepsIn(workspace, parent)).filter((one) => one > step)) {
      const name = snapshotFolder(folder, later).slice(snapshotsFolder(folder).length)
      await translating(`remove ${parent}${name}`, () => workspace.fileSystem.remove(`${parent}${name}`))
    }
}
