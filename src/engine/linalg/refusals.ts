// Refusals that arise during a pass over the data, in the same words wherever the pass runs: on this thread, in a native library, on a worker.
import { bytes } from '../../shared/format/bytes'
import { LinalgError } from './interface'

export const notFinite = (routine: string, name: string, row: number, column: number, value: number): LinalgError =>
  new LinalgError('not-finite', `${routine}: entry (${row}, ${column}) of ${name} is ${value}; every entry must be a finite number`)

/** For a triangular matrix with a zero on its diagonal. */
export const noInverse = (routine: string, place: number): LinalgError =>
  new LinalgError('not-positive-definite', `${routine}: entry (${place}, ${place}) of l is 0, so l has no inverse`)

export const disposed = (): LinalgError => new LinalgError('backend', 'this linear-algebra backend has been disposed of')

/** Throws LinalgError `out-of-memory` with needed and available bytes when they do not fit. */
export function requireBytes(what: string, needed: number, available: number): void {
  if (needed > available)
    throw new LinalgError(
      'out-of-memory',
      `${what} needs ${bytes(needed)} (${Math.ceil(needed)} bytes), ${bytes(available)} (${Math.floor(available)} bytes) are available`
    )
}
