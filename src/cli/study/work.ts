// Works on the runs of a study until all have ended: one by one in this process, or several at once in engine processes. Who takes a run's lock has it.
import { randomBytes } from 'node:crypto'
import { analyse } from '../../engine-process/analyses'
import { executeRun } from '../../engine-process/execute-run'
import { versions } from '../../engine-process/versions'
import { cores, preferLinalg } from '../../engine/linalg'
import { defaultLinalg } from '../../shared/linalg-choice'
import { messageOf } from '../../shared/format/message-of'
import type { RunState } from '../../shared/run/schema'
import type { Cell } from '../../shared/studies/spec'
import {
  claimAnalyses,
  dueAnalysis,
  ensureStudyRun,
  failAnalysis,
  isLocked,
  statesOnDisk,
  StorageError,
  type DueAnalysis,
  type StoredStudy,
  type Workspace
} from '../../store'
import { nodeLauncher } from '../../workbench/launcher'
import { threadsEach } from '../../workbench/runs/queue'
import { superviseEngine } from '../../workbench/supervise'

export interface RunOfStudy {
  readonly cell: Cell
  /** Its place among the cell's seeds. */
  readonly k: number
  readonly id: string
}

export interface WorkEvents {
  began(run: RunOfStudy): void
  /** `state` null: another process took it first. */
  ended(run: RunOfStudy, end: RunEnd): Promise<void>
  /** An analysis of a run that came to its end was made, or could not be (`fault`). */
  analysed(run: RunOfStudy, kind: string, fault: string | null): Promise<void>
  /** A write failed and is tried again, or the like. */
  note(message: string): void
}

interface RunEnd {
  readonly state: RunState
  readonly step: number
  /** Why it did not come to its end, one sentence. */
  readonly message: string | null
}

const retryMilliseconds = 5000
const lookMilliseconds = 500
const soonMilliseconds = 50

/** Resolves after some time, or at once when the signal comes. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

const troubleText = (message: string) =>
  `paused: ${message}; trying again every ${retryMilliseconds / 1000} s (Ctrl-C ends, keeping the last checkpoint)`
const isFull = (error: unknown) => error instanceof StorageError && error.code === 'disk-full'

/** Trains one run; null where another process has it. */
type Worker = (id: string) => Promise<RunEnd | null>

function ownWorker(workspace: Workspace, signal: AbortSignal, events: WorkEvents): Worker {
  return async (id) => {
    try {
      return await executeRun(workspace, id, {
        stop: signal,
        unlessEnded: true,
        onEvent: (event) => {
          // Notes are in the run's log.
          if (event.kind === 'trouble') events.note(`${id}: ${troubleText(event.message)}`)
        },
        onTrouble: async () => {
          await pause(retryMilliseconds, signal)
          return signal.aborted ? 'give-up' : 'retry'
        }
      })
    } catch (error) {
      if (isLocked(error)) return null
      throw error
    }
  }
}

function engineWorker(workspace: Workspace, threads: number | null, signal: AbortSignal, events: WorkEvents): Worker {
  const launch = nodeLauncher()
  return async (id) => {
    const task = { kind: 'run', workspace: workspace.folder, id, allowOtherBackend: false, unlessEnded: true, threads } as const
    const engine = superviseEngine(launch, task, (message) => {
      if (message.type !== 'trouble') return
      events.note(`${id}: ${troubleText(message.message)}`)
      void pause(retryMilliseconds, signal).then(() => engine.retry())
    })
    const stop = () => engine.stop('interrupted')
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    const end = await engine.ended
    signal.removeEventListener('abort', stop)
    if (end.kind !== 'run') return { state: 'interrupted', step: 0, message: end.kind === 'crash' ? end.cause : end.message }
    // It could not be opened: another process has it, or had it to its end, or its message says why.
    if (end.step < 0 && /(is|was) working on this run/.test(end.message ?? '')) return null
    return { state: end.state, step: Math.max(0, end.step), message: end.message }
  }
}

/** Makes one analysis; why it could not be made, null when it is there. Rejects when it was stopped. */
type Analyst = (run: string, due: DueAnalysis) => Promise<string | null>

function ownAnalyst(workspace: Workspace, signal: AbortSignal): Analyst {
  return async (run, { analysis: { kind, options }, step }) => {
    try {
      await analyse(workspace, { kind, options, run, step }, { signal, onProgress: () => undefined })
      return null
    } catch (error) {
      signal.throwIfAborted()
      if (isFull(error)) throw error
      return messageOf(error)
    }
  }
}

function engineAnalyst(workspace: Workspace, threads: number | null, signal: AbortSignal): Analyst {
  const launch = nodeLauncher()
  return async (run, { analysis: { kind, options }, step }) => {
    const token = randomBytes(6).toString('hex')
    const job = { name: 'analysis', token, kind, options, run, step } as const
    const engine = superviseEngine(launch, { kind: 'job', workspace: workspace.folder, job, threads }, () => undefined)
    const stop = () => engine.stop('interrupted')
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    const end = await engine.ended
    signal.removeEventListener('abort', stop)
    signal.throwIfAborted()
    if (end.kind === 'job') return end.state === 'done' ? null : end.message
    return end.kind === 'crash' ? end.cause : (end.message ?? 'it ended')
  }
}

export interface WorkOptions {
  /** Runs at once. */
  readonly jobs: number
  /** Of all of them together; null: as many as there are cores. */
  readonly threads: number | null
  /** Only these runs are worked on; null: all. */
  readonly share: ReadonlySet<string> | null
  readonly signal: AbortSignal
}

/**
 * Resolves with the runs that did not come to an end in this call, with why. Each is tried once; runs that others work on are waited for, and taken
 * over when those are gone.
 */
export async function workOnStudy(
  workspace: Workspace,
  study: StoredStudy,
  { jobs, threads, share, signal }: WorkOptions,
  events: WorkEvents
): Promise<Map<string, string>> {
  const all: RunOfStudy[] = study.cells
    .flatMap((cell) => cell.runs.map(({ run }, k) => ({ cell, k, id: run })))
    .filter(({ id }) => share === null || share.has(id))
  const open = new Map(all.map((run) => [run.id, run]))
  const inHand = new Set<string>()
  const left = new Map<string, string>()
  const options = { versions: versions(), where: 'on the command line' }
  if (threads !== null) preferLinalg({ ...defaultLinalg, threads })
  const each = threadsEach(threads ?? cores(), jobs)
  const work = jobs === 1 ? ownWorker(workspace, signal, events) : engineWorker(workspace, each, signal, events)
  const analyst = jobs === 1 ? ownAnalyst(workspace, signal) : engineAnalyst(workspace, each, signal)
  const failures: unknown[] = []

  const isDone = async (id: string) => study.spec.analyse.length > 0 && (await statesOnDisk(workspace)(id)) === 'done'

  /** Makes the analyses of a run that has come to its end, one after the other. False where another process does. */
  async function analyseRun(run: RunOfStudy): Promise<boolean> {
    if (study.spec.analyse.length === 0 || (await dueAnalysis(workspace, study, run.id)) === null) return true
    const claimed = await claimAnalyses(workspace, study, run.id, async (lost) => {
      while (!signal.aborted && !lost.aborted) {
        const due = await dueAnalysis(workspace, study, run.id)
        if (due === null) break
        try {
          const fault = await analyst(run.id, due)
          if (fault !== null) await failAnalysis(workspace, study, run.id, due.analysis, fault)
          await events.analysed(run, due.analysis.kind, fault)
        } catch (error) {
          if (!signal.aborted) throw error
        }
      }
      return true
    })
    return claimed !== null
  }

  /** The next run that nobody has; null when there is none now. */
  async function next(): Promise<RunOfStudy | null> {
    for (const run of open.values()) {
      if (signal.aborted || failures.length > 0) return null
      if (inHand.has(run.id)) continue
      inHand.add(run.id)
      const turn = await ensureStudyRun(workspace, study, run.cell, run.k, options)
      if (turn === 'ready') return run
      const over = turn === 'ended' && (!(await isDone(run.id)) || (await analyseRun(run)))
      inHand.delete(run.id)
      if (over && !signal.aborted) open.delete(run.id)
    }
    return null
  }

  async function slot() {
    while (open.size > 0 && !signal.aborted && failures.length === 0) {
      const run = await next()
      if (run === null) {
        // What is left is in the hands of others, or of this process' other slots.
        if ([...open.keys()].every((id) => inHand.has(id))) return
        await pause(lookMilliseconds, signal)
        continue
      }
      events.began(run)
      const end = await work(run.id)
      inHand.delete(run.id)
      if (end === null) {
        // Another process was sooner: the runs behind it come first now.
        open.delete(run.id)
        open.set(run.id, run)
        await pause(soonMilliseconds, signal)
        continue
      }
      if (end.state === 'done') {
        inHand.add(run.id)
        const over = await analyseRun(run)
        inHand.delete(run.id)
        // Looked at again when the other process has made them.
        if (!over) {
          await events.ended(run, end)
          continue
        }
      }
      await events.ended(run, end)
      const settled = end.state === 'done' || end.state === 'failed' || end.state === 'diverged'
      if (signal.aborted && !settled) return
      open.delete(run.id)
      if (!settled) left.set(run.id, end.message ?? end.state)
    }
  }

  await Promise.all(
    Array.from({ length: jobs }, () =>
      slot().catch((error: unknown) => {
        failures.push(error)
      })
    )
  )
  if (failures.length > 0) throw failures[0]
  return left
}
