// `study … --slurm`: what is left of a study as one job array; and what Slurm says of a study's jobs, in a terminal.
import { probeSpecs } from '../../engine-process/probe'
import { precheckStudy } from '../../engine-process/precheck-study'
import { preferLinalg } from '../../engine/linalg'
import { duration } from '../../shared/format/durations'
import { defaultLinalg } from '../../shared/linalg-choice'
import { measured } from '../../shared/run/calibration'
import { estimate } from '../../shared/run/estimate'
import type { RunSpec } from '../../shared/spec/schema'
import type { StudyDetails } from '../../shared/studies/answers'
import { hasEnded, isOver } from '../../shared/studies/details'
import { isLiveJob, stateCounts, type SlurmArray, type SlurmJob, type SlurmStates } from '../../shared/studies/slurm'
import { readSlurmArrays, runSpecOf, statusOrRebuilt, type StoredStudy, type Workspace } from '../../store'
import { builtProgram } from '../../workbench/launcher'
import { arrayLimit, slurmJobs } from '../../workbench/slurm/states'
import { runsPerJob, sharesOf, submitArray, timeSeconds } from '../../workbench/slurm/submit'
import { say } from '../context'
import { countOf, UsageError } from '../ending'
import { table } from '../format'

export interface SlurmWish {
  readonly partition?: string
  readonly time?: string
  readonly tasksPerJob?: number
  readonly cpusPerTask: number
  readonly jobs: number
}

/** A job's limit in seconds. Throws UsageError for what is none of Slurm's forms. */
function limitOf(time: string): number {
  const seconds = timeSeconds(time)
  if (seconds !== null && seconds > 0) return seconds
  throw new UsageError(
    `--time: must be as Slurm takes it, minutes, hours:minutes:seconds or days-hours, such as 30 or 2:00:00, got "${time}"`
  )
}

/** Mean of the study's runs that have ended; null where none has. */
async function recordedSeconds(workspace: Workspace, runs: readonly string[]): Promise<number | null> {
  const seconds: number[] = []
  for (const run of runs) {
    const { status } = await statusOrRebuilt(workspace, run)
    seconds.push(status.wallSeconds ?? status.seconds)
  }
  return seconds.length === 0 ? null : seconds.reduce((sum, one) => sum + one, 0) / seconds.length
}

/** Of the study's dearest cell by the estimate: a few real steps here, with as many threads as a job has. */
async function probedSeconds(workspace: Workspace, stored: StoredStudy, threads: number): Promise<number> {
  const specs: RunSpec[] = []
  for (const cell of stored.cells) specs.push(await runSpecOf(stored, cell, 0))
  const cells = stored.cells.map((cell, k) => ({ ...cell, spec: specs[k] }))
  const { facts, analysisSeconds } = await precheckStudy(workspace, stored.spec, cells)
  const estimates = specs.map((spec, k) => estimate(spec, facts[k]))
  const cost = (k: number) => estimates[k].totalSeconds ?? 0
  const dearest = estimates.reduce((best, _, k) => (cost(k) > cost(best) ? k : best), 0)
  preferLinalg({ ...defaultLinalg, threads })
  const { result } = await probeSpecs(workspace, [specs[dearest]], { signal: new AbortController().signal, onProgress: () => undefined })
  const found = measured(specs[dearest], estimates[dearest], result[0])
  return (found.totalSeconds ?? 0) + result[0].prepareSeconds + analysisSeconds / (stored.cells.length * stored.spec.seeds)
}

export interface Submitted {
  readonly array: SlurmArray | null
  /** Runs that Slurm's jobs have in hand already. */
  readonly inHand: number
  readonly jobs: readonly SlurmJob[]
}

/** Submits what nobody has in hand; `array` null where nothing is left to submit. Throws UsageError or SlurmError. */
export async function submitStudy(workspace: Workspace, stored: StoredStudy, details: StudyDetails, wish: SlurmWish): Promise<Submitted> {
  const cpusPerTask = countOf('cpus-per-task', wish.cpusPerTask)
  const tasksPerJob = wish.tasksPerJob === undefined ? null : countOf('tasks-per-job', wish.tasksPerJob)
  const limit = wish.time === undefined ? null : limitOf(wish.time)
  const most = await arrayLimit()
  const jobs = await slurmJobs(await readSlurmArrays(workspace, stored.id))
  const taken = new Set(jobs.filter(({ state }) => isLiveJob(state)).flatMap(({ runs }) => runs))
  const rows = details.table.flatMap((row) => row.runs)
  const left = rows.filter((row) => !isOver(row) && row.state !== 'running').map(({ run }) => run)
  const free = left.filter((run) => !taken.has(run))
  const inHand = rows.filter(({ run, state }) => state === 'running' || (!hasEnded(state) && taken.has(run))).length
  if (free.length === 0) return { array: null, inHand, jobs }
  const done = rows.filter(({ state }) => state === 'done').map(({ run }) => run)
  const secondsPerRun =
    tasksPerJob !== null ? null : ((await recordedSeconds(workspace, done)) ?? (await probedSeconds(workspace, stored, cpusPerTask)))
  if (secondsPerRun !== null && limit !== null && secondsPerRun > limit)
    say(
      `a run takes about ${duration(secondsPerRun)}, longer than --time ${wish.time}: each job ends before its time is up, and the next call goes on`
    )
  const size = runsPerJob(free.length, { tasksPerJob, secondsPerRun, timeSeconds: limit, jobs: wish.jobs, limit: most })
  const array = await submitArray(workspace, {
    study: stored.id,
    shares: sharesOf(free, size),
    partition: wish.partition ?? null,
    time: wish.time ?? null,
    cpusPerTask,
    jobs: wish.jobs,
    secondsPerRun,
    program: [process.execPath, builtProgram('cli.js')]
  })
  return { array, inHand, jobs }
}

const mostJobs = 40

/** The submissions and their jobs, those that Slurm has in hand first. `ended` says of a run whether it is over. */
export function slurmText({ arrays, jobs, fault }: SlurmStates, ended: (run: string) => boolean): string {
  const names = arrays.map(({ job, partition }) => `${job ?? 'not recorded'}${partition === null ? '' : ` (${partition})`}`).join(', ')
  if (fault !== null) return `Slurm: job arrays ${names}; how they are is not known: ${fault}`
  const sorted = [...jobs].sort((a, b) => Number(isLiveJob(b.state)) - Number(isLiveJob(a.state)))
  const rows = sorted
    .slice(0, mostJobs)
    .map(({ job, state, reason, node, exit, runs }) => [
      job,
      state,
      reason ?? '·',
      node ?? '·',
      exit ?? '·',
      `${runs.filter(ended).length} of ${runs.length}`
    ])
  const more = jobs.length > mostJobs ? [`and ${jobs.length - mostJobs} jobs more`] : []
  return [
    `Slurm: job arrays ${names}; ${stateCounts(sorted)}`,
    table(['job', 'state', 'reason', 'node', 'exit', 'runs ended'], rows, ['runs ended']),
    ...more
  ].join('\n')
}
