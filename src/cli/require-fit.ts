// A spec that does not meet its data or its files, or that needs more than there is, is refused before anything is made: by the rules of the window.
import { totalmem } from 'node:os'
import { freeBytes } from '../engine-process/doctor'
import { precheckSpec, type SpecFacts } from '../engine-process/precheck'
import { estimate } from '../shared/run/estimate'
import { fitWarnings } from '../shared/run/fit'
import { problemLine } from '../shared/spec/problem'
import type { RunSpec } from '../shared/spec/schema'
import type { Workspace } from '../store'
import { openSettings } from '../workbench/settings'
import { openStorage } from '../workbench/storage'
import { UsageError } from './ending'

/** What the estimate has to know of the spec. Throws UsageError with every fault. */
export async function requireFit(workspace: Workspace, spec: RunSpec, trains = true): Promise<SpecFacts> {
  const { facts, problems } = await precheckSpec(workspace, spec, trains)
  if (problems.length === 0) return facts
  const [first, ...more] = problems.map(problemLine)
  throw new UsageError(first, more)
}

/** Refuses runs that are estimated not to fit into memory, onto the disk or into the workspace's disk budget. Their time is not known here: nothing was measured. */
export async function requireRoom(
  workspace: Workspace,
  runs: readonly { readonly spec: RunSpec; readonly facts: SpecFacts }[]
): Promise<void> {
  const needs = runs.map(({ spec, facts }) => estimate(spec, facts))
  const available = {
    memoryBytes: totalmem(),
    diskBytes: await freeBytes(workspace.folder),
    budget: await openStorage(workspace, await openSettings(workspace)).budget()
  }
  const [first, ...more] = fitWarnings(needs, available).map(({ message }) => `${message} (--force starts it all the same)`)
  if (first) throw new UsageError(first, more)
}
