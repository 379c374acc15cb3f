// Minimum-norm least squares and the pseudoinverse by a complete orthogonal decomposition: pivoted QR, and a second QR where the rank is deficient.
import type { Kept, LinalgCore, RankOptions } from '../core'
import type { LeastSquares, Pseudoinverse } from '../interface'
import type { Matrix } from '../matrix'
import { powerOfTwo } from '../vectors'
import { householder, leadingTransposed, qrFlops, upperTrapezoid } from './householder'
import { revealRank, triangularCondition } from './rank'
import { copyScaled, withWork, type Work } from './work'

/**
 * The tall one of A and Aᵀ, divided by `scale`, as Q₁ T Pᵀ with Q₁ (long × rank) orthonormal and T (rank × short) of full row rank.
 * T = lower · zᵀ with z (short × rank) orthonormal; z is null when rank = short, and then T = lowerᵀ.
 */
interface Decomposition {
  readonly tall: boolean
  readonly scale: number
  readonly rank: number
  readonly condition: number
  readonly q: Matrix
  readonly lower: Matrix
  readonly z: Matrix | null
  /** Column order[j] of the tall matrix stands at place j. */
  readonly order: Int32Array
}

const decompositionFlops = (rows: number, columns: number): number => (1.4 + 1) * qrFlops(Math.max(rows, columns), Math.min(rows, columns))

/** The copy, its reflectors and Q, and what a deficient rank adds. */
const decompositionNumbers = (a: Matrix): number => 3 * a.rows * a.columns + 5 * Math.min(a.rows, a.columns) ** 2

async function decompose(work: Work, a: Matrix, largest: number, tolerance: number): Promise<Decomposition> {
  const tall = a.rows >= a.columns
  const scale = powerOfTwo(largest)
  const copy = work.take(Math.max(a.rows, a.columns), Math.min(a.rows, a.columns))
  await copyScaled(work, a, copy, scale, !tall)
  const { r, order, formQ } = await householder(work, copy, true)
  const pause = (): Promise<void> => work.advance(0)
  const { rank, condition } = await revealRank(r, tolerance, pause)
  const q = await formQ(rank)
  if (rank === copy.columns) return { tall, scale, rank, condition, q, lower: await leadingTransposed(work, r, rank), z: null, order }
  const trapezoid = upperTrapezoid(work, r, rank)
  const flipped = work.take(copy.columns, rank)
  await copyScaled(work, trapezoid, flipped, 1, true)
  const second = await householder(work, flipped, false)
  // T's singular values are A's own, where the pivoted block's were bounds of them.
  return {
    tall,
    scale,
    rank,
    condition: rank > 0 ? await triangularCondition(second.r, pause) : 1,
    q,
    lower: await leadingTransposed(work, second.r, rank),
    z: await second.formQ(rank),
    order
  }
}

/** P T⁺ Y for Y (rank × k), which is overwritten; the result is short × k. */
async function solveTall(work: Work, { rank, lower, z, order }: Decomposition, y: Matrix): Promise<Matrix> {
  await work.core.solveTriangularInPlace(lower, y, { ...work.options, transpose: z ? 'none' : 'transpose' })
  let ordered = y
  if (z) {
    ordered = work.take(order.length, y.columns)
    await work.core.gemm(z, y, ordered, work.options)
  }
  await work.advance(2 * rank * rank * y.columns)
  const result = work.take(order.length, y.columns)
  for (let i = 0; i < order.length; i++) result.data.set(ordered.data.subarray(i * y.columns, (i + 1) * y.columns), order[i] * y.columns)
  return result
}

/** Q₁ (Tᵀ)⁺ Pᵀ B for the transposed problem; the result is long × k. */
async function solveWide(work: Work, { rank, q, lower, z, order }: Decomposition, b: Matrix): Promise<Matrix> {
  const k = b.columns
  const ordered = work.take(b.rows, k)
  for (let i = 0; i < b.rows; i++) {
    const start = b.offset + order[i] * b.stride
    ordered.data.set(b.data.subarray(start, start + k), i * k)
  }
  let y = ordered
  if (z) {
    y = work.take(rank, k)
    await work.core.gemm(z, ordered, y, { ...work.options, transposeA: 'transpose' })
  }
  await work.core.solveTriangularInPlace(lower, y, { ...work.options, transpose: z ? 'transpose' : 'none' })
  const result = work.take(q.rows, k)
  await work.core.gemm(q, y, result, work.options)
  await work.advance(2 * rank * (rank + q.rows) * k)
  return result
}

/** Backward stable; the rank is that of `revealRank` on the pivoted R. */
export function leastSquares(core: LinalgCore, a: Matrix, largest: number, b: Matrix, options: RankOptions): Promise<Kept<LeastSquares>> {
  const solveFlops = 2 * b.columns * (a.rows * Math.min(a.rows, a.columns) + Math.min(a.rows, a.columns) ** 2)
  const extent = {
    routine: 'leastSquares',
    flops: decompositionFlops(a.rows, a.columns) + solveFlops,
    numbers: decompositionNumbers(a) + 2 * b.columns * (a.rows + a.columns)
  }
  return withWork(core, options, extent, async (work) => {
    const none = () => {
      const solution = work.take(a.columns, b.columns)
      return work.keep({ solution, rank: 0, condition: 1 }, solution)
    }
    if (largest === 0 || b.columns === 0) return none()
    const found = await decompose(work, a, largest, options.tolerance)
    if (found.rank === 0) return none()
    let solution: Matrix
    if (found.tall) {
      const y = work.take(found.rank, b.columns)
      await core.gemm(found.q, b, y, { ...work.options, transposeA: 'transpose' })
      solution = await solveTall(work, found, y)
    } else solution = await solveWide(work, found, b)
    divide(solution, found.scale)
    return work.keep({ solution, rank: found.rank, condition: found.condition }, solution)
  })
}

export function pseudoinverse(core: LinalgCore, a: Matrix, largest: number, options: RankOptions): Promise<Kept<Pseudoinverse>> {
  const short = Math.min(a.rows, a.columns)
  const extent = {
    routine: 'pseudoinverse',
    flops: decompositionFlops(a.rows, a.columns) + 2 * short * a.rows * a.columns,
    numbers: decompositionNumbers(a) + 3 * a.rows * a.columns
  }
  return withWork(core, options, extent, async (work) => {
    const none = () => {
      const inverse = work.take(a.columns, a.rows)
      return work.keep({ inverse, rank: 0, condition: 1 }, inverse)
    }
    if (largest === 0) return none()
    const found = await decompose(work, a, largest, options.tolerance)
    if (found.rank === 0) return none()
    const y = work.take(found.rank, found.q.rows)
    await copyScaled(work, found.q, y, 1, true)
    let inverse = await solveTall(work, found, y)
    if (!found.tall) {
      const flipped = work.take(inverse.columns, inverse.rows)
      await copyScaled(work, inverse, flipped, 1, true)
      inverse = flipped
    }
    divide(inverse, found.scale)
    return work.keep({ inverse, rank: found.rank, condition: found.condition }, inverse)
  })
}

function divide(m: Matrix, scale: number): void {
  if (scale !== 1) for (let at = 0; at < m.data.length; at++) m.data[at] /= scale
}
