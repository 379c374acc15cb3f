// Householder tridiagonalization A = Q T Qᵀ in pieces (LAPACK's dsytrd unrolled, so that it reports progress and can be left).
import type { Matrix } from '../../matrix'
import type { Job, Target } from './job'
import { leading, start } from './products'

export interface Reduction {
  readonly n: number
  readonly diagonal: Float64Array
  /** n − 1 numbers (at least one place). */
  readonly offDiagonal: Float64Array
  /** Where the reflectors are: column-major, below the subdiagonal. */
  readonly reflectors: Float64Array
  readonly leading: number
  readonly tau: Float64Array
}

export const tridiagonalFlops = (n: number): number => (4 / 3) * n ** 3

/**
 * Up to this order one call of dsytrd does it all: in place it takes only milliseconds, and in the job's memory, where it can be left at once, about a
 * second. Every call between may find the library's threads moved to one core, so that on a busy machine hundreds of calls can take twice as long as one.
 */
const wholeOrder = { 'in-place': 512, private: 3000 } as const
/** The last rows are left to dsytrd, which is faster on what fits the caches. */
const lastOrder = 128

/** Columns of a panel: a panel reads the rest of the matrix once a column, so panels get narrower as matrices grow. */
const panelWidth = (n: number): number => (n > 5000 ? 16 : 32)

/** Overwrites the matrix (row-major upper triangle = column-major lower) with the reflectors. */
export async function tridiagonalize(job: Job, a: Matrix, target: Target): Promise<Reduction> {
  const n = a.rows
  const lda = leading(a)
  const data = start(a)
  const [diagonal, offDiagonal, tau] = [new Float64Array(n), new Float64Array(Math.max(1, n - 1)), new Float64Array(Math.max(1, n - 1))]
  let from = 0
  if (n > wholeOrder[target]) {
    const width = panelWidth(n)
    const work = new Float64Array(n * width)
    for (; from < n - lastOrder - width; from += width) {
      const rest = n - from - width
      const [panel, after, corner] = [from * lda + from, from * lda + from + width, (from + width) * lda + from + width]
      await job.call(
        2 * (n - from) ** 2 * width,
        target,
        'dlatrd',
        'L',
        n - from,
        width,
        data.subarray(panel),
        lda,
        offDiagonal.subarray(from),
        tau.subarray(from),
        work,
        n
      )
      await job.call(
        2 * rest ** 2 * width,
        target,
        'dsyr2k',
        'L',
        'N',
        rest,
        width,
        -1,
        data.subarray(after),
        lda,
        work.subarray(width),
        n,
        1,
        data.subarray(corner),
        lda
      )
      for (let j = from; j < from + width; j++) {
        data[j * lda + j + 1] = offDiagonal[j]
        diagonal[j] = data[j * lda + j]
      }
    }
  }
  const rest = n - from
  const work = new Float64Array(Math.max(1, 64 * rest))
  const tail = data.subarray(from * lda + from)
  await job.call(
    tridiagonalFlops(rest),
    target,
    'dsytrd',
    'L',
    rest,
    tail,
    lda,
    diagonal.subarray(from),
    offDiagonal.subarray(Math.min(from, offDiagonal.length - 1)),
    tau.subarray(Math.min(from, tau.length - 1)),
    work,
    work.length
  )
  return { n, diagonal, offDiagonal, reflectors: data, leading: lda, tau }
}
