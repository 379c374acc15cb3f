// What the screen says of a study's jobs on a cluster.
import type { StudyRow } from '../../../shared/studies/answers'
import { hasEnded } from '../../../shared/studies/details'
import { isLiveJob, stateCounts, type SlurmJob, type SlurmStates } from '../../../shared/studies/slurm'

/** "Job array 12: 3 running, 17 pending". */
export function slurmHeadline({ arrays, jobs, fault }: SlurmStates): string {
  const names = arrays.map(({ job }) => job ?? 'not recorded').join(', ')
  const head = `${arrays.length === 1 ? 'Job array' : 'Job arrays'} ${names}`
  return fault === null && jobs.length > 0 ? `${head}: ${stateCounts(inOrder(jobs))}` : head
}

export interface JobRow {
  readonly job: string
  /** In words: `pending`, `node fail`. */
  readonly state: string
  readonly tone: 'good' | 'bad' | 'plain'
  /** Slurm's reason, node and exit status, as far as it tells them. */
  readonly why: string
  /** Runs of its share that have ended, of how many. */
  readonly ended: number
  readonly of: number
}

/** Those that Slurm has in hand first; in Slurm's order otherwise. */
const inOrder = (jobs: readonly SlurmJob[]) => [...jobs].sort((a, b) => Number(isLiveJob(b.state)) - Number(isLiveJob(a.state)))

export function jobRows(jobs: readonly SlurmJob[], table: readonly StudyRow[]): JobRow[] {
  const ended = new Set(table.flatMap(({ runs }) => runs.filter(({ state }) => hasEnded(state)).map(({ run }) => run)))
  return inOrder(jobs).map(({ job, state, reason, node, exit, runs }) => ({
    job,
    state: state.toLowerCase().replaceAll('_', ' '),
    tone: state === 'COMPLETED' ? 'good' : isLiveJob(state) || state === 'UNKNOWN' ? 'plain' : 'bad',
    why: [reason, node === null ? null : `on ${node}`, exit === null || exit === '0:0' ? null : `exit ${exit}`]
      .filter((part) => part !== null)
      .join(', '),
    ended: runs.filter((run) => ended.has(run)).length,
    of: runs.length
  }))
}
