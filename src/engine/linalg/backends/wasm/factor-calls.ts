// Cholesky and triangular solves of the core.
import type { LinalgCore } from '../../core'
import type { CallOptions } from '../../interface'
import type { Matrix } from '../../matrix'
import type { Context } from './context'
import { copyLength } from './operands'

export function factorCalls(context: Context): Pick<LinalgCore, 'choleskyInPlace' | 'solveTriangularInPlace' | 'solveCholeskyInPlace'> {
  const { allocator, pool, call } = context

  async function solve(
    routine: string,
    l: Matrix,
    b: Matrix,
    which: 'lower' | 'transposed' | 'both',
    options: CallOptions | undefined
  ): Promise<void> {
    const sizes = [l, b].flatMap((one) => copyLength(allocator, one))
    await call(routine, sizes, options, async (operands) => {
      const input = { routine, l: await operands.use(l, 'read'), b: await operands.use(b, 'update'), which }
      await pool.run('solve', input, options)
    })
  }

  return {
    async choleskyInPlace(a, options) {
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
