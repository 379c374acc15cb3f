// A spec that does not meet its data or its files is refused before anything is made.
import { precheckSpec } from '../engine-process/precheck'
import { problemLine } from '../shared/spec/problem'
import type { RunSpec } from '../shared/spec/schema'
import type { Workspace } from '../store'
import { UsageError } from './ending'

export async function requireFit(workspace: Workspace, spec: RunSpec): Promise<void> {
  const { problems } = await precheckSpec(workspace, spec)
  if (problems.length === 0) return
  const [first, ...more] = problems.map(problemLine)
  throw new UsageError(first, more)
}
