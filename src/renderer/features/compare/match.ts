// Which stored snapshots of several runs belong together: those nearest to a step, a loss or a time.
import type { MetricsTable } from '../../../shared/api/contract'

export const matchRules = ['step', 'loss', 'seconds'] as const
export type MatchRule = (typeof matchRules)[number]

export interface SnapshotPlace {
  readonly step: number
  /** Of the snapshot's weights; null where no line says it. */
  readonly loss: number | null
  /** Of the steps' own work up to there. */
  readonly seconds: number | null
}

/**
 * A snapshot after step k has the weights that line k + 1 begins with: the loss there is theirs (of that step's batch).
 * After the last line there is none.
 */
export function snapshotPlaces(snapshots: readonly number[], table: MetricsTable | undefined, lossColumn: string): SnapshotPlace[] {
  const rows = new Map<number, number>()
  table?.steps.forEach((step, row) => rows.set(step, row))
  const at = (column: string, step: number) => {
    const row = rows.get(step)
    const value = row === undefined ? undefined : table?.columns[column]?.[row]
    return value !== undefined && Number.isFinite(value) ? value : null
  }
  return [...snapshots]
    .sort((a, b) => a - b)
    .map((step) => ({ step, loss: at(lossColumn, step + 1), seconds: step === 0 ? 0 : at('seconds', step) }))
}

/** The nearest one, of two equally near ones the earlier; null when no snapshot has that figure. */
export function matchSnapshot(places: readonly SnapshotPlace[], rule: MatchRule, target: number): SnapshotPlace | null {
  let best: SnapshotPlace | null = null
  let distance = Infinity
  for (const place of places) {
    const value = place[rule]
    if (value === null) continue
    if (Math.abs(value - target) < distance) {
      best = place
      distance = Math.abs(value - target)
    }
  }
  return best
}

/** Where all runs can be met: the last step or time that each has reached, the lowest loss that each has come to. Null when one has none. */
export function commonTarget(runs: readonly (readonly SnapshotPlace[])[], rule: MatchRule): number | null {
  const ends = runs.map((places) => {
    const values = places.flatMap((place) => place[rule] ?? [])
    if (values.length === 0) return null
    return rule === 'loss' ? Math.min(...values) : Math.max(...values)
  })
  const known = ends.filter((end): end is number => end !== null)
  if (known.length === 0) return null
  return rule === 'loss' ? Math.max(...known) : Math.min(...known)
}
