// Which symmetric eigenproblems go through a band on their way to tridiagonal form, for either backend.

/** Symmetric eigenproblems of at least this order go through a band of `width` subdiagonals. */
export interface TwoStageChoice {
  readonly from: number
  readonly width: number
  /** With more vectors than this share of them all, the way back through two stages costs more than they save. */
  readonly share: number
}

/** Width of the band that an eigenproblem goes through; 0 for one stage. */
export const bandWidth = ({ from, width, share }: TwoStageChoice, n: number, vectors: number): number =>
  n >= from && vectors <= share * n ? width : 0
