// The routines that are written once over matrix products, triangular solves and eigenvalues, for what a backend has no own way to do.
import type { Backend, Routines } from '../core'
import { choleskyCondition } from './condition'
import { leastSquares, pseudoinverse } from './least-squares'
import { lq, qr, singularValues } from './orthogonal'

/** A backend's own routines, completed by the shared ones. */
export function routinesOver(backend: Backend): Routines {
  return {
    qr: backend.qr ?? ((...given) => qr(backend, ...given)),
    lq: backend.lq ?? ((...given) => lq(backend, ...given)),
    singularValues: backend.singularValues ?? ((...given) => singularValues(backend, ...given)),
    leastSquares: backend.leastSquares ?? ((...given) => leastSquares(backend, ...given)),
    pseudoinverse: backend.pseudoinverse ?? ((...given) => pseudoinverse(backend, ...given)),
    choleskyCondition: backend.choleskyCondition ?? ((...given) => choleskyCondition(backend, ...given))
  }
}
