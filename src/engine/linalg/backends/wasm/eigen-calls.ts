// The eigen routines as the caller sees them: choosing memory, copying unless A may be overwritten, and which vectors come back.
import { checkSquare } from '../../checks'
import { LinalgError, type EigenRange, type Linalg, type SymmetricEigen } from '../../interface'
import { matrix, type Matrix } from '../../matrix'
import { owned } from '../../owned'
import { conquerWorkspace } from './algorithms/divide-and-conquer'
import { eigenSymmetricWorkspace, eigenvaluesWorkspace } from './algorithms/eigen'
import type { Context } from './context'
import type { Operands } from './operands'

type Selection = { readonly range?: EigenRange; readonly select?: { readonly smallest: number; readonly largest: number } }

/** Indices of the eigenvalues whose vectors are wanted, ascending. */
function wantedIndices(order: number, options: Selection): number[] {
  const all = Array.from({ length: order }, (_, index) => index)
  const { range, select } = options
  if (range) {
    const { from, to } = range
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to >= order || from > to)
      throw new LinalgError('shape', `eigenSymmetric: range ${from}…${to} must lie within 0…${order - 1}`)
    return all.slice(from, to + 1)
  }
  if (!select) return all
  const { smallest, largest } = select
  if (![smallest, largest].every((count) => Number.isInteger(count) && count >= 0))
    throw new LinalgError('shape', `eigenSymmetric: select.smallest and select.largest must be whole numbers ≥ 0`)
  return all.filter((index) => index < smallest || index >= order - largest)
}

export function eigenCalls(context: Context): Pick<Linalg, 'eigenvalues' | 'eigenSymmetric'> {
  const { allocator, pool, call } = context

  /** A may be worked on where it is only when it may be overwritten and lies in the shared memory. */
  const inPlace = (a: Matrix, overwrite: boolean | undefined) => overwrite === true && allocator.addressOf(a.data) >= 0
  const source = (operands: Operands, a: Matrix, overwrite: boolean | undefined) =>
    inPlace(a, overwrite) ? operands.use(a, 'read') : operands.copy(a)

  return {
    async eigenvalues(a, options) {
      checkSquare('eigenvalues', 'a', a)
      const order = a.rows
      const small = eigenvaluesWorkspace(order, pool.threads)
      const sizes = [...(inPlace(a, options?.overwrite) ? [] : [order * order]), order, small]
      return call('eigenvalues', sizes, options, async (operands) => {
        const values = operands.workspace(order)
        const workspace = operands.workspace(small)
        const input = { a: await source(operands, a, options?.overwrite), values, workspace }
        await pool.run('eigenvalues', input, options)
        return allocator.view(values, order).slice()
      })
    },

    async eigenSymmetric(a, options = {}): Promise<SymmetricEigen> {
      checkSquare('eigenSymmetric', 'a', a)
      const order = a.rows
      const wanted = wantedIndices(order, options)
      const small = eigenSymmetricWorkspace(order, wanted.length, pool.threads)
      const square = order * order
      const whole = wanted.length === order
      const conquer = conquerWorkspace(order)
      const some = whole ? [] : [order * wanted.length]
      const sizes = [...(inPlace(a, options.overwrite) ? [] : [square]), square, conquer, ...some, order, small]
      return call('eigenSymmetric', sizes, options, async (operands) => {
        const values = operands.workspace(order)
        const workspace = operands.workspace(small)
        const conquered = operands.workspace(conquer)
        const result = whole ? conquered : operands.workspace(some[0])
        const block = await source(operands, a, options.overwrite)
        const vectors = operands.workspace(square)
        await pool.run('eigenSymmetric', { a: block, vectors, square: conquered, result, values, wanted, workspace }, options)
        operands.keep(result)
        const all = allocator.view(values, order).slice()
        const found = {
          values: options.range ? all.slice(options.range.from, options.range.to + 1) : all,
          vectors: matrix(order, wanted.length, allocator.view(result, order * wanted.length)),
          inPlace: false
        }
        return owned(found, () => allocator.release(result))
      })
    }
  }
}
