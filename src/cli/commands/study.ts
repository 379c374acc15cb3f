// `study SPEC.json`: works on a study until all of its runs have ended; `study show`, `study list`, `study rm`.
import { existsSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import { precheckStudy } from '../../engine-process/precheck-study'
import { studyFairness } from '../../engine-process/verify-study'
import { checkStudy } from '../../shared/studies/check'
import { detailsOf, hasEnded, outcomeIn, summaryOf } from '../../shared/studies/details'
import type { StudyDetails } from '../../shared/studies/answers'
import type { StudySpec } from '../../shared/studies/spec'
import { figure } from '../../shared/format/figures'
import { problemLine, type SpecProblem } from '../../shared/spec/problem'
import {
  awaitEnding,
  liveLock,
  listStudies,
  lockPath,
  openStudy,
  readStudy,
  refreshStudyTables,
  removeRun,
  removeStudy,
  requireStudyId,
  runFolder,
  statesOnDisk,
  studyFolder,
  studyIdOf,
  studyRuns,
  sweepStudy,
  type StoredStudy,
  type Workspace
} from '../../store'
import { print, printJson, readableWorkspace, say, stopSignal, userPath, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { oneLine, table } from '../format'
import { requireRoom } from '../require-fit'
import { readJsonFile, withAbsolutePaths } from '../spec-source'
import { fairnessText, progressText, studyText } from '../study/show'
import { workOnStudy, type RunOfStudy } from '../study/work'

interface StudyOptions extends WorkspaceOptions {
  readonly id?: string
  readonly jobs: number
  readonly force?: boolean
}

const writeEvery = 2000
/** Longer than a dead writer's lock lasts. */
const finalPatience = 90_000

function refuse(problems: readonly SpecProblem[]): never {
  const [first, ...more] = problems.map(problemLine)
  throw new UsageError(first, more)
}

/** How the study stands. `working`: this process works on it. */
async function lookAt(workspace: Workspace, stored: StoredStudy, working: boolean, runs = studyRuns(workspace, statesOnDisk(workspace))) {
  const run = await runs.read(stored)
  return { run, details: detailsOf({ ...stored, run, working, etaSeconds: null }) }
}

/** The study of a file, complete, checked against its data, with room for its runs. Throws UsageError with every fault. */
async function readSpecFile(workspace: Workspace, argument: string, id: string, force: boolean): Promise<StudySpec> {
  const path = userPath(argument)
  if (!existsSync(path)) throw new UsageError(`there is no study file ${path}; \`study list\` lists the studies there are`)
  const { study, cells, problems } = await checkStudy(readJsonFile(path), id)
  if (study === null) return refuse(problems)
  const folder = dirname(path)
  const placed = cells.map((cell) => ({ ...cell, spec: withAbsolutePaths(cell.spec, folder) }))
  const met = await precheckStudy(workspace, study, placed)
  if (met.problems.length > 0) return refuse(met.problems)
  if (!force)
    await requireRoom(
      workspace,
      placed.flatMap(({ spec, runs }, k) => runs.map(() => ({ spec, facts: met.facts[k] })))
    )
  return { ...study, base: withAbsolutePaths(study.base, folder) }
}

const json = (value: unknown) => print(JSON.stringify(value))

/** Tells what happens: NDJSON on stdout with --json, else a line a run on stderr. */
function teller(workspace: Workspace, stored: StoredStudy, asJson: boolean) {
  const total = stored.cells.reduce((sum, { runs }) => sum + runs.length, 0)
  const about = ({ cell, k, id }: RunOfStudy) => ({ run: id, cell: cell.index, seed: cell.runs[k].seed, values: cell.values })
  return {
    start(details: StudyDetails) {
      const { runs, finished, failed, cells, selection } = details
      if (asJson) json({ event: 'start', study: stored.id, cells, runs, finished, failed, selection })
      else say(`study ${stored.id}: ${cells} cells, ${progressText(details)}; judged by ${selection}`)
    },
    began(run: RunOfStudy) {
      if (asJson) json({ event: 'run-start', ...about(run) })
    },
    ended(run: RunOfStudy, value: number | null, ended: number, end: { state: string; step: number; message: string | null }) {
      if (asJson) return json({ event: 'run-end', ...about(run), ...end, value })
      const { metric } = stored.spec.select
      const figures = value === null ? '' : `, ${metric} ${figure(value, 5)}`
      const why = end.message === null ? '' : ` (${oneLine(end.message)})`
      say(`${String(ended).padStart(String(total).length)}/${total} ${run.id}: ${end.state} after step ${end.step}${figures}${why}`)
      return undefined
    },
    analysed({ id }: RunOfStudy, kind: string, fault: string | null) {
      if (asJson) json({ event: 'analysis', run: id, kind, fault })
      else say(fault === null ? `${id}: ${kind} made` : `${id}: ${kind} could not be made (${oneLine(fault)})`)
    },
    end(details: StudyDetails) {
      if (asJson) json({ event: 'end', ...summaryOf(details), folder: studyFolder(workspace, stored.id) })
      else print(studyText(details))
    }
  }
}

export async function study(argument: string | undefined, options: StudyOptions): Promise<number> {
  if (argument === undefined) return list(options)
  const { jobs } = options
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 256) throw new UsageError(`--jobs: must be an integer from 1 to 256, got ${jobs}`)
  const id = requireStudyId(options.id ?? studyIdOf(basename(argument, extname(argument))))
  const workspace = await writableWorkspace(options)
  const spec = await readSpecFile(workspace, argument, id, options.force ?? false)
  const stored = await openStudy(workspace, id, spec)
  await sweepStudy(workspace, id)
  const runs = studyRuns(workspace, statesOnDisk(workspace))
  const tell = teller(workspace, stored, options.json ?? false)
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
      { jobs, threads: null, share: null, signal: stop.signal },
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
    tell.end(details)
    for (const [run, why] of left) say(`${run}: ${oneLine(why)}`)
    if (stop.signal.aborted && details.state !== 'done') {
      say(`interrupted, ${progressText(details)}; the same command goes on`)
      return 130
    }
    const ended = details.table.flatMap((row) => row.runs)
    const failed = ended.some(({ state }) => state === 'failed')
    const unmade = ended.flatMap(({ run, analyses }) => (analyses?.faults ?? []).map((fault) => `${run}: ${oneLine(fault)}`))
    if (unmade.length > 0)
      say(`${unmade.length === 1 ? 'an analysis' : `${unmade.length} analyses`} could not be made, such as of ${unmade[0]}`)
    return left.size > 0 || failed || unmade.length > 0 || details.state !== 'done' ? 1 : 0
  } finally {
    stop.dispose()
  }
}

export async function list(options: WorkspaceOptions): Promise<number> {
  const workspace = readableWorkspace(options)
  const found = await listStudies(workspace)
  const rows = []
  for (const one of found)
    if ('study' in one) rows.push(summaryOf((await lookAt(workspace, one.study, false)).details))
    else say(`${one.id}: ${oneLine(one.damage)}`)
  rows.sort((a, b) => b.createdAt.localeCompare(a.createdAt))
  if (options.json) {
    printJson([...rows, ...found.flatMap((one) => ('damage' in one ? [{ id: one.id, damage: one.damage }] : []))])
    return 0
  }
  if (rows.length === 0) print(`no studies in ${workspace.folder}`)
  else
    print(
      table(
        ['study', 'state', 'cells', 'runs', 'done', 'failed', 'best', 'judged by', 'name'],
        rows.map((row) => [
          row.id,
          row.state,
          String(row.cells),
          String(row.runs),
          String(row.finished),
          String(row.failed),
          row.best === null ? '·' : figure(row.best.mean),
          row.selection,
          row.name
        ]),
        ['cells', 'runs', 'done', 'failed', 'best']
      )
    )
  return 0
}

export async function show(id: string, options: WorkspaceOptions & { readonly verify?: boolean }): Promise<number> {
  const workspace = readableWorkspace(options)
  const stored = await readStudy(workspace, id)
  const { details } = await lookAt(workspace, stored, false)
  const fairness = await studyFairness(workspace, stored, { verify: options.verify ?? false })
  if (options.json) printJson({ ...details, fairness })
  else {
    print(studyText(details))
    print(`\n${fairnessText(fairness)}`)
    print(`\n${studyFolder(workspace, id)}`)
  }
  return options.verify && fairness.findings.length > 0 ? 1 : 0
}

/** Of its runs those that somebody works on. */
async function busyRuns(workspace: Workspace, { cells }: StoredStudy): Promise<string[]> {
  const busy: string[] = []
  for (const { run } of cells.flatMap(({ runs }) => runs)) {
    const lock = lockPath(runFolder(workspace, run))
    await awaitEnding(workspace.fileSystem, lock)
    if (await liveLock(workspace.fileSystem, lock)) busy.push(run)
  }
  return busy
}

/** A damaged one is removed too, but then its runs are not known. */
export async function rm(id: string, options: WorkspaceOptions & { readonly runs?: boolean }): Promise<void> {
  const workspace = await writableWorkspace(options)
  const moved: string[] = []
  const stored = options.runs ? await readStudy(workspace, id) : await readStudy(workspace, id).catch(() => null)
  if (stored) {
    const [busy] = await busyRuns(workspace, stored)
    if (busy !== undefined) throw new UsageError(`study ${id}: its run ${busy} is being worked on; stop the study first`)
  }
  const there = statesOnDisk(workspace)
  if (stored && options.runs)
    for (const { run } of stored.cells.flatMap(({ runs }) => runs))
      if ((await there(run)) !== null) {
        await removeRun(workspace, run)
        moved.push(run)
      }
  await removeStudy(workspace, id)
  if (options.json) printJson({ removed: id, runs: moved })
  else say(`removed study ${id}${options.runs ? `; ${moved.length} runs moved to the trash` : '; its runs stay'}`)
}
