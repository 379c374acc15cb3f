// Chooses the linear-algebra backend of this process.
import type { Linalg } from './interface'

export type { BackendInfo, CallOptions, CholeskyResult, EigenRange, GemmOptions, GemmOuterBatch, LeastSquares, Linalg, SymmetricEigen, Transpose } from './interface'
export { LinalgError } from './interface'
export { block, isContiguous, matrix, type Matrix } from './matrix'

export interface BackendChoice {
  /** `auto`: lapack where one is found and passes its check, else wasm. */
  readonly backend?: 'auto' | 'wasm' | 'lapack'
  /** Default: the number of cores, at least 1. */
  readonly threads?: number
}

/** Opens a backend. The environment variable SADDLESCOPE_BACKEND (wasm | lapack) answers for `auto`. */
export async function openLinalg(choice: BackendChoice = {}): Promise<Linalg> {
  throw new Error(`no backend yet (${choice.backend ?? 'auto'})`)
}
