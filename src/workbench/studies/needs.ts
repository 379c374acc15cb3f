// What the runs of a study will take: cells that do the same work are estimated once.
import type { SpecFacts } from '../../engine-process/precheck'
import type { SpecEstimate } from '../../shared/run/estimate'
import type { RunSpec } from '../../shared/spec/schema'
import type { WorkbenchContext } from '../context'
import { estimateHere } from '../estimates'

/** Rates, dampings, seeds and names change no cost. */
function workKey(spec: RunSpec): string {
  const { learningRate: _rate, ...optimizer } = spec.optimizer
  return JSON.stringify({ ...spec, name: '', seed: 0, optimizer: 'damping' in optimizer ? { ...optimizer, damping: 0 } : optimizer })
}

export interface PlannedRuns {
  readonly spec: RunSpec
  readonly facts: SpecFacts
  /** Runs of this spec. */
  readonly count: number
}

/** An estimate a run, in order. */
export async function needsOf(context: WorkbenchContext, planned: readonly PlannedRuns[]): Promise<SpecEstimate[]> {
  const known = new Map<string, SpecEstimate>()
  const needs: SpecEstimate[] = []
  for (const { spec, facts, count } of planned) {
    const key = workKey(spec)
    const estimate = known.get(key) ?? (await estimateHere(context, spec, facts))
    known.set(key, estimate)
    for (let k = 0; k < count; k++) needs.push(estimate)
  }
  return needs
}
