// Products as the caller sees them: shapes that meet, results apart from their factors.
import { batchSpans } from '../batch'
import { LinalgError, type Linalg } from '../interface'
import { column } from '../matrix'
import { checkCount, checkEqual, checkLength, checkMatrix, checkProduct, checkSquare, isTransposed } from './checks'
import type { Gate } from './gate'

export function products({
  backend,
  begin,
  checkApart
}: Gate): Pick<Linalg, 'gemm' | 'gemmOuterBatch' | 'spread' | 'syrk' | 'symv' | 'mirrorUpperInPlace'> {
  return {
    async gemm(a, b, c, options) {
      begin(options)
      checkMatrix('gemm', 'a', a)
      checkMatrix('gemm', 'b', b)
      checkMatrix('gemm', 'c', c)
      const transposeA = isTransposed('gemm', 'transposeA', options?.transposeA)
      const transposeB = isTransposed('gemm', 'transposeB', options?.transposeB)
      checkProduct('gemm', a, b, c, transposeA, transposeB)
      checkApart('gemm', 'c', c, 'a', a)
      checkApart('gemm', 'c', c, 'b', b)
      return backend.gemm(a, b, c, options)
    },

    async gemmOuterBatch(batch, options) {
      begin(options)
      const { m, n, k, a, b, c } = batch
      for (const [name, value] of Object.entries({ m, n, k })) checkCount('gemmOuterBatch', name, value)
      for (const [name, { count, step }] of Object.entries({ a, b })) {
        checkCount('gemmOuterBatch', `${name}.count`, count)
        checkCount('gemmOuterBatch', `${name}.step`, step)
      }
      checkCount('gemmOuterBatch', 'c.stepA', c.stepA)
      checkCount('gemmOuterBatch', 'c.stepB', c.stepB)
      if (a.count === 0 || b.count === 0 || m === 0 || n === 0) return options?.onProgress?.(1)
      // One product of each, for its shape; then all that the batch touches.
      checkMatrix('gemmOuterBatch', 'a', { ...a, rows: m, columns: k })
      checkMatrix('gemmOuterBatch', 'b', { ...b, rows: k, columns: n })
      checkMatrix('gemmOuterBatch', 'c', { ...c, rows: m, columns: n })
      const spans = batchSpans(batch)
      checkMatrix('gemmOuterBatch', 'a', spans.a)
      checkMatrix('gemmOuterBatch', 'b', spans.b)
      checkMatrix('gemmOuterBatch', 'c', spans.c)
      checkApart('gemmOuterBatch', 'c', spans.c, 'a', spans.a)
      checkApart('gemmOuterBatch', 'c', spans.c, 'b', spans.b)
      return backend.gemmOuterBatch(batch, options)
    },

    async spread(spread, options) {
      begin(options)
      const { units, count, order, c, column: first } = spread
      for (const [name, value] of Object.entries({ count, order, column: first })) checkCount('spread', name, value)
      checkMatrix('spread', 'c', c)
      checkLength('spread', 'units', units, count * order * order)
      checkEqual('spread', 'rows of c', c.rows, count * order)
      if (c.columns < first + count * order)
        throw new LinalgError('shape', `spread: c must have at least ${first + count * order} columns, got ${c.columns}`)
      checkApart('spread', 'c', c, 'units', column(units))
      return backend.spread(spread, options)
    },

    async syrk(a, c, options) {
      begin(options)
      checkMatrix('syrk', 'a', a)
      checkMatrix('syrk', 'c', c)
      const order = isTransposed('syrk', 'transposeA', options?.transposeA) ? a.columns : a.rows
      checkEqual('syrk', 'rows of c', c.rows, order)
      checkEqual('syrk', 'columns of c', c.columns, order)
      checkApart('syrk', 'c', c, 'a', a)
      return backend.syrk(a, c, options)
    },

    async symv(a, x, y, options) {
      begin(options)
      checkSquare('symv', 'a', a)
      checkLength('symv', 'x', x, a.rows)
      checkLength('symv', 'y', y, a.rows)
      checkApart('symv', 'y', column(y), 'a', a)
      checkApart('symv', 'y', column(y), 'x', column(x))
      return backend.symv(a, x, y, options)
    },

    async mirrorUpperInPlace(a, options) {
      begin(options)
      checkSquare('mirrorUpperInPlace', 'a', a)
      const rows = options?.rows ?? a.rows
      checkCount('mirrorUpperInPlace', 'rows', rows, a.rows)
      return backend.mirrorUpperInPlace(a, rows, options)
    }
  }
}
