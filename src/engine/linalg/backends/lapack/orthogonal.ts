// Complete orthogonal decompositions by the native routines: dgeqrf, and where that is short of full rank, dgeqp3 of R and dtzrzf. Every matrix here is column-major.
import { fullRankCondition, revealRank, triangularCondition, type Triangle } from '../../routines/rank'
import { norm } from '../../vectors'
import type { Job } from './job'

/** A = Q₁ R for a tall A (long × short). Where R is short of full rank, R P = Q₂ [T 0; 0 0] Z with T (rank × rank) upper triangular. */
export interface Decomposition {
  readonly long: number
  readonly short: number
  readonly rank: number
  readonly condition: number
  /** R (T where the rank is deficient) on and above the diagonal. */
  readonly triangle: Float64Array
  readonly leading: number
  readonly outer: Reflectors
  readonly deficient: {
    readonly inner: Reflectors
    /** Column order[j] of R stands at place j. */
    readonly order: Int32Array
    /** Scalar factors of the reflectors of Z, which lie right of T. */
    readonly tau: Float64Array
  } | null
}

interface Reflectors {
  readonly data: Float64Array
  readonly leading: number
  readonly tau: Float64Array
}

const blockedWork = (length: number): Float64Array => new Float64Array(Math.max(1, 64 * length + 64 * 65))

export const decompositionFlops = (long: number, short: number): number => 2 * short * short * (long - short / 3)

/** Overwrites A, which is memory of the job. The rank is the largest for which the smallest singular value of the leading block lies above `tolerance` times the largest one. */
export async function decompose(job: Job, a: Float64Array, long: number, short: number, tolerance: number): Promise<Decomposition> {
  const outer = { data: a, leading: long, tau: new Float64Array(short) }
  const work = blockedWork(short)
  await job.call(decompositionFlops(long, short), 'private', 'dgeqrf', long, short, a, long, outer.tau, work, work.length)
  const full = await fullRankCondition(triangleOf(job, a, long, short), tolerance)
  if (full !== null) return { long, short, rank: short, condition: full, triangle: a, leading: long, outer, deficient: null }
  const r = job.take(short * short)
  for (let j = 0; j < short; j++) r.set(a.subarray(j * long, j * long + j + 1), j * short)
  const inner = { data: r, leading: short, tau: new Float64Array(short) }
  const order = new Int32Array(short)
  await job.call(0, 'private', 'dgeqp3', short, short, r, short, order, inner.tau, work, work.length)
  for (let j = 0; j < short; j++) order[j]--
  const { rank, condition } = await revealRank(triangleOf(job, r, short, short), tolerance)
  if (rank === 0 || rank === short) {
    const tau = new Float64Array(Math.max(1, rank))
    return { long, short, rank, condition, triangle: r, leading: short, outer, deficient: { inner, order, tau } }
  }
  // Beside the reflectors of Q₂, which lie below the diagonal.
  const triangle = job.take(rank * short)
  for (let j = 0; j < short; j++) triangle.set(r.subarray(j * short, j * short + Math.min(j + 1, rank)), j * rank)
  const tau = new Float64Array(rank)
  await job.call(0, 'private', 'dtzrzf', rank, short, triangle, rank, tau, work, work.length)
  return {
    long,
    short,
    rank,
    // T's singular values are A's own, where the pivoted block's were bounds of them.
    condition: await triangularCondition(triangleOf(job, triangle, rank, rank)),
    triangle,
    leading: rank,
    outer,
    deficient: { inner, order, tau }
  }
}

/** R as the iterations of rank and condition see it. */
function triangleOf(job: Job, r: Float64Array, leading: number, order: number): Triangle {
  return {
    order,
    diagonal: (index) => r[index * (leading + 1)],
    longest() {
      let most = 0
      for (let j = 0; j < order; j++) most = Math.max(most, norm(r.subarray(j * leading, j * leading + j + 1)))
      return most
    },
    async multiply(x, transposed) {
      const y = x.slice()
      await job.call(0, 'private', 'dtrmv', 'U', transposed ? 'T' : 'N', 'N', order, r, leading, y, 1)
      return y
    },
    async solve(x, transposed) {
      const y = x.slice()
      if (y.length > 0) await job.call(0, 'private', 'dtrsv', 'U', transposed ? 'T' : 'N', 'N', y.length, r, leading, y, 1)
      return y
    }
  }
}

/** C ← op(Q) C for C (rows × k with leading dimension `rows`… of which the first `reflectors.leading` rows count). */
async function applyReflectors(job: Job, q: Reflectors, transpose: 'T' | 'N', c: Float64Array, leading: number, k: number): Promise<void> {
  const work = blockedWork(k)
  const [rows, count] = [q.leading, q.tau.length]
  const flops = k * count * (4 * rows - 2 * count)
  await job.call(flops, 'private', 'dormqr', 'L', transpose, rows, k, count, q.data, q.leading, q.tau, c, leading, work, work.length)
}

/** Y ← op(Z) Y for Y (short × k). */
async function applyRight(
  job: Job,
  found: Decomposition,
  tau: Float64Array,
  transpose: 'T' | 'N',
  y: Float64Array,
  leading: number,
  k: number
) {
  const { rank, short, triangle } = found
  if (rank === short) return
  const work = blockedWork(k)
  await job.call(0, 'private', 'dormrz', 'L', transpose, short, k, rank, short - rank, triangle, rank, tau, y, leading, work, work.length)
}

/** A⁺ C in place of C (long × k): its first `short` rows are the result, which has leading dimension `long`. */
export async function solveTall(job: Job, found: Decomposition, c: Float64Array, k: number): Promise<void> {
  const { long, short, rank, deficient } = found
  await applyReflectors(job, found.outer, 'T', c, long, k)
  if (deficient) await applyReflectors(job, deficient.inner, 'T', c, long, k)
  await solveTriangle(job, found, 'N', c, k)
  if (!deficient) return
  for (let j = 0; j < k; j++) c.fill(0, j * long + rank, j * long + short)
  await applyRight(job, found, deficient.tau, 'T', c, long, k)
  permute(deficient.order, c, long, k, (place, index) => [index, place])
}

/** (Aᵀ)⁺ B in place of B: its first `short` rows are given (leading dimension `long`), all `long` are the result. */
export async function solveWide(job: Job, found: Decomposition, b: Float64Array, k: number): Promise<void> {
  const { long, rank, deficient } = found
  if (deficient) {
    permute(deficient.order, b, long, k, (place, index) => [place, index])
    await applyRight(job, found, deficient.tau, 'N', b, long, k)
  }
  await solveTriangle(job, found, 'T', b, k)
  for (let j = 0; j < k; j++) b.fill(0, j * long + rank, (j + 1) * long)
  if (deficient) await applyReflectors(job, deficient.inner, 'N', b, long, k)
  await applyReflectors(job, found.outer, 'N', b, long, k)
}

async function solveTriangle(job: Job, { long, rank, triangle, leading }: Decomposition, transpose: 'T' | 'N', c: Float64Array, k: number) {
  await job.call(rank * rank * k, 'private', 'dtrsm', 'L', 'U', transpose, 'N', rank, k, 1, triangle, leading, c, long)
}

/** Moves entries of every column of C: `move` says where an entry goes to and where it comes from, given a place and the column that stands there. */
function permute(
  order: Int32Array,
  c: Float64Array,
  leading: number,
  k: number,
  move: (place: number, index: number) => [to: number, from: number]
): void {
  const moves = Array.from(order, (index, place) => move(place, index))
  for (let j = 0; j < k; j++) {
    const old = c.slice(j * leading, j * leading + order.length)
    for (const [to, from] of moves) c[j * leading + to] = old[from]
  }
}
