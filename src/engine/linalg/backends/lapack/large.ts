// A symmetric matrix larger than any buffer, in native memory: its band, its eigenvalues, and eigenvectors of some of them by inverse iteration on the band.
import type { BandForm, LargeSymmetric } from '../../interface'
import { LinalgError, type CallOptions } from '../../interface'
import { matrix, type Matrix } from '../../matrix'
import { requireBytes } from '../../refusals'
import { applyBandReflectors, bandFlops, bandNumbers, reduceToBand } from './band-reduction'
import { bandVectors } from './band-vectors'
import { runJob, type Context } from './job'
import { allocateNative, nativeBytes } from './native-memory'

/** Subdiagonals of the band: wide enough for the first stage to be products, narrow enough for the second. */
const bandWidth = 64

/** Bytes beside the matrix that its eigenproblem takes, with `vectors` eigenvectors: the band, its work space, and the factors of a shifted band. */
const besideBytes = (n: number, vectors: number) => 8 * (2 * bandNumbers(n, bandWidth) + n * (3 * bandWidth + 1 + 3 * vectors))

async function bandValues(context: Context, { order: n, width, band }: BandForm, options?: CallOptions): Promise<Float64Array> {
  return runJob(context, 0, options, async (job) => {
    const [diagonal, offDiagonal] = [new Float64Array(n), new Float64Array(Math.max(1, n - 1))]
    // A band as wide as the matrix is chased as far as it goes.
    const used = Math.min(width, n - 1)
    const ab = used === width ? band.slice() : narrowed(band, n, width, used)
    const [householder, work] = [new Float64Array(4 * n + 1), new Float64Array(Math.max(1, (2 * used + 1) * n + used * context.threads))]
    if (n > 1) {
      const counts = [householder.length, work.length]
      await job.call(
        0,
        'private',
        'dsytrd_sb2st',
        'Y',
        'N',
        'L',
        n,
        used,
        ab,
        used + 1,
        diagonal,
        offDiagonal,
        householder,
        counts[0],
        work,
        counts[1]
      )
    } else diagonal[0] = band[0]
    const info = await job.call(0, 'private', 'dsterf', n, diagonal, offDiagonal)
    if (info > 0) throw new LinalgError('no-convergence', `eigenvalues: ${info} of ${n} eigenvalues did not converge`)
    return diagonal
  })
}

function narrowed(band: Float64Array, n: number, width: number, used: number): Float64Array {
  const narrow = new Float64Array(n * (used + 1))
  for (let j = 0; j < n; j++) narrow.set(band.subarray(j * (width + 1), j * (width + 1) + used + 1), j * (used + 1))
  return narrow
}

/** Throws LinalgError `backend` where the library or the system has not what it takes, `out-of-memory` with needed and available bytes. */
export function openLarge(context: Context, order: number, vectors: number): LargeSymmetric {
  const { library } = context
  if (!library.has('dsytrd_sb2st'))
    throw new LinalgError(
      'backend',
      `${library.description} has no dsytrd_sb2st (LAPACK 3.7 and later): matrices beyond the embedded memory need the OpenBLAS that comes with Saddlescope`
    )
  const what = `the matrix of ${order} rows in native memory`
  requireBytes(what, 8 * order ** 2 + besideBytes(order, vectors), nativeBytes())
  const memory = allocateNative(what, order * order)
  const width = Math.min(bandWidth, Math.max(1, order - 1))
  return {
    order,
    write: (row, column, entries) => memory.write(row * order + column, entries),
    read: (row, column, target) => memory.read(row * order + column, target),
    reduceToBand: (options) => runJob(context, bandFlops(order), options, (job) => reduceToBand(job, memory, order, width)),
    eigenvalues: (form, options) => bandValues(context, form, options),
    async eigenvectors(form, values, options) {
      const count = values.length
      return runJob(context, 4 * order ** 2 * count, options, async (job): Promise<Matrix> => {
        const z = await bandVectors(job, form, values)
        await applyBandReflectors(job, memory, form, z, count)
        const turned = matrix(order, count)
        for (let k = 0; k < count; k++) for (let i = 0; i < order; i++) turned.data[i * count + k] = z[k * order + i]
        return turned
      })
    },
    release: memory.release
  }
}
