// Eigenvectors of a symmetric band by inverse iteration: a banded LU factorization of B − λI an eigenvalue, vectors of close eigenvalues kept orthogonal (Peters & Wilkinson 1979; as LAPACK's dstein for a tridiagonal matrix).
import { randomStream } from '../../../../shared/random'
import { LinalgError, type BandForm } from '../../interface'
import { dot, norm } from '../../vectors'
import type { Job } from './job'

/** Eigenvalues closer than this, relative to ‖B‖, belong to one cluster, whose vectors are orthogonalized against each other. */
const clusterGap = 1e-3
/** Of ‖B‖·ε·√n: a residual ‖Bv − λv‖ of at most this ends an iteration. */
const residualLimit = 4
const mostSweeps = 8
/** Shifts are moved by so many ε‖B‖, one more with each vector of a cluster: equal ones would give the same vector, and an exact one no factors. */
const shiftStep = 2

/** B as dgbtrf takes it: kl = ku = width, width rows free above; entry (i, j) at j · leading + 2·width + i − j. */
function shifted({ order: n, width, band }: BandForm, shift: number, target: Float64Array): void {
  const leading = 3 * width + 1
  target.fill(0)
  for (let j = 0; j < n; j++)
    for (let d = 0; d <= width && j + d < n; d++) {
      const value = band[2 * width * j + d]
      target[j * leading + 2 * width + d] = value
      if (d > 0) target[(j + d) * leading + 2 * width - d] = value
    }
  for (let j = 0; j < n; j++) target[j * leading + 2 * width] -= shift
}

/** ‖B v − λ v‖. */
function residualOf({ order: n, width, band }: BandForm, v: Float64Array, value: number): number {
  const r = v.map((x) => -value * x)
  for (let j = 0; j < n; j++) {
    const at = 2 * width * j
    r[j] += band[at] * v[j]
    for (let d = 1; d <= width && j + d < n; d++) {
      r[j + d] += band[at + d] * v[j]
      r[j] += band[at + d] * v[j + d]
    }
  }
  return norm(r)
}

/** max row sum: a bound of max |λ|. */
function bandNorm({ order: n, width, band }: BandForm): number {
  const sums = new Float64Array(n)
  for (let j = 0; j < n; j++)
    for (let d = 0; d <= width && j + d < n; d++) {
      const magnitude = Math.abs(band[2 * width * j + d])
      sums[j] += magnitude
      if (d > 0) sums[j + d] += magnitude
    }
  return sums.reduce((most, sum) => Math.max(most, sum), 0)
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
 * Orthonormal vectors of these eigenvalues (ascending, of B to rounding), column-major n × k. Throws LinalgError `no-convergence` where a residual
 * stays above 64·√n·ε·‖B‖.
 */
export async function bandVectors(job: Job, form: BandForm, values: Float64Array): Promise<Float64Array> {
  const { order: n, width } = form
  const scale = bandNorm(form)
  const small = Number.EPSILON * scale
  const limit = small * Math.sqrt(n)
  const leading = 3 * width + 1
  const [factors, pivots] = [job.take(n * leading), new Int32Array(n)]
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
    let info = 1
    for (let attempt = 1; info !== 0 && attempt <= 4; attempt++) {
      shifted(form, values[k] + (k - clusterStart + attempt) * shiftStep * small, factors)
      info = await job.call(0, 'in-place', 'dgbtrf', n, n, width, width, factors, leading, pivots)
    }
    let residual = Infinity
    const sweeps = info === 0 && scale > 0 ? mostSweeps : 0
    for (let sweep = 0; sweep < sweeps; sweep++) {
      await job.call(0, 'in-place', 'dgbtrs', 'N', n, width, width, 1, factors, leading, pivots, v, n)
      orthogonalize(v, cluster)
      residual = residualOf(form, v, values[k])
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
