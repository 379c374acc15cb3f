// Analyses that a study makes of its runs: what is asked for, what its figures are called among the metrics, and what was found of a run.
import { z } from 'zod'
import { analysisKindNames, analysisKinds, isPointKind, type AnalysisKind, type PointKind } from '../analyses/kinds'
import { schemaProblems } from '../spec/check'
import type { SpecProblem } from '../spec/problem'

const pointKinds = analysisKindNames.filter(isPointKind) as [PointKind, ...PointKind[]]

export const studyAnalysisSchema = z.strictObject({
  kind: z.enum(pointKinds),
  /** The weights that a run began with, or those after its last step. */
  at: z.enum(['start', 'last']).default('last'),
  /** Of the kind; what is left out has its default. */
  options: z.record(z.string(), z.json()).default({})
})
export type StudyAnalysis = z.output<typeof studyAnalysisSchema>
export const studyAnalysisKinds: readonly PointKind[] = pointKinds

/** The options with their defaults; as they are where they are wrong, which `analysisProblems` says. */
export function completeAnalysis(analysis: StudyAnalysis): StudyAnalysis {
  const read = analysisKinds[analysis.kind].options.safeParse(analysis.options)
  return read.success ? { ...analysis, options: read.data as StudyAnalysis['options'] } : analysis
}

/** Options that are wrong, and a kind that stands twice: its columns would be of both. */
export const analysisProblems = (analyses: readonly StudyAnalysis[]): SpecProblem[] =>
  analyses.flatMap(({ kind, options }, k) => {
    const first = analyses.findIndex((other) => other.kind === kind)
    const twice = first < k ? [{ path: `analyse.${k}.kind`, message: `${kind} is asked for already by analyse.${first}` }] : []
    const wrong = schemaProblems(analysisKinds[kind].options, options)
    return [...twice, ...wrong.map(({ path, message }) => ({ path: `analyse.${k}.options${path === '' ? '' : `.${path}`}`, message }))]
  })

/** The kind that a metric such as `lyapunov.largest` is a figure of, with the figure; null for metrics of training. */
export function analysisFigure(metric: string): { readonly kind: AnalysisKind; readonly figure: string } | null {
  const dot = metric.indexOf('.')
  const kind = analysisKindNames.find((name) => dot > 0 && name === metric.slice(0, dot))
  return kind === undefined ? null : { kind, figure: metric.slice(dot + 1) }
}

/** `lyapunov.largest`, …: the columns of these analyses, in the order of the kinds' figures. */
export const analysisMetrics = (analyses: readonly Pick<StudyAnalysis, 'kind'>[]): string[] =>
  analyses.flatMap(({ kind }) => Object.keys(analysisKinds[kind].figures).map((figure) => `${kind}.${figure}`))

/** Why a study has no such metric of an analysis, in words that follow the path; null where it has. */
export function missingAnalysisMetric(metric: string, analyses: readonly StudyAnalysis[]): string | null {
  const found = analysisFigure(metric)
  if (found === null) return null
  const figures = Object.keys(analysisKinds[found.kind].figures)
  if (!figures.includes(found.figure)) return `must be a figure of ${found.kind} (${figures.join(', ')}), got "${metric}"`
  return analyses.some(({ kind }) => kind === found.kind)
    ? null
    : `is a figure of the analysis ${found.kind}, which the study does not make: put {"kind": "${found.kind}"} into analyse, got "${metric}"`
}

/** What became of one analysis of one run. */
export type FoundAnalysis =
  | { readonly step: number; readonly figures: Readonly<Record<string, number | null>> }
  | { readonly fault: string }

/** All figures of a run's analyses by the names of metrics; null where there is none. */
export const figuresOfRun = (
  analyses: readonly StudyAnalysis[],
  found: readonly (FoundAnalysis | null)[]
): Readonly<Record<string, number | null>> =>
  Object.fromEntries(
    analyses.flatMap(({ kind }, k) => {
      const one = found[k] ?? null
      const figures = one !== null && 'figures' in one ? one.figures : {}
      return Object.keys(analysisKinds[kind].figures).map((figure) => [`${kind}.${figure}`, figures[figure] ?? null])
    })
  )
