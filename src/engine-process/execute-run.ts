// Works on one run from its folder to its end: the same code in an engine process and in the command line's own.
import { LinalgError, openLinalg, type Linalg } from '../engine/linalg'
import { memoryFactorizations } from '../engine/curvature/inverse-gradient'
import {
  factorizationShare,
  initialState,
  train,
  wallClock,
  type TrainingData,
  type TrainingEvent,
  type WallClock
} from '../engine/training'
import type { RunState, RunStatus } from '../shared/run/schema'
import type { RunSpec } from '../shared/spec/schema'
import {
  checkpointSteps,
  factorizationsOnDisk,
  openRunForTraining,
  readSpec,
  removeFactorizations,
  statusOrRebuilt,
  StorageError,
  type TrainingRun,
  type Workspace
} from '../store'
import { narrate, type Narrator } from './narrate'
import { otherData, prepareRun, SpecFault, type Hashes } from './prepare'
import { openRecorded } from './run-backend'
import { versions } from './versions'
import { messageOf } from '../shared/format/message-of'

/** What is told of a run while it is worked on. */
export type RunProgress =
  | TrainingEvent
  | { readonly kind: 'opened'; readonly step: number; readonly backend: NonNullable<RunStatus['backend']>; readonly spec: RunSpec }
  /** Something that people should know, such as what is waited for, what was damaged, what a table was taken for; it is in the run's log too. */
  | { readonly kind: 'note'; readonly message: string }
  /** A write failed; everything is kept in memory until `trouble` is answered. */
  | { readonly kind: 'trouble'; readonly message: string }

export interface ExecuteOptions {
  /** First request to stop: see TrainingRequest.stop. */
  readonly stop?: AbortSignal
  readonly onEvent?: (event: RunProgress) => void
  readonly allowOtherBackend?: boolean
  /** Of several that want the run one ends it, once: the others are refused (`locked`), also when it has ended meanwhile. */
  readonly unlessEnded?: boolean
  /** Threads of a run that has not begun; one that has keeps its own. */
  readonly threads?: number
  /** State of a run that was stopped. */
  readonly stoppedAs?: () => 'paused' | 'interrupted'
  /** Asked when a write failed; left out: the run is given up. */
  readonly onTrouble?: (error: StorageError) => Promise<'retry' | 'give-up'>
}

export interface RunResult {
  readonly state: RunState
  readonly step: number
  /** Why it is not going on, one sentence; null when it ended as planned. */
  readonly message: string | null
  /** Steps done in this call. */
  readonly stepsDone: number
  readonly status: RunStatus | null
  /** The fault's origin: `spec` for what the user can mend in the spec or its data. */
  readonly fault: 'spec' | 'work' | null
}

/** The backend of a run: the recorded kind and threads where steps have been done, else the machine's best. */
async function openBackend(workspace: Workspace, id: string, options: ExecuteOptions): Promise<Linalg> {
  const { backend, step } = (await statusOrRebuilt(workspace, id)).status
  // A process that was killed may have left a status older than its checkpoints.
  const begun = step > 0 || ((await checkpointSteps(workspace, id)).at(-1) ?? 0) > 0
  const recorded = begun ? backend : null
  if (recorded) {
    try {
      const opened = openRecorded(recorded)
      if (opened) return await opened
    } catch (error) {
      if (!options.allowOtherBackend)
        throw new StorageError(
          'other-backend',
          `the run was computed with ${recorded.description} (${recorded.threads} threads), which is not available here (${messageOf(error)}); --allow-other-backend goes on with another and records that`
        )
    }
  }
  return openLinalg({ threads: options.threads })
}

/** Codes of what the spec asks for and cannot have. */
const specCodes: ReadonlySet<string> = new Set(['bad-input', 'not-found'])

/** How a failure ends a run: what memory or the disk did can be resumed; what spec or data did cannot. */
function endOf(error: unknown): { state: RunState; message: string; fault: 'spec' | 'work' } {
  const message = messageOf(error)
  if (error instanceof SpecFault) return { state: 'failed', message, fault: 'spec' }
  if (error instanceof LinalgError && error.code === 'out-of-memory')
    return { state: 'interrupted', message: `out of memory: ${message}`, fault: 'work' }
  if (error instanceof RangeError && /allocation|array length|memory/i.test(message))
    return { state: 'interrupted', message: `out of memory: ${message}`, fault: 'work' }
  if (error instanceof StorageError)
    return { state: error.retryable ? 'interrupted' : 'failed', message, fault: specCodes.has(error.code) ? 'spec' : 'work' }
  return { state: 'failed', message, fault: 'work' }
}

/** A run goes on with the data, the samples split off and the order of batches that it began with. */
function checkData({ resume }: TrainingRun, recorded: Hashes, found: Hashes) {
  const fault = resume === null ? null : otherData(recorded, found, 'resume')
  if (fault !== null) throw fault
}

/** What is split off, for the run's log. */
function splitSentence({ spec }: TrainingRun, data: TrainingData | null): string | null {
  if (data === null || data.validation === null) return null
  const [train, apart] = [data.train.inputs.rows, data.validation.inputs.rows]
  const never = spec.evaluate.everySteps === null && spec.evaluate.everyEpochs === null
  return `data.validation: ${apart} of ${train + apart} training samples are split off${never ? ', and never looked at: the spec asks for no evaluation (evaluate.everySteps)' : ''}`
}

interface Session {
  readonly workspace: Workspace
  readonly run: TrainingRun
  readonly linalg: Linalg
  readonly stop: AbortSignal
  readonly clock: WallClock
  readonly narrator: Narrator
}

async function trainOpened({ workspace, run, linalg, stop, clock, narrator }: Session, options: ExecuteOptions) {
  const reading = {
    signal: stop,
    onProgress: (fraction: number) => options.onEvent?.({ kind: 'phase', step: 0, phase: 'reading data', fraction, etaSeconds: null })
  }
  const notes: string[] = []
  const prepared = await prepareRun({ workspace, linalg, ...reading, onNote: (sentence) => void notes.push(sentence) }, run.spec)
  const split = run.resume === null ? splitSentence(run, prepared.data) : null
  if (split !== null) notes.push(split)
  for (const message of notes) {
    options.onEvent?.({ kind: 'note', message })
    await run.sink.log(message)
  }
  const parameters = `${prepared.parameters.length} parameters`
  run.sink.note(
    prepared.understood === null ? `a function of ${prepared.parameters.length} variables` : `${prepared.understood}; ${parameters}`
  )
  const { hashes } = await run.setMeta({})
  checkData(run, hashes, prepared.hashes)
  if (run.resume === null) await run.setMeta({ hashes: prepared.hashes })
  await run.setStatus({ parameterCount: prepared.parameters.length })
  if (prepared.data) await run.setTrainingSamples(prepared.data.train.inputs.rows)
  const state = run.resume ?? initialState(run.spec, prepared.parameters)
  const factorizations = await factorizationsOf(workspace, run, linalg)
  const onEvent = (event: TrainingEvent) => {
    narrator.onEvent(event)
    options.onEvent?.(event)
  }
  try {
    return await train({ linalg }, { spec: run.spec, state, sink: run.sink, stop, clock, onEvent, factorizations }, prepared.data)
  } finally {
    factorizations?.release()
  }
}

const keepsFactorizations = (run: TrainingRun) => run.spec.optimizer.kind === 'fd-newton'

/** Finite-difference Newton factorizes each batch once: kept in memory, and where that is full in the run folder. */
async function factorizationsOf(workspace: Workspace, run: TrainingRun, linalg: Linalg) {
  if (!keepsFactorizations(run)) return undefined
  const memory = memoryFactorizations(linalg, factorizationShare * linalg.availableBytes)
  return factorizationsOnDisk(workspace, run.id, linalg, memory)
}

/**
 * Trains a run to its budget, from its newest checkpoint if it has one. Every way out leaves the folder whole and its state recorded; it rejects
 * only when the run cannot be opened (StorageError: `not-found`, `locked`, `other-backend`, …).
 */
export async function executeRun(workspace: Workspace, id: string, options: ExecuteOptions = {}): Promise<RunResult> {
  const clock = wallClock()
  // Both are read before a lock is taken: what is no run says so at once.
  await readSpec(workspace, id)
  const linalg = await openBackend(workspace, id, options)
  const lost = new AbortController()
  const stop = new AbortController()
  const onStop = () => stop.abort(options.stop?.reason)
  try {
    const run = await openRunForTraining(workspace, id, {
      backend: linalg.info,
      allowOtherBackend: options.allowOtherBackend,
      unlessEnded: options.unlessEnded,
      versions: versions(),
      onNote: (message) => options.onEvent?.({ kind: 'note', message }),
      clock,
      onTrouble: async (error) => {
        options.onEvent?.({ kind: 'trouble', message: error.message })
        return (await clock.paused(async () => options.onTrouble?.(error))) ?? 'give-up'
      },
      onLockLost: (error) => {
        lost.abort(error)
        stop.abort(error)
      }
    })
    if (options.stop?.aborted) onStop()
    else options.stop?.addEventListener('abort', onStop, { once: true })
    const startStep = run.resume?.step ?? 0
    options.onEvent?.({ kind: 'opened', step: startStep, backend: linalg.info, spec: run.spec })
    const { host, versions: recorded } = run.status()
    const programs = Object.entries(recorded).map(([name, version]) => `${name} ${version}`)
    run.sink.note(
      `worked on by process ${process.pid} on ${host}: ${linalg.info.description}, ${linalg.info.threads} thread${linalg.info.threads === 1 ? '' : 's'}; ${programs.join(', ')}`
    )
    const narrator = narrate(run.spec, startStep, run.sink.note)
    const stoppedAs = () => options.stoppedAs?.() ?? 'interrupted'
    let end: { state: RunState; message: string | null; fault: RunResult['fault'] }
    try {
      const outcome = await trainOpened({ workspace, run, linalg, stop: stop.signal, clock, narrator }, options)
      narrator.ended(outcome, stoppedAs())
      if (outcome.reason === 'stopped') end = { state: stoppedAs(), message: null, fault: null }
      else if (outcome.reason === 'diverged') end = { state: 'diverged', message: outcome.message, fault: 'work' }
      else end = { state: 'done', message: null, fault: null }
    } catch (error) {
      end = stop.signal.aborted ? { state: stoppedAs(), message: null, fault: null } : endOf(error)
      narrator.failed(end.message ?? `${end.state} before the first step was done`)
    }
    if (lost.signal.aborted) {
      await run.abandon()
      return { state: 'interrupted', step: startStep, message: messageOf(lost.signal.reason), stepsDone: 0, status: null, fault: 'work' }
    }
    if (keepsFactorizations(run) && (end.state === 'done' || end.state === 'diverged')) await removeFactorizations(workspace, id)
    const { status, message } = await finish(run, end)
    return { state: end.state, step: status.step, message, stepsDone: status.step - startStep, status, fault: end.fault }
  } finally {
    options.stop?.removeEventListener('abort', onStop)
    await linalg.dispose()
  }
}

/** Records the end; when even that cannot be written, says so instead. */
async function finish(
  run: TrainingRun,
  end: { state: RunState; message: string | null }
): Promise<{ status: RunStatus; message: string | null }> {
  try {
    return { status: await run.finish(end.state, end.message), message: end.message }
  } catch (error) {
    return { status: run.status(), message: end.message ?? messageOf(error) }
  }
}
