// Minimum-norm least squares and the pseudoinverse by a complete orthogonal decomposition: QR; where that is short of full rank, a pivoted QR of R, and a third one.
import type { Kept, LinalgCore, RankOptions } from '../core'
import type { LeastSquares, Pseudoinverse } from '../interface'
import { block, type Matrix } from '../matrix'
import { powerOfTwo } from '../vectors'
import { householder, leadingTransposed, qrFlops, upperTrapezoid, type HouseholderFactor } from './householder'
import { fullRankCondition, revealRank, triangleOf, triangularCondition } from './rank'
import { copyScaled, withWork, type Work } from './work'

/**
 * The tall one of A and Aᵀ, divided by `scale`: A = Q₁ [R; 0] where its rank is full. Otherwise R P = Q₂ [T; 0], with T (rank × short) of full row rank
 * as T = lower · zᵀ, z (short × rank) orthonormal. No Q is formed.
 */
interface Decomposition {
  readonly tall: boolean
  readonly scale: number
  readonly rank: number
  readonly condition: number
  /** Q₁, long × long. */
  readonly outer: HouseholderFactor
  /** Rᵀ where the rank is full. */
  readonly lower: Matrix
  readonly deficient: { readonly inner: HouseholderFactor; readonly z: Matrix } | null
}

const extents = (a: Matrix): readonly [long: number, short: number] => [Math.max(a.rows, a.columns), Math.min(a.rows, a.columns)]

/** What a deficient rank adds is not counted: progress then waits before its end. */
const decompositionFlops = (a: Matrix): number => qrFlops(...extents(a))

/** The copy, its reflectors and right-hand sides, and what a deficient rank adds. */
function decompositionNumbers(a: Matrix, sides: number): number {
  const [long, short] = extents(a)
  return 2 * long * short + 7 * short ** 2 + 3 * sides * (long + short)
}

async function decompose(work: Work, a: Matrix, largest: number, tolerance: number): Promise<Decomposition> {
  const tall = a.rows >= a.columns
  const [long, short] = extents(a)
  const scale = powerOfTwo(largest)
  const copy = work.take(long, short)
  await copyScaled(work, a, copy, scale, !tall)
  const outer = await householder(work, copy, false)
  const pause = (): Promise<void> => work.advance(0)
  const full = await fullRankCondition(triangleOf(outer.r, pause), tolerance)
  if (full !== null)
    return { tall, scale, rank: short, condition: full, outer, lower: await leadingTransposed(work, outer.r, short), deficient: null }
  const inner = await householder(work, upperTrapezoid(work, outer.r, short), true)
  const { rank, condition } = await revealRank(triangleOf(inner.r, pause), tolerance)
  const [trapezoid, flipped] = [upperTrapezoid(work, inner.r, rank), work.take(short, rank)]
  await copyScaled(work, trapezoid, flipped, 1, true)
  work.drop(trapezoid)
  const last = await householder(work, flipped, false)
  return {
    tall,
    scale,
    rank,
    // T's singular values are A's own, where the pivoted block's were bounds of them.
    condition: rank > 0 ? await triangularCondition(triangleOf(last.r, pause)) : condition,
    outer,
    lower: await leadingTransposed(work, last.r, rank),
    deficient: { inner, z: await last.formQ(rank) }
  }
}

/** The leading rows of a matrix of the work, which is contiguous. */
const top = (m: Matrix, rows: number): Matrix => block(m, 0, 0, rows, m.columns)

/** A⁺ C of the tall matrix in place of C (long × k); the result (short × k) is C's top, or fresh. */
async function solveTall(work: Work, { rank, outer, lower, deficient }: Decomposition, c: Matrix): Promise<Matrix> {
  await outer.applyTransposed(c)
  const short = outer.r.columns
  if (deficient) await deficient.inner.applyTransposed(top(c, short))
  const y = top(c, rank)
  await work.core.solveTriangularInPlace(lower, y, { ...work.options, transpose: deficient ? 'none' : 'transpose' })
  await work.advance(rank * rank * c.columns)
  if (!deficient) return y
  const ordered = work.take(short, c.columns)
  await work.core.gemm(deficient.z, y, ordered, work.options)
  const result = work.take(short, c.columns)
  deficient.inner.order.forEach((index, place) => copyRow(ordered, place, result, index))
  return result
}

/** (Aᵀ)⁺ B of the tall matrix A, B short × k; the result is long × k. */
async function solveWide(work: Work, { rank, outer, lower, deficient }: Decomposition, b: Matrix): Promise<Matrix> {
  const result = work.take(outer.r.rows, b.columns)
  const y = top(result, rank)
  if (deficient) {
    const ordered = work.take(b.rows, b.columns)
    deficient.inner.order.forEach((index, place) => copyRow(b, index, ordered, place))
    await work.core.gemm(deficient.z, ordered, y, { ...work.options, transposeA: 'transpose' })
  } else for (let i = 0; i < b.rows; i++) copyRow(b, i, y, i)
  await work.core.solveTriangularInPlace(lower, y, { ...work.options, transpose: deficient ? 'transpose' : 'none' })
  await work.advance(rank * rank * b.columns)
  if (deficient) await deficient.inner.apply(top(result, b.rows))
  await outer.apply(result)
  return result
}

function copyRow(from: Matrix, row: number, to: Matrix, target: number): void {
  const start = from.offset + row * from.stride
  to.data.set(from.data.subarray(start, start + from.columns), to.offset + target * to.stride)
}

/** Backward stable; the rank is that of `fullRankCondition` and `revealRank`. */
export function leastSquares(core: LinalgCore, a: Matrix, largest: number, b: Matrix, options: RankOptions): Promise<Kept<LeastSquares>> {
  const [long, short] = extents(a)
  const extent = {
    routine: 'leastSquares',
    flops: decompositionFlops(a) + b.columns * (4 * long * short - short ** 2),
    numbers: decompositionNumbers(a, b.columns)
  }
  return withWork(core, options, extent, async (work) => {
    const solution = work.take(a.columns, b.columns)
    if (largest === 0 || b.columns === 0) return work.keep({ solution, rank: 0, condition: 1 }, solution)
    const found = await decompose(work, a, largest, options.tolerance)
    const { rank, condition, scale } = found
    if (rank > 0) {
      let solved: Matrix
      if (found.tall) {
        const c = work.take(b.rows, b.columns)
        for (let i = 0; i < b.rows; i++) copyRow(b, i, c, i)
        solved = await solveTall(work, found, c)
      } else solved = await solveWide(work, found, b)
      await copyScaled(work, solved, solution, scale, false)
    }
    return work.keep({ solution, rank, condition }, solution)
  })
}

export function pseudoinverse(core: LinalgCore, a: Matrix, largest: number, options: RankOptions): Promise<Kept<Pseudoinverse>> {
  const [long, short] = extents(a)
  const extent = {
    routine: 'pseudoinverse',
    flops: 2 * decompositionFlops(a) + 2 * short * short * long,
    numbers: decompositionNumbers(a, short)
  }
  return withWork(core, options, extent, async (work) => {
    const inverse = work.take(a.columns, a.rows)
    if (largest === 0) return work.keep({ inverse, rank: 0, condition: 1 }, inverse)
    const found = await decompose(work, a, largest, options.tolerance)
    const { rank, condition, scale } = found
    // (Aᵀ)⁺ of the tall matrix A is long × short: the identity has fewer columns than the one for A⁺.
    if (rank > 0) {
      const identity = work.take(short, short)
      for (let i = 0; i < short; i++) identity.data[i * (short + 1)] = 1
      await copyScaled(work, await solveWide(work, found, identity), inverse, scale, found.tall)
    }
    return work.keep({ inverse, rank, condition }, inverse)
  })
}
