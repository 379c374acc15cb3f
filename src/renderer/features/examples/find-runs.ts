// The runs of this workspace that an example can show: those that do what its preset says, whatever they are called.
import type { RunSummary } from '../../../shared/run/summary'
import { differences } from '../../../shared/spec/leaves'
import { isFunctionSpec, type RunSpec } from '../../../shared/spec/schema'

/** Names, tags and checkpoints do not change what is drawn; a budget that was raised draws more of it. */
const indifferent = /^(name|tags|checkpoints\..*|budget\..*)$/

export const doesTheSame = (wanted: RunSpec, found: RunSpec): boolean =>
  differences(wanted, found).every(({ path }) => indifferent.test(path))

/** Runs that are worth a look into their specs, the newest first; those that failed or were broken off show too little. */
export function candidates(wanted: RunSpec, runs: readonly RunSummary[]): RunSummary[] {
  const dataset = !isFunctionSpec(wanted) && typeof wanted.data.dataset === 'string' ? wanted.data.dataset : null
  return runs
    .filter(
      ({ optimizer, dataset: of, state }) =>
        optimizer === wanted.optimizer.kind &&
        (dataset === null || of === dataset) &&
        ['done', 'running', 'queued', 'paused'].includes(state)
    )
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .slice(0, 40)
}

/** For each spec the newest run that does the same; null where there is none. */
export async function findRuns(
  specs: readonly RunSpec[],
  runs: readonly RunSummary[],
  specOf: (id: string) => Promise<RunSpec | null>
): Promise<(string | null)[]> {
  const found: (string | null)[] = []
  for (const wanted of specs) {
    let match: string | null = null
    for (const { id } of candidates(wanted, runs)) {
      if (found.includes(id)) continue
      const spec = await specOf(id)
      if (spec === null || !doesTheSame(wanted, spec)) continue
      match = id
      break
    }
    found.push(match)
  }
  return found
}
