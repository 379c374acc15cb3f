// Jobs: long work that is no training, each in an engine process of its own, with progress and cancel.
import type { Job, JobMade, JobResult } from '../engine-process/messages'
import type { JobInfo, JobPreview } from '../shared/api/contract'
import type { BackendSpeeds, LinalgChoice } from '../shared/linalg-choice'
import { secondsLeft } from '../shared/format/durations'
import { createArrivals } from './arrivals'
import { Failure } from './failure'
import type { Hub } from './hub'
import type { EngineLauncher } from './launcher'
import { superviseEngine, type SupervisedEngine } from './supervise'

export interface JobService {
  /** Starts it and returns its id. */
  start(job: Job, title: string, more?: JobExtras): string
  list(): JobInfo[]
  /** What a running analysis knows so far; null where there is nothing yet, or no longer. */
  preview(id: string): JobPreview | null
  cancel(id: string): void
  /** `within`: milliseconds after which what has not ended is killed; left out: the usual grace. */
  close(within?: number): Promise<void>
}

export interface JobExtras {
  /** Gets what it hands back when it is done. */
  onResult?(result: JobResult): void
  /** Gets what a bench measured. */
  onSpeeds?(speeds: BackendSpeeds): Promise<void>
  /** The run that it works on. */
  readonly run?: string
  /** The dataset that it is about. */
  readonly about?: string
  /** Done with before the job is told to have ended; `made` when it is done and made something, `message` what it says of its end. */
  onEnd?(state: JobInfo['state'], made: JobMade | null, message: string): Promise<void>
}

const finishedKept = 50

export interface JobServiceOptions {
  readonly workspace: string
  readonly hub: Hub
  readonly launch: EngineLauncher
  /** What jobs are computed with; asked as each begins. */
  readonly linalg: () => LinalgChoice
  readonly grace?: number
}

export function openJobService({ workspace, hub, launch, linalg, grace }: JobServiceOptions): JobService {
  const jobs = new Map<string, JobInfo>()
  const previews = new Map<string, JobPreview>()
  /** `settled` resolves when the end has been told. */
  const running = new Map<string, { readonly engine: SupervisedEngine; readonly settled: Promise<void> }>()
  let next = 1

  function set(job: JobInfo) {
    jobs.set(job.id, job)
    hub.publish('jobs', { kind: 'job', job })
    const finished = [...jobs.values()].filter(({ state }) => state !== 'running')
    for (const old of finished.slice(0, Math.max(0, finished.length - finishedKept))) jobs.delete(old.id)
  }
  const change = (id: string, patch: Partial<JobInfo>) => {
    const job = jobs.get(id)
    if (job) set({ ...job, ...patch })
  }

  return {
    start(job, title, { run, about, onResult, onSpeeds, onEnd } = {}) {
      const id = `job-${next++}`
      const began = Date.now()
      const arrivals = createArrivals()
      set({
        id,
        kind: job.name,
        title,
        ...(run === undefined ? {} : { run }),
        ...(about === undefined ? {} : { about }),
        state: 'running',
        fraction: 0,
        etaSeconds: null,
        message: ''
      })
      const engine = superviseEngine(
        launch,
        { kind: 'job', workspace, job, ...linalg() },
        (message) => {
          if (message.type === 'preview' && job.name === 'analysis') {
            const number = (previews.get(id)?.number ?? 0) + 1
            previews.set(id, { number, kind: job.kind, options: job.options, arrays: message.arrays })
            change(id, { preview: number })
          }
          if (message.type !== 'progress') return
          const { fraction, bytes } = message
          const elapsed = (Date.now() - began) / 1000
          if (!bytes || bytes.done >= bytes.total) {
            change(id, { fraction, message: message.message, etaSeconds: elapsed > 1 && !bytes ? secondsLeft(elapsed, fraction) : null })
            return
          }
          const perSecond = arrivals.note(Date.now(), bytes.done)
          change(id, {
            fraction,
            message: message.message,
            bytes: { ...bytes, perSecond },
            etaSeconds: perSecond ? (bytes.total - bytes.done) / perSecond : null
          })
        },
        grace
      )
      const settled = engine.ended.then(async (end) => {
        const made = (end.kind === 'job' && end.state === 'done' && end.made) || null
        const message = end.kind === 'crash' ? end.cause : (end.message ?? 'it ended')
        await onEnd?.(end.kind === 'job' ? end.state : 'failed', made, message).catch(() => undefined)
        running.delete(id)
        previews.delete(id)
        if (end.kind === 'job') {
          if (end.result) onResult?.(end.result)
          if (end.speeds) await onSpeeds?.(end.speeds).catch(() => undefined)
          const handed = {
            ...(end.result ? { result: end.result } : {}),
            ...(made ? { made } : {}),
            ...(end.inspected ? { inspected: end.inspected } : {})
          }
          const done = end.state === 'done' ? { fraction: 1, ...handed } : {}
          change(id, { state: end.state, message: end.message, etaSeconds: null, ...done })
        } else change(id, { state: 'failed', message, etaSeconds: null })
      })
      running.set(id, { engine, settled })
      return id
    },
    list: () => [...jobs.values()],
    preview: (id) => previews.get(id) ?? null,
    cancel(id) {
      if (!jobs.has(id)) throw new Failure('not-found', `there is no job ${id}`)
      running.get(id)?.engine.stop('interrupted')
    },
    async close(within) {
      const ending = [...running.values()].map(({ engine, settled }) => {
        engine.stop('interrupted', within)
        return settled
      })
      await Promise.all(ending)
    }
  }
}
