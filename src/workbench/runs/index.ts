// The runs of a workspace at work. Files are the truth; this only adds what is going on right now, and what may be done with a run.
import { versions } from '../../engine-process/versions'
import type { LivePhase } from '../../shared/api/contract'
import type { LinalgChoice } from '../../shared/linalg-choice'
import type { RunSummary } from '../../shared/run/summary'
import { checkSpec } from '../../shared/spec/check'
import { nearestPreset } from '../../shared/spec/leaves'
import { allPresets } from '../../shared/spec/preset-list'
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
  type RunIndex,
  type Workspace
} from '../../store'
import { Failure } from '../failure'
import type { Hub } from '../hub'
import type { EngineLauncher } from '../launcher'
import { channelOf } from '../serve-connection'
import { activeRuns } from './active'
import { followElsewhere } from './elsewhere'
import { runNews } from './news'
import { weighRun, openQueue, type Place } from './queue'
import { openQueueFile } from './queue-file'
import { recoverRuns } from './recovery'
import { turnsByName } from './turns'

type Budget = Readonly<Record<string, number | null>>

export interface RunService {
  readonly index: RunIndex
  /** Makes a run of a checked spec; it waits for `start` unless told to go. */
  create(spec: RunSpec, group: string | null, copyOf?: string): Promise<string>
  start(id: string, options?: { allowOtherBackend?: boolean; budget?: Budget; confirmed?: boolean }): Promise<void>
  /** Ends it (or takes it out of the queue) with its work kept. Resolves when that is done. */
  stop(id: string, as: 'paused' | 'interrupted'): Promise<void>
  /** What runs and what waits. A run enters it by `start` and leaves it by `stop`. */
  readonly queue: {
    running(): string[]
    places(): Place[]
    most(): number
    move(id: string, before: string | null): Promise<void>
    hold(id: string): Promise<void>
    /** Beside what is running. Throws Failure when memory does not hold it. */
    startNow(id: string): Promise<void>
  }
  remove(ids: readonly string[]): Promise<number>
  /** From the trash; `entry` names which of several of the same id. */
  restore(ids: readonly string[], entry?: string): Promise<void>
  summary(id: string): RunSummary | null
  withLive(summary: RunSummary): RunSummary
  livePhase(id: string): LivePhase | null
  /** Reads the run's small files again and tells everybody. */
  refreshOne(id: string): Promise<RunSummary | null>
  /** Looks for runs that came, went or changed by other hands, at most every two seconds. */
  refresh(): Promise<void>
  isActive(id: string): boolean
  /** `within`: milliseconds after which what has not ended is killed; left out: the usual grace. */
  close(within?: number): Promise<void>
}

export interface RunServiceOptions {
  readonly workspace: Workspace
  readonly hub: Hub
  readonly launch: EngineLauncher
  /** Runs at once; asked before each start. */
  readonly most: () => number
  /** What runs that begin are computed with; asked before each start. */
  readonly linalg: () => LinalgChoice
  readonly grace?: number
}

const refreshEvery = 2000
/** Runs that others work on are as live as this. */
const lookEvery = 1000

async function setBudget(workspace: Workspace, id: string, budget: Budget, done: number) {
  const spec = await readSpec(workspace, id)
  const { spec: changed, problems } = await checkSpec({ ...spec, budget: { ...spec.budget, ...budget } })
  if (!changed) throw new Failure('bad-request', problems.map(({ path, message }) => `${path}: ${message}`).join('; '), problems)
  const { steps } = changed.budget
  if (steps !== null && steps <= done)
    throw new Failure('bad-request', `budget.steps: run ${id} has made ${done} steps already; ${steps} would add none`)
  await changeBudget(workspace, id, changed)
}

/** What a new run has in common with a preset, for its log. */
async function likePreset(spec: RunSpec): Promise<string> {
  const near = nearestPreset(spec, await allPresets())
  if (near === null) return ''
  const changes = near.differences.map(({ path, here }) => (here === null ? `no ${path}` : `${path} = ${here}`))
  return `: the preset ${near.preset}${changes.length === 0 ? '' : ` with ${changes.join(', ')}`}`
}

export async function openRunService({ workspace, hub, launch, most, linalg, grace }: RunServiceOptions): Promise<RunService> {
  const index = await openRunIndex(workspace)
  await recoverRuns(workspace, index)
  const news = runNews({ workspace, hub, index, liveOf: (id) => engines.get(id)?.live ?? elsewhere.live(id) })
  const engines = activeRuns({ workspace, index, launch, linalg, grace, news, onSettled: () => void queue.pump() })
  const queueFile = await openQueueFile(workspace, index)
  const queue = openQueue({
    held: queueFile.left,
    onOrder: queueFile.keep,
    most,
    threads: () => linalg().threads,
    active: engines.all,
    begin: engines.begin,
    refuse: (id, message) => news.setState(id, 'failed', message)
  })
  const isActive = (id: string) => engines.get(id) !== undefined
  const elsewhere = followElsewhere({ ...news, workspace, hub, index, isOwn: isActive })
  const timer = setInterval(() => void elsewhere.look().catch(() => undefined), lookEvery)
  timer.unref()
  /** One change of a run's state at a time, so that nothing starts twice. */
  const inTurn = turnsByName()
  let lastRefresh = Date.now()
  /** Whoever shows the queue asks for it again. */
  async function retell(id: string) {
    const summary = index.get(id)
    if (summary) news.tell(summary)
    await queue.pump()
  }

  return {
    index,
    summary: (id) => {
      const summary = index.get(id)
      return summary && news.shown(summary)
    },
    withLive: news.shown,
    livePhase: (id) => engines.get(id)?.live.phase ?? null,
    isActive,
    refreshOne: news.refreshOne,

    async create(spec, group, copyOf) {
      const lineage =
        !isFunctionSpec(spec) && spec.model.init.kind === 'run' ? { run: spec.model.init.run, step: spec.model.init.step } : null
      const origin = `in the workbench${copyOf === undefined ? '' : ` as a copy of run ${copyOf}`}${await likePreset(spec)}`
      const id = await createRun(workspace, spec, { group, colour: index.freeColour(), lineage, versions: versions(), origin })
      await news.setState(id, 'paused')
      return id
    },

    start: (id, { allowOtherBackend = false, budget, confirmed } = {}) =>
      inTurn(id, async () => {
        const running = engines.get(id)
        if (running?.live.trouble) {
          running.live = { ...running.live, trouble: null }
          running.engine.retry()
          return void (await news.refreshOne(id))
        }
        if (running) throw new Failure('conflict', `run ${id} is running already`)
        if (queue.isWaiting(id)) return
        await awaitEnding(workspace.fileSystem, lockPath(runFolder(workspace, id)))
        const status = await recoverRun(workspace, id)
        if (await liveLock(workspace.fileSystem, lockPath(runFolder(workspace, id))))
          throw new Failure('conflict', `another process is working on run ${id}; wait for it or stop it there`)
        if (budget) await setBudget(workspace, id, budget, status.step)
        else if (status.state === 'done')
          throw new Failure('conflict', `the budget of run ${id} is spent after ${status.step} steps: give it more to go on`)
        const weight = await weighRun(workspace, id)
        await news.setState(id, 'queued')
        await queue.add({ ...weight, allowOtherBackend, confirmed })
      }),

    stop: (id, as) =>
      inTurn(id, async () => {
        const running = engines.get(id)
        if (running) {
          running.engine.stop(as)
          return running.settled
        }
        queue.drop(id)
        const { state } = await recoverRun(workspace, id)
        if (state === 'running') throw new Failure('conflict', `another process is working on run ${id}; stop it there`)
        if (state === 'queued' || (state === 'interrupted' && as === 'paused')) return news.setState(id, as)
        return undefined
      }),

    queue: {
      running: () => engines.all().map(({ id }) => id),
      // A run of another program may be queued for a moment.
      places: () => queue.places().filter(({ id }) => index.get(id)?.state === 'queued'),
      most,
      move(id, before) {
        queue.move(id, before)
        return retell(id)
      },
      async hold(id) {
        queue.hold(id)
        await retell(id)
      },
      async startNow(id) {
        const why = await queue.startNow(id)
        if (why !== null) throw new Failure('conflict', `run ${id} cannot start now: ${why}`)
      }
    },

    async remove(ids) {
      for (const id of ids) {
        if (!index.get(id)) throw new Failure('not-found', `there is no run "${id}"`)
        if (isActive(id)) throw new Failure('conflict', `run ${id} is running: stop it first`)
      }
      let bytes = 0
      for (const id of ids)
        await inTurn(id, async () => {
          queue.drop(id)
          bytes += index.get(id)?.bytes ?? 0
          await removeRun(workspace, id)
          await news.refreshOne(id)
          hub.forget(channelOf('run', id))
        })
      return bytes
    },

    async restore(ids, entry) {
      for (const id of ids) {
        await restoreFromTrash(workspace, id, entry)
        await news.refreshOne(id)
      }
    },

    async refresh() {
      if (Date.now() - lastRefresh < refreshEvery) return
      lastRefresh = Date.now()
      const { changed, removed } = await index.refresh()
      for (const summary of changed) news.tell(summary)
      for (const id of removed) news.publishRuns({ kind: 'removed', id })
    },

    async close(within) {
      queue.close()
      clearInterval(timer)
      const ending = engines.all().map(({ engine, settled }) => {
        engine.stop('interrupted', within)
        return settled
      })
      await Promise.all(ending)
      await queueFile.settled()
      await index.save()
    }
  }
}
