// Numerical rank and condition from a pivoted R: singular values of its leading blocks by power and inverse iteration.
import type { Matrix } from '../matrix'
import { norm } from '../vectors'

export interface Rank {
  readonly rank: number
  /** Estimate of the largest over the smallest singular value of the leading rank × rank block; 1 when the rank is 0. */
  readonly condition: number
}

/** Lets the event loop turn between sweeps over R, and throws when the caller has cancelled. */
type Pause = () => Promise<void>

/** The largest rank whose leading block has a smallest singular value above `tolerance` times the matrix's largest. `r` is n × n upper triangular, or its first n rows. */
export async function revealRank(r: Matrix, tolerance: number, pause: Pause): Promise<Rank> {
  const n = r.columns
  const largest = await largestSingularValue(r, pause)
  if (!(largest > 0)) return { rank: 0, condition: 1 }
  // Pivoting understates singular values by a modest factor: start a little above and let the blocks decide.
  let rank = 0
  while (rank < n && Math.abs(entry(r, rank, rank)) > (tolerance * largest) / 10) rank++
  let smallest = await smallestSingularValue(r, rank, pause)
  if (rank > 0 && !(smallest > tolerance * largest)) {
    let [tooLarge, fine] = [rank, 0]
    for (let step = 1; fine === 0 && tooLarge - step > 0; step *= 2) {
      if ((await smallestSingularValue(r, tooLarge - step, pause)) > tolerance * largest) fine = tooLarge - step
      else tooLarge -= step
    }
    while (tooLarge - fine > 1) {
      const middle = (tooLarge + fine) >> 1
      if (middle > 0 && (await smallestSingularValue(r, middle, pause)) > tolerance * largest) fine = middle
      else tooLarge = middle
    }
    rank = fine
    smallest = await smallestSingularValue(r, rank, pause)
  }
  return rank === 0 ? { rank, condition: 1 } : { rank, condition: Math.max(1, largest / smallest) }
}

/** Estimate of the condition number of an upper triangular matrix without a zero on its diagonal. */
export async function triangularCondition(r: Matrix, pause: Pause): Promise<number> {
  return Math.max(1, (await largestSingularValue(r, pause)) / (await smallestSingularValue(r, r.columns, pause)))
}

const entry = (r: Matrix, i: number, j: number): number => r.data[r.offset + i * r.stride + j]
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

/** ‖R‖₂ from below, by power iteration on RᵀR; never below the largest row of R. */
async function largestSingularValue(r: Matrix, pause: Pause): Promise<number> {
  const n = r.columns
  let x = startVector(n)
  let [value, along] = [0, 0]
  for (let row = 0; row < n; row++)
    value = Math.max(value, norm(r.data.subarray(r.offset + row * r.stride + row, r.offset + row * r.stride + n)))
  for (let step = 0; step < iterations; step++) {
    const y = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = i; j < n; j++) sum += entry(r, i, j) * x[j]
      y[i] = sum
    }
    const before = along
    along = norm(y)
    value = Math.max(value, along)
    await pause()
    if (step > 3 && settled(along, before)) break
    const z = new Float64Array(n)
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) z[j] += entry(r, i, j) * y[i]
    x = normalized(z)
  }
  return value
}

/** The smallest singular value of the leading block from above, by inverse iteration on RᵀR; 0 when it is singular. */
async function smallestSingularValue(r: Matrix, size: number, pause: Pause): Promise<number> {
  let x = startVector(size)
  let value = Infinity
  for (let step = 0; step < iterations; step++) {
    // Rᵀ y = x, then R z = y.
    const y = x.slice()
    for (let i = 0; i < size; i++) {
      y[i] /= entry(r, i, i)
      for (let j = i + 1; j < size; j++) y[j] -= entry(r, i, j) * y[i]
    }
    await pause()
    const z = y.slice()
    for (let i = size - 1; i >= 0; i--) {
      for (let j = i + 1; j < size; j++) z[i] -= entry(r, i, j) * z[j]
      z[i] /= entry(r, i, i)
    }
    // ‖R⁻ᵀx‖ bounds 1/σ from below.
    const grown = norm(y)
    if (!Number.isFinite(grown) || z.some((one) => !Number.isFinite(one))) return 0
    const before = value
    value = Math.min(value, 1 / grown)
    if (step > 3 && settled(value, before)) break
    x = normalized(z)
  }
  return value
}
