// The kinds that work on weights and an objective, by name. What is said of a kind is in shared/analyses; a new one is a line here.
import type { AnalysisOptions, PointKind } from '../../shared/analyses/kinds'
import { criticalPoints } from './critical-points'
import type { AnalysisEngine } from './interface'
import { landau } from './landau'
import { scales } from './scales'

export type { AnalysisCall, AnalysisCost, AnalysisEngine, AnalysisOutcome, AnalysisPoint, AnalysisShape, AnalysisSource } from './interface'

export const analysisEngines: { readonly [Kind in PointKind]: AnalysisEngine<AnalysisOptions<Kind>> } = {
  landau,
  scales,
  'critical-points': criticalPoints
}
