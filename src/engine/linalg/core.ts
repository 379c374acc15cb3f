// What a backend implements: the routines of `Linalg` over operands that the front has checked.
import type { CallOptions, EigenPairs, LeastSquares, Linalg, Pseudoinverse, ThinLq, ThinQr, Tridiagonal } from './interface'
import type { Matrix } from './matrix'

/** A result and the arrays of the backend's memory that it holds: whoever hands it out gives them back. */
export interface Kept<Result> {
  readonly result: Result
  readonly arrays: readonly Float64Array[]
}

export interface EigenRequest {
  /** Indices of the eigenvalues whose vectors are wanted, ascending. */
  readonly wanted: readonly number[]
  /** Whether all eigenvalues are returned, or those of the vectors alone. */
  readonly allValues: boolean
  /** A's memory may be used as work space or for the vectors. */
  readonly overwrite: boolean
}

export interface RankOptions extends CallOptions {
  /** Relative to the largest singular value. */
  readonly tolerance: number
}

/**
 * The routines as `Linalg` describes them, but for what the front has seen to before it calls one: every matrix lies inside its data, shapes meet, options
 * and ranges are in bounds, no output overlaps an input, eigenproblems, reductions and batches are not empty, and the call is not cancelled yet. Left to the backend are entries that
 * are not finite (eigenproblems, Cholesky, solves: a part of its pass over the data), memory, and cancellation under way.
 */
export interface LinalgCore extends Pick<
  Linalg,
  | 'info'
  | 'kernels'
  | 'allocate'
  | 'release'
  | 'availableBytes'
  | 'memory'
  | 'gemm'
  | 'gemmOuterBatch'
  | 'spread'
  | 'syrk'
  | 'symv'
  | 'choleskyInPlace'
  | 'solveTriangularInPlace'
  | 'solveCholeskyInPlace'
  | 'eigenvalues'
  | 'dispose'
> {
  /** Byte address of an array that lies in the backend's memory, whichever buffer object it is seen through; −1 for any other array. */
  addressOf(array: Float64Array): number
  mirrorUpperInPlace(a: Matrix, rows: number, options?: CallOptions): Promise<void>
  eigenSymmetric(a: Matrix, request: EigenRequest, options?: CallOptions): Promise<Kept<EigenPairs>>
  /** Vectors handed to the result's functions have n numbers. */
  tridiagonalize(a: Matrix, options?: CallOptions & { readonly overwrite?: boolean }): Promise<Kept<Tridiagonal>>
}

/** Sweeps `from` to `to` − 1 of the reduction of a symmetric band to tridiagonal form. */
interface Sweeps {
  readonly order: number
  /** Subdiagonals of the band, at least 1. */
  readonly width: number
  readonly from: number
  readonly to: number
}

interface ChaseRequest extends Sweeps {
  /** Lower triangle by columns: entry (i, j) at 2·width·j + i − j. Sweeps before `from` are done; after the last, order − 2, it holds T. */
  readonly band: Float64Array
  /** Receives the reflectors, a row of `order` numbers a sweep: that of sweep s from entry s + 1 on. Null when nobody needs them. */
  readonly reflectors: Float64Array | null
}

interface SweepsOnVectors extends Sweeps {
  readonly reflectors: Float64Array
  /** `count` vectors of `order` numbers, one after the other. */
  readonly vectors: Float64Array
  readonly count: number
  /** Qᵀx instead of Qx, where QᵀBQ = T. */
  readonly transposed: boolean
}

/** Kernels of the embedded backend that no native library has. */
export interface BandKernels {
  chaseSweeps(request: ChaseRequest, options?: CallOptions): Promise<void>
  /** Replaces the vectors. Spans of sweeps follow each other upwards for Qᵀ, downwards for Q. */
  applySweeps(request: SweepsOnVectors, options?: CallOptions): Promise<void>
}

/**
 * Routines that are written once over any core (`routines/`), and that a backend may have itself. A's entries are finite, the largest magnitude among them is `largest`
 * (0 for zeros; only least squares and the pseudoinverse are asked about a matrix without rows or columns).
 */
export interface Routines {
  qr(a: Matrix, largest: number, options?: CallOptions): Promise<Kept<ThinQr>>
  lq(a: Matrix, largest: number, options?: CallOptions): Promise<Kept<ThinLq>>
  singularValues(a: Matrix, largest: number, options?: CallOptions): Promise<Float64Array>
  /** B is finite too. */
  leastSquares(a: Matrix, largest: number, b: Matrix, options: RankOptions): Promise<Kept<LeastSquares>>
  pseudoinverse(a: Matrix, largest: number, options: RankOptions): Promise<Kept<Pseudoinverse>>
  /** A's Cholesky factor, not empty, and a finite ‖A‖₁ ≥ 0. */
  choleskyCondition(l: Matrix, norm1: number, options?: CallOptions): Promise<number>
}

/** A backend: the core, those of the routines for which it has its own way, and matrices in native memory where it has those. */
export type Backend = LinalgCore & Partial<Routines> & Partial<Pick<Linalg, 'openLarge'>>
