// How the differencing error behaves: fast finite-difference Newton over r against its limit, one- and two-sided.
import type { CallOptions } from '../../linalg'
import { norm, plusScaled } from '../../linalg/vectors'
import type { InverseGradientOptions, Objective } from '../../objective'

export interface SweepRow {
  readonly r: number
  /** ‖x_r − x‖ / ‖x‖ with x the limit; null where a perturbed activation leaves its range. */
  readonly twoSided: number | null
  readonly oneSided: number | null
}

/** 1e-1, 1e-1.5, …, 1e-14. */
export const sweepDifferences: readonly number[] = Array.from({ length: 27 }, (_, i) => 10 ** (-1 - i / 2))

/**
 * The classic V: truncation falls as r² (two-sided) or r (one-sided), rounding rises as 1/r; without curvature of φ only the latter is there.
 * Rejects with the objective's own sentence where there is no inverse.
 */
export async function fdSweep(
  objective: Objective,
  parameters: Float64Array,
  options: CallOptions & { readonly differences?: readonly number[] } = {}
): Promise<SweepRow[]> {
  const { signal, differences = sweepDifferences } = options
  const direction = (how: Pick<InverseGradientOptions, 'mode' | 'r' | 'oneSided'>) => {
    if (objective.penalty !== undefined)
      throw new Error(
        'fd-sweep: regularization.l2 must be 0: the inverse of the gradient map is known for the loss without weight decay only'
      )
    if (objective.inverseGradient === undefined) throw new Error('fd-sweep: the gradient map of this problem has no inverse')
    return objective.inverseGradient(parameters, { ...how, signal })
  }
  const limit = (await direction({ mode: 'limit', r: 0 })).direction
  const scale = norm(limit)
  const errorOf = async (r: number, oneSided: boolean): Promise<number | null> => {
    let found: Float64Array
    try {
      found = (await direction({ mode: 'finite-difference', r, oneSided })).direction
    } catch (error) {
      if (error instanceof Error && error.message.includes('outside the range')) return null
      throw error
    }
    return norm(plusScaled(found, -1, limit)) / scale
  }
  const rows: SweepRow[] = []
  for (const r of differences) {
    rows.push({ r, twoSided: await errorOf(r, false), oneSided: await errorOf(r, true) })
    options.onProgress?.(rows.length / differences.length)
  }
  return rows
}
