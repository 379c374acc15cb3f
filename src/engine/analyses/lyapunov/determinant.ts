// ln|det| of a matrix, by ways that share nothing with the accumulation of exponents.
import { matrix, type Linalg, type Matrix } from '../../linalg'
import { luLogDeterminant } from '../../linalg/lu'
import type { Scratch } from './tangent'

/** Up to so many rows by elimination in plain code. */
const small = 48

/** Σ ln R_ii of a QR factorization, of any square matrix. */
export async function logDeterminant(linalg: Linalg, a: Matrix, signal: AbortSignal): Promise<number> {
  if (a.rows <= small) return luLogDeterminant(a)
  const { r, release } = await linalg.qr(a, { signal })
  try {
    let sum = 0
    for (let i = 0; i < a.rows; i++) sum += Math.log(Math.abs(r.data[r.offset + i * (r.stride + 1)]))
    return sum
  } finally {
    release()
  }
}

/** ln|det(1 − ηH)| for a symmetric H: of its Cholesky factor where it is positive definite, else Σ ln|1 − ηλ|. */
export async function logDeterminantOfDescent(
  linalg: Linalg,
  hessian: Matrix,
  learningRate: number,
  scratch: Scratch,
  signal: AbortSignal
): Promise<number> {
  const size = hessian.rows
  const work = size <= small ? matrix(size, size) : scratch.matrix('descent', size, size)
  const fill = () => {
    for (let i = 0; i < work.data.length; i++) work.data[i] = -learningRate * hessian.data[i]
    for (let i = 0; i < size; i++) work.data[i * (size + 1)] += 1
  }
  fill()
  if (size <= small) return luLogDeterminant(work)
  const { positiveDefinite } = await linalg.choleskyInPlace(work, { signal })
  if (positiveDefinite) {
    let sum = 0
    for (let i = 0; i < size; i++) sum += Math.log(work.data[i * (size + 1)])
    return 2 * sum
  }
  fill()
  const values = await linalg.eigenvalues(work, { signal, overwrite: true })
  return values.reduce((sum, value) => sum + Math.log(Math.abs(value)), 0)
}
