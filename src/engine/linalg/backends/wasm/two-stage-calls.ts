// Reductions in two stages on the embedded kernels: Q applied to vectors, and a few eigenpairs by inverse iteration on T.
import { LinalgError, type CallOptions, type EigenPairs, type Tridiagonal } from '../../interface'
import { matrix, type Matrix } from '../../matrix'
import type { EigenRequest, Kept, LinalgCore } from '../../core'
import { tridiagonalVectors } from '../../routines/tridiagonal-vectors'
import type { Block } from './algorithms/block'
import { applyTwiceWorkspace, type Stages } from './algorithms/two-stage'
import type { Context } from './context'

/** Replaces `count` vectors of order numbers, one after the other, by their images under Q or Qᵀ; `a` and `stages` are what a reduction in two stages left. */
export type ApplyTwice = (z: Float64Array, count: number, transposed: boolean, options?: CallOptions) => Promise<void>

export const applyTwiceOf =
  ({ allocator, pool, call }: Context, a: Block, stages: Stages): ApplyTwice =>
  (z, count, transposed, options) =>
    call('apply', [z.length, applyTwiceWorkspace(stages.width, count)], options, async (operands) => {
      const [vectors, workspace] = [operands.workspace(z.length), operands.workspace(applyTwiceWorkspace(stages.width, count))]
      const shared = allocator.view(vectors, z.length)
      shared.set(z)
      await pool.run('applyTwice', { a, ...stages, vectors, count, transposed, workspace }, options)
      z.set(shared)
    })

/** T as a full matrix. */
function full({ diagonal, offDiagonal }: Pick<Tridiagonal, 'diagonal' | 'offDiagonal'>): Matrix {
  const n = diagonal.length
  const t = matrix(n, n)
  for (let i = 0; i < n; i++) t.data[i * (n + 1)] = diagonal[i]
  for (let i = 0; i + 1 < n; i++) t.data[i * n + i + 1] = t.data[(i + 1) * n + i] = offDiagonal[i]
  return t
}

/** The vectors of T by rows: by inverse iteration, and where that fails by `conquer`, which takes a full matrix. */
async function vectorsOf(
  t: Tridiagonal,
  wanted: readonly number[],
  values: Float64Array,
  conquer: LinalgCore['eigenSymmetric'],
  release: LinalgCore['release'],
  options: CallOptions
): Promise<Float64Array> {
  const n = t.diagonal.length
  try {
    return await tridiagonalVectors(
      t,
      Float64Array.from(wanted, (index) => values[index]),
      options
    )
  } catch (error) {
    if (!(error instanceof LinalgError) || error.code !== 'no-convergence') throw error
    const { result, arrays } = await conquer(full(t), { wanted, allValues: false, overwrite: false }, options)
    const z = new Float64Array(n * wanted.length)
    for (let k = 0; k < wanted.length; k++) for (let i = 0; i < n; i++) z[k * n + i] = result.vectors.data[i * wanted.length + k]
    arrays.forEach(release)
    return z
  }
}

interface Steps {
  /** In two stages. */
  reduce(options?: CallOptions): Promise<Kept<Tridiagonal> & { readonly apply: ApplyTwice }>
  readonly allocate: (length: number) => Float64Array
  readonly release: LinalgCore['release']
  /** In one stage. */
  readonly conquer: LinalgCore['eigenSymmetric']
}

/** The share of the whole that a reduction is, for progress. */
const reductionShare = 0.95

/** A few eigenpairs: T's by inverse iteration, carried back through both stages. */
export async function fewPairs(
  { reduce, allocate, release, conquer }: Steps,
  { wanted, allValues }: EigenRequest,
  { signal, onProgress }: CallOptions = {}
): Promise<Kept<EigenPairs>> {
  const count = wanted.length
  const { result: t, arrays, apply } = await reduce({ signal, onProgress: onProgress && ((done) => onProgress(reductionShare * done)) })
  try {
    const n = t.diagonal.length
    const all = await t.eigenvalues({ signal })
    const z = await vectorsOf(t, wanted, all, conquer, release, { signal })
    await apply(z, count, false, { signal })
    const columns = allocate(n * count)
    for (let k = 0; k < count; k++) for (let i = 0; i < n; i++) columns[i * count + k] = z[k * n + i]
    const values = allValues ? all : Float64Array.from(wanted, (index) => all[index])
    onProgress?.(1)
    return { result: { values, vectors: matrix(n, count, columns), inPlace: false }, arrays: [columns] }
  } finally {
    arrays.forEach(release)
  }
}
