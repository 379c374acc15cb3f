// Batches of products with shared factors by the library's own call, where it has one; the embedded kernels take the others.
import type { LinalgCore } from '../../core'
import type { CallOptions, GemmOuterBatch } from '../../interface'
import { addressOf, pointers } from './batched-product'
import { runJob, type Context } from './job'

/** Flops of one product, and of all, from which a native call is the faster one. */
const [productFlops, batchFlops] = [1e5, 1e7]

/** `embedded` is the same operation on the embedded kernels. */
export async function gemmOuterBatch(
  context: Context,
  embedded: Pick<LinalgCore, 'gemmOuterBatch' | 'addressOf'>,
  batch: GemmOuterBatch,
  options: CallOptions = {}
): Promise<void> {
  const { multiplyBatch } = context.library
  const { m, n, k, a, b, c, accumulate = false, upper = false } = batch
  const rowsOf = (p: number) => (upper ? m - p : m)
  // With `upper`, the last A_p may have no rows left.
  const factors = upper ? Math.min(m, a.count) : a.count
  const allRows = (factors * (rowsOf(0) + rowsOf(factors - 1))) / 2
  const flops = 2 * allRows * n * k * b.count
  const inside = [a, b, c].every(({ data }) => embedded.addressOf(data) >= 0)
  if (!multiplyBatch || !inside || flops < batchFlops || flops < productFlops * factors * b.count)
    return embedded.gemmOuterBatch(batch, options)
  const [fromA, fromB, fromC] = [a, b, c].map(({ data, offset }) => addressOf(data) + 8 * offset)
  await runJob(context, flops, options, async (job) => {
    const most = Math.max(1, Math.floor(job.pieceFlops / (2 * m * n * k * b.count)))
    for (let from = 0; from < factors; from += most) {
      const rows = Array.from({ length: Math.min(most, factors - from) }, (_, group) => rowsOf(from + group))
      const list = (address: (p: number, q: number, skipped: number) => number) =>
        pointers(rows.length * b.count, (item) => {
          const p = from + Math.floor(item / b.count)
          return address(p, item % b.count, upper ? p : 0)
        })
      const products = {
        rows,
        perGroup: b.count,
        n,
        k,
        lda: a.stride,
        ldb: b.stride,
        ldc: c.stride,
        accumulate,
        a: list((p, _, skipped) => fromA + 8 * (p * a.step + skipped * a.stride)),
        b: list((_, q) => fromB + 8 * q * b.step),
        c: list((p, q, skipped) => fromC + 8 * (p * c.stepA + q * c.stepB + skipped * c.stride))
      }
      const pieceRows = rows.reduce((sum, count) => sum + count, 0)
      await job.run(2 * pieceRows * n * k * b.count, 'in-place', () => multiplyBatch(products))
    }
  })
}
