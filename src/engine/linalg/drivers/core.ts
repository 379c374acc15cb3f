// What a backend has to do itself; everything else is written once over it.
import type { Linalg } from '../interface'

/** Routines that the drivers add. */
export type DrivenRoutine = 'qr' | 'lq' | 'leastSquares' | 'pseudoinverse' | 'singularValues' | 'choleskyCondition'

export type LinalgCore = Omit<Linalg, DrivenRoutine>
