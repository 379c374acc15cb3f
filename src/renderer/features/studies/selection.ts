// What a study can be judged by: metrics with the samples they are measured on, and where along a run they are taken.
import { analysisKinds } from '../../../shared/analyses/kinds'
import { analysisFigure, analysisMetrics, studyAnalysisKinds, type StudyAnalysis } from '../../../shared/studies/analyses'
import { isObject, valueAt } from '../new-run/spec-edit'

export interface MetricChoice {
  readonly value: string
  readonly label: string
}

const training: readonly MetricChoice[] = [
  { value: 'loss', label: 'loss: of the step’s batch' },
  { value: 'gradNorm', label: 'gradNorm: ‖gradient‖ of the step’s batch' },
  { value: 'lambdaMin', label: 'lambdaMin: smallest eigenvalue' },
  { value: 'lambdaMax', label: 'lambdaMax: largest eigenvalue' },
  { value: 'index', label: 'index: fraction of negative eigenvalues' }
]

/** The analyses of a study as its JSON has them; what is none is left out. */
export const askedAnalyses = (study: Readonly<Record<string, unknown>> | null): (Pick<StudyAnalysis, 'kind'> & Partial<StudyAnalysis>)[] =>
  (Array.isArray(study?.analyse) ? (study.analyse as unknown[]) : []).filter(
    (one): one is Pick<StudyAnalysis, 'kind'> & Record<string, unknown> =>
      isObject(one) && (studyAnalysisKinds as readonly unknown[]).includes(one.kind)
  )

const ofAnalyses = (analyses: readonly Pick<StudyAnalysis, 'kind'>[]): MetricChoice[] =>
  analysisMetrics(analyses).map((metric) => {
    const found = analysisFigure(metric)
    const meaning = found === null ? '' : ((analysisKinds[found.kind].figures as Readonly<Record<string, string>>)[found.figure] ?? '')
    const short = meaning.split(/[;:,(]/)[0].trim()
    return { value: metric, label: `${metric}: ${short}` }
  })

/** Those that the runs of this base will have, and the one that is chosen now. Test figures are marked as such. */
export function metricChoices(
  base: unknown,
  current: string | null,
  analyses: readonly Pick<StudyAnalysis, 'kind'>[] = []
): MetricChoice[] {
  const network = isObject(base) && 'data' in base
  const validation = (valueAt(base, ['data', 'validation']) ?? null) !== null
  const classes = network && (valueAt(base, ['data', 'targets']) ?? 'one-hot') === 'one-hot'
  const list = [
    ...(validation ? [{ value: 'valLoss', label: 'valLoss: on the validation samples' }] : []),
    ...(validation && classes ? [{ value: 'valAccuracy', label: 'valAccuracy: on the validation samples' }] : []),
    ...training.slice(0, 1),
    ...(valueAt(base, ['loss']) === 'half-sse' ? [{ value: 'lossPerSample', label: 'lossPerSample: loss / samples of the batch' }] : []),
    ...training.slice(1),
    ...(network ? [{ value: 'testLoss', label: 'testLoss: TEST figure' }] : []),
    ...(network && classes ? [{ value: 'testAccuracy', label: 'testAccuracy: TEST figure' }] : []),
    ...ofAnalyses(analyses)
  ]
  return current === null || list.some(({ value }) => value === current) ? list : [...list, { value: current, label: current }]
}

export const isTestMetric = (metric: string) => /^test[A-Z]/.test(metric)
export const goalOf = (metric: string): 'min' | 'max' => (/accuracy$/i.test(metric) ? 'max' : 'min')

/** What counts where the study names nothing. */
export function defaultSelect(base: unknown): { metric: string; goal: 'min'; at: 'last' } {
  const validation = (valueAt(base, ['data', 'validation']) ?? null) !== null
  return { metric: validation ? 'valLoss' : 'loss', goal: 'min', at: 'last' }
}

export type PlaceKind = 'last' | 'best' | 'step' | 'seconds' | 'gradientEvaluations'
export const placeKinds: readonly { readonly value: PlaceKind; readonly label: string }[] = [
  { value: 'last', label: 'At the last step that has it' },
  { value: 'best', label: 'At its best along the run' },
  { value: 'step', label: 'At a step' },
  { value: 'seconds', label: 'After seconds of step time' },
  { value: 'gradientEvaluations', label: 'After gradient evaluations' }
]
const starts = { step: 100, seconds: 10, gradientEvaluations: 1000 }

export const placeKindOf = (at: unknown): PlaceKind => {
  if (at === 'best') return 'best'
  const key = isObject(at) ? Object.keys(at)[0] : 'last'
  return key === 'step' || key === 'seconds' || key === 'gradientEvaluations' ? key : 'last'
}
export const placeOfKind = (kind: PlaceKind): unknown => (kind === 'last' || kind === 'best' ? kind : { [kind]: starts[kind] })
