// Studies on a Slurm cluster: `study SPEC.json --slurm`, `study cancel`, `study requeue`; and `study work`, which its jobs are.
import { hasEnded } from '../../shared/studies/details'
import { isLiveJob, stateCounts, type SlurmJob } from '../../shared/studies/slurm'
import { readSlurmArray, readSlurmArrays, readStudy, refreshStudyTables, type StoredStudy, type Workspace } from '../../store'
import { slurmJobs } from '../../workbench/slurm/states'
import { cancelJobs, requeueJobs } from '../../workbench/slurm/submit'
import { print, printJson, say, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { lookAt, workOnStored } from '../study/session'
import { submitStudy, type SlurmWish } from '../study/slurm'

/** Submits what is left of the study and says what was submitted. */
export async function submit(workspace: Workspace, stored: StoredStudy, wish: SlurmWish, json: boolean): Promise<number> {
  const look = () => lookAt(workspace, stored, false)
  const { array, inHand, jobs } = await submitStudy(workspace, stored, (await look()).details, wish)
  if (array === null) {
    if (json) print(JSON.stringify({ event: 'submitted', study: stored.id, job: null, jobs: 0, runs: 0, inHand }))
    else if (inHand === 0) say(`study ${stored.id}: all of its runs have ended; nothing is left to submit`)
    else say(`study ${stored.id}: the ${inHand} runs that are left are in hand${jobs.length > 0 ? `; jobs: ${stateCounts(jobs)}` : ''}`)
    return 0
  }
  // study.json names the array from now on; a job that is quick may be writing it already.
  await refreshStudyTables(workspace, stored, look, 10_000)
  const runs = array.shares.flat().length
  const [count, most] = [array.shares.length, Math.max(...array.shares.map(({ length }) => length))]
  if (json) {
    const { job, secondsPerRun } = array
    print(JSON.stringify({ event: 'submitted', study: stored.id, job, jobs: count, runs, tasksPerJob: most, secondsPerRun, inHand }))
  } else
    say(
      `study ${stored.id}: submitted ${runs} runs as job array ${array.job}, ${count} jobs of up to ${most} runs; \`study show ${stored.id}\` says how they are`
    )
  return 0
}

interface WorkWish extends WorkspaceOptions {
  readonly jobs: number
  readonly threads?: number
  readonly array?: number
  readonly place?: number
}

/** Works on a study by its id alone; with `array` and `place` on one job's share of a submission. */
export async function work(id: string, options: WorkWish): Promise<number> {
  const { jobs, threads = null, array, place } = options
  for (const [name, value] of Object.entries({ jobs, threads, array }))
    if (typeof value === 'number' && (!Number.isInteger(value) || value < 1 || value > 1_000_000))
      throw new UsageError(`--${name}: must be an integer from 1, got ${value}`)
  if ((array === undefined) !== (place === undefined)) throw new UsageError('--array and --place say a share together: give both or none')
  const workspace = await writableWorkspace(options)
  const stored = await readStudy(workspace, id)
  let share: ReadonlySet<string> | null = null
  if (array !== undefined && place !== undefined) {
    const { shares } = await readSlurmArray(workspace, id, array)
    if (!shares[place])
      throw new UsageError(`--place: job array ${array} of study ${id} has the places 0 to ${shares.length - 1}, got ${place}`)
    share = new Set(shares[place])
  }
  return workOnStored(workspace, stored, { jobs, threads, share, json: options.json ?? false })
}

/** The jobs that are named (`12_5`, or an array, `12`), or all. Throws UsageError for one that is not of the study. */
function chosen(study: string, jobs: readonly SlurmJob[], names: readonly string[]): SlurmJob[] {
  const called = (name: string) => jobs.filter(({ job }) => job === name || job.startsWith(`${name}_`))
  const unknown = names.find((name) => called(name).length === 0)
  if (unknown !== undefined) throw new UsageError(`study ${study} has no job ${unknown}; \`study show ${study}\` lists its jobs`)
  const named = new Set(names.flatMap(called))
  return names.length === 0 ? [...jobs] : jobs.filter((job) => named.has(job))
}

async function jobsOf(workspace: Workspace, { id }: StoredStudy) {
  const arrays = await readSlurmArrays(workspace, id)
  if (arrays.length === 0) throw new UsageError(`nothing of study ${id} was submitted to Slurm: \`study SPEC.json --slurm\` does`)
  return slurmJobs(arrays)
}

/** Cancels jobs that wait or run: runs in hand end after their step and stay to be gone on from. */
export async function cancel(id: string, names: readonly string[], options: WorkspaceOptions): Promise<void> {
  const workspace = await writableWorkspace(options)
  const live = chosen(id, await jobsOf(workspace, await readStudy(workspace, id)), names).filter(({ state }) => isLiveJob(state))
  const jobs = live.map(({ job }) => job)
  await cancelJobs(jobs)
  if (options.json) printJson({ study: id, cancelled: jobs })
  else
    say(
      jobs.length === 0
        ? `study ${id}: no job waits or runs`
        : `study ${id}: cancelled ${jobs.length} jobs; what is left: \`study SPEC.json\`, with or without --slurm`
    )
}

/** Puts jobs whose runs have not all ended into the queue again: those that ended, and those that are named though they run. */
export async function requeue(id: string, names: readonly string[], options: WorkspaceOptions): Promise<void> {
  const workspace = await writableWorkspace(options)
  const stored = await readStudy(workspace, id)
  const all = chosen(id, await jobsOf(workspace, stored), names)
  const { run } = await lookAt(workspace, stored, false)
  const ended = (one: string) => hasEnded(run(one)?.state ?? 'planned')
  const jobs = all.filter(({ state, runs }) => state !== 'PENDING' && (names.length > 0 || !isLiveJob(state)) && !runs.every(ended))
  const forgotten = jobs.filter(({ state }) => state === 'UNKNOWN')
  if (forgotten.length > 0)
    throw new UsageError(`Slurm does not know job ${forgotten[0].job} any more: \`study SPEC.json --slurm\` submits what is left`)
  await requeueJobs(jobs.map(({ job }) => job))
  if (options.json) printJson({ study: id, requeued: jobs.map(({ job }) => job) })
  else say(jobs.length === 0 ? `study ${id}: no job is left to requeue` : `study ${id}: requeued ${jobs.length} jobs`)
}
