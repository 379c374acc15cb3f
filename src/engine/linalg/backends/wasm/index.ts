// The embedded backend: WebAssembly kernels on a pool of threads over one shared memory. Always there, no native library.
import { availableParallelism, cpus } from 'node:os'
import { checkEqual, checkLength, checkMatrix, checkNoOverlap, checkSquare, column, throwIfCancelled } from '../../checks'
import type { LinalgCore } from '../../drivers'
import type { CallOptions, GemmOptions, GemmOuterBatch } from '../../interface'
import type { Matrix } from '../../matrix'
import type { Block } from './drivers/block'
import { outerBatchWorkspace } from './drivers/outer-batch'
import type { Product } from './drivers/product'
import { symmetricShareCount } from './drivers/symmetric'
import { eigenCalls } from './eigen-calls'
import { findBackendFiles, type BackendFiles } from './files'
import { createAllocator, type Allocator } from './memory'
import { copyLength, takeOperands, type Operands } from './operands'
import { createPool, type Pool } from './pool'

/** Raised whenever a change of kernels or drivers changes bits of results: equal descriptions promise equal bits. */
const numericsVersion = 1

export interface WasmOptions {
  /** Worker threads, 1 to 64; default: the number of cores. */
  readonly threads?: number
  /** Where the built kernels and worker are; default: found beside this program. */
  readonly files?: BackendFiles
}

export interface Context {
  readonly allocator: Allocator
  readonly pool: Pool
  /** Runs a call when its turn comes: takes memory, works, copies results out, gives memory back. */
  call<Result>(
    routine: string,
    numbers: readonly number[],
    options: CallOptions | undefined,
    work: (operands: Operands) => Promise<Result>
  ): Promise<Result>
  /** The same matrix seen through the memory's newest buffer, so that two views of it are known to share memory. */
  current(matrix: Matrix): Matrix
}

function createContext(allocator: Allocator, pool: Pool): Context {
  return {
    allocator,
    pool,
    call: (routine, numbers, options, work) =>
      pool.exclusively(async () => {
        throwIfCancelled(options)
        const operands = takeOperands(allocator, routine, numbers, options?.signal)
        try {
          const result = await work(operands)
          await operands.finish()
          return result
        } finally {
          operands.free()
        }
      }, options?.signal),
    current(matrix) {
      const address = allocator.addressOf(matrix.data)
      return address < 0 ? matrix : { ...matrix, data: allocator.view(address, matrix.data.length) }
    }
  }
}

/** Opens the backend. Rejects with code `backend` when the kernels are not built or threads do not start. */
export async function openWasmCore(options: WasmOptions = {}): Promise<LinalgCore> {
  const wanted = options.threads ?? (typeof availableParallelism === 'function' ? availableParallelism() : cpus().length)
  const threads = Math.max(1, Math.min(64, Math.floor(wanted)))
  const allocator = createAllocator()
  const pool = await createPool(allocator, options.files ?? findBackendFiles(), threads)
  const context = createContext(allocator, pool)
  return {
    info: { kind: 'wasm', description: `WebAssembly kernels ${numericsVersion} (f64x2)`, threads },
    allocate: (length) => allocator.view(allocator.allocate(8 * length, `an array of ${length} numbers`, true), length),
    release: (array) => void (allocator.addressOf(array) >= 0 && allocator.release(array.byteOffset)),
    get availableBytes() {
      return allocator.available()
    },
    ...productCalls(context),
    ...factorCalls(context),
    ...eigenCalls(context),
    dispose: () => pool.dispose()
  }
}

function productCalls(context: Context): Pick<LinalgCore, 'gemm' | 'gemmOuterBatch' | 'syrk' | 'symv' | 'mirrorUpperInPlace'> {
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

function factorCalls(context: Context): Pick<LinalgCore, 'choleskyInPlace' | 'solveTriangularInPlace' | 'solveCholeskyInPlace'> {
  const { allocator, pool, call, current } = context

  async function solve(
    routine: string,
    l: Matrix,
    b: Matrix,
    which: 'lower' | 'transposed' | 'both',
    options: CallOptions | undefined
  ): Promise<void> {
    checkSquare(routine, 'l', l)
    checkMatrix(routine, 'b', b)
    checkEqual(routine, 'rows of b', b.rows, l.rows)
    checkNoOverlap(routine, 'b', current(b), 'l', current(l))
    const sizes = [l, b].flatMap((one) => copyLength(allocator, one))
    await call(routine, sizes, options, async (operands) => {
      const input = { routine, l: await operands.use(l, 'read'), b: await operands.use(b, 'update'), which }
      await pool.run('solve', input, options)
    })
  }

  return {
    async choleskyInPlace(a, options) {
      checkSquare('choleskyInPlace', 'a', a)
      return call('choleskyInPlace', copyLength(allocator, a), options, async (operands) => {
        const rank = await pool.run('cholesky', await operands.use(a, 'update'), options)
        return { positiveDefinite: rank === a.rows, rank }
      })
    },
    solveTriangularInPlace: (l, b, options) =>
      solve('solveTriangularInPlace', l, b, options?.transpose === 'transpose' ? 'transposed' : 'lower', options),
    solveCholeskyInPlace: (l, b, options) => solve('solveCholeskyInPlace', l, b, 'both', options)
  }
}
