// Eigenvectors of a symmetric band by inverse iteration: a banded LU factorization of B − λI an eigenvalue.
import type { BandForm } from '../../interface'
import { inverseIteration } from '../../inverse-iteration'
import { norm } from '../../vectors'
import type { Job } from './job'

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

/** Vectors of these eigenvalues (ascending, of B to rounding), column-major n × k: see inverseIteration. */
export async function bandVectors(job: Job, form: BandForm, values: Float64Array): Promise<Float64Array> {
  const { order: n, width } = form
  const leading = 3 * width + 1
  const [factors, pivots] = [job.take(n * leading), new Int32Array(n)]
  return inverseIteration(
    {
      order: n,
      scale: bandNorm(form),
      async factorize(shift) {
        shifted(form, shift, factors)
        return (await job.call(0, 'in-place', 'dgbtrf', n, n, width, width, factors, leading, pivots)) === 0
      },
      solve: async (v) => void (await job.call(0, 'in-place', 'dgbtrs', 'N', n, width, width, 1, factors, leading, pivots, v, n)),
      residual: (v, value) => residualOf(form, v, value)
    },
    values
  )
}
