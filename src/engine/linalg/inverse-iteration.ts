// Eigenvectors of known eigenvalues by inverse iteration (Peters & Wilkinson 1979; as LAPACK's dstein), vectors of close eigenvalues kept orthogonal, for whatever can factorize B − λI.
import { randomStream } from '../../shared/random'
import { LinalgError } from './interface'
import { dot, norm } from './vectors'

/** Eigenvalues closer than this, relative to ‖B‖, belong to one cluster, whose vectors are orthogonalized against each other. */
const clusterGap = 1e-3
/** Of ‖B‖·ε·√n: a residual ‖Bv − λv‖ of at most this ends an iteration. */
const residualLimit = 4
const mostSweeps = 8
/** Shifts are moved by so many ε‖B‖, one more with each vector of a cluster: equal ones would give the same vector, and an exact one no factors. */
const shiftStep = 2

export interface Shiftable {
  readonly order: number
  /** A bound of max |λ|. */
  readonly scale: number
  /** Keeps factors of B − shift·I; false where that is singular. */
  factorize(shift: number): Promise<boolean>
  /** v ← (B − shift·I)⁻¹ v. */
  solve(v: Float64Array): Promise<void>
  /** ‖B v − value·v‖. */
  residual(v: Float64Array, value: number): number
}

function orthogonalize(v: Float64Array, against: readonly Float64Array[]): void {
  for (let pass = 0; pass < 2; pass++)
    for (const u of against) {
      const along = dot(u, v)
      for (let i = 0; i < v.length; i++) v[i] -= along * u[i]
    }
  const length = norm(v)
  for (let i = 0; i < v.length; i++) v[i] /= length
}

/**
 * Orthonormal vectors of these eigenvalues (ascending, of B to rounding), `order` numbers each, one after the other. Throws LinalgError `no-convergence` where a residual
 * stays above 64·√n·ε·‖B‖.
 */
export async function inverseIteration({ order: n, scale, factorize, solve, residual: residualOf }: Shiftable, values: Float64Array) {
  const small = Number.EPSILON * scale
  const limit = small * Math.sqrt(n)
  const random = randomStream(0, 'band')
  const z = new Float64Array(n * values.length)
  const found: Float64Array[] = []
  let clusterStart = 0
  for (let k = 0; k < values.length; k++) {
    if (k > 0 && values[k] - values[k - 1] > clusterGap * scale) clusterStart = k
    const cluster = found.slice(clusterStart)
    const v = z.subarray(k * n, (k + 1) * n)
    for (let i = 0; i < n; i++) v[i] = random.normal()
    orthogonalize(v, cluster)
    let ready = false
    for (let attempt = 1; !ready && attempt <= 4; attempt++)
      ready = await factorize(values[k] + (k - clusterStart + attempt) * shiftStep * small)
    let residual = Infinity
    const sweeps = ready && scale > 0 ? mostSweeps : 0
    for (let sweep = 0; sweep < sweeps; sweep++) {
      await solve(v)
      orthogonalize(v, cluster)
      residual = residualOf(v, values[k])
      // One more sweep after the first good one takes out what other clusters left.
      if (residual <= residualLimit * limit && sweep > 0) break
    }
    if (scale > 0 && !(residual <= 64 * limit))
      throw new LinalgError(
        'no-convergence',
        `eigenvectors: inverse iteration for λ = ${values[k]} left a residual of ${residual}, more than ${64 * limit}`
      )
    found.push(v)
  }
  // Vectors of different clusters are orthogonal to ε‖B‖/gap already.
  found.forEach((v, k) => orthogonalize(v, found.slice(0, k)))
  return z
}
