// A matrix on the Hessian screen: which one, what it is, and how it is called.
import type { MethodOutput } from '../../../shared/api/contract'

export interface ShownMatrix {
  /** RUN:STEP/BLOCK or RUN:NAME. */
  readonly text: string
  readonly title: string
  readonly size: string
  /** Short, for legends and what is copied. */
  readonly name: string
  readonly facts: MethodOutput<'matrices.about'>
}
