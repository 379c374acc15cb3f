// The studies that this workbench works on: each feeds the ordinary queue with as many of its runs as it may have at once, until none is left.
import { versions } from '../../engine-process/versions'
import { hasEnded } from '../../shared/studies/details'
import { claimAnalyses, dueAnalysis, ensureStudyRun, failAnalysis, type RunTurn, type StoredStudy, type Workspace } from '../../store'
import type { AnalysisStarter } from '../analyses'
import { Failure } from '../failure'
import type { RunService } from '../runs'
import { turnsByName } from '../runs/turns'
import { messageOf } from '../../shared/format/message-of'

interface ActiveStudy {
  readonly stored: StoredStudy
  readonly confirmed: boolean
  /** Runs that were started; what stops or is paused by hand afterwards is left alone. */
  readonly tried: Set<string>
  /** Jobs that make analyses of its runs now, by run. */
  readonly analysing: Map<string, string>
  /** Runs whose analyses are all there, or were stopped by hand. */
  readonly analysed: Set<string>
}

export interface ActiveStudies {
  has(id: string): boolean
  begin(stored: StoredStudy, confirmed: boolean): Promise<void>
  /** Nothing more of it starts; its runs that wait or are at work here are paused. */
  end(id: string): Promise<void>
  /** Starts what may start now, of one study. */
  feed(id: string): Promise<void>
  ids(): string[]
}

/** `onIdle`: nothing of the study is at work or left to start any more; `fault`: because something could not be started, one sentence. `onAnalysed`: an analysis ended. */
export function activeStudies(
  workspace: Workspace,
  runs: RunService,
  analyses: AnalysisStarter,
  onIdle: (id: string, fault: string | null) => void,
  onAnalysed: (id: string) => void
): ActiveStudies {
  const active = new Map<string, ActiveStudy>()
  const inTurn = turnsByName()
  const options = { versions: versions(), where: 'in the workbench' }
  const stateOf = (run: string) => runs.index.get(run)?.state ?? null
  const inHand = ({ tried }: ActiveStudy) => [...tried].filter((run) => stateOf(run) === 'queued' || stateOf(run) === 'running')
  /** Another process works on it. */
  const isElsewhere = (run: string) => stateOf(run) === 'running' && !runs.isActive(run)

  async function startRun(study: ActiveStudy, cell: StoredStudy['cells'][number], k: number): Promise<RunTurn> {
    const { run } = cell.runs[k]
    const turn = await ensureStudyRun(workspace, study.stored, cell, k, options)
    await runs.refreshOne(run)
    if (turn !== 'ready') return turn
    study.tried.add(run)
    await runs.start(run, { confirmed: study.confirmed })
    return turn
  }

  /** Claims the analyses of a run until the answer is called and has resolved; null where another process makes them. */
  const claim = (stored: StoredStudy, run: string) =>
    new Promise<(() => Promise<void>) | null>((resolve, reject) => {
      const held: Promise<boolean | null> = claimAnalyses(
        workspace,
        stored,
        run,
        () => new Promise<true>((release) => resolve(async () => (release(true), void (await held))))
      )
      held.then((had) => had ?? resolve(null), reject)
    })

  /** Starts the next analysis of a run that is done. */
  async function startAnalysis(study: ActiveStudy, run: string): Promise<'started' | 'taken' | 'none'> {
    const { stored } = study
    if ((await dueAnalysis(workspace, stored, run)) === null) {
      study.analysed.add(run)
      return 'none'
    }
    const release = await claim(stored, run)
    if (release === null) return 'taken'
    const due = await dueAnalysis(workspace, stored, run)
    if (due === null) {
      await release()
      return startAnalysis(study, run)
    }
    const { analysis, step } = due
    const onEnd = async (state: string, message: string) => {
      if (state === 'failed') await failAnalysis(workspace, stored, run, analysis, message)
      await release()
      if (state === 'cancelled') study.analysed.add(run)
      study.analysing.delete(run)
      onAnalysed(stored.id)
    }
    try {
      study.analysing.set(run, await analyses.start({ kind: analysis.kind, options: analysis.options, run, step }, onEnd))
      return 'started'
    } catch (error) {
      await release()
      // A full drive stops the study; what this run cannot have is said of it.
      if (error instanceof Failure) throw error
      await failAnalysis(workspace, stored, run, analysis, messageOf(error))
      return startAnalysis(study, run)
    }
  }

  async function feedNow(id: string): Promise<void> {
    const study = active.get(id)
    if (!study) return
    const { cells, spec } = study.stored
    let others = false
    // Counted once: a study may have ten thousand runs, and is fed again when one of them ends.
    let hands = inHand(study).length + study.analysing.size
    const made = spec.analyse.length === 0
    for (const cell of cells)
      for (const [k, { run }] of cell.runs.entries()) {
        if (!active.has(id) || hands >= spec.parallel) return
        const state = stateOf(run)
        if (!made && state === 'done' && !study.analysing.has(run) && !study.analysed.has(run)) {
          const started = await startAnalysis(study, run)
          if (started === 'started') hands++
          others ||= started === 'taken'
        }
        if (study.tried.has(run) || (state !== null && hasEnded(state))) continue
        const turn = isElsewhere(run) ? 'taken' : await startRun(study, cell, k)
        if (turn === 'ready') hands++
        others ||= turn === 'taken'
      }
    if (others || hands > 0) return
    active.delete(id)
    onIdle(id, null)
  }

  return {
    has: (id) => active.has(id),
    ids: () => [...active.keys()],
    async begin(stored, confirmed) {
      if (!active.has(stored.id)) active.set(stored.id, { stored, confirmed, tried: new Set(), analysing: new Map(), analysed: new Set() })
      await this.feed(stored.id)
    },
    feed: (id) =>
      inTurn(id, async () => {
        try {
          await feedNow(id)
        } catch (error) {
          // What cannot be started ends the study's work here; its runs say what they have.
          active.delete(id)
          onIdle(id, messageOf(error))
          throw error
        }
      }),
    async end(id) {
      const study = active.get(id)
      active.delete(id)
      // Whoever is just starting one of its runs is waited for.
      await inTurn(id, async () => {
        if (!study) return
        for (const job of study.analysing.values()) analyses.cancel(job)
        await Promise.all(inHand(study).map((run) => runs.stop(run, 'paused')))
      })
    }
  }
}
