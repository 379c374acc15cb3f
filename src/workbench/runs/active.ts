// The engines at work, one a run: what they say becomes live state and events; how they end is recorded.
import type { FromEngine } from '../../engine-process/messages'
import type { LinalgChoice } from '../../shared/linalg-choice'
import type { RunIndex, Workspace } from '../../store'
import type { EngineLauncher } from '../launcher'
import { superviseEngine, type EngineEnd, type SupervisedEngine } from '../supervise'
import { coalesce, type Coalescer } from './coalesce'
import { notLive, type LiveRun } from './live'
import type { RunNews } from './news'
import type { Queued } from './queue'
import { recordCrash } from './recovery'

export interface Active extends Queued {
  readonly engine: SupervisedEngine
  live: LiveRun
  /** Tells whoever watches the list of a step, but not of each. */
  readonly changed: Coalescer<void>
  /** Resolves when the end is recorded. */
  readonly settled: Promise<void>
}

export interface ActiveRuns {
  /** `threads`: null leaves their number to the backend. */
  begin(queued: Queued, threads: number | null): void
  get(id: string): Active | undefined
  all(): Active[]
}

export interface ActiveRunsOptions {
  readonly workspace: Workspace
  readonly index: RunIndex
  readonly launch: EngineLauncher
  readonly linalg: () => LinalgChoice
  /** Milliseconds that a stopped engine has before it is killed. */
  readonly grace?: number
  readonly news: RunNews
  /** Called when a run has ended and that is recorded. */
  onSettled(): void
}

const changedEvery = 250

export function activeRuns({ workspace, index, launch, linalg, grace, news, onSettled }: ActiveRunsOptions): ActiveRuns {
  const active = new Map<string, Active>()

  function onMessage(id: string, message: FromEngine) {
    const run = active.get(id)
    if (!run) return
    if (message.type === 'opened') void news.refreshOne(id)
    else if (message.type === 'step') {
      run.live = { ...notLive, line: message.line }
      news.publishRun(id, { kind: 'step', line: message.line })
      run.changed.offer()
    } else if (message.type === 'phase') {
      const { step, phase, fraction, etaSeconds } = message
      run.live = { ...run.live, phase: { step, phase, fraction, etaSeconds } }
      news.publishRun(id, { kind: 'phase', step, phase, fraction, etaSeconds })
    } else if (message.type === 'trouble') {
      run.live = { ...run.live, trouble: `waiting: ${message.message}` }
      void news.refreshOne(id)
    } else if (message.type === 'snapshot' || message.type === 'checkpoint') {
      run.live = { ...run.live, phase: null }
      news.publishRun(id, { kind: message.type, step: message.step })
      void index.touch(id).then(() => run.changed.offer())
    }
  }

  async function onEnd(id: string, end: EngineEnd) {
    try {
      if (end.kind === 'crash') await recordCrash(workspace, id, end.cause)
      // It could not even be opened: the run keeps what it has and says why.
      else if (end.kind === 'run' && end.step < 0) await recordCrash(workspace, id, end.message ?? 'the run could not be opened')
    } catch {
      // The drive is gone; the next start finds the run as it is.
    }
    active.get(id)?.changed.drop()
    active.delete(id)
    await news.refreshOne(id).catch(() => null)
    void index.save()
    onSettled()
  }

  return {
    begin(queued, threads) {
      const { id, allowOtherBackend } = queued
      const { backend } = linalg()
      const task = { kind: 'run', workspace: workspace.folder, id, allowOtherBackend, threads, backend } as const
      const engine = superviseEngine(launch, task, (message) => onMessage(id, message), grace)
      const changed = coalesce<void>(changedEvery, () => {
        const summary = index.get(id)
        if (summary) news.publishRuns({ kind: 'changed', summary: news.shown(summary) })
      })
      const settled = engine.ended.then((end) => onEnd(id, end))
      active.set(id, { ...queued, engine, live: notLive, changed, settled })
    },
    get: (id) => active.get(id),
    all: () => [...active.values()]
  }
}
