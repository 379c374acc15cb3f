// A symmetric matrix larger than any buffer, in native memory: its band, its eigenvalues, and eigenvectors of some of them by inverse iteration on the band.
import type { BandForm, CallOptions, LargeSymmetric } from '../../interface'
import { matrix, type Matrix } from '../../matrix'
import { requireBytes } from '../../refusals'
import { applyPanels, bandWork, reduceToBand, type Triangle } from './band'
import { bandVectors } from './band-vectors'
import { runJob, type Context } from './job'
import { allocateNative, nativeBytes, type NativeMemory } from './native-memory'
import { valuesFlops, valuesOf } from './reduce'
import { tridiagonalFlops } from './tridiagonal'
import { chaseBand } from './two-stage'

/** Subdiagonals of the band: wide enough for the first stage to be products, narrow enough for the second. */
const bandWidth = 64

/** Bytes beside the matrix that its eigenproblem takes, with `vectors` eigenvectors: the band twice, the panels' triangles and work space, the factors of a shifted band. */
const besideBytes = (n: number, vectors: number) => 8 * (n * (4 + 1 + 3 + 1) * bandWidth + bandWork(n, bandWidth) + 3 * n * vectors)

/** Column-major, so that the upper triangle of row-major rows is LAPACK's lower one. */
const triangleOf = ({ address }: NativeMemory, order: number): Triangle => ({
  order,
  leading: order,
  at: (row, column) => BigInt(address + 8 * (column * order + row))
})

async function bandValues(context: Context, { order, width, band }: BandForm, options?: CallOptions): Promise<Float64Array> {
  return runJob(context, valuesFlops(order), options, async (job) => {
    const chased = job.take(band.length)
    chased.set(band)
    const { diagonal, offDiagonal } = await chaseBand(context, job, chased, order, width)
    return valuesOf(job, { n: order, diagonal, offDiagonal })
  })
}

/** Throws LinalgError `backend` where the system has not what it takes, `out-of-memory` with needed and available bytes. */
export function openLarge(context: Context, order: number, vectors: number): LargeSymmetric {
  const what = `the matrix of ${order} rows in native memory`
  requireBytes(what, 8 * order ** 2 + besideBytes(order, vectors), nativeBytes())
  const memory = allocateNative(what, order * order)
  const triangle = triangleOf(memory, order)
  return {
    order,
    write: (row, column, entries) => memory.write(row * order + column, entries),
    read: (row, column, target) => memory.read(row * order + column, target),
    reduceToBand: (options) =>
      runJob(context, tridiagonalFlops(order), options, async (job): Promise<BandForm> => {
        const [band, work] = [job.take(2 * bandWidth * order), job.take(Math.max(1, bandWork(order, bandWidth)))]
        const { factors } = await reduceToBand(job, triangle, bandWidth, true, 'in-place', band, work)
        return { order, width: bandWidth, band: band.slice(), factors }
      }),
    eigenvalues: (form, options) => bandValues(context, form, options),
    async eigenvectors(form, values, options) {
      const count = values.length
      return runJob(context, 4 * order ** 2 * count, options, async (job): Promise<Matrix> => {
        const z = await bandVectors(job, form, values)
        await applyPanels(job, triangle, form, z, count, false)
        const turned = matrix(order, count)
        for (let k = 0; k < count; k++) for (let i = 0; i < order; i++) turned.data[i * count + k] = z[k * order + i]
        return turned
      })
    },
    release: memory.release
  }
}
