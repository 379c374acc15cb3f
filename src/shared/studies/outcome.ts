// What a run counts for in its study: its value at the selected point, and what it cost to come to the target or to the end.
import { analysisFigure } from './analyses'
import { reachesUpwards } from './metrics'
import type { Select, StudySpec, Target } from './spec'

/** Columns of a run's metrics by name, NaN where a step has no such figure. */
export interface RunFigures {
  readonly steps: Float64Array
  readonly columns: Readonly<Record<string, Float64Array>>
}

export interface RunCosts {
  readonly steps: number
  readonly epochs: number | null
  readonly seconds: number | null
  readonly gradientEvaluations: number | null
  readonly learningRateTime: number | null
}

export interface Outcome {
  /** Null where the run has none, or has not come to its end. */
  readonly value: number | null
  /** The step that the value is from. */
  readonly step: number | null
  /** Null where the target was not reached. */
  readonly costs: RunCosts | null
}

export const noOutcome: Outcome = { value: null, step: null, costs: null }

const costColumns = ['epoch', 'seconds', 'gradientEvaluations', 'learningRateTime'] as const

/** What must be read of a run. */
export const neededColumns = ({ select, target }: Pick<StudySpec, 'select' | 'target'>): string[] => [
  ...new Set([
    ...(analysisFigure(select.metric) === null ? [select.metric] : []),
    ...(target === null ? [] : [target.metric]),
    ...costColumns
  ])
]

/** The row of the selected point; −1 where there is none. */
function selectedRow({ steps, columns }: RunFigures, { metric, goal, at }: Select): number {
  const values = columns[metric]
  if (!values) return -1
  const limits = typeof at === 'string' ? null : Object.entries(at)[0]
  const measure = limits === null ? null : limits[0] === 'step' ? steps : columns[limits[0]]
  if (limits !== null && !measure) return -1
  let found = -1
  for (let row = 0; row < values.length; row++) {
    if (!Number.isFinite(values[row])) continue
    // A line without that measure is at no known place.
    if (measure && limits && !(measure[row] <= limits[1])) continue
    const better = found < 0 || (goal === 'min' ? values[row] < values[found] : values[row] > values[found])
    if (at !== 'best' || better) found = row
  }
  return found
}

/** The first row that reaches the target, the last one without a target; −1 where it is not reached. */
function costRow({ steps, columns }: RunFigures, target: Target | null, select: Select): number {
  if (target === null) return steps.length - 1
  const values = columns[target.metric]
  if (!values) return -1
  const upwards = reachesUpwards(target, select)
  return values.findIndex((value) => (upwards ? value >= target.value : value <= target.value))
}

function costsAt({ steps, columns }: RunFigures, row: number): RunCosts {
  const at = (name: (typeof costColumns)[number]) => {
    const value = columns[name]?.[row]
    return value !== undefined && Number.isFinite(value) ? value : null
  }
  return {
    steps: steps[row],
    epochs: at('epoch'),
    seconds: at('seconds'),
    gradientEvaluations: at('gradientEvaluations'),
    learningRateTime: at('learningRateTime')
  }
}

/** Of a run that came to its end. */
export function outcomeOf(figures: RunFigures, { select, target }: Pick<StudySpec, 'select' | 'target'>): Outcome {
  const row = selectedRow(figures, select)
  const cost = costRow(figures, target, select)
  return {
    value: row < 0 ? null : figures.columns[select.metric][row],
    step: row < 0 ? null : figures.steps[row],
    costs: cost < 0 ? null : costsAt(figures, cost)
  }
}
