// The studies of a workspace: what is said of each, what this workbench works on, and the tables beside them.
import { fractionDone } from '../../shared/run/time-left'
import type { StudiesEvent, StudyDetails, StudySummary } from '../../shared/studies/answers'
import { detailsOf, hasEnded, summaryOf } from '../../shared/studies/details'
import { listStudies, readStudy, refreshStudyTables, studyFolder, studyRuns, type StoredStudy, type Workspace } from '../../store'
import { Failure } from '../failure'
import type { Hub } from '../hub'
import type { AnalysisStarter } from '../analyses'
import type { RunService } from '../runs'
import { channelOf } from '../serve-connection'
import { activeStudies } from './active'

export interface StudyService {
  list(): Promise<StudySummary[]>
  read(id: string): Promise<StoredStudy>
  get(id: string): Promise<StudyDetails>
  start(stored: StoredStudy, confirmed: boolean): Promise<void>
  /** Resolves when its runs are paused. Throws Failure `conflict` where another program works on it. */
  stop(id: string): Promise<void>
  /** True while runs of it are at work, here or elsewhere. */
  isBusy(id: string): Promise<boolean>
  /** It is gone, or new: everybody is told. */
  changed(id: string): Promise<void>
  close(): void
}

/** Tables and news are at most so fresh; of studies so large that it takes long to look at them they are rarer. */
const leastPause = 500
const tablesEvery = 5000
/** Longer than a dead writer's lock lasts. */
const finalPatience = 90_000
/** Runs that others work on come to an end without a word. */
const lookEvery = 2000

/** The study whose run has this id, if it is one. */
const studyOf = (run: string) => /^(.+)-\d{4,}-\d+$/.exec(run)?.[1] ?? null

/** By the mean of the runs that have ended here; null while there is none. */
function etaOf({ cells, spec }: StoredStudy, runs: RunService): number | null {
  const all = cells.flatMap((cell) => cell.runs.map(({ run }) => runs.summary(run)))
  const done = all.flatMap((run) => (run?.state === 'done' ? [run.wallSeconds ?? run.seconds] : []))
  if (done.length === 0) return null
  const mean = done.reduce((sum, seconds) => sum + seconds, 0) / done.length
  const left = all.reduce((sum, run) => sum + (run === null ? 1 : hasEnded(run.state) ? 0 : 1 - (fractionDone(run) ?? 0)), 0)
  return (left * mean) / Math.min(spec.parallel, Math.max(1, Math.ceil(left)))
}

export function openStudyService(workspace: Workspace, hub: Hub, runs: RunService, analyses: AnalysisStarter): StudyService {
  const known = studyRuns(workspace, async (id) => runs.index.get(id)?.state ?? null)
  const publish = (event: StudiesEvent) => hub.publish(channelOf('studies'), event)
  /** Why the work on a study ended before its runs had. */
  const faults = new Map<string, string>()
  const active = activeStudies(
    workspace,
    runs,
    analyses,
    (id, fault) => {
      if (fault !== null) faults.set(id, fault)
      void tell(id, true).catch(() => undefined)
    },
    (id) => {
      if (closed) return
      setImmediate(() => feed(id))
      tellSoon(id)
    }
  )
  const waiting = new Map<string, ReturnType<typeof setTimeout>>()
  const pauses = new Map<string, number>()
  const written = new Map<string, number>()
  const cached = new Map<string, { readonly stamp: string; readonly stored: StoredStudy }>()
  let closed = false

  /** Read again only where the file has changed. */
  async function read(id: string): Promise<StoredStudy> {
    const info = await workspace.fileSystem.info(`${studyFolder(workspace, id)}/study.json`)
    const stamp = info ? `${info.modified} ${info.bytes} ${info.identity}` : ''
    const before = cached.get(id)
    if (info && before?.stamp === stamp) return before.stored
    const stored = await readStudy(workspace, id)
    cached.set(id, { stamp, stored })
    return stored
  }

  async function look(stored: StoredStudy) {
    const run = await known.read(stored)
    const details = detailsOf({ ...stored, run, working: active.has(stored.id), etaSeconds: etaOf(stored, runs) })
    const fault = faults.get(stored.id)
    return { run, details: fault === undefined ? details : { ...details, notes: [`the study was stopped: ${fault}`, ...details.notes] } }
  }

  /** Tells everybody how the study is now, and writes its tables where they are old or `final`. */
  async function tell(id: string, final = false): Promise<void> {
    const began = performance.now()
    const stored = await read(id).catch(() => null)
    if (stored === null || closed) return
    const { details } = await look(stored)
    publish({ kind: 'changed', summary: summaryOf(details) })
    const due = active.has(id) && performance.now() - (written.get(id) ?? -Infinity) > Math.max(tablesEvery, 20 * (pauses.get(id) ?? 0))
    if (final || due) {
      written.set(id, performance.now())
      // Another process that writes them now writes the same.
      await refreshStudyTables(workspace, stored, () => look(stored), final ? finalPatience : 0)
    }
    pauses.set(id, performance.now() - began)
  }

  /** Soon, together with what else changes until then. */
  function tellSoon(id: string) {
    if (waiting.has(id) || closed) return
    const timer = setTimeout(
      () => {
        waiting.delete(id)
        void tell(id).catch(() => undefined)
      },
      Math.max(leastPause, 10 * (pauses.get(id) ?? 0))
    )
    timer.unref()
    waiting.set(id, timer)
  }

  const feed = (id: string) => void active.feed(id).catch(() => undefined)
  hub.watch((channel, event) => {
    if (closed || channel !== channelOf('runs') || typeof event !== 'object' || event === null) return
    const run = 'summary' in event ? (event.summary as { id: string }).id : 'id' in event ? String(event.id) : ''
    const id = studyOf(run)
    if (id === null) return
    if (active.has(id)) setImmediate(() => feed(id))
    tellSoon(id)
  })
  const timer = setInterval(() => {
    if (active.ids().length > 0)
      void runs.refresh().then(
        () => active.ids().forEach(feed),
        () => undefined
      )
  }, lookEvery)
  timer.unref()

  return {
    read,
    async list() {
      await runs.refresh()
      const summaries = []
      for (const found of await listStudies(workspace))
        summaries.push('study' in found ? summaryOf((await look(found.study)).details) : damaged(found.id, found.damage))
      return summaries.sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    },
    async get(id) {
      await runs.refresh()
      return (await look(await read(id))).details
    },
    async start(stored, confirmed) {
      faults.delete(stored.id)
      await active.begin(stored, confirmed)
      await tell(stored.id)
    },
    async stop(id) {
      const { cells } = await read(id)
      const here = active.has(id)
      await active.end(id)
      const elsewhere = cells
        .flatMap((cell) => cell.runs)
        .find(({ run }) => runs.index.get(run)?.state === 'running' && !runs.isActive(run))
      await tell(id, here)
      if (elsewhere) throw new Failure('conflict', `another process is working on run ${elsewhere.run} of study ${id}; stop it there`)
    },
    async isBusy(id) {
      const { cells } = await read(id)
      await runs.refresh()
      return active.has(id) || cells.some((cell) => cell.runs.some(({ run }) => runs.index.get(run)?.state === 'running'))
    },
    async changed(id) {
      cached.delete(id)
      const there = await workspace.fileSystem.info(studyFolder(workspace, id))
      if (there) await tell(id)
      else publish({ kind: 'removed', id })
    },
    close() {
      closed = true
      clearInterval(timer)
      for (const one of waiting.values()) clearTimeout(one)
    }
  }
}

/** One that cannot be read: it is shown, and left as it is. */
const damaged = (id: string, damage: string): StudySummary => ({
  id,
  name: id,
  createdAt: '',
  state: 'stopped',
  cells: 0,
  runs: 0,
  finished: 0,
  failed: 0,
  running: 0,
  selection: '',
  best: null,
  optimizers: [],
  damage
})
