// What a backend has to do itself; everything else is written once over it.
import type { Linalg } from '../interface'

/** Routines that are written over either backend. */
export type SharedRoutine = 'qr' | 'lq' | 'leastSquares' | 'pseudoinverse' | 'singularValues' | 'choleskyCondition'

export type LinalgCore = Omit<Linalg, SharedRoutine>
