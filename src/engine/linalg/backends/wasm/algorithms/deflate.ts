// Deflation in a merge of divide and conquer (Cuppen 1981; Dongarra & Sorensen 1987; LAPACK's dlaed2): small weights and close poles.
import type { Team } from '../team'
import { at, type Block } from './block'

/** Where a child's vector is non-zero. */
export const kind = { first: 1, both: 2, second: 3 } as const

export interface Deflated {
  /** Rows whose pole stays in the secular equation, ascending in d. */
  readonly kept: number[]
  /** Rows that are eigenvectors already, ascending in d. */
  readonly finished: number[]
  /** kind of every row. */
  readonly kinds: Uint8Array
}

/**
 * Decides which rows of `vectors` (row = vector; the first `split` come from the first child) take part in the secular equation. `ascending` lists
 * the rows by ascending d. Close poles are rotated into each other: changes d, z and rows of `vectors`.
 */
export function deflate(
  team: Team,
  vectors: Block,
  split: number,
  ascending: readonly number[],
  d: Float64Array,
  z: Float64Array,
  rho: number
): Deflated {
  const order = vectors.rows
  const kinds = new Uint8Array(order).fill(kind.first, 0, split).fill(kind.second, split)
  let largest = 0
  for (let i = 0; i < order; i++) largest = Math.max(largest, Math.abs(d[i]), Math.abs(z[i]))
  const tolerance = 8 * 2 ** -53 * largest
  const kept: number[] = []
  const finished: number[] = []
  let candidate = -1
  for (const row of ascending) {
    if (rho * Math.abs(z[row]) <= tolerance) {
      finished.push(row)
      continue
    }
    if (candidate >= 0) {
      const length = Math.hypot(z[row], z[candidate])
      const cosine = z[row] / length
      const sine = -z[candidate] / length
      if (Math.abs((d[row] - d[candidate]) * cosine * sine) <= tolerance) {
        rotate(team, vectors, split, kinds, candidate, row, cosine, sine)
        z[row] = length
        z[candidate] = 0
        const [low, high] = [d[candidate], d[row]]
        d[candidate] = low * cosine * cosine + high * sine * sine
        d[row] = low * sine * sine + high * cosine * cosine
        finished.push(candidate)
      } else kept.push(candidate)
    }
    candidate = row
  }
  if (candidate >= 0) kept.push(candidate)
  finished.sort((i, j) => d[i] - d[j] || i - j)
  return { kept, finished, kinds }
}

function rotate(team: Team, vectors: Block, split: number, kinds: Uint8Array, i: number, j: number, cosine: number, sine: number): void {
  const same = kinds[i] === kinds[j]
  team.checkCancelled()
  if (!same) kinds[j] = kind.both
  const from = same && kinds[j] === kind.second ? split : 0
  const to = same && kinds[j] === kind.first ? split : vectors.columns
  team.kernels.rotateRows(to - from, at(vectors, i, from), at(vectors, j, from), cosine, sine)
}
