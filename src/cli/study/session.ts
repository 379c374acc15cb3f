// A session of work on a study that is there: what is told as it goes, the tables beside it, and the exit status.
import { detailsOf, hasEnded, isOver, outcomeIn, summaryOf } from '../../shared/studies/details'
import type { StudyDetails } from '../../shared/studies/answers'
import { figure } from '../../shared/format/figures'
import { refreshStudyTables, statesOnDisk, studyFolder, studyRuns, type StoredStudy, type Workspace } from '../../store'
import { print, say, stopSignal } from '../context'
import { oneLine } from '../format'
import { progressText, studyText } from './show'
import { workOnStudy, type RunOfStudy, type WorkOptions } from './work'

const writeEvery = 2000
/** Longer than a dead writer's lock lasts. */
const finalPatience = 90_000

/** How the study stands. `working`: this process works on it. */
export async function lookAt(
  workspace: Workspace,
  stored: StoredStudy,
  working: boolean,
  runs = studyRuns(workspace, statesOnDisk(workspace))
) {
  const run = await runs.read(stored)
  return { run, details: detailsOf({ ...stored, run, working, etaSeconds: null }) }
}

const line = (value: unknown) => print(JSON.stringify(value))

/** Tells what happens: NDJSON on stdout with --json, else a line a run on stderr. */
function teller(workspace: Workspace, stored: StoredStudy, asJson: boolean) {
  const total = stored.cells.reduce((sum, { runs }) => sum + runs.length, 0)
  const about = ({ cell, k, id }: RunOfStudy) => ({ run: id, cell: cell.index, seed: cell.runs[k].seed, values: cell.values })
  return {
    start(details: StudyDetails) {
      const { runs, finished, failed, cells, selection } = details
      if (asJson) line({ event: 'start', study: stored.id, cells, runs, finished, failed, selection })
      else say(`study ${stored.id}: ${cells} cells, ${progressText(details)}; judged by ${selection}`)
    },
    began(run: RunOfStudy) {
      if (asJson) line({ event: 'run-start', ...about(run) })
    },
    ended(run: RunOfStudy, value: number | null, ended: number, end: { state: string; step: number; message: string | null }) {
      if (asJson) return line({ event: 'run-end', ...about(run), ...end, value })
      const { metric } = stored.spec.select
      const figures = value === null ? '' : `, ${metric} ${figure(value, 5)}`
      const why = end.message === null ? '' : ` (${oneLine(end.message)})`
      say(`${String(ended).padStart(String(total).length)}/${total} ${run.id}: ${end.state} after step ${end.step}${figures}${why}`)
      return undefined
    },
    analysed({ id }: RunOfStudy, kind: string, fault: string | null) {
      if (asJson) line({ event: 'analysis', run: id, kind, fault })
      else say(fault === null ? `${id}: ${kind} made` : `${id}: ${kind} could not be made (${oneLine(fault)})`)
    },
    end(details: StudyDetails) {
      if (asJson) line({ event: 'end', ...summaryOf(details), folder: studyFolder(workspace, stored.id) })
      else print(studyText(details))
    }
  }
}

export interface SessionOptions extends Pick<WorkOptions, 'jobs' | 'threads' | 'share'> {
  readonly json: boolean
}

/** Works until all runs (of the share) have ended; returns the exit status. */
export async function workOnStored(
  workspace: Workspace,
  stored: StoredStudy,
  { jobs, threads, share, json }: SessionOptions
): Promise<number> {
  const runs = studyRuns(workspace, statesOnDisk(workspace))
  const tell = teller(workspace, stored, json)
  const stop = stopSignal(() => say('\nstopping after the step in hand (Ctrl-C again ends at once)…'))
  const look = (working: boolean) => lookAt(workspace, stored, working, runs)
  const valueOf = async (run: string) => {
    const found = await runs.readRun(stored, run)
    return found === null ? null : outcomeIn(stored.spec, found).value
  }
  /** The tables as they are now, so that somebody else may read them; seldom enough to cost little however many runs there are. */
  let next = performance.now() + writeEvery
  const keep = (working: boolean, patience?: number) => refreshStudyTables(workspace, stored, () => look(working), patience)
  try {
    const before = (await look(true)).details
    tell.start(before)
    let count = before.finished + before.failed
    const left = await workOnStudy(
      workspace,
      stored,
      { jobs, threads, share, signal: stop.signal },
      {
        began: tell.began,
        note: say,
        analysed: async (run, kind, fault) => tell.analysed(run, kind, fault),
        async ended(run, end) {
          if (hasEnded(end.state)) count++
          tell.ended(run, await valueOf(run.id), count, end)
          if (performance.now() < next) return
          const began = performance.now()
          await keep(true)
          next = performance.now() + Math.max(writeEvery, 20 * (performance.now() - began))
        }
      }
    )
    const details = ((await keep(false, finalPatience)) ?? (await look(false))).details
    const ended = details.table.flatMap((row) => row.runs).filter(({ run }) => share === null || share.has(run))
    const over = ended.every(isOver)
    tell.end(details)
    for (const [run, why] of left) say(`${run}: ${oneLine(why)}`)
    if (stop.signal.aborted && !over) {
      say(`interrupted, ${progressText(details)}; the same command goes on`)
      return 130
    }
    const failed = ended.some(({ state }) => state === 'failed')
    const unmade = ended.flatMap(({ run, analyses }) => (analyses?.faults ?? []).map((fault) => `${run}: ${oneLine(fault)}`))
    if (unmade.length > 0)
      say(`${unmade.length === 1 ? 'an analysis' : `${unmade.length} analyses`} could not be made, such as of ${unmade[0]}`)
    return left.size > 0 || failed || unmade.length > 0 || !over ? 1 : 0
  } finally {
    stop.dispose()
  }
}
