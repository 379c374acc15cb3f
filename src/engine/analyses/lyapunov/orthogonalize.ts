// Orthogonalizes rows: W = Rᵀ Q with orthonormal rows of Q and R_ii ≥ 0, the QR factorization of Wᵀ. By Cholesky twice (Yamamoto et al. 2015), by Householder where that is not safe.
import { matrix, rowOf, type Linalg, type Matrix } from '../../linalg'
import { dot, norm } from '../../linalg/vectors'
import { scratchOf } from './tangent'

const epsilon = 2 ** -52
/** Up to so many multiplications Gram and Schmidt in plain loops. */
const small = 2e5
/** Rows of unit length with a condition number above this are left to Householder: their Gram matrix loses more than half of the digits. */
const mostForCholesky = 1e6

export interface Orthogonalized {
  /** ln R_ii; −∞ where a row depends on those before it within rounding. */
  readonly logs: Float64Array
  /** The largest ratio of a row's length to its distance from the span of those before it: a lower bound of the condition number of the rows at unit length. */
  readonly spread: number
  readonly fallback: boolean
}

/** Twice over the rows before it (Kahan: twice is enough); a row that is dependent is replaced by some unit vector at right angles. */
function gramSchmidt(rows: Matrix): Orthogonalized {
  const logs = new Float64Array(rows.rows)
  let spread = 1
  for (let r = 0; r < rows.rows; r++) {
    const row = rowOf(rows, r)
    const length = norm(row)
    const clear = () => {
      for (let before = 0; before < r; before++) {
        const other = rowOf(rows, before)
        const factor = dot(row, other)
        for (let i = 0; i < row.length; i++) row[i] -= factor * other[i]
      }
    }
    clear()
    const once = norm(row)
    const dependent = !(once > row.length * epsilon * length)
    logs[r] = dependent ? -Infinity : Math.log(once)
    if (!dependent) spread = Math.max(spread, length / once)
    const axes = dependent ? row.length : 0
    for (let axis = 0; axis < axes; axis++) {
      row.fill(0)
      row[axis] = 1
      clear()
      if (norm(row) > 0.5 / Math.sqrt(row.length)) break
    }
    const scale = dependent ? norm(row) : once
    for (let i = 0; i < row.length; i++) row[i] /= scale
    clear()
    const again = norm(row)
    for (let i = 0; i < row.length; i++) row[i] /= again
  }
  return { logs, spread, fallback: false }
}

function transpose(from: Matrix, to: Matrix): void {
  const tile = 32
  for (let i0 = 0; i0 < from.rows; i0 += tile)
    for (let j0 = 0; j0 < from.columns; j0 += tile)
      for (let i = i0; i < Math.min(i0 + tile, from.rows); i++)
        for (let j = j0; j < Math.min(j0 + tile, from.columns); j++)
          to.data[to.offset + j * to.stride + i] = from.data[from.offset + i * from.stride + j]
}

async function byHouseholder(linalg: Linalg, rows: Matrix, signal: AbortSignal): Promise<Orthogonalized> {
  const lengths = Float64Array.from({ length: rows.rows }, (_, r) => norm(rowOf(rows, r)))
  const columns = matrix(rows.columns, rows.rows)
  transpose(rows, columns)
  const { q, r, release } = await linalg.qr(columns, { signal })
  try {
    transpose(q, rows)
    let spread = 1
    const logs = lengths.map((length, i) => {
      const size = r.data[r.offset + i * (r.stride + 1)]
      if (!(size > rows.columns * epsilon * length)) return -Infinity
      spread = Math.max(spread, length / size)
      return Math.log(size)
    })
    return { logs, spread, fallback: true }
  } finally {
    release()
  }
}

export interface Orthogonalizer {
  /** In place. Throws one sentence for rows that are not finite. */
  orthogonalize(rows: Matrix): Promise<Orthogonalized>
  release(): void
}

export function orthogonalizer(linalg: Linalg, signal: AbortSignal): Orthogonalizer {
  const scratch = scratchOf(linalg)
  const gramOf = async (rows: Matrix) => {
    const gram = scratch.matrix('gram', rows.rows, rows.rows)
    await linalg.syrk(rows, gram, { signal })
    return gram
  }
  return {
    async orthogonalize(rows) {
      const k = rows.rows
      if (k * k * rows.columns <= small) {
        if (rows.data.every(Number.isFinite)) return gramSchmidt(rows)
        throw new Error('the tangent vectors are no longer finite: orthogonalize them more often')
      }
      const gram = await gramOf(rows)
      const diagonal = (i: number) => gram.data[i * (k + 1)]
      const lengths = Float64Array.from({ length: k }, (_, i) => Math.sqrt(diagonal(i)))
      if (!lengths.every(Number.isFinite)) throw new Error('the tangent vectors are no longer finite: orthogonalize them more often')
      const first = await linalg.choleskyInPlace(gram, { signal })
      if (!first.positiveDefinite) return byHouseholder(linalg, rows, signal)
      const logs = new Float64Array(k)
      let spread = 1
      for (let i = 0; i < k; i++) {
        logs[i] = Math.log(diagonal(i))
        spread = Math.max(spread, lengths[i] / diagonal(i))
      }
      if (spread > mostForCholesky) return byHouseholder(linalg, rows, signal)
      await linalg.solveTriangularInPlace(gram, rows, { signal })
      await gramOf(rows)
      const second = await linalg.choleskyInPlace(gram, { signal })
      if (!second.positiveDefinite) throw new Error('the tangent vectors could not be made orthogonal: orthogonalize them more often')
      for (let i = 0; i < k; i++) logs[i] += Math.log(diagonal(i))
      await linalg.solveTriangularInPlace(gram, rows, { signal })
      return { logs, spread, fallback: false }
    },
    release: () => scratch.release()
  }
}

/** Largest |Q Qᵀ − 1|. */
export async function orthogonality(linalg: Linalg, rows: Matrix, signal: AbortSignal): Promise<number> {
  const gram = matrix(rows.rows, rows.rows)
  await linalg.syrk(rows, gram, { signal })
  let most = 0
  for (let i = 0; i < gram.rows; i++)
    for (let j = 0; j < gram.columns; j++) most = Math.max(most, Math.abs(gram.data[i * gram.columns + j] - (i === j ? 1 : 0)))
  return most
}
