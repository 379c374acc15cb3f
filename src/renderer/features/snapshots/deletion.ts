// Deleting snapshots of many runs: what would go is asked first, run by run; what then goes must be just that.
import type { PruneAnswer, SnapshotEntry } from '../../../shared/api/contract'
import { call, invalidate } from '../../app/data'
import { byRun } from './choice'
import { messageOf } from '../../../shared/format/message-of'

/** The rule that says which of the snapshots go. */
export interface PruneRule {
  readonly keepEvery: number | null
  readonly hessiansOnly: boolean
}

export type Deletion =
  /** Of these snapshots those go that the rule of their run does not keep. */
  | ({ readonly kind: 'prune' } & PruneRule)
  /** Just these go. */
  | { readonly kind: 'remove'; readonly hessiansOnly: boolean }

export interface RunPlan {
  readonly run: string
  readonly runName: string
  /** What goes, or why nothing of this run can. */
  readonly answer: PruneAnswer | { readonly fault: string }
}

function ask(deletion: Deletion, run: string, steps: number[], expected?: PruneAnswer['freed']): Promise<PruneAnswer> {
  const common = { run, hessiansOnly: deletion.hessiansOnly, ...(expected ? { expected: [...expected] } : { dryRun: true }) }
  return deletion.kind === 'prune'
    ? call('snapshots.prune', { ...common, keepEvery: deletion.keepEvery, among: steps })
    : call('snapshots.remove', { ...common, steps })
}

const faultOf = (error: unknown) => ({ fault: messageOf(error) })

/** What would go of each run. One run after the other: many small questions, none of which holds up the page. */
export async function previewDeletion(deletion: Deletion, among: readonly SnapshotEntry[], signal: AbortSignal): Promise<RunPlan[]> {
  const plans: RunPlan[] = []
  for (const { run, runName, steps } of byRun(among)) {
    signal.throwIfAborted()
    const answer = await ask(deletion, run, steps).catch(faultOf)
    if ('fault' in answer || answer.freed.length > 0) plans.push({ run, runName, answer })
  }
  return plans
}

/** Deletes what was shown, and nothing else: a run whose snapshots have changed since is left and named. */
export async function applyDeletion(
  deletion: Deletion,
  plans: readonly RunPlan[]
): Promise<{ bytes: number; count: number; faults: string[] }> {
  let bytes = 0
  let count = 0
  const faults: string[] = []
  for (const { run, answer } of plans) {
    if ('fault' in answer) continue
    try {
      const done = await ask(deletion, run, [...answer.steps], answer.freed)
      bytes += done.bytes
      count += done.steps.length
    } catch (error) {
      faults.push(faultOf(error).fault)
    }
  }
  invalidate((method) => method.startsWith('snapshots.') || method === 'storage.summary' || method === 'runs.get')
  return { bytes, count, faults }
}

const going = (plans: readonly RunPlan[]) => plans.flatMap(({ answer }) => ('fault' in answer ? [] : [answer]))
export const bytesOf = (plans: readonly RunPlan[]) => going(plans).reduce((sum, { bytes }) => sum + bytes, 0)
export const countOf = (plans: readonly RunPlan[]) => going(plans).reduce((sum, { freed }) => sum + freed.length, 0)
export const countOfSnapshots = (count: number) => (count === 1 ? '1 snapshot' : `${count} snapshots`)
