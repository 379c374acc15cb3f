// Where a run's time went: totals as rows, and the steps' phases stacked on each other.
import type { MetricsTable, RunTimes } from '../../../shared/api/contract'

export interface TimeRow {
  readonly name: string
  readonly seconds: number
  /** Of the whole: wall time where it was counted, else the steps' own. */
  readonly share: number
  /** A part of a step, the rest of the steps, or what is no step. */
  readonly kind: 'phase' | 'rest' | 'outside'
  readonly meaning: string
}

const meanings: Readonly<Record<string, string>> = {
  assembly: 'assembling the curvature matrices (Lanczos vectors, for Krylov methods)',
  decomposition: 'eigendecompositions and factorizations',
  solve: 'the step from the decomposition'
}

/** The phases, what they leave of the steps, and what the wall clock adds; they add up to the whole. */
export function timeRows(times: RunTimes): TimeRow[] {
  const { phases, stepSeconds, wallSeconds } = times
  const named = phases.reduce((sum, { seconds }) => sum + seconds, 0)
  const whole = Math.max(wallSeconds ?? 0, stepSeconds, named)
  const row = (name: string, seconds: number, kind: TimeRow['kind'], meaning: string): TimeRow => ({
    name,
    seconds,
    share: whole > 0 ? seconds / whole : 0,
    kind,
    meaning
  })
  const rest = Math.max(0, stepSeconds - named)
  const outside = wallSeconds === null ? null : Math.max(0, wallSeconds - Math.max(stepSeconds, named))
  return [
    ...phases.map(({ name, seconds }) => row(name, seconds, 'phase', meanings[name] ?? 'as the optimizer names it')),
    row(
      phases.length > 0 ? 'rest of the steps' : 'steps',
      rest,
      'rest',
      'gradient and loss of the batch, the update, figures of the spectrum'
    ),
    ...(outside === null ? [] : [row('outside of steps', outside, 'outside', 'evaluations, snapshots, checkpoints, reading the data')])
  ]
}

export interface StackedPhase {
  readonly name: string
  /** Sum of the phases below, and with this one. */
  readonly low: Float64Array
  readonly high: Float64Array
}

/** The phases of each step on top of each other, in the order of `names`; a step without a figure has none of that phase. */
export function stackPhases(table: Pick<MetricsTable, 'columns' | 'steps'>, names: readonly string[]): StackedPhase[] {
  let below = new Float64Array(table.steps.length)
  return names.flatMap((name) => {
    const column = table.columns[`phases.${name}`]
    if (!column) return []
    const low = below
    const high = Float64Array.from(column, (value, i) => low[i] + (Number.isFinite(value) ? value : 0))
    below = high
    return [{ name, low, high }]
  })
}
