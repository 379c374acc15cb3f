// Specs as requests bring them: refused with every fault, and with what does not fit unless that is confirmed.
import { precheckSpec, type SpecFacts } from '../engine-process/precheck'
import type { SpecEstimate } from '../shared/run/estimate'
import { fitWarnings } from '../shared/run/fit'
import { checkSpec } from '../shared/spec/check'
import { problemLine } from '../shared/spec/problem'
import type { RunSpec } from '../shared/spec/schema'
import type { WorkbenchContext } from './context'
import { availableHere, estimateHere } from './estimates'
import { Failure } from './failure'

export interface MetSpec {
  readonly spec: RunSpec
  readonly facts: SpecFacts
}

/** A complete spec that meets its data, with what the estimate has to know of it; or a Failure that names every fault. */
export async function requireSpec({ workspace }: Pick<WorkbenchContext, 'workspace'>, input: unknown): Promise<MetSpec> {
  const { spec, problems: own } = await checkSpec(input)
  const met = spec && (await precheckSpec(workspace, spec))
  const problems = met?.problems ?? own
  if (!spec || !met || problems.length > 0) throw new Failure('bad-request', problemLine(problems[0]), problems)
  return { spec, facts: met.facts }
}

/** Throws `conflict` with both figures where the runs are estimated not to fit into memory, onto the disk or into a year. */
export async function requireFit(context: WorkbenchContext, runs: readonly MetSpec[]): Promise<void> {
  const needs = []
  for (const { spec, facts } of runs) needs.push(await estimateHere(context, spec, facts))
  await requireRoom(context, needs)
}

/** The same for what was estimated already. */
export async function requireRoom(context: WorkbenchContext, needs: readonly SpecEstimate[]): Promise<void> {
  const warnings = fitWarnings(needs, await availableHere(context))
  if (warnings.length > 0)
    throw new Failure(
      'conflict',
      `${warnings.map(({ message }) => message).join('; ')}: start it from New run, where that can be confirmed`
    )
}
