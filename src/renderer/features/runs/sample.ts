// The runs that are looked into for names of fields and metrics: the newest of each optimizer, those with steps first.
import type { RunSummary } from '../../../shared/run/summary'

const most = 40
const ofEach = 3

export function sampleRuns(runs: readonly RunSummary[]): RunSummary[] {
  const byOptimizer = new Map<string, RunSummary[]>()
  for (const run of runs) {
    const some = byOptimizer.get(run.optimizer)
    if (some) some.push(run)
    else byOptimizer.set(run.optimizer, [run])
  }
  return [...byOptimizer.values()]
    .flatMap((some) =>
      some
        .sort((a, b) => Number(b.step > 0) - Number(a.step > 0) || (a.createdAt < b.createdAt ? 1 : -1))
        .slice(0, Math.max(ofEach, Math.floor(most / byOptimizer.size)))
    )
    .slice(0, most)
}
