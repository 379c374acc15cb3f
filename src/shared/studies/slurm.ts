// What is recorded of a study's job arrays on a Slurm cluster, and what Slurm says of their jobs.
import { z } from 'zod'

/** One submission: `shares[k]` are the runs that the array's job k takes, packed so that its work outlasts its start by far. */
export const slurmArraySchema = z.object({
  schemaVersion: z.literal(1),
  /** Slurm's id of the array; null while it is being submitted. */
  job: z.string().regex(/^\d+$/).nullable(),
  /** ISO 8601, UTC. */
  submittedAt: z.string(),
  /** Where it was submitted from. */
  host: z.string(),
  partition: z.string().nullable(),
  /** As Slurm takes it; null: the partition's own limit. */
  time: z.string().nullable(),
  cpusPerTask: z.number().int().positive(),
  /** What a run was taken to last when they were packed; null where the number of runs a job was given. */
  secondsPerRun: z.number().nullable(),
  shares: z.array(z.array(z.string())).min(1)
})
export interface SlurmArray extends z.output<typeof slurmArraySchema> {
  /** Counted from 1, in the study's order. */
  readonly number: number
}

export interface SlurmJob {
  /** As Slurm names it: `12_5`, job 5 of the array 12. */
  readonly job: string
  /** Slurm's word, such as PENDING, RUNNING, COMPLETED, CANCELLED, NODE_FAIL; UNKNOWN where Slurm has forgotten it. */
  readonly state: string
  /** Why it waits or ended so; null where Slurm gives none. */
  readonly reason: string | null
  readonly node: string | null
  /** `code:signal` of one that ended; null where it is not told. */
  readonly exit: string | null
  /** Its share of the study's runs. */
  readonly runs: readonly string[]
}

export interface SlurmStates {
  readonly arrays: readonly Omit<SlurmArray, 'shares'>[]
  readonly jobs: readonly SlurmJob[]
  /** Why Slurm could not be asked, one sentence; null where it answered. */
  readonly fault: string | null
}

const live = new Set(['PENDING', 'CONFIGURING', 'RUNNING', 'SUSPENDED', 'STOPPED', 'COMPLETING', 'STAGE_OUT', 'SIGNALING'])
const returning = new Set(['REQUEUED', 'REQUEUE_FED', 'REQUEUE_HOLD', 'RESV_DEL_HOLD', 'SPECIAL_EXIT', 'RESIZING'])
/** Slurm has it in hand: it runs, or will. */
export const isLiveJob = (state: string) => live.has(state) || returning.has(state)

/** How many jobs are in each state, as they come: "3 running, 12 pending". */
export function stateCounts(jobs: readonly SlurmJob[]): string {
  const counts = new Map<string, number>()
  for (const { state } of jobs) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => `${count} ${state.toLowerCase().replaceAll('_', ' ')}`).join(', ')
}
