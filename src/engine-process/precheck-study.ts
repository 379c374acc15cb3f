// Do the cells of a study meet their data? What many cells share is looked at once.
import type { CheckedCell } from '../shared/studies/check'
import { judgedOn } from '../shared/studies/metrics'
import type { StudySpec } from '../shared/studies/spec'
import { problemLine, type SpecProblem } from '../shared/spec/problem'
import { isFunctionSpec, type RunSpec } from '../shared/spec/schema'
import type { Workspace } from '../store'
import { precheckSpec, type SpecFacts } from './precheck'

/** What the check of a spec against its data depends on. */
function dataKey(spec: RunSpec): string {
  if (isFunctionSpec(spec)) return JSON.stringify(spec.problem)
  const { kind } = spec.optimizer
  return JSON.stringify([spec.data, spec.model, spec.loss, kind, 'scope' in spec.optimizer ? spec.optimizer.scope : null])
}

const most = 5

/** Facts of each cell, in order, for the estimate; problems by cell. */
export async function precheckStudy(
  workspace: Workspace,
  study: StudySpec,
  cells: readonly CheckedCell[]
): Promise<{ facts: SpecFacts[]; problems: SpecProblem[] }> {
  const known = new Map<string, Awaited<ReturnType<typeof precheckSpec>>>()
  const facts: SpecFacts[] = []
  const problems: SpecProblem[] = []
  const metrics = [study.select.metric, ...(study.target === null ? [] : [study.target.metric])]
  for (const { index, spec } of cells) {
    const key = dataKey(spec)
    const met = known.get(key) ?? (await precheckSpec(workspace, spec))
    if (!known.has(key)) {
      for (const problem of met.problems) problems.push({ path: `cells.${index}`, message: problemLine(problem) })
      const tested = metrics.find((metric) => judgedOn(metric) === 'test')
      if (tested !== undefined && met.facts.data?.testCount === 0)
        problems.push({ path: `cells.${index}`, message: `data.dataset has no test samples, and so no ${tested}` })
    }
    known.set(key, met)
    facts.push(met.facts)
    if (problems.length >= most) break
  }
  return { facts, problems }
}
