// How good computed eigenpairs are: residual and orthogonality in units of rounding.
import type { Linalg } from '../../../../src/engine/linalg/interface'
import { matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { product, transposed } from '../plain'
import { epsilon, frobenius, numbers } from './case'

/**
 * Norms of AQ − QΛ over ‖A‖₂ and of QᵀQ − I, both in units of √n·ε; at most 30 is asked for. Frobenius norms, which bound the 2-norm from
 * above; where that bound is not good enough (it grows faster than √n), the 2-norm itself.
 */
export interface EigenQuality {
  readonly residual: number
  readonly orthogonality: number
}

/** Products of large matrices are left to the backend's own gemm, which other cases check. */
async function multiply(linalg: Linalg, a: Matrix, b: Matrix, transposeA: boolean): Promise<Matrix> {
  if (a.rows < 300) return product(transposeA ? transposed(a) : a, b)
  const c = matrix(transposeA ? a.columns : a.rows, b.columns)
  await linalg.gemm(a, b, c, { transposeA: transposeA ? 'transpose' : 'none' })
  return c
}

/** `of` are the eigenvalues that belong to the columns of the vectors. */
export async function quality(linalg: Linalg, a: Matrix, of: Float64Array, vectors: Matrix, norm: number): Promise<EigenQuality> {
  const [n, k] = [a.rows, vectors.columns]
  if (n === 0 || k === 0) return { residual: 0, orthogonality: 0 }
  // Entries near the ends of the range are brought near 1, which is exact.
  const scale = norm > 0 ? 2 ** Math.floor(Math.log2(norm)) : 1
  const unit = matrix(
    n,
    n,
    numbers(a).map((value) => value / scale)
  )
  const q = matrix(n, k, numbers(vectors))
  const residual = await multiply(linalg, unit, q, false)
  for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) residual.data[i * k + j] -= q.data[i * k + j] * (of[j] / scale)
  const inner = await multiply(linalg, q, q, true)
  for (let j = 0; j < k; j++) inner.data[j * k + j] -= 1
  const one = Math.sqrt(n) * epsilon
  const size = norm > 0 ? norm / scale : 1
  return { residual: await measure(linalg, residual, one * size), orthogonality: await measure(linalg, inner, one) }
}

async function measure(linalg: Linalg, error: Matrix, unit: number): Promise<number> {
  const bound = frobenius(error.data) / unit
  if (!(bound > 30)) return bound
  const inUnits = matrix(
    error.rows,
    error.columns,
    error.data.map((value) => value / unit)
  )
  const gram = await multiply(linalg, inUnits, inUnits, true)
  const values = await linalg.eigenvalues(gram, { overwrite: true })
  return Math.sqrt(values[values.length - 1])
}
