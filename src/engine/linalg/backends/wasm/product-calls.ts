// Products as the caller sees them: checks by name, operands into the shared memory, one job for the pool.
import { checkEqual, checkLength, checkMatrix, checkNoOverlap, checkSquare, column } from '../../checks'
import { LinalgError, type CallOptions, type GemmOptions, type GemmOuterBatch, type Linalg } from '../../interface'
import type { Matrix } from '../../matrix'
import type { Context } from './context'
import type { Block } from './algorithms/block'
import { outerBatchWorkspace } from './algorithms/outer-batch'
import type { Product } from './algorithms/product'
import { symmetricShareCount } from './algorithms/symmetric'
import { copyLength } from './operands'

export function productCalls(context: Context): Pick<Linalg, 'gemm' | 'gemmOuterBatch' | 'syrk' | 'symv' | 'mirrorUpperInPlace'> {
  const { allocator, pool, call, current } = context

  function product(a: Block, b: Block, c: Block, depth: number, transposeA: boolean, transposeB: boolean, options: GemmOptions): Product {
    return {
      rows: c.rows,
      columns: c.columns,
      depth,
      a: a.address,
      aRow: transposeA ? 1 : a.stride,
      aColumn: transposeA ? a.stride : 1,
      b: b.address,
      bRow: transposeB ? 1 : b.stride,
      bColumn: transposeB ? b.stride : 1,
      c: c.address,
      stride: c.stride,
      alpha: options.alpha ?? 1,
      beta: options.beta ?? 0,
      triangle: 0
    }
  }

  async function gemm(a: Matrix, b: Matrix, c: Matrix, options: GemmOptions = {}): Promise<void> {
    const [first, second, result] = [current(a), current(b), current(c)]
    const transposeA = options.transposeA === 'transpose'
    const transposeB = options.transposeB === 'transpose'
    checkMatrix('gemm', 'a', first)
    checkMatrix('gemm', 'b', second)
    checkMatrix('gemm', 'c', result)
    const depth = transposeA ? a.rows : a.columns
    checkEqual('gemm', transposeB ? 'columns of b' : 'rows of b', transposeB ? b.columns : b.rows, depth)
    checkEqual('gemm', 'rows of c', c.rows, transposeA ? a.columns : a.rows)
    checkEqual('gemm', 'columns of c', c.columns, transposeB ? b.rows : b.columns)
    checkNoOverlap('gemm', 'c', result, 'a', first)
    checkNoOverlap('gemm', 'c', result, 'b', second)
    const sizes = [a, b, c].flatMap((one) => copyLength(allocator, one))
    await call('gemm', sizes, options, async (operands) => {
      const target = await operands.use(c, (options.beta ?? 0) === 0 ? 'write' : 'update')
      const input = product(await operands.use(a, 'read'), await operands.use(b, 'read'), target, depth, transposeA, transposeB, options)
      await pool.run('gemm', input, options)
    })
  }

  async function syrk(a: Matrix, c: Matrix, options: GemmOptions = {}): Promise<void> {
    const [input, result] = [current(a), current(c)]
    const transposed = options.transposeA === 'transpose'
    checkMatrix('syrk', 'a', input)
    checkMatrix('syrk', 'c', result)
    const order = transposed ? a.columns : a.rows
    checkEqual('syrk', 'rows of c', c.rows, order)
    checkEqual('syrk', 'columns of c', c.columns, order)
    checkNoOverlap('syrk', 'c', result, 'a', input)
    const sizes = [a, c].flatMap((one) => copyLength(allocator, one))
    await call('syrk', sizes, options, async (operands) => {
      const target = await operands.use(c, (options.beta ?? 0) === 0 ? 'write' : 'update')
      const source = await operands.use(a, 'read')
      await pool.run('syrk', product(source, source, target, transposed ? a.rows : a.columns, transposed, !transposed, options), options)
    })
  }

  async function gemmOuterBatch(batch: GemmOuterBatch, options?: CallOptions): Promise<void> {
    const { m, n, k } = batch
    const spread = (rows: number, columns: number, stride: number, steps: number) =>
      rows === 0 || columns === 0 ? 0 : (rows - 1) * stride + columns + steps
    const last = (count: number, step: number) => Math.max(0, count - 1) * step
    const flat = (data: Float64Array, offset: number, length: number): Matrix => ({
      data,
      rows: 1,
      columns: length,
      offset,
      stride: length
    })
    const { a, b, c } = batch
    for (const [name, rows, columns, stride] of [
      ['a', m, k, a.stride],
      ['b', k, n, b.stride],
      ['c', m, n, c.stride]
    ] as const)
      if (rows > 1 && stride < columns)
        throw new LinalgError('shape', `gemmOuterBatch: ${name} has stride ${stride}, less than its ${columns} columns`)
    if (a.count === 0 || b.count === 0 || m === 0 || n === 0) return
    const first = flat(a.data, a.offset, spread(m, k, a.stride, last(a.count, a.step)))
    const second = flat(b.data, b.offset, spread(k, n, b.stride, last(b.count, b.step)))
    const steps = last(a.count, c.stepA) + last(b.count, c.stepB)
    const result = flat(c.data, c.offset, spread(m, n, c.stride, steps))
    for (const [name, one] of [
      ['a', first],
      ['b', second],
      ['c', result]
    ] as const)
      checkMatrix('gemmOuterBatch', name, current(one))
    checkNoOverlap('gemmOuterBatch', 'c', current(result), 'a', current(first))
    checkNoOverlap('gemmOuterBatch', 'c', current(result), 'b', current(second))
    const workspace = outerBatchWorkspace(n, k, b.count) / 8
    const sizes = [workspace, ...[first, second, result].flatMap((one) => copyLength(allocator, one))]
    await call('gemmOuterBatch', sizes, options, async (operands) => {
      const work = operands.workspace(workspace)
      // Entries between the products of C must survive, so C is copied in as well.
      const target = await operands.use(result, 'update')
      const input = {
        m,
        n,
        k,
        a: (await operands.use(first, 'read')).address,
        aStride: a.stride,
        aStep: a.step,
        aCount: a.count,
        b: (await operands.use(second, 'read')).address,
        bStride: b.stride,
        bStep: b.step,
        bCount: b.count,
        c: target.address,
        cStride: c.stride,
        stepA: c.stepA,
        stepB: c.stepB,
        accumulate: batch.accumulate ? 1 : 0,
        workspace: work
      }
      await pool.run('gemmOuterBatch', input, options)
    })
  }

  async function symv(a: Matrix, x: Float64Array, y: Float64Array, options?: CallOptions): Promise<void> {
    checkSquare('symv', 'a', a)
    checkLength('symv', 'x', x, a.rows)
    checkLength('symv', 'y', y, a.rows)
    checkNoOverlap('symv', 'y', current(column(y)), 'a', current(a))
    checkNoOverlap('symv', 'y', current(column(y)), 'x', current(column(x)))
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
  }

  async function mirrorUpperInPlace(a: Matrix, options?: CallOptions & { readonly rows?: number }): Promise<void> {
    checkSquare('mirrorUpperInPlace', 'a', a)
    await call('mirrorUpperInPlace', copyLength(allocator, a), options, async (operands) => {
      await pool.run('mirrorUpper', { a: await operands.use(a, 'update'), rows: options?.rows ?? a.rows }, options)
    })
  }

  return { gemm, gemmOuterBatch, syrk, symv, mirrorUpperInPlace }
}
