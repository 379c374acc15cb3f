// Specs as requests bring them: refused with every fault, and with what does not fit unless that is confirmed.
import { precheckSpec } from '../engine-process/precheck'
import { fitWarnings } from '../shared/run/fit'
import { checkSpec } from '../shared/spec/check'
import { problemLine } from '../shared/spec/problem'
import type { RunSpec } from '../shared/spec/schema'
import type { WorkbenchContext } from './context'
import { availableHere, estimateHere } from './estimates'
import { Failure } from './failure'

/** A complete spec that meets its data, or a Failure that names every fault. */
export async function requireSpec({ workspace }: Pick<WorkbenchContext, 'workspace'>, input: unknown): Promise<RunSpec> {
  const { spec, problems } = await checkSpec(input)
  const all = spec ? (await precheckSpec(workspace, spec)).problems : problems
  if (!spec || all.length > 0) throw new Failure('bad-request', problemLine(all[0]), all)
  return spec
}

/** Throws `conflict` with both figures where the runs are estimated not to fit into memory, onto the disk or into a year. */
export async function requireFit(context: WorkbenchContext, specs: readonly RunSpec[]): Promise<void> {
  const needs = []
  for (const spec of specs) needs.push(await estimateHere(context, spec, (await precheckSpec(context.workspace, spec)).facts))
  const warnings = fitWarnings(needs, await availableHere(context))
  if (warnings.length > 0)
    throw new Failure(
      'conflict',
      `${warnings.map(({ message }) => message).join('; ')}: start it from New run, where that can be confirmed`
    )
}
