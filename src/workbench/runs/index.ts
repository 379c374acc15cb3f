// The runs of a workspace at work: queue, supervision, live state and events. Files are the truth; this only adds what is going on right now.
import { cpus, freemem, totalmem } from 'node:os'
import { precheckSpec } from '../../engine-process/precheck'
import type { FromEngine } from '../../engine-process/messages'
import { versions } from '../../engine-process/versions'
import type { LivePhase, RunEvent, RunsEvent } from '../../shared/api/contract'
import type { RunSummary } from '../../shared/run/summary'
import { checkSpec } from '../../shared/spec/check'
import { estimate } from '../../shared/spec/estimate'
import { isFunctionSpec, type RunSpec } from '../../shared/spec/schema'
import {
  awaitEnding,
  changeBudget,
  createRun,
  liveLock,
  lockPath,
  openRunIndex,
  readSpec,
  recoverRun,
  removeRun,
  restoreFromTrash,
  runFolder,
  updateStatus,
  type RunIndex,
  type Workspace
} from '../../store'
import { coalesce, type Coalescer } from './coalesce'
import { followElsewhere } from './elsewhere'
import { Failure } from '../failure'
import type { Hub } from '../hub'
import type { EngineLauncher } from '../launcher'
import { withLive, type LiveRun } from './live'
import { admit, threadsEach, type Waiting } from './queue'
import { channelOf } from '../serve-connection'
import { superviseEngine, type EngineEnd, type SupervisedEngine } from '../supervise'

interface Queued extends Waiting {
  readonly allowOtherBackend: boolean
}

interface Active extends Queued {
  readonly engine: SupervisedEngine
  live: LiveRun
  readonly changed: Coalescer<void>
  /** Resolves when the end is recorded. */
  readonly settled: Promise<void>
}

export interface RunService {
  readonly index: RunIndex
  /** Makes a run of a checked spec; it waits for `start` unless told to go. */
  create(spec: RunSpec, group: string | null): Promise<string>
  start(id: string, options?: { allowOtherBackend?: boolean; budget?: Readonly<Record<string, number | null>> }): Promise<void>
  /** Ends it (or takes it out of the queue) with its work kept. Resolves when that is done. */
  stop(id: string, as: 'paused' | 'interrupted'): Promise<void>
  remove(ids: readonly string[]): Promise<number>
  restore(ids: readonly string[]): Promise<void>
  summary(id: string): RunSummary | null
  withLive(summary: RunSummary): RunSummary
  livePhase(id: string): LivePhase | null
  /** Reads the run's small files again and tells everybody. */
  refreshOne(id: string): Promise<RunSummary | null>
  /** Looks for runs that came, went or changed by other hands, at most every two seconds. */
  refresh(): Promise<void>
  isActive(id: string): boolean
  close(): Promise<void>
}

export interface RunServiceOptions {
  readonly workspace: Workspace
  readonly hub: Hub
  readonly launch: EngineLauncher
  /** Runs at once; asked before each start. */
  readonly most: () => number
  readonly grace?: number
}

const changedEvery = 250
const refreshEvery = 2000
/** Runs that others work on are as live as this. */
const lookEvery = 1000

export async function openRunService({ workspace, hub, launch, most, grace }: RunServiceOptions): Promise<RunService> {
  const index = await openRunIndex(workspace)
  const queue: Queued[] = []
  const active = new Map<string, Active>()
  const life = { closed: false }
  let pumping: Promise<void> | null = null
  let lastRefresh = Date.now()
  /** One change of a run's state at a time, so that nothing starts twice. */
  const turns = new Map<string, Promise<unknown>>()

  // What a crash left `running` is interrupted now; what was queued waits for a word.
  for (const { id, state } of index.all())
    if (state === 'running' || state === 'interrupted') {
      await recoverRun(workspace, id).catch(() => undefined)
      await index.touch(id)
    }

  function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const result = (turns.get(id) ?? Promise.resolve()).then(work, work)
    const settled = result.catch(() => undefined)
    turns.set(id, settled)
    void settled.then(() => turns.get(id) === settled && turns.delete(id))
    return result
  }

  const liveSummary = (summary: RunSummary) => withLive(summary, active.get(summary.id)?.live ?? elsewhere.live(summary.id))
  const publishRun = (id: string, event: RunEvent) => hub.publish(channelOf('run', id), event)
  const publishRuns = (event: RunsEvent) => hub.publish(channelOf('runs'), event)

  const elsewhere = followElsewhere({
    workspace,
    hub,
    index,
    isOwn: (id) => active.has(id),
    shown: liveSummary,
    publishRun,
    publishRuns
  })
  const timer = setInterval(() => void elsewhere.look().catch(() => undefined), lookEvery)
  timer.unref()

  function tell(summary: RunSummary) {
    publishRuns({ kind: 'changed', summary })
    publishRun(summary.id, { kind: 'state', summary })
  }

  async function refreshOne(id: string): Promise<RunSummary | null> {
    const summary = await index.touch(id)
    if (!summary) {
      publishRuns({ kind: 'removed', id })
      return null
    }
    const shown = liveSummary(summary)
    tell(shown)
    return shown
  }

  /** Moves a run to a state that its own engine does not record. */
  async function setState(id: string, state: RunSummary['state'], error: string | null = null) {
    await updateStatus(workspace, id, { state, error })
    await refreshOne(id)
  }

  async function measure(id: string, allowOtherBackend: boolean): Promise<Queued> {
    const spec = await readSpec(workspace, id)
    const { facts } = await precheckSpec(workspace, spec).catch(() => ({ facts: { data: null, variables: null } }))
    const { peakBytes } = estimate(spec, { data: facts.data, ...(facts.variables === null ? {} : { variables: facts.variables }) })
    return {
      id,
      peakBytes,
      fullHessian: !isFunctionSpec(spec) && 'scope' in spec.optimizer && spec.optimizer.scope === 'full',
      allowOtherBackend
    }
  }

  function pump(): Promise<void> {
    pumping = (pumping ?? Promise.resolve()).then(pumpOnce, pumpOnce)
    return pumping
  }

  async function pumpOnce() {
    while (!life.closed) {
      const decision = admit(queue, [...active.values()], { totalBytes: totalmem(), freeBytes: freemem(), most: Math.max(1, most()) })
      if (decision.kind === 'wait') return
      const [next] = queue.splice(0, 1)
      if (decision.kind === 'refuse') await setState(next.id, 'failed', decision.message).catch(() => undefined)
      else begin(next)
    }
  }

  function begin(queued: Queued) {
    const { id } = queued
    const engine = superviseEngine(
      launch,
      {
        kind: 'run',
        workspace: workspace.folder,
        id,
        allowOtherBackend: queued.allowOtherBackend,
        threads: threadsEach(cpus().length, most())
      },
      (message) => onMessage(id, message),
      grace
    )
    const changed = coalesce<void>(changedEvery, () => {
      const summary = index.get(id)
      if (summary) publishRuns({ kind: 'changed', summary: liveSummary(summary) })
    })
    const settled = engine.ended.then((end) => onEnd(id, end))
    active.set(id, { ...queued, engine, live: { line: null, phase: null, trouble: null }, changed, settled })
  }

  function onMessage(id: string, message: FromEngine) {
    const run = active.get(id)
    if (!run) return
    if (message.type === 'opened') void refreshOne(id)
    else if (message.type === 'step') {
      run.live = { line: message.line, phase: null, trouble: null }
      publishRun(id, { kind: 'step', line: message.line })
      run.changed.offer()
    } else if (message.type === 'phase') {
      const { step, phase, fraction, etaSeconds } = message
      run.live = { ...run.live, phase: { step, phase, fraction, etaSeconds } }
      publishRun(id, { kind: 'phase', step, phase, fraction, etaSeconds })
    } else if (message.type === 'trouble') {
      run.live = { ...run.live, trouble: `waiting: ${message.message}` }
      void refreshOne(id)
    } else if (message.type === 'snapshot' || message.type === 'checkpoint') {
      publishRun(id, { kind: message.type, step: message.step })
      void index.touch(id).then(() => run.changed.offer())
    }
  }

  /** Records an end that the engine itself could not. */
  async function recordCrash(id: string, cause: string) {
    const status = await recoverRun(workspace, id)
    if (status.state !== 'done' && status.state !== 'diverged' && status.state !== 'failed')
      await updateStatus(workspace, id, { state: 'interrupted', error: cause, endedAt: new Date().toISOString() })
  }

  async function onEnd(id: string, end: EngineEnd) {
    const run = active.get(id)
    try {
      if (end.kind === 'crash') await recordCrash(id, end.cause)
      // It could not even be opened: the run keeps what it has and says why.
      else if (end.kind === 'run' && end.step < 0) await recordCrash(id, end.message ?? 'the run could not be opened')
    } catch {
      // The drive is gone; the next start finds the run as it is.
    }
    run?.changed.drop()
    active.delete(id)
    await refreshOne(id).catch(() => null)
    void index.save()
    void pump()
  }

  async function setBudget(id: string, budget: Readonly<Record<string, number | null>>) {
    const spec = await readSpec(workspace, id)
    const { spec: changed, problems } = await checkSpec({ ...spec, budget: { ...spec.budget, ...budget } })
    if (!changed) throw new Failure('bad-request', problems.map(({ path, message }) => `${path}: ${message}`).join('; '), problems)
    await changeBudget(workspace, id, changed)
  }

  const service: RunService = {
    index,
    summary: (id) => {
      const summary = index.get(id)
      return summary ? liveSummary(summary) : null
    },
    withLive: liveSummary,
    livePhase: (id) => active.get(id)?.live.phase ?? null,
    isActive: (id) => active.has(id),
    refreshOne,

    async create(spec, group) {
      const lineage =
        !isFunctionSpec(spec) && spec.model.init.kind === 'run' ? { run: spec.model.init.run, step: spec.model.init.step } : null
      const id = await createRun(workspace, spec, { group, lineage, versions: versions() })
      await setState(id, 'paused')
      return id
    },

    start: (id, { allowOtherBackend = false, budget } = {}) =>
      inTurn(id, async () => {
        const running = active.get(id)
        if (running?.live.trouble) {
          running.live = { ...running.live, trouble: null }
          running.engine.retry()
          return void (await refreshOne(id))
        }
        if (running) throw new Failure('conflict', `run ${id} is running already`)
        if (queue.some((waiting) => waiting.id === id)) return
        await awaitEnding(workspace.fileSystem, lockPath(runFolder(workspace, id)))
        const status = await recoverRun(workspace, id)
        if (await liveLock(workspace.fileSystem, lockPath(runFolder(workspace, id))))
          throw new Failure('conflict', `another process is working on run ${id}; wait for it or stop it there`)
        if (budget) await setBudget(id, budget)
        else if (status.state === 'done')
          throw new Failure('conflict', `the budget of run ${id} is spent after ${status.step} steps: give it more to go on`)
        const queued = await measure(id, allowOtherBackend)
        await setState(id, 'queued')
        queue.push(queued)
        await pump()
      }),

    stop: (id, as) =>
      inTurn(id, async () => {
        const running = active.get(id)
        if (running) {
          running.engine.stop(as)
          return running.settled
        }
        const place = queue.findIndex((waiting) => waiting.id === id)
        if (place >= 0) queue.splice(place, 1)
        const { state } = await recoverRun(workspace, id)
        if (state === 'running') throw new Failure('conflict', `another process is working on run ${id}; stop it there`)
        if (state === 'queued' || (state === 'interrupted' && as === 'paused')) return setState(id, as)
        return undefined
      }),

    async remove(ids) {
      for (const id of ids) {
        if (!index.get(id)) throw new Failure('not-found', `there is no run "${id}"`)
        if (active.has(id)) throw new Failure('conflict', `run ${id} is running: stop it first`)
      }
      let bytes = 0
      for (const id of ids)
        await inTurn(id, async () => {
          const place = queue.findIndex((waiting) => waiting.id === id)
          if (place >= 0) queue.splice(place, 1)
          bytes += index.get(id)?.bytes ?? 0
          await removeRun(workspace, id)
          await refreshOne(id)
          hub.forget(channelOf('run', id))
        })
      return bytes
    },

    async restore(ids) {
      for (const id of ids) {
        await restoreFromTrash(workspace, id)
        await refreshOne(id)
      }
    },

    async refresh() {
      if (Date.now() - lastRefresh < refreshEvery) return
      lastRefresh = Date.now()
      const { changed, removed } = await index.refresh()
      for (const summary of changed) tell(liveSummary(summary))
      for (const id of removed) publishRuns({ kind: 'removed', id })
    },

    async close() {
      life.closed = true
      clearInterval(timer)
      queue.length = 0
      const ending = [...active.values()].map(({ engine, settled }) => {
        engine.stop('interrupted')
        return settled
      })
      await Promise.all(ending)
      await index.save()
    }
  }
  return service
}
