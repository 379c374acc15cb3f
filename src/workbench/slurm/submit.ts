// A job array for what is left of a study: packed by the seconds a run takes, within what this Slurm allows, submitted and recorded.
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { SlurmArray } from '../../shared/studies/slurm'
import { addSlurmArray, dropSlurmArray, recordSlurmJob, slurmScript, slurmArrayFolder, type Workspace } from '../../store'
import { callSlurm, SlurmError } from './call'
import { batchScript } from './script'

/** What a job is packed to work for: its start, some seconds with Slurm's own part, is little beside it. */
const wantedSeconds = 300

/** Slurm's forms of a time, in seconds: minutes, minutes:seconds, hours:minutes:seconds, days-hours[:minutes[:seconds]]; null for anything else. */
export function timeSeconds(time: string): number | null {
  const found = /^(?:(\d{1,4})-)?(\d{1,6})(?::(\d{1,2}))?(?::(\d{1,2}))?$/.exec(time)
  if (!found) return null
  const [days, a, b, c] = found.slice(1).map((part) => (part === undefined ? null : Number(part)))
  if (days !== null) return ((days * 24 + Number(a)) * 60 + Number(b)) * 60 + Number(c)
  return c !== null ? (Number(a) * 60 + Number(b)) * 60 + c : Number(a) * 60 + Number(b)
}

export interface Packing {
  /** Runs a job; null: by the seconds a run takes. */
  readonly tasksPerJob: number | null
  readonly secondsPerRun: number | null
  /** The limit of a job; null: the partition's own. */
  readonly timeSeconds: number | null
  /** Runs at once in each job. */
  readonly jobs: number
  /** Jobs in an array at most. */
  readonly limit: number
}

/** Runs a job: as many as fill its time (half its limit at most), and no fewer than the limit of the array asks for. Throws SlurmError. */
export function runsPerJob(runs: number, { tasksPerJob, secondsPerRun, timeSeconds: most, jobs, limit }: Packing): number {
  const least = Math.ceil(runs / limit)
  if (tasksPerJob !== null) {
    if (tasksPerJob >= least) return tasksPerJob
    throw new SlurmError(
      `${runs} runs at ${tasksPerJob} a job are ${Math.ceil(runs / tasksPerJob)} jobs, more than the ${limit} that this Slurm takes in an array: --tasks-per-job must be at least ${least}`
    )
  }
  const seconds = Math.min(wantedSeconds, (most ?? Infinity) / 2)
  const wanted = Math.max(1, Math.floor((seconds * jobs) / Math.max(secondsPerRun ?? 0, 1e-3)))
  return Math.min(runs, Math.max(wanted, least))
}

/** Consecutive parts of at most `size`, as even as can be. */
export function sharesOf<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, k) =>
    items.slice(Math.floor((k * items.length) / count), Math.floor(((k + 1) * items.length) / count))
  )
}

export interface Submission {
  readonly study: string
  readonly shares: readonly (readonly string[])[]
  readonly partition: string | null
  readonly time: string | null
  readonly cpusPerTask: number
  readonly jobs: number
  readonly secondsPerRun: number | null
  readonly program: readonly string[]
}

/** Writes and submits the array. Throws SlurmError with Slurm's words where it is refused; then nothing of it stays. */
export async function submitArray(workspace: Workspace, submission: Submission): Promise<SlurmArray> {
  const { study, shares, partition, time, cpusPerTask, jobs, secondsPerRun, program } = submission
  const recorded = { partition, time, cpusPerTask, secondsPerRun, shares: shares.map((share) => [...share]) }
  const array = await addSlurmArray(
    workspace,
    study,
    { schemaVersion: 1, job: null, submittedAt: new Date().toISOString(), host: hostname(), ...recorded },
    (folder, number) => batchScript({ study, number, workspace: workspace.folder, folder, jobs, program })
  )
  const args = [
    '--parsable',
    `--job-name=saddlescope-${study}`,
    `--array=0-${shares.length - 1}`,
    `--cpus-per-task=${cpusPerTask}`,
    '--requeue',
    // Slurm's own log would hold nothing: the script has one in the study's folder.
    '--output=/dev/null',
    // Half a minute before its time is up a job ends after the step in hand, as on Ctrl-C.
    '--signal=B:TERM@30',
    ...(partition === null ? [] : [`--partition=${partition}`]),
    ...(time === null ? [] : [`--time=${time}`]),
    join(slurmArrayFolder(workspace, study, array.number), slurmScript)
  ]
  let answer: string
  try {
    answer = await callSlurm('sbatch', args, 'take the jobs')
  } catch (error) {
    await dropSlurmArray(workspace, study, array.number)
    throw error
  }
  // "1234" or "1234;cluster".
  const job = /^(\d+)/m.exec(answer)?.[1]
  if (job === undefined) throw new SlurmError(`sbatch names no job: ${answer.trim().slice(0, 200)}`)
  return recordSlurmJob(workspace, study, array, job)
}

/** Ends these jobs. Throws SlurmError. */
export const cancelJobs = (jobs: readonly string[]) => inParts(jobs, (some) => callSlurm('scancel', some, 'cancel them'))

/** Puts these jobs, which run or have ended, into the queue again. Throws SlurmError. */
export const requeueJobs = (jobs: readonly string[]) =>
  inParts(jobs, (some) => callSlurm('scontrol', ['requeue', some.join(',')], 'take them again'))

/** A command line holds only so many. */
async function inParts(jobs: readonly string[], call: (some: readonly string[]) => Promise<unknown>) {
  for (let at = 0; at < jobs.length; at += 500) await call(jobs.slice(at, at + 500))
}
