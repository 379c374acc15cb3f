// Thin QR and LQ with a non-negative diagonal, and singular values, over any backend.
import type { Kept, LinalgCore } from '../core'
import type { CallOptions, ThinLq, ThinQr } from '../interface'
import type { Matrix } from '../matrix'
import { powerOfTwo } from '../vectors'
import { householder, qrFlops, upperTrapezoid } from './householder'
import { copyScaled, withWork, type Extent, type Work } from './work'

/** Q (long × short) and R (short × short) of the matrix or its transpose, R's diagonal non-negative. */
async function factorize(work: Work, a: Matrix, largest: number, transposed: boolean): Promise<{ q: Matrix; r: Matrix }> {
  const copy = work.take(transposed ? a.columns : a.rows, transposed ? a.rows : a.columns)
  const scale = powerOfTwo(largest)
  await copyScaled(work, a, copy, scale, transposed)
  const factor = await householder(work, copy, false)
  const q = await factor.formQ(copy.columns)
  const r = upperTrapezoid(work, factor.r, copy.columns)
  const n = r.columns
  for (let k = 0; k < n; k++) {
    const sign = r.data[k * n + k] < 0 ? -1 : 1
    for (let j = k; j < n; j++) r.data[k * n + j] *= sign * scale
    if (sign < 0) for (let i = 0; i < q.rows; i++) q.data[i * n + k] = -q.data[i * n + k]
  }
  return { q, r }
}

function extentOf(routine: 'qr' | 'lq', a: Matrix): Extent {
  const [long, short] = [Math.max(a.rows, a.columns), Math.min(a.rows, a.columns)]
  return { routine, flops: 2 * qrFlops(long, short), numbers: (routine === 'qr' ? 3 : 4) * long * short + 2 * short * short }
}

export function qr(core: LinalgCore, a: Matrix, largest: number, options?: CallOptions): Promise<Kept<ThinQr>> {
  return withWork(core, options, extentOf('qr', a), async (work) => {
    const { q, r } = await factorize(work, a, largest, false)
    return work.keep({ q, r }, q, r)
  })
}

export function lq(core: LinalgCore, a: Matrix, largest: number, options?: CallOptions): Promise<Kept<ThinLq>> {
  return withWork(core, options, extentOf('lq', a), async (work) => {
    const { q, r } = await factorize(work, a, largest, true)
    const [l, rows] = [work.take(a.rows, a.rows), work.take(a.rows, a.columns)]
    await copyScaled(work, r, l, 1, true)
    await copyScaled(work, q, rows, 1, true)
    return work.keep({ l, q: rows }, l, rows)
  })
}

/**
 * The non-negative eigenvalues of [0 B; Bᵀ 0], where B is A or, for a long A, its R: the same values with an error of a modest multiple of
 * ε‖A‖, without squaring A (Golub & Van Loan, §8.6). Costs an eigenvalue problem of twice the order.
 */
export function singularValues(core: LinalgCore, a: Matrix, largest: number, options?: CallOptions): Promise<Float64Array> {
  const [long, short] = [Math.max(a.rows, a.columns), Math.min(a.rows, a.columns)]
  const reduce = long >= 1.5 * short
  const eigenFlops = (4 / 3) * (reduce ? 2 * short : long + short) ** 3
  const extent = {
    routine: 'singularValues',
    flops: eigenFlops + (reduce ? qrFlops(long, short) : 0),
    numbers: 2 * long * short + short * short + (reduce ? 2 * short : long + short) ** 2
  }
  return withWork(core, options, extent, async (work) => {
    const scale = powerOfTwo(largest)
    let inner = work.take(long, short)
    await copyScaled(work, a, inner, scale, a.rows < a.columns)
    if (reduce) inner = upperTrapezoid(work, (await householder(work, inner, false)).r, short)
    const size = inner.rows + short
    const symmetric = work.take(size, size)
    for (let i = 0; i < inner.rows; i++)
      for (let j = 0; j < short; j++) {
        const value = inner.data[i * short + j]
        symmetric.data[i * size + inner.rows + j] = value
        symmetric.data[(inner.rows + j) * size + i] = value
      }
    const values = await core.eigenvalues(symmetric, { ...work.options, overwrite: true })
    return Float64Array.from({ length: short }, (_, k) => Math.max(0, values[size - 1 - k]) * scale)
  })
}
