// Entry of the process that works on one run or one job: takes one task, tells how it goes, ends.
import { openWorkspace, type StorageError, type Workspace } from '../store'
import type { Inspected } from '../shared/api/contract'
import type { MetricsLine } from '../shared/run/schema'
import { preferLinalg } from '../engine/linalg'
import type { BackendSpeeds } from '../shared/linalg-choice'
import type { AnalysisCall, AnalysisPreview } from '../engine/analyses'
import { analyse } from './analyses'
import { benchBackends } from './bench-backends'
import { openChannel, type Channel } from './channel'
import { computeSnapshot } from './compute-snapshot'
import { examCell } from './exam'
import { CancelledWith, executeJob } from './execute-job'
import { probeSpecs } from './probe'
import { executeRun, type RunProgress } from './execute-run'
import type { FromEngine, Job, JobMade, JobResult, Task, ToEngine } from './messages'
import { messageOf } from '../shared/format/message-of'

/** Milliseconds between what is sent of many steps, and of an analysis's arrays so far. */
const stepEvery = 50
const previewEvery = 500
/** Figures that an evaluation adds to a line. */
const evaluated = ['testLoss', 'testAccuracy', 'valLoss', 'valAccuracy'] as const

/** Of what is offered in a short time one goes out: what `merge` makes of what waits and the newest. */
function thinned<Item>(every: number, send: (item: Item) => void, merge: (waiting: Item | null, newest: Item) => Item) {
  let waiting: Item | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let last = 0
  const flush = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (waiting === null) return
    send(waiting)
    waiting = null
    last = performance.now()
  }
  return {
    flush,
    offer(item: Item) {
      waiting = merge(waiting, item)
      const wait = last + every - performance.now()
      if (wait <= 0) flush()
      else timer ??= setTimeout(flush, wait)
    }
  }
}

/** Of many steps the newest goes out; evaluations that it lacks are taken over from those left out. */
const stepSender = (send: (message: FromEngine) => void) =>
  thinned<MetricsLine>(
    stepEvery,
    (line) => send({ type: 'step', line }),
    (waiting, line) => {
      const kept = evaluated.flatMap((name) => (waiting?.[name] === undefined || line[name] !== undefined ? [] : [[name, waiting[name]]]))
      return kept.length === 0 ? line : { ...(Object.fromEntries(kept) as Partial<MetricsLine>), ...line }
    }
  )

async function workOnRun(channel: Channel, task: Extract<Task, { kind: 'run' }>, stop: AbortSignal, control: Control): Promise<void> {
  const send = (message: FromEngine) => channel.send(message)
  const steps = stepSender(send)
  const onEvent = (event: RunProgress) => {
    if (event.kind === 'step') return steps.offer(event.line)
    steps.flush()
    // The run's log has it.
    if (event.kind === 'note') return
    if (event.kind === 'opened') return send({ type: 'opened', step: event.step })
    const { kind, ...rest } = event
    return send({ type: kind, ...rest } as FromEngine)
  }
  const onTrouble = (_error: StorageError) =>
    new Promise<'retry' | 'give-up'>((resolve) => {
      control.retry = () => resolve('retry')
      if (stop.aborted) resolve('give-up')
      else stop.addEventListener('abort', () => resolve('give-up'), { once: true })
    })
  const workspace = await openWorkspace(task.workspace)
  const { state, step, message } = await executeRun(workspace, task.id, {
    stop,
    onEvent,
    onTrouble,
    allowOtherBackend: task.allowOtherBackend,
    unlessEnded: task.unlessEnded,
    stoppedAs: () => control.stoppedAs,
    ...(task.threads === null ? {} : { threads: task.threads })
  })
  steps.flush()
  send({ type: 'run-ended', state, step, message })
}

type JobOptions = Parameters<typeof executeJob>[2] & Pick<AnalysisCall, 'onPreview'>

async function doJob(
  workspace: Workspace,
  job: Job,
  options: JobOptions,
  threads: number | null
): Promise<{ message: string; result?: JobResult; made?: JobMade; speeds?: BackendSpeeds; inspected?: Inspected }> {
  if (job.name === 'backend-bench') return benchBackends({ ...options, threads })
  if (job.name === 'spec-probe') return probeSpecs(workspace, job.specs, options)
  if (job.name === 'exam-cell') {
    await examCell(workspace, job.problem, job.optimizer, { signal: options.signal })
    return { message: `${job.optimizer} sat ${job.problem}` }
  }
  if (job.name === 'snapshot-compute') {
    const { message } = await computeSnapshot(workspace, job, options)
    return { message }
  }
  if (job.name === 'analysis') {
    const { token, ...order } = job
    const { message, name } = await analyse(workspace, order, options, { token })
    return { message, made: { kind: 'analysis', id: name, run: order.run } }
  }
  const { message, made, inspected } = await executeJob(workspace, job, options)
  return { message, ...(made ? { made } : {}), ...(inspected ? { inspected } : {}) }
}

async function workOnJob(channel: Channel, task: Extract<Task, { kind: 'job' }>, stop: AbortSignal): Promise<void> {
  const send = (message: FromEngine) => channel.send(message)
  let last = -Infinity
  const previews = thinned<AnalysisPreview>(
    previewEvery,
    (arrays) => send({ type: 'preview', arrays }),
    (_, newest) => newest
  )
  try {
    const options: JobOptions = {
      signal: stop,
      onProgress(fraction, text, bytes) {
        if (performance.now() - last < 100 && fraction < 1) return
        last = performance.now()
        send({ type: 'progress', fraction, message: text, ...(bytes ? { bytes } : {}) })
      },
      onPreview: previews.offer
    }
    const done = await doJob(await openWorkspace(task.workspace), task.job, options, task.threads ?? null)
    send({ type: 'job-ended', state: 'done', ...done })
  } catch (error) {
    const message = messageOf(error)
    send({
      type: 'job-ended',
      state: stop.aborted ? 'cancelled' : 'failed',
      message: stop.aborted && !(error instanceof CancelledWith) ? 'cancelled' : message
    })
  }
}

interface Control {
  stoppedAs: 'paused' | 'interrupted'
  retry: () => void
}

async function main() {
  const channel = await openChannel()
  const stop = new AbortController()
  const control: Control = { stoppedAs: 'interrupted', retry: () => undefined }
  let started = false
  const work = async (task: Task) => {
    preferLinalg({ backend: task.backend ?? 'auto', threads: task.threads ?? null })
    try {
      if (task.kind === 'run') await workOnRun(channel, task, stop.signal, control)
      else await workOnJob(channel, task, stop.signal)
    } catch (error) {
      channel.send({
        type: 'run-ended',
        state: 'failed',
        step: -1,
        message: messageOf(error)
      } satisfies FromEngine)
    }
    channel.close()
    // Ports and worker threads that somebody forgot must not keep a finished process alive.
    setTimeout(() => process.exit(0), 500).unref()
  }
  channel.onMessage((received) => {
    const message = received as ToEngine
    if (message.type === 'start' && !started) {
      started = true
      void work(message.task)
    } else if (message.type === 'stop') {
      control.stoppedAs = message.as
      stop.abort()
    } else if (message.type === 'retry') control.retry()
  })
  // Whoever started this process is gone: keep what there is and end.
  channel.onClose(() => {
    stop.abort()
    if (!started) process.exit(0)
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort())
  channel.send({ type: 'hello' } satisfies FromEngine)
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = 1
})
