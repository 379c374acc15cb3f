// The kinds that work on weights and an objective, by name. What is said of a kind is in shared/analyses; a new one is a line here.
import type { AnalysisOptions, PointKind } from '../../shared/analyses/kinds'
import { criticalPoints } from './critical-points'
import { density } from './density'
import { depth } from './depth'
import { fdSweep } from './fd-sweep'
import type { AnalysisEngine } from './interface'
import { influence } from './influence'
import { landau } from './landau'
import { landscape } from './landscape'
import { lyapunov } from './lyapunov'
import { map } from './map'
import { ntk } from './ntk'
import { overlap } from './overlap'
import { relaxation } from './relaxation'
import { scales } from './scales'
import { sharpness } from './sharpness'
import { tensor } from './tensor'

export type {
  AnalysisCall,
  AnalysisCost,
  AnalysisEngine,
  AnalysisOutcome,
  AnalysisPoint,
  AnalysisPreview,
  AnalysisShape,
  AnalysisSource
} from './interface'

export const analysisEngines: { readonly [Kind in PointKind]: AnalysisEngine<AnalysisOptions<Kind>> } = {
  landau,
  scales,
  sharpness,
  landscape,
  overlap,
  ntk,
  density,
  depth,
  tensor,
  'fd-sweep': fdSweep,
  'critical-points': criticalPoints,
  lyapunov,
  relaxation,
  influence,
  map
}
