// How the differencing error behaves: fast finite-difference Newton over r against its limit, one- and two-sided.
import type { CallOptions } from '../../linalg'
import type { InverseGradientResult } from '../../problem'

export interface SweepRow {
  readonly r: number
  /** ‖x_r − x‖ / ‖x‖ with x the limit; null where a perturbed activation leaves its range. */
  readonly twoSided: number | null
  readonly oneSided: number | null
}

/** 1e-1, 1e-1.5, …, 1e-14. */
export const sweepDifferences: readonly number[] = Array.from({ length: 27 }, (_, i) => 10 ** (-1 - i / 2))

export type SweepDirection = (options: {
  readonly mode: 'finite-difference' | 'limit'
  readonly r: number
  readonly oneSided: boolean
  readonly signal?: AbortSignal
}) => Promise<InverseGradientResult>

/** The classic V: truncation falls as r² (two-sided) or r (one-sided), rounding rises as 1/r; without curvature of φ only the latter is there. */
export async function sweep(direction: SweepDirection, differences: readonly number[], options: CallOptions = {}): Promise<SweepRow[]> {
  const { signal } = options
  const limit = (await direction({ mode: 'limit', r: 0, oneSided: false, signal })).direction
  const scale = Math.hypot(...limit)
  const errorOf = async (r: number, oneSided: boolean): Promise<number | null> => {
    let found: Float64Array
    try {
      found = (await direction({ mode: 'finite-difference', r, oneSided, signal })).direction
    } catch (error) {
      if (error instanceof Error && error.message.includes('outside the range')) return null
      throw error
    }
    let sum = 0
    for (let i = 0; i < limit.length; i++) sum += (found[i] - limit[i]) ** 2
    return Math.sqrt(sum) / scale
  }
  const rows: SweepRow[] = []
  for (const r of differences) {
    rows.push({ r, twoSided: await errorOf(r, false), oneSided: await errorOf(r, true) })
    options.onProgress?.(rows.length / differences.length)
  }
  return rows
}
