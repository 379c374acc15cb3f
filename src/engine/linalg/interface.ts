// The one interface of dense real linear algebra: everything O(n³) is asynchronous, cancellable and reports progress.
import type { Matrix } from './matrix'

/** Accepted by every long routine. `signal` rejects the call with the signal's reason within 200 ms; `onProgress` gets the fraction of flops done, 0…1, non-decreasing. */
export interface CallOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (fraction: number) => void
}

/** An error whose message is meant for people: what went wrong, where, what would be right. */
export class LinalgError extends Error {
  constructor(
    /** `not-finite`: NaN or infinity in the input; `not-positive-definite`; `shape`: operands, ranges or options that do not fit; `aliasing`; `out-of-memory`; `no-convergence`; `backend`. */
    readonly code: 'not-finite' | 'not-positive-definite' | 'shape' | 'aliasing' | 'out-of-memory' | 'no-convergence' | 'backend',
    message: string
  ) {
    super(message)
    this.name = 'LinalgError'
  }
}

export type Transpose = 'none' | 'transpose'

export interface GemmOptions extends CallOptions {
  readonly transposeA?: Transpose
  readonly transposeB?: Transpose
  /** Default 1. */
  readonly alpha?: number
  /** Default 0: C is overwritten, and NaN in the old C does not matter. */
  readonly beta?: number
}

/** Every A_p with every B_q: `C_{p,q} = A_p · B_q` (+ C when `accumulate`). Sizes are those of one product; steps and offsets are in elements. */
export interface GemmOuterBatch {
  readonly m: number
  readonly n: number
  readonly k: number
  /** A_p (m × k, row-major, row stride `stride`) starts at `offset + p · step`. */
  readonly a: {
    readonly data: Float64Array
    readonly offset: number
    readonly stride: number
    readonly step: number
    readonly count: number
  }
  /** B_q (k × n, row-major, row stride `stride`) starts at `offset + q · step`. */
  readonly b: {
    readonly data: Float64Array
    readonly offset: number
    readonly stride: number
    readonly step: number
    readonly count: number
  }
  /** C_{p,q} (m × n, row stride `stride`) starts at `offset + p · stepA + q · stepB`. Distinct products must not overlap. */
  readonly c: {
    readonly data: Float64Array
    readonly offset: number
    readonly stride: number
    readonly stepA: number
    readonly stepB: number
  }
  readonly accumulate?: boolean
  /** Computes the rows r ≥ p of C_{p,q} alone and leaves the others as they are: the upper triangle of squares of rows (default: all rows). */
  readonly upper?: boolean
}

/**
 * `count` square matrices U_j of the same order, one after the other in `units`, as one matrix whose blocks are diagonal: c[i·count + j, column + k·count + j] = U_j[i, k].
 * All other entries of c's order·count rows become zero, also those before `column` and behind the block.
 */
export interface Spread {
  readonly units: Float64Array
  readonly count: number
  readonly order: number
  readonly c: Matrix
  readonly column: number
}

export interface CholeskyResult {
  /** True when every pivot was > 0: the matrix is positive definite in floating point. */
  readonly positiveDefinite: boolean
  /** Number of leading columns factorized before the first pivot that was not > 0 (n when positive definite). */
  readonly rank: number
}

/** A result whose arrays a backend allocated. They must not be used after `release`. */
export interface Owned {
  /** Gives the result's memory back; further calls do nothing. */
  release(): void
}

export interface EigenPairs {
  /** Ascending, length n (or the length of the asked range). */
  readonly values: Float64Array
  /** n × (number of values); column j belongs to values[j]. Contiguous. */
  readonly vectors: Matrix
  /** True where `overwrite` put the vectors into A's memory: they live as long as A, and `release` leaves it to A's owner. */
  readonly inPlace: boolean
}

export type SymmetricEigen = EigenPairs & Owned

export interface EigenRange {
  /** First and last index (inclusive, 0-based, ascending order) of the eigenvalues wanted. */
  readonly from: number
  readonly to: number
}

/** Either a range or a selection, not both. */
export interface EigenOptions extends CallOptions {
  readonly overwrite?: boolean
  readonly range?: EigenRange
  readonly select?: { readonly smallest: number; readonly largest: number }
}

/** A = Q T Qᵀ with Q orthogonal and T symmetric tridiagonal. Q is never formed: it is applied to one vector in some n² steps. */
export interface Tridiagonal {
  /** The n diagonal entries of T. */
  readonly diagonal: Float64Array
  /** offDiagonal[i] = T(i, i+1); n − 1 numbers. */
  readonly offDiagonal: Float64Array
  /** Those of T, and so of A, ascending. */
  eigenvalues(options?: CallOptions): Promise<Float64Array>
  /** x ← Q x in place. */
  apply(x: Float64Array, options?: CallOptions): Promise<void>
  /** x ← Qᵀx in place. */
  applyTransposed(x: Float64Array, options?: CallOptions): Promise<void>
}

/** A (m × n, m ≥ n) = Q (m × n) R (n × n). */
export interface ThinQr {
  readonly q: Matrix
  readonly r: Matrix
}

/** A (m × n, m ≤ n) = L (m × m) Q (m × n). */
export interface ThinLq {
  readonly l: Matrix
  readonly q: Matrix
}

export interface LeastSquares {
  /** Minimum-norm solution X of min ‖A X − B‖, columns(A) × columns(B). */
  readonly solution: Matrix
  /** Numerical rank of A with the tolerance used. */
  readonly rank: number
  /** Estimate of the ratio of A's largest to its smallest singular value above the tolerance. */
  readonly condition: number
}

export interface Pseudoinverse {
  /** columns(A) × rows(A). */
  readonly inverse: Matrix
  readonly rank: number
  readonly condition: number
}

/** What `allocate` and the routines took of the backend's memory and gave back since it was opened; equal counts mean that nothing is held. */
export interface MemoryCount {
  readonly allocations: number
  readonly releases: number
  readonly heldBytes: number
}

/** A build of the embedded kernels: `wasm` and `wasm-256` compute the same bits, `wasm-256-fma` rounds products and sums once. */
export type KernelBuild = 'wasm' | 'wasm-256' | 'wasm-256-fma'

/** A symmetric band that is orthogonally similar to a matrix. */
export interface BandForm {
  readonly order: number
  /** Subdiagonals. */
  readonly width: number
  /** Entry (j + d, j), 0 ≤ d ≤ width, at 2 · width · j + d. */
  readonly band: Float64Array
  /** What leads back: T of each panel of reflectors, which lie in the matrix's memory (lapack/band.ts). */
  readonly factors: Float64Array
}

/** A symmetric matrix in memory outside of every ArrayBuffer, for orders that no buffer holds. Only its upper triangle (of row-major rows) need be written. */
export interface LargeSymmetric extends Owned {
  readonly order: number
  /** Copies entries in, row-major from (row, column) on, over ends of rows too. */
  write(row: number, column: number, entries: Float64Array): void
  /** Copies as many entries out as `target` holds. */
  read(row: number, column: number, target: Float64Array): void
  /** Overwrites the matrix; after it the upper triangle holds reflectors, to be kept with the result. Cancelled within about a second; the matrix is lost then. Entries must be finite. */
  reduceToBand(options?: CallOptions): Promise<BandForm>
  /** All of them, ascending. */
  eigenvalues(form: BandForm, options?: CallOptions): Promise<Float64Array>
  /** Orthonormal vectors of these eigenvalues (ascending), n × k; needs the reflectors in place. Throws `no-convergence`. */
  eigenvectors(form: BandForm, values: Float64Array, options?: CallOptions): Promise<Matrix>
}

export interface BackendInfo {
  readonly kind: 'wasm' | 'lapack'
  /** For people and for `status.json`: e.g. "OpenBLAS 0.3.21 (libopenblas.so.0)". Two equal descriptions and thread counts give identical bits. */
  readonly description: string
  readonly threads: number
}

/**
 * Inputs are never changed unless the name of the argument says so (`…InPlace`, `c`). Matrices may be strided views where the
 * doc says so; others are refused by name with code `shape`. An output that overlaps an input is refused with code `aliasing`.
 * NaN or infinity in the input of a decomposition or solve rejects with code `not-finite` and names the entry.
 * Matrices of a result are the backend's until its `release` is called.
 * Work space that does not fit rejects with code `out-of-memory` and the bytes needed, before anything is allocated.
 */
export interface Linalg {
  readonly info: BackendInfo
  /** The build of the embedded kernels that was taken. */
  readonly kernels: KernelBuild

  /** Memory (zeroed, unless its content may be `anything`) on which the kernels work in place, without copies. Any other Float64Array works too, at the price of copying in and out. */
  allocate(length: number, content?: 'zeros' | 'anything'): Float64Array
  /** Gives memory of `allocate` back for reuse; other arrays are ignored. The array must not be used afterwards. */
  release(array: Float64Array): void
  /** Bytes that `allocate` could still hand out. */
  readonly availableBytes: number
  readonly memory: MemoryCount

  /** c = alpha · op(a) · op(b) + beta · c. Views allowed. 2mnk flops. */
  gemm(a: Matrix, b: Matrix, c: Matrix, options?: GemmOptions): Promise<void>
  /** Many small products with shared factors (see GemmOuterBatch); the factors are packed once. */
  gemmOuterBatch(batch: GemmOuterBatch, options?: CallOptions): Promise<void>
  /** c = alpha · a·aᵀ + beta · c (or aᵀ·a with transpose), full symmetric result with exactly equal mirrored entries. Views allowed. */
  syrk(a: Matrix, c: Matrix, options?: GemmOptions): Promise<void>
  /** Spreads a direct sum out (see Spread): row after row of `c`, zeros included. */
  spread(spread: Spread, options?: CallOptions): Promise<void>
  /** y = A x for symmetric A (full storage). */
  symv(a: Matrix, x: Float64Array, y: Float64Array, options?: CallOptions): Promise<void>
  /** Copies the upper triangle onto the lower one, in place; with `rows`, only the upper entries of the first so many rows (a backend may copy all). */
  mirrorUpperInPlace(a: Matrix, options?: CallOptions & { readonly rows?: number }): Promise<void>

  /** Lower Cholesky factor L (A = L Lᵀ) over the lower triangle of the matrix, upper triangle zeroed. Stops at the first pivot not > 0 and says where. */
  choleskyInPlace(a: Matrix, options?: CallOptions): Promise<CholeskyResult>
  /** Solves op(L) X = B in place of B (n × r), L lower triangular. */
  solveTriangularInPlace(l: Matrix, b: Matrix, options?: CallOptions & { readonly transpose?: Transpose }): Promise<void>
  /** Solves A X = B in place of B, given the Cholesky factor of A. */
  solveCholeskyInPlace(l: Matrix, b: Matrix, options?: CallOptions): Promise<void>

  /** Eigenvalues of a symmetric matrix (upper and lower triangle given), ascending. */
  eigenvalues(a: Matrix, options?: CallOptions & { readonly overwrite?: boolean }): Promise<Float64Array>
  /**
   * Eigenvalues and orthonormal eigenvectors of a symmetric matrix, all or a range. With `overwrite`, A's memory is used as work space or for the vectors.
   * With `select` (in place of `range`), all n eigenvalues, and vectors of the `smallest` and `largest` so many only, n × (smallest + largest), ascending.
   */
  eigenSymmetric(a: Matrix, options?: EigenOptions): Promise<SymmetricEigen>
  /**
   * Reduces a symmetric matrix (upper and lower triangle given) to tridiagonal form: for functions of A on a few vectors, which need no eigenvectors. With `overwrite`,
   * Q may lie in A's memory, which must then be left alone until `release`.
   */
  tridiagonalize(a: Matrix, options?: CallOptions & { readonly overwrite?: boolean }): Promise<Tridiagonal & Owned>

  /** Thin QR of a tall matrix, A (m × n, m ≥ n) = Q (m × n) R (n × n), R with a non-negative diagonal. */
  qr(a: Matrix, options?: CallOptions): Promise<ThinQr & Owned>
  /** Thin LQ of a wide matrix, A (m × n, m ≤ n) = L (m × m) Q (m × n), L with a non-negative diagonal. */
  lq(a: Matrix, options?: CallOptions): Promise<ThinLq & Owned>
  /** Minimum-norm least squares for any shape and rank, rank-revealing. `tolerance` is relative to the largest singular value (default max(m, n)·ε). */
  leastSquares(a: Matrix, b: Matrix, options?: CallOptions & { readonly tolerance?: number }): Promise<LeastSquares & Owned>
  /** Moore–Penrose pseudoinverse, columns × rows, same tolerance as leastSquares. */
  pseudoinverse(a: Matrix, options?: CallOptions & { readonly tolerance?: number }): Promise<Pseudoinverse & Owned>
  /** Singular values, descending. */
  singularValues(a: Matrix, options?: CallOptions): Promise<Float64Array>
  /** 1-norm condition estimate (Hager 1984, Higham 1988) of A from its Cholesky factor and ‖A‖₁. */
  choleskyCondition(l: Matrix, norm1: number, options?: CallOptions): Promise<number>

  /**
   * Zeroed native memory for an n × n matrix and its eigenproblem with so many vectors. Throws `backend` with the reason where there is none (embedded
   * kernels; not Linux; an old library), `out-of-memory` with needed and available bytes.
   */
  openLarge(order: number, vectors: number): LargeSymmetric

  /** Ends worker threads and frees memory; later calls reject with code `backend`. */
  dispose(): Promise<void>
}
