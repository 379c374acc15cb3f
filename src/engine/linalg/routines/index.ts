// Completes a backend: the routines that are written once over matrix products, triangular solves and eigenvalues.
import type { Linalg } from '../interface'
import { choleskyCondition } from './condition'
import type { SharedRoutine, LinalgCore } from './core'
import { leastSquares, pseudoinverse } from './least-squares'
import { lq, qr, singularValues } from './orthogonal'

export type { LinalgCore } from './core'

/** Adds the routines that `core` does not have; those it has stay its own. */
export function completeLinalg(core: LinalgCore & Partial<Pick<Linalg, SharedRoutine>>): Linalg {
  const shared: Pick<Linalg, SharedRoutine> = {
    qr: (a, options) => qr(core, a, options),
    lq: (a, options) => lq(core, a, options),
    leastSquares: (a, b, options) => leastSquares(core, a, b, options),
    pseudoinverse: (a, options) => pseudoinverse(core, a, options),
    singularValues: (a, options) => singularValues(core, a, options),
    choleskyCondition: (l, norm, options) => choleskyCondition(core, l, norm, options)
  }
  // Copying by property descriptors keeps `availableBytes` a live value.
  return Object.defineProperties(shared, Object.getOwnPropertyDescriptors(core)) as Linalg
}
