// What is best for a library: how many threads, and from which order eigenvalues take two stages.
//
// Threads: as many as were asked for, but for eigenproblems in libraries that get slower by more.
import type { Identity } from './identity'
import type { TwoStageChoice } from '../../stages'
import { baseRelease, isBefore } from './releases'

/**
 * The fastest number of threads for symmetric eigenproblems below an order, in OpenBLAS before 0.3.31: measured by others with 1 to 128 threads of 76
 * cores (OpenBLAS 0.3.15; docs/numerics.md has the figures). Every one of the many small steps of a tridiagonalization starts and joins all threads.
 */
export const cappedOrders = [
  { below: 1000, threads: 1 },
  { below: 2000, threads: 2 },
  { below: 4000, threads: 4 }
] as const

/** Before this release the table holds; it runs the divide and conquer on several threads, and since 0.3.22 small products stay on one. */
const firstUncapped = '0.3.31'

type Known = Pick<Identity, 'kind' | 'version'>

export const capsEigenThreads = ({ kind, version }: Known): boolean => kind === 'OpenBLAS' && isBefore(version, firstUncapped)

/** Threads for an eigenproblem of this order when `asked` are allowed. The same three always give the same number, since the bits of a result depend on it. */
export function eigenThreads(library: Known, order: number, asked: number): number {
  if (!capsEigenThreads(library)) return asked
  const most = cappedOrders.find(({ below }) => order < below)
  return most ? Math.min(asked, most.threads) : asked
}

/** Measured for these releases alone (`bench two-stage`); a library that was not measured takes one stage. */
export function twoStageOf({ kind, version }: Known): TwoStageChoice {
  return { from: kind === 'OpenBLAS' && version !== null && baseRelease(version) === '0.3.34' ? 3072 : Infinity, width: 64, share: 1 / 32 }
}
