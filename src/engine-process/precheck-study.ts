// Do the cells of a study meet their data? What many cells share is looked at once.
import { analysisEngines, type AnalysisEngine } from '../engine/analyses'
import type { CheckedCell } from '../shared/studies/check'
import { judgedOn } from '../shared/studies/metrics'
import type { StudySpec } from '../shared/studies/spec'
import { problemLine, type SpecProblem } from '../shared/spec/problem'
import { isFunctionSpec, type RunSpec } from '../shared/spec/schema'
import type { Workspace } from '../store'
import { shapeOf } from './analyses/source'
import { precheckSpec, type SpecFacts } from './precheck'

/** What the check of a spec against its data depends on. */
function dataKey(spec: RunSpec): string {
  if (isFunctionSpec(spec)) return JSON.stringify(spec.problem)
  const { kind } = spec.optimizer
  return JSON.stringify([spec.data, spec.model, spec.loss, kind, 'scope' in spec.optimizer ? spec.optimizer.scope : null])
}

const most = 5

/** What an analysis refuses of a cell, and how long the analyses of a run of it take, roughly. */
function analysesOf({ analyse }: Pick<StudySpec, 'analyse'>, { index, spec }: CheckedCell, facts: SpecFacts) {
  const problems: SpecProblem[] = []
  let seconds = 0
  for (const { kind, options } of analyse) {
    const engine = analysisEngines[kind] as AnalysisEngine<unknown>
    const samples = engine.data ?? (options.data === 'all' ? 'all' : 'batch')
    // What compares stored steps finds those of a run, which are not known yet.
    const shape = shapeOf(spec, facts, null, samples, 2)
    const refusal = engine.refusal?.(spec, shape, options) ?? null
    if (refusal !== null) problems.push({ path: `cells.${index}`, message: `${kind}: ${refusal}` })
    seconds += engine.cost(shape, options, spec).seconds
  }
  return { problems, seconds }
}

/** Facts of each cell, in order, for the estimate; problems by cell; seconds of all analyses of all runs. */
export async function precheckStudy(
  workspace: Workspace,
  study: StudySpec,
  cells: readonly CheckedCell[]
): Promise<{ facts: SpecFacts[]; problems: SpecProblem[]; analysisSeconds: number }> {
  const known = new Map<string, Awaited<ReturnType<typeof precheckSpec>>>()
  const facts: SpecFacts[] = []
  const problems: SpecProblem[] = []
  const metrics = [study.select.metric, ...(study.target === null ? [] : [study.target.metric])]
  let analysisSeconds = 0
  for (const cell of cells) {
    const { index, spec } = cell
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
    if (met.problems.length === 0) {
      const analyses = analysesOf(study, cell, met.facts)
      problems.push(...analyses.problems)
      analysisSeconds += analyses.seconds * cell.runs.length
    }
    if (problems.length >= most) break
  }
  return { facts, problems, analysisSeconds }
}
