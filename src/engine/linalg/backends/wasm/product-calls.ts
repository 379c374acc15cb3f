// Products of the core: operands into the shared memory, one job for the pool.
import { batchSpans } from '../../batch'
import type { LinalgCore } from '../../core'
import { column } from '../../matrix'
import type { Context } from './context'
import { outerBatchWorkspace } from './algorithms/outer-batch'
import { productOf } from './algorithms/product'
import { symmetricShareCount } from './algorithms/symmetric'
import { copyLength } from './operands'

export function productCalls(
  context: Context
): Pick<LinalgCore, 'gemm' | 'gemmOuterBatch' | 'spread' | 'syrk' | 'symv' | 'mirrorUpperInPlace'> {
  const { allocator, pool, call } = context

  return {
    async gemm(a, b, c, options = {}) {
      const { alpha, beta } = options
      const transposeA = options.transposeA === 'transpose'
      const transposeB = options.transposeB === 'transpose'
      const sizes = [a, b, c].flatMap((one) => copyLength(allocator, one))
      await call('gemm', sizes, options, async (operands) => {
        const target = await operands.use(c, (options.beta ?? 0) === 0 ? 'write' : 'update')
        const factors = { transposeA, transposeB, alpha, beta }
        await pool.run('gemm', productOf(target, await operands.use(a, 'read'), await operands.use(b, 'read'), factors), options)
      })
    },

    async syrk(a, c, options = {}) {
      const { alpha, beta } = options
      const transposed = options.transposeA === 'transpose'
      const sizes = [a, c].flatMap((one) => copyLength(allocator, one))
      await call('syrk', sizes, options, async (operands) => {
        const target = await operands.use(c, (options.beta ?? 0) === 0 ? 'write' : 'update')
        const source = await operands.use(a, 'read')
        const factors = { transposeA: transposed, transposeB: !transposed, alpha, beta }
        await pool.run('syrk', productOf(target, source, source, factors), options)
      })
    },

    async gemmOuterBatch(batch, options) {
      const { m, n, k, a, b, c } = batch
      const spans = batchSpans(batch)
      const workspace = outerBatchWorkspace(n, k, b.count) / 8
      const sizes = [workspace, ...[spans.a, spans.b, spans.c].flatMap((one) => copyLength(allocator, one))]
      await call('gemmOuterBatch', sizes, options, async (operands) => {
        const work = operands.workspace(workspace)
        // Entries between the products of C must survive, so C is copied in as well.
        const target = await operands.use(spans.c, 'update')
        const input = {
          m,
          n,
          k,
          a: (await operands.use(spans.a, 'read')).address,
          aStride: a.stride,
          aStep: a.step,
          aCount: a.count,
          b: (await operands.use(spans.b, 'read')).address,
          bStride: b.stride,
          bStep: b.step,
          bCount: b.count,
          c: target.address,
          cStride: c.stride,
          stepA: c.stepA,
          stepB: c.stepB,
          accumulate: batch.accumulate ? 1 : 0,
          upper: batch.upper ? 1 : 0,
          workspace: work
        }
        await pool.run('gemmOuterBatch', input, options)
      })
    },

    async spread({ units, count, order, c, column: first }, options) {
      const source = { data: units, rows: 1, columns: count * order * order, offset: 0, stride: count * order * order }
      await call(
        'spread',
        [source, c].flatMap((one) => copyLength(allocator, one)),
        options,
        async (operands) => {
          const target = await operands.use(c, 'write')
          const from = (await operands.use(source, 'read')).address
          const { address, columns, stride } = target
          await pool.run('spread', { units: from, count, order, c: address, columns, stride, column: first }, options)
        }
      )
    },

    async symv(a, x, y, options) {
      const shares = symmetricShareCount(pool.threads) * a.rows + 1
      const sizes = [shares, ...[a, column(x), column(y)].flatMap((one) => copyLength(allocator, one))]
      await call('symv', sizes, options, async (operands) => {
        const partial = operands.workspace(shares)
        const result = await operands.use(column(y), 'write')
        const input = {
          a: await operands.use(a, 'read'),
          x: (await operands.use(column(x), 'read')).address,
          y: result.address,
          partial
        }
        await pool.run('symv', input, options)
      })
    },

    mirrorUpperInPlace: (a, rows, options) =>
      call('mirrorUpperInPlace', copyLength(allocator, a), options, async (operands) => {
        await pool.run('mirrorUpper', { a: await operands.use(a, 'update'), rows }, options)
      })
  }
}
