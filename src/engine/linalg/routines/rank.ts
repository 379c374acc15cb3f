// Numerical rank and condition of a triangular matrix: singular values of its leading blocks by power and inverse iteration.
import type { Matrix } from '../matrix'
import { norm } from '../vectors'

/** An upper triangular R, as the iterations see it. The products and solves return vectors of their own and may pause; they throw when the caller has cancelled. */
export interface Triangle {
  readonly order: number
  diagonal(index: number): number
  /** The largest 2-norm of a row or column: at most ‖R‖₂. */
  longest(): number
  /** R x, or Rᵀ x. */
  multiply(x: Float64Array, transposed: boolean): Promise<Float64Array>
  /** R⁻¹ x or R⁻ᵀ x with the leading block of as many rows as x has; not finite where that block is singular. */
  solve(x: Float64Array, transposed: boolean): Promise<Float64Array>
}

export interface Rank {
  readonly rank: number
  /** Estimate of the largest over the smallest singular value of the leading rank × rank block; 1 when the rank is 0. */
  readonly condition: number
}

/**
 * The condition when the smallest singular value lies above `tolerance` times the largest, so that every column counts; null otherwise. A's singular values
 * are those of any R, so this needs no pivoting.
 */
export async function fullRankCondition(r: Triangle, tolerance: number): Promise<number | null> {
  const largest = await largestSingularValue(r)
  const smallest = await smallestSingularValue(r, r.order)
  return smallest > tolerance * largest ? Math.max(1, largest / smallest) : null
}

/** The largest rank whose leading block has a smallest singular value above `tolerance` times the matrix's largest. For an R of pivoted columns. */
export async function revealRank(r: Triangle, tolerance: number): Promise<Rank> {
  const largest = await largestSingularValue(r)
  if (!(largest > 0)) return { rank: 0, condition: 1 }
  // Pivoting understates singular values by a modest factor: start a little above and let the blocks decide.
  let rank = 0
  while (rank < r.order && Math.abs(r.diagonal(rank)) > (tolerance * largest) / 10) rank++
  let smallest = await smallestSingularValue(r, rank)
  if (rank > 0 && !(smallest > tolerance * largest)) {
    let [tooLarge, fine] = [rank, 0]
    for (let step = 1; fine === 0 && tooLarge - step > 0; step *= 2) {
      if ((await smallestSingularValue(r, tooLarge - step)) > tolerance * largest) fine = tooLarge - step
      else tooLarge -= step
    }
    while (tooLarge - fine > 1) {
      const middle = (tooLarge + fine) >> 1
      if (middle > 0 && (await smallestSingularValue(r, middle)) > tolerance * largest) fine = middle
      else tooLarge = middle
    }
    rank = fine
    smallest = await smallestSingularValue(r, rank)
  }
  return rank === 0 ? { rank, condition: 1 } : { rank, condition: Math.max(1, largest / smallest) }
}

/** Estimate of the condition number of a triangle without a zero on its diagonal. */
export async function triangularCondition(r: Triangle): Promise<number> {
  return Math.max(1, (await largestSingularValue(r)) / (await smallestSingularValue(r, r.order)))
}

/** Sweeps of power or inverse iteration, fewer when the value stands still. */
const iterations = 12
const settled = (value: number, before: number): boolean => Math.abs(value - before) <= 1e-3 * value

/** A start vector without structure. */
function startVector(n: number): Float64Array {
  return normalized(Float64Array.from({ length: n }, (_, i) => Math.sin(12.9898 * (i + 1)) + (i % 2 === 0 ? 1.5 : -1.5)))
}

function normalized(x: Float64Array): Float64Array {
  const length = norm(x)
  return length > 0 ? x.map((value) => value / length) : x
}

/** ‖R‖₂ from below, by power iteration on RᵀR. */
async function largestSingularValue(r: Triangle): Promise<number> {
  let x = startVector(r.order)
  let [value, along] = [r.longest(), 0]
  for (let step = 0; step < iterations; step++) {
    const y = await r.multiply(x, false)
    const before = along
    along = norm(y)
    value = Math.max(value, along)
    if (step > 3 && settled(along, before)) break
    x = normalized(await r.multiply(y, true))
  }
  return value
}

/** The smallest singular value of the leading block from above, by inverse iteration on RᵀR; 0 when it is singular. */
async function smallestSingularValue(r: Triangle, size: number): Promise<number> {
  let x = startVector(size)
  let value = Infinity
  for (let step = 0; step < iterations; step++) {
    const y = await r.solve(x, true)
    // ‖R⁻ᵀx‖ bounds 1/σ from below.
    const grown = norm(y)
    if (!Number.isFinite(grown)) return 0
    const before = value
    value = Math.min(value, 1 / grown)
    if (step > 3 && settled(value, before)) break
    const z = await r.solve(y, false)
    if (z.some((one) => !Number.isFinite(one))) return 0
    x = normalized(z)
  }
  return value
}

/** The upper triangle of the first rows of a row-major matrix, in plain loops. `pause` lets the event loop turn, and throws when the caller has cancelled. */
export function triangleOf({ data, columns: n, offset, stride }: Matrix, pause: () => Promise<void>): Triangle {
  return {
    order: n,
    diagonal: (index) => data[offset + index * (stride + 1)],
    longest() {
      let most = 0
      for (let i = 0; i < n; i++) most = Math.max(most, norm(data.subarray(offset + i * stride + i, offset + i * stride + n)))
      return most
    },
    async multiply(x, transposed) {
      await pause()
      const y = new Float64Array(n)
      for (let i = 0; i < n; i++) {
        const row = offset + i * stride
        if (transposed) for (let j = i; j < n; j++) y[j] += data[row + j] * x[i]
        else y[i] = rowTimes(data, row, i, n, x)
      }
      return y
    },
    async solve(x, transposed) {
      await pause()
      const [size, y] = [x.length, x.slice()]
      if (transposed)
        for (let i = 0; i < size; i++) {
          const row = offset + i * stride
          const value = (y[i] /= data[row + i])
          for (let j = i + 1; j < size; j++) y[j] -= data[row + j] * value
        }
      else
        for (let i = size - 1; i >= 0; i--) {
          const row = offset + i * stride
          y[i] = (y[i] - rowTimes(data, row, i + 1, size, y)) / data[row + i]
        }
      return y
    }
  }
}

/** Σ row[j] x[j] over from ≤ j < to, in four sums: one alone waits for every addition before the next. */
function rowTimes(data: Float64Array, row: number, from: number, to: number, x: Float64Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  let j = from
  for (; j + 4 <= to; j += 4) {
    s0 += data[row + j] * x[j]
    s1 += data[row + j + 1] * x[j + 1]
    s2 += data[row + j + 2] * x[j + 2]
    s3 += data[row + j + 3] * x[j + 3]
  }
  for (; j < to; j++) s0 += data[row + j] * x[j]
  return s0 + s1 + (s2 + s3)
}
