// The kinds of analysis. A new one is a line here, a line in src/engine/analyses, and a panel on the page where it has one (docs/adding-an-analysis.md).
import type { z } from 'zod'
import { criticalPoints } from './critical-points'
import { density } from './density'
import { depth } from './depth'
import { difference } from './difference'
import type { AnalysisFacts } from './facts'
import { fdSweep } from './fd-sweep'
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

export const analysisKinds = {
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
  difference,
  'critical-points': criticalPoints,
  lyapunov,
  relaxation,
  influence,
  map
} satisfies Record<string, AnalysisFacts>
export type AnalysisKind = keyof typeof analysisKinds
/** Kinds that work on weights and an objective. */
export type PointKind = { [Kind in AnalysisKind]: (typeof analysisKinds)[Kind]['of'] extends 'point' ? Kind : never }[AnalysisKind]
export const isPointKind = (kind: AnalysisKind): kind is PointKind => analysisKinds[kind].of === 'point'
export type AnalysisOptions<Kind extends AnalysisKind> = z.output<(typeof analysisKinds)[Kind]['options']>
export const analysisKindNames = Object.keys(analysisKinds) as [AnalysisKind, ...AnalysisKind[]]

export interface OptionRow {
  readonly name: string
  /** Undefined: it must be given. */
  readonly fallback: unknown
  readonly help: string
}

export function optionRows(kind: AnalysisKind): OptionRow[] {
  const shape: Readonly<Record<string, z.ZodType>> = analysisKinds[kind].options.shape
  return Object.entries(shape).map(([name, schema]) => {
    const empty = schema.safeParse(undefined)
    return { name, fallback: empty.success ? empty.data : undefined, help: schema.description ?? '' }
  })
}
