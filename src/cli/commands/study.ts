// `study SPEC.json`: works on a study until all of its runs have ended; `study show`, `study list`, `study rm`.
import { existsSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import { precheckStudy } from '../../engine-process/precheck-study'
import { studyFairness } from '../../engine-process/verify-study'
import { checkStudy } from '../../shared/studies/check'
import { hasEnded, summaryOf } from '../../shared/studies/details'
import type { StudySpec } from '../../shared/studies/spec'
import { figure } from '../../shared/format/figures'
import { problemLine, type SpecProblem } from '../../shared/spec/problem'
import {
  awaitEnding,
  liveLock,
  listStudies,
  lockPath,
  openStudy,
  readSlurmArrays,
  readStudy,
  removeRun,
  removeStudy,
  requireStudyId,
  runFolder,
  statesOnDisk,
  studyFolder,
  studyIdOf,
  sweepStudy,
  type StoredStudy,
  type Workspace
} from '../../store'
import { slurmStates } from '../../workbench/slurm/states'
import { print, printJson, readableWorkspace, say, userPath, writableWorkspace, type WorkspaceOptions } from '../context'
import { jobsAtOnce, UsageError } from '../ending'
import { oneLine, table } from '../format'
import { requireRoom } from '../require-fit'
import { readJsonFile, withAbsolutePaths } from '../spec-source'
import { lookAt, workOnStored } from '../study/session'
import { fairnessText, studyText } from '../study/show'
import { slurmText } from '../study/slurm'
import { submit } from './study-slurm'

interface StudyOptions extends WorkspaceOptions {
  readonly id?: string
  readonly jobs: number
  readonly force?: boolean
  readonly slurm?: boolean
  readonly partition?: string
  readonly time?: string
  readonly tasksPerJob?: number
  readonly cpusPerTask?: number
}

function refuse(problems: readonly SpecProblem[]): never {
  const [first, ...more] = problems.map(problemLine)
  throw new UsageError(first, more)
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

export async function study(argument: string | undefined, options: StudyOptions): Promise<number> {
  if (argument === undefined) return list(options)
  const jobs = jobsAtOnce(options.jobs)
  const given = (['partition', 'time', 'tasksPerJob', 'cpusPerTask'] as const).find((name) => options[name] !== undefined)
  if (!options.slurm && given !== undefined)
    throw new UsageError(`--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is of jobs on a cluster: give --slurm too`)
  const id = requireStudyId(options.id ?? studyIdOf(basename(argument, extname(argument))))
  const workspace = await writableWorkspace(options)
  const spec = await readSpecFile(workspace, argument, id, options.force ?? false)
  const stored = await openStudy(workspace, id, spec)
  await sweepStudy(workspace, id)
  if (options.slurm) return submit(workspace, stored, { ...options, cpusPerTask: options.cpusPerTask ?? 1 }, options.json ?? false)
  return workOnStored(workspace, stored, { jobs, threads: null, share: null, json: options.json ?? false })
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
  const { details, run } = await lookAt(workspace, stored, false)
  const slurm = await slurmStates(await readSlurmArrays(workspace, id))
  const fairness = await studyFairness(workspace, stored, { verify: options.verify ?? false })
  if (options.json) printJson({ ...details, fairness, ...(slurm === null ? {} : { slurm }) })
  else {
    print(studyText(details))
    if (slurm !== null) print(`\n${slurmText(slurm, (one) => hasEnded(run(one)?.state ?? 'planned'))}`)
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
