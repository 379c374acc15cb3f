// The eigen routines of the core and the reduction that they begin with: choosing memory, copying unless A may be overwritten, and which vectors come back.
import type { Kept, LinalgCore } from '../../core'
import type { CallOptions, Tridiagonal } from '../../interface'
import { matrix, type Matrix } from '../../matrix'
import { applyReflectors } from '../../reflectors'
import { bandWidth } from '../../stages'
import { conquerWorkspace } from './algorithms/divide-and-conquer'
import { eigenSymmetricWorkspace, eigenvaluesWorkspace, reductionWorkspace } from './algorithms/eigen'
import type { Context } from './context'
import type { Operands } from './operands'
import { applyTwiceOf, fewPairs, type ApplyTwice } from './two-stage-calls'

export function eigenCalls(context: Context): Pick<LinalgCore, 'eigenvalues' | 'eigenSymmetric' | 'tridiagonalize'> {
  const { allocator, pool, call, twoStage } = context

  /** A may be worked on where it is only when it may be overwritten and lies in the shared memory. */
  const inPlace = (a: Matrix, overwrite: boolean | undefined) => overwrite === true && allocator.addressOf(a.data) >= 0
  const source = (operands: Operands, a: Matrix, overwrite: boolean | undefined) =>
    inPlace(a, overwrite) ? operands.use(a, 'read') : operands.copy(a)

  /** Eigenvalues of a tridiagonal matrix. */
  const valuesOf = (entries: Float64Array, couplings: Float64Array, options?: CallOptions) => {
    const order = entries.length
    return call('eigenvalues', [order, order], options, async (operands) => {
      const [diagonal, coupling] = [operands.workspace(order), operands.workspace(order)]
      const values = allocator.view(diagonal, order)
      values.set(entries)
      allocator.view(coupling, order).fill(0).set(couplings)
      await pool.run('tridiagonalEigenvalues', { order, diagonal, coupling }, options)
      return values.slice()
    })
  }

  /** `width` 0: one stage, and its reflectors on one vector in plain loops. */
  async function reduce(
    name: string,
    a: Matrix,
    width: number,
    options: (CallOptions & { readonly overwrite?: boolean }) | undefined
  ): Promise<Kept<Tridiagonal> & { readonly apply: ApplyTwice }> {
    const order = a.rows
    const inside = inPlace(a, options?.overwrite)
    const small = reductionWorkspace(order, pool.threads, width)
    const sizes = [...(inside ? [] : [order * order]), 3 * order, small, ...(width ? [order * width] : [])]
    return call(name, sizes, options, async (operands) => {
      const vectors = operands.workspace(3 * order)
      const workspace = operands.workspace(small)
      const stages = { width, factors: width ? operands.workspace(order * width) : 0 }
      const block = await source(operands, a, options?.overwrite)
      await pool.run('tridiagonalize', { name, a: block, vectors, stages, workspace }, options)
      const of = (index: number) => allocator.view(vectors + 8 * index * order, order).slice()
      const [diagonal, offDiagonal, scales] = [of(0), of(1).slice(0, order - 1), of(2)]
      const rows = inside ? a : matrix(order, order, allocator.view(block.address, order * order))
      const twice = applyTwiceOf(context, block, stages)
      const image = (way: 'none' | 'transpose') => (x: Float64Array, asked?: CallOptions) =>
        width ? twice(x, 1, way === 'transpose', asked) : applyReflectors({ rows, scales }, x, way, asked)
      if (!inside) operands.keep(block.address)
      if (width) operands.keep(stages.factors)
      const result = {
        diagonal,
        offDiagonal,
        eigenvalues: (asked?: CallOptions) => valuesOf(diagonal, offDiagonal, asked),
        apply: image('none'),
        applyTransposed: image('transpose')
      }
      const arrays = [...(inside ? [] : [rows.data]), ...(width ? [allocator.view(stages.factors, order * width)] : [])]
      return { result, arrays, apply: twice }
    })
  }

  /** In one stage, by divide and conquer. */
  const conquer: LinalgCore['eigenSymmetric'] = (a, { wanted, allValues, overwrite }, options) => {
    const order = a.rows
    const small = eigenSymmetricWorkspace(order, wanted.length, pool.threads)
    const square = order * order
    const whole = wanted.length === order
    const workspaceOfMerge = conquerWorkspace(order)
    const some = whole ? [] : [order * wanted.length]
    const sizes = [...(inPlace(a, overwrite) ? [] : [square]), square, workspaceOfMerge, ...some, order, small]
    return call('eigenSymmetric', sizes, options, async (operands) => {
      const ascending = operands.workspace(order)
      const workspace = operands.workspace(small)
      const conquered = operands.workspace(workspaceOfMerge)
      const result = whole ? conquered : operands.workspace(some[0])
      const block = await source(operands, a, overwrite)
      const vectors = operands.workspace(square)
      const input = { a: block, vectors, square: conquered, result, values: ascending, wanted, workspace }
      await pool.run('eigenSymmetric', input, options)
      operands.keep(result)
      const all = allocator.view(ascending, order).slice()
      const columns = allocator.view(result, order * wanted.length)
      const values = allValues ? all : Float64Array.from(wanted, (index) => all[index])
      return { result: { values, vectors: matrix(order, wanted.length, columns), inPlace: false }, arrays: [columns] }
    })
  }

  return {
    async eigenvalues(a, options) {
      const order = a.rows
      const width = bandWidth(twoStage, order, 0)
      const small = eigenvaluesWorkspace(order, pool.threads, width)
      const sizes = [...(inPlace(a, options?.overwrite) ? [] : [order * order]), order, small]
      return call('eigenvalues', sizes, options, async (operands) => {
        const values = operands.workspace(order)
        const workspace = operands.workspace(small)
        const input = { a: await source(operands, a, options?.overwrite), values, workspace, width }
        await pool.run('eigenvalues', input, options)
        return allocator.view(values, order).slice()
      })
    },

    async eigenSymmetric(a, request, options) {
      const width = bandWidth(twoStage, a.rows, request.wanted.length)
      if (width === 0) return conquer(a, request, options)
      const steps = {
        reduce: (asked?: CallOptions) => reduce('eigenSymmetric', a, width, { ...asked, overwrite: request.overwrite }),
        allocate: (length: number) => allocator.view(allocator.allocate(8 * length, 'eigenSymmetric'), length),
        release: (array: Float64Array) => void allocator.release(array.byteOffset),
        conquer
      }
      return fewPairs(steps, request, options)
    },

    tridiagonalize: (a, options) => reduce('tridiagonalize', a, bandWidth(twoStage, a.rows, 1), options)
  }
}
