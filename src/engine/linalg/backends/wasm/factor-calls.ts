// Cholesky and triangular solves as the caller sees them.
import { checkEqual, checkMatrix, checkNoOverlap, checkSquare } from '../../checks'
import type { CallOptions, Linalg } from '../../interface'
import type { Matrix } from '../../matrix'
import type { Context } from './context'
import { copyLength } from './operands'

export function factorCalls(context: Context): Pick<Linalg, 'choleskyInPlace' | 'solveTriangularInPlace' | 'solveCholeskyInPlace'> {
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
