// Runs that other processes work on, live: while somebody listens, their files are followed and told of by the same events as a run of our own.
import { Mutex } from 'async-mutex'
import type { RunEvent, RunsEvent } from '../../shared/api/contract'
import type { MetricsLine } from '../../shared/run/schema'
import type { RunSummary } from '../../shared/run/summary'
import {
  checkpointsFolder,
  fileTail,
  lineReader,
  lockPath,
  metricsPath,
  runFolder,
  runsFolder,
  snapshotsFolder,
  statusPath,
  stepsIn,
  type LineReader,
  type RunIndex,
  type Tail,
  type Workspace
} from '../../store'
import type { Hub } from '../hub'
import { notLive, type LiveRun } from './live'
import { channelOf } from '../serve-connection'

export interface Elsewhere {
  /** What is known of a run beyond its status.json; undefined while it is not followed. */
  live(id: string): LiveRun | undefined
  /** One look at everything somebody listens to. Nothing is read when nobody does. */
  look(): Promise<void>
}

export interface ElsewhereOptions {
  readonly workspace: Workspace
  readonly hub: Hub
  readonly index: RunIndex
  /** True for runs of our own, whose engine tells more, and sooner. */
  isOwn(id: string): boolean
  /** The summary with what `live` knows on it. */
  shown(summary: RunSummary): RunSummary
  publishRun(id: string, event: RunEvent): void
  publishRuns(event: RunsEvent): void
}

/** A file's time and size: what network drives tell reliably, unlike notices of changes. */
type Stamp = string

interface Followed {
  tail: Tail
  /** The newest line that has not been told of. */
  news: MetricsLine | null
  live: LiveRun
  small: Stamp
  /** Looks since the run's small files last changed. */
  quiet: number
  readonly folders: Record<'snapshot' | 'checkpoint', { stamp: Stamp; known: ReadonlySet<number> } | null>
}

/** Of a run that has gone on for long only the newest lines matter here. */
const lastBytes = 64 * 1024
/** A run whose owner shows no sign of life for so many looks is looked at anew: it may have died without a word. */
const quietLooks = 3
/** All runs are compared with the disk every so many looks, and at each look after the folder of runs has changed, for a run is made in several steps. */
const looksBetween = 5

function tailOf(workspace: Workspace, id: string, followed: () => Followed): Tail {
  const reader = (): LineReader =>
    lineReader({
      add: (line) => void (followed().news = line),
      takeBack: () => void (followed().news = null)
    })
  let lines = reader()
  return fileTail(
    workspace.fileSystem,
    metricsPath(runFolder(workspace, id)),
    {
      restart() {
        lines = reader()
        Object.assign(followed(), { news: null, live: notLive })
      },
      feed: (bytes) => lines.feed(bytes)
    },
    lastBytes
  )
}

/** What a page shows apart from figures that grow: when it changes, whoever has the run open asks for it again. */
const headOf = ({ name, state, error, budgetSteps, tags, group, colour, pinned, notes, snapshots }: RunSummary) =>
  JSON.stringify({ name, state, error, budgetSteps, tags, group, colour, pinned, notes, snapshots })

export function followElsewhere(options: ElsewhereOptions): Elsewhere {
  const { workspace, hub, index, publishRun, publishRuns, shown } = options
  const { fileSystem } = workspace
  const followed = new Map<string, Followed>()
  let runsStamp: Stamp = ''
  let looks = 0
  let lookAtAll = 0
  const looking = new Mutex()

  const stampOf = async (path: string): Promise<Stamp> => {
    const info = await fileSystem.info(path)
    return info ? `${info.modified} ${info.bytes} ${info.identity}` : ''
  }

  function follow(id: string): Followed {
    const found = followed.get(id)
    if (found) return found
    const made: Followed = {
      tail: tailOf(workspace, id, () => made),
      news: null,
      live: notLive,
      small: '',
      quiet: 0,
      folders: { snapshot: null, checkpoint: null }
    }
    followed.set(id, made)
    return made
  }

  /** Runs that came, went or changed by other hands. */
  async function compareAll() {
    const stamp = await stampOf(runsFolder(workspace))
    if (stamp !== runsStamp) lookAtAll = looks + looksBetween
    runsStamp = stamp
    if (looks > lookAtAll && looks % looksBetween !== 0) return
    const { changed, removed } = await index.refresh()
    for (const summary of changed) {
      publishRuns({ kind: 'changed', summary: shown(summary) })
      if (hub.hasListeners(channelOf('run', summary.id))) publishRun(summary.id, { kind: 'state', summary: shown(summary) })
    }
    for (const id of removed) publishRuns({ kind: 'removed', id })
  }

  async function tellSteps(id: string, run: Followed) {
    await run.tail.catchUp()
    const line = run.news
    if (!line) return
    run.news = null
    run.live = { ...notLive, line }
    publishRun(id, { kind: 'step', line })
    const summary = index.get(id)
    if (summary) publishRuns({ kind: 'changed', summary: shown(summary) })
  }

  async function tellFolder(id: string, run: Followed, kind: 'snapshot' | 'checkpoint') {
    const folder = (kind === 'snapshot' ? snapshotsFolder : checkpointsFolder)(runFolder(workspace, id))
    const stamp = await stampOf(folder)
    const before = run.folders[kind]
    if (before?.stamp === stamp) return
    const known = new Set(await stepsIn(workspace, folder))
    run.folders[kind] = { stamp, known }
    // At the first look the newest is told of: it may have come since the page asked.
    const fresh = before ? [...known].filter((step) => !before.known.has(step)) : [...known].slice(-1)
    for (const step of fresh) publishRun(id, { kind, step })
  }

  /** The run's small files, and whether its owner lives. */
  async function tellState(id: string, run: Followed, small: Stamp) {
    const before = index.get(id)
    if (small === run.small && !(before?.state === 'running' && ++run.quiet >= quietLooks)) return
    run.small = small
    run.quiet = 0
    const summary = await index.touch(id)
    if (!summary) {
      followed.delete(id)
      return publishRuns({ kind: 'removed', id })
    }
    if (before && JSON.stringify(before) === JSON.stringify(summary)) return
    if (summary.state !== 'running') run.live = notLive
    publishRuns({ kind: 'changed', summary: shown(summary) })
    if (!before || headOf(before) !== headOf(summary)) publishRun(id, { kind: 'state', summary: shown(summary) })
  }

  async function lookAt(id: string) {
    const run = follow(id)
    const folder = runFolder(workspace, id)
    // Looked at before the lines: when it shows the end of the run, the lines that are read after it are all there are.
    const small = `${await stampOf(statusPath(folder))} ${await stampOf(lockPath(folder))}`
    if (index.get(id)?.state === 'running') {
      await tellSteps(id, run)
      await tellFolder(id, run, 'snapshot')
      await tellFolder(id, run, 'checkpoint')
    }
    await tellState(id, run, small)
  }

  async function lookOnce() {
    const listened = hub.listened()
    const list = listened.includes(channelOf('runs'))
    const ids = new Set(listened.flatMap((channel) => /^run (.+)$/.exec(channel)?.[1] ?? []))
    if (list) for (const { id, state } of index.all()) if (state === 'running') ids.add(id)
    for (const id of ids) if (options.isOwn(id)) ids.delete(id)
    for (const id of followed.keys()) if (!ids.has(id)) followed.delete(id)
    // A run that cannot be read now, on a drive that is gone, is looked at again the next time.
    for (const id of ids) await lookAt(id).catch(() => undefined)
    // Behind the runs that are followed: their last steps are told before their end.
    if (list) await compareAll()
    looks++
  }

  return {
    live: (id) => followed.get(id)?.live,
    async look() {
      if (!looking.isLocked()) await looking.runExclusive(lookOnce)
    }
  }
}
