// Eigenvectors of a symmetric tridiagonal matrix of known eigenvalues: inverse iteration over an elimination with row exchanges, in plain loops.
import type { CallOptions } from '../interface'
import { inverseIteration } from '../inverse-iteration'
import { createPacer } from '../pacer'
import { maxAbs, norm, powerOfTwo } from '../vectors'
import type { TridiagonalEntries } from './resolvents'

/** Of T − shift: U's three diagonals, the multipliers of L, and where rows were exchanged. */
interface Factors {
  readonly pivot: Float64Array
  readonly next: Float64Array
  readonly second: Float64Array
  readonly multiplier: Float64Array
  readonly exchanged: Uint8Array
}

/** Pivots below `least` in size become that: a singular matrix is one to working precision, and its vector grows all the same. */
function eliminate({ diagonal, offDiagonal }: TridiagonalEntries, shift: number, least: number, into: Factors): void {
  const { pivot, next, second, multiplier, exchanged } = into
  const n = diagonal.length
  let [here, right] = [diagonal[0] - shift, n > 1 ? offDiagonal[0] : 0]
  for (let i = 0; i < n - 1; i++) {
    const below = offDiagonal[i]
    const diagonalBelow = diagonal[i + 1] - shift
    const rightBelow = i + 2 < n ? offDiagonal[i + 1] : 0
    exchanged[i] = Math.abs(below) > Math.abs(here) ? 1 : 0
    if (exchanged[i]) {
      const m = here / below
      ;[pivot[i], next[i], second[i], multiplier[i]] = [below, diagonalBelow, rightBelow, m]
      here = right - m * diagonalBelow
      right = -m * rightBelow
    } else {
      if (Math.abs(here) < least) here = least
      const m = below / here
      ;[pivot[i], next[i], second[i], multiplier[i]] = [here, right, 0, m]
      here = diagonalBelow - m * right
      right = rightBelow
    }
  }
  pivot[n - 1] = Math.abs(here) < least ? least : here
}

/** v ← (T − shift)⁻¹ v. */
function substitute({ pivot, next, second, multiplier, exchanged }: Factors, v: Float64Array): void {
  const n = v.length
  for (let i = 0; i < n - 1; i++) {
    const [first, other] = exchanged[i] ? [v[i + 1], v[i]] : [v[i], v[i + 1]]
    v[i] = first
    v[i + 1] = other - multiplier[i] * first
  }
  for (let i = n - 1; i >= 0; i--) {
    const known = (i + 1 < n ? next[i] * v[i + 1] : 0) + (i + 2 < n ? second[i] * v[i + 2] : 0)
    v[i] = (v[i] - known) / pivot[i]
  }
}

function residualOf({ diagonal, offDiagonal }: TridiagonalEntries, v: Float64Array, value: number): number {
  const n = v.length
  const r = v.map((x, i) => {
    const before = i > 0 ? offDiagonal[i - 1] * v[i - 1] : 0
    return (diagonal[i] - value) * x + before + (i + 1 < n ? offDiagonal[i] * v[i + 1] : 0)
  })
  return norm(r)
}

/** Orthonormal vectors of these eigenvalues (ascending, of T to rounding), n numbers each, one after the other. Throws as `inverseIteration`. */
export async function tridiagonalVectors(t: TridiagonalEntries, values: Float64Array, options?: CallOptions): Promise<Float64Array> {
  const n = t.diagonal.length
  const power = powerOfTwo(Math.max(maxAbs(t.diagonal), maxAbs(t.offDiagonal)))
  const [diagonal, offDiagonal] = [t.diagonal, t.offDiagonal].map((entries) => entries.map((value) => value / power))
  const scaled = { diagonal, offDiagonal }
  const size = (i: number) => Math.abs(diagonal[i]) + Math.abs(offDiagonal[i - 1] ?? 0) + Math.abs(offDiagonal[i] ?? 0)
  let scale = 0
  for (let i = 0; i < n; i++) scale = Math.max(scale, size(i))
  const numbers = () => new Float64Array(n)
  const factors: Factors = { pivot: numbers(), next: numbers(), second: numbers(), multiplier: numbers(), exchanged: new Uint8Array(n) }
  const pace = createPacer(options?.signal)
  return inverseIteration(
    {
      order: n,
      scale,
      async factorize(shift) {
        eliminate(scaled, shift, Number.EPSILON * scale, factors)
        return true
      },
      async solve(v) {
        const pause = pace()
        if (pause) await pause
        substitute(factors, v)
      },
      residual: (v, value) => residualOf(scaled, v, value)
    },
    values.map((value) => value / power)
  )
}
