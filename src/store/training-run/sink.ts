// Where a run's results go: the training sink over a run folder. A write that fails for want of disk waits for somebody's word with everything kept in memory.
import { join } from 'node:path'
import { addLine } from '../../shared/run/figures'
import type { Divisor } from '../../shared/run/per-sample'
import type { RunFigures, RunStatus } from '../../shared/run/schema'
import type { RunSpec } from '../../shared/spec/schema'
import type { TrainingSink } from '../../engine/training/interface'
import { StorageError, translating, type LineFile } from '../files'
import { draftSnapshot, type SnapshotDraft } from '../snapshots/draft'
import { beginSnapshot, manifestBytes } from '../snapshots/write'
import type { Workspace } from '../workspace'
import { checkpointsToDrop, writeCheckpoint } from '../run-folder/checkpoint'
import { folderBytes, measureRun } from '../run-folder/sizes'
import { checkpointFolder, checkpointsFolder, snapshotFolder, snapshotsFolder, stepsIn } from '../run-folder/paths'
import { snapshotRefusal, snapshotTarget } from './snapshot-target'

/** Asked when a write fails in a way that waiting can cure; the run is paused until the promise resolves. */
export type TroubleHandler = (error: StorageError) => Promise<'retry' | 'give-up'>

export interface SinkProgress {
  readonly step: number
  readonly seconds: number
  readonly figures: RunFigures
}

export interface FolderSink extends TrainingSink {
  /** Waits for snapshots still being finished, then syncs metrics and log. */
  settle(): Promise<void>
  /** Closes the files; unwritten lines are written first. */
  close(): Promise<void>
  progress(): SinkProgress
  /** A line for the log that waits for no disk: it is written with the next lines. */
  note(message: string): void
  /** Figures of the lines there are, gathered anew; sizes stay. */
  setFigures(figures: RunFigures): void
}

/** What a writing of status.json adds to the progress. */
export type StatusExtra = Partial<Pick<RunStatus, 'startEvaluation' | 'parameterCount' | 'newestCheckpoint'>>

export interface SinkInput {
  readonly workspace: Workspace
  readonly id: string
  readonly folder: string
  readonly spec: RunSpec
  readonly metrics: LineFile
  /** Null where the spec asks for none. */
  readonly histograms: LineFile | null
  readonly log: LineFile
  readonly start: SinkProgress
  /** Asked at each line: it is known before the first. */
  readonly divisor: () => Divisor | null
  readonly onTrouble?: TroubleHandler
  /** Writes status.json with the progress so far. */
  readonly saveStatus: (progress: SinkProgress, extra?: StatusExtra) => Promise<void>
}

export function folderSink(input: SinkInput): FolderSink {
  const { workspace, folder, spec, metrics, histograms, log } = input
  const { fileSystem } = workspace
  let { step, seconds } = input.start
  // Its own: lines are added in place.
  let figures = { ...input.start.figures }
  /** Snapshots whose second phase is under way, by step. */
  const finishing = new Map<number, Promise<void>>()
  let lost: StorageError | null = null

  const progress = (): SinkProgress => ({
    step,
    seconds,
    figures: { ...figures, bytes: { ...figures.bytes, metrics: metrics.bytes() } }
  })
  const note = (message: string) => log.append(JSON.stringify({ time: new Date().toISOString(), message }))

  /** Repeats `work` as long as its failure can be cured by waiting and whoever is asked says so. */
  const persist = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await translating(`write ${folder}`, work)
      } catch (error) {
        if (!(error instanceof StorageError) || !error.retryable || !input.onTrouble) throw error
        note(`paused: ${error.message}`)
        if ((await input.onTrouble(error)) === 'give-up') throw error
        note('going on after a failed write')
      }
    }
  }
  /** A snapshot lost in its second phase is reported once, at the next call: its memory is gone, the training state is not. */
  const reportLost = async () => {
    if (!lost) return
    const error = lost
    lost = null
    note(`a snapshot was lost: ${error.message}`)
    if (error.retryable && input.onTrouble && (await input.onTrouble(error)) === 'retry') return
    throw error
  }
  const finishedBefore = async (limit: number) => {
    for (const [at, done] of finishing) if (at < limit) await done
    await reportLost()
  }
  const countAgain = async () => {
    figures = { ...figures, ...(await measureRun(fileSystem, folder)) }
  }
  /** At a checkpoint only the few checkpoints are counted: snapshots are added up as they are made, and there may be thousands. */
  const countCheckpoints = async () => {
    const checkpoints = await folderBytes(fileSystem, checkpointsFolder(folder))
    figures = { ...figures, bytes: { ...figures.bytes, checkpoints } }
  }

  /** The snapshot that is being given, of which there may be matrices before the rest. */
  let draft: { readonly step: number; readonly files: SnapshotDraft } | null = null
  const draftOf = async (at: number): Promise<SnapshotDraft> => {
    if (draft?.step === at) return draft.files
    // One at a time: a second one waits, so that at most one set of files is unfinished and the disk is not asked for two at once.
    for (const done of finishing.values()) await done
    await reportLost()
    draft = { step: at, files: draftSnapshot({ fileSystem, path: snapshotFolder(folder, at), precision: spec.snapshots.precision }) }
    return draft.files
  }

  return {
    progress,
    note,
    setFigures(gathered) {
      const { bytes, snapshots } = figures
      figures = { ...gathered, bytes, snapshots }
    },
    rests: true,
    metrics(line) {
      metrics.append(JSON.stringify(line))
      addLine(figures, line, input.divisor())
      step = line.step
      seconds = line.seconds
      return metrics.isDue() ? persist(() => metrics.flushIfDue()) : undefined
    },

    async histograms(line) {
      histograms?.append(JSON.stringify(line))
      await persist(async () => histograms?.flushIfDue())
    },

    async checkpoint(state) {
      // On disk first: the lines of all steps before this state, and the snapshots that resuming from it would not make again.
      await finishedBefore(state.step)
      await persist(() => metrics.sync())
      await persist(async () => histograms?.sync())
      await persist(() => log.sync())
      await persist(() => writeCheckpoint(workspace, folder, spec, state))
      // One that waited is of an earlier step than the newest line.
      if (state.step > step) {
        step = state.step
        seconds = state.seconds
      }
      await persist(async () => {
        for (const old of checkpointsToDrop(await stepsIn(workspace, checkpointsFolder(folder)), spec.checkpoints.keep))
          await translating(`remove ${checkpointFolder(folder, old)}`, () => fileSystem.remove(checkpointFolder(folder, old)))
        await countCheckpoints()
        await input.saveStatus(progress(), { parameterCount: state.parameters.length, newestCheckpoint: state.step })
      })
    },

    async admitsSnapshot(at, bytes) {
      for (const done of finishing.values()) await done
      const refusal = await snapshotRefusal(fileSystem, folder, spec, { bytes, stored: figures.bytes.snapshots })
      if (refusal !== null) note(`no snapshot at step ${at}: ${refusal}`)
      return refusal === null
    },

    async hasSnapshot(at) {
      await finishing.get(at)
      return (await fileSystem.info(join(snapshotFolder(folder, at), 'manifest.json'))) !== null
    },

    async matrix(at, block) {
      const files = await draftOf(at)
      await persist(() => files.matrix(block, [block.data]))
    },

    async dropMatrices() {
      // What cannot be removed now goes when the run is opened again.
      await draft?.files.discard().catch(() => undefined)
      draft = null
    },

    async snapshot(snapshot) {
      const files = await draftOf(snapshot.step)
      const begun = await persist(async () => beginSnapshot(snapshotTarget(fileSystem, folder, input.id, spec, snapshot), snapshot, files))
      draft = null
      const done = begun
        .finish()
        .then((manifest) => {
          const { bytes, snapshots } = figures
          figures = { ...figures, snapshots: snapshots + 1, bytes: { ...bytes, snapshots: bytes.snapshots + manifestBytes(manifest) } }
        })
        .catch(async (error: unknown) => {
          await begun.discard().catch(() => undefined)
          lost = error instanceof StorageError ? error : new StorageError('io', `snapshot of step ${snapshot.step}: ${String(error)}`)
        })
        .finally(() => finishing.delete(snapshot.step))
      finishing.set(snapshot.step, done)
    },

    async log(message) {
      note(message)
      await persist(() => log.flushIfDue())
    },

    async startEvaluation(evaluation) {
      await persist(() => input.saveStatus(progress(), { startEvaluation: evaluation }))
    },

    async settle() {
      await finishedBefore(Infinity)
      await persist(() => metrics.sync())
      await persist(async () => histograms?.sync())
      await persist(() => log.sync())
      await persist(() => translating(`read ${snapshotsFolder(folder)}`, countAgain))
    },

    async close() {
      for (const done of finishing.values()) await done
      try {
        await metrics.close()
        await histograms?.close()
      } finally {
        await log.close()
      }
    }
  }
}
