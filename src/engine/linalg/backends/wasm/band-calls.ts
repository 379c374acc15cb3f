// Bulge chasing for whoever has a symmetric band: operands into the shared memory, one job for the pool.
import type { BandKernels } from '../../core'
import { column } from '../../matrix'
import { progressNumbers } from './algorithms/bulge-chasing'
import type { Context } from './context'
import { copyLength } from './operands'

export function bandCalls({ allocator, pool, call }: Context): BandKernels {
  const sizesOf = (...arrays: readonly Float64Array[]) => arrays.flatMap((array) => copyLength(allocator, column(array)))
  return {
    async chaseSweeps({ band, order, width, from, to, reflectors }, options) {
      const words = progressNumbers(to - from)
      await call('chaseSweeps', [words, ...sizesOf(band, ...(reflectors ? [reflectors] : []))], options, async (operands) => {
        const progress = operands.workspace(words)
        const input = { order, width, from, to, progress, spacing: order, band: (await operands.use(column(band), 'update')).address }
        const kept = reflectors ? (await operands.use(column(reflectors), 'update')).address : 0
        await pool.run('chaseSweeps', { ...input, reflectors: kept }, options)
      })
    },
    async applySweeps({ order, width, from, to, reflectors, vectors, count, transposed }, options) {
      await call('applySweeps', sizesOf(reflectors, vectors), options, async (operands) => {
        const target = (await operands.use(column(vectors), 'update')).address
        const input = {
          order,
          width,
          from,
          to,
          reflectors: (await operands.use(column(reflectors), 'read')).address,
          spacing: order,
          vectors: target,
          count
        }
        await pool.run('applySweeps', { ...input, transposed: transposed ? 1 : 0 }, options)
      })
    }
  }
}
