// A damped inverse on the tridiagonal form of one curvature block, H = Q T Qᵀ: d(H) g = Q d(T) Qᵀ g, with no eigenvector computed (docs/numerics-curvature.md).
import { resolventSum, type CallOptions, type Linalg, type Matrix } from '../linalg'
import { dot } from '../linalg/vectors'
import { dampedInverseTerms, isSeparated } from './damped-inverse'
import type { DampingKind } from './interface'

export interface TridiagonalSolver {
  /** Ascending. */
  readonly values: Float64Array
  /** True when the matrix has been used up. */
  readonly overwrites: boolean
  /** False where an eigenvalue lies so near a pole of the rule that its eigenvector is wanted. */
  separates(rule: DampingKind, damping: number): boolean
  /** Each damping takes some n steps a term and two applications of Q. */
  solve(rule: DampingKind, damping: number, options: CallOptions): Promise<{ readonly direction: Float64Array; readonly curvature: number }>
  release(): void
}

/** Reduces A and takes g along. With `overwrite`, A is used up. */
export async function tridiagonalSolver(
  linalg: Linalg,
  a: Matrix,
  g: Float64Array,
  options: CallOptions & { readonly overwrite: boolean }
): Promise<TridiagonalSolver> {
  const form = await linalg.tridiagonalize(a, options)
  const { signal } = options
  try {
    const values = await form.eigenvalues({ signal })
    const image = g.slice()
    await form.applyTransposed(image, { signal })
    return {
      values,
      overwrites: options.overwrite,
      separates: (rule, damping) => isSeparated(rule, values, damping),
      async solve(rule, damping, asked) {
        const direction = await resolventSum(form, image, dampedInverseTerms(rule, values, damping), asked)
        const curvature = quadraticForm(form.diagonal, form.offDiagonal, direction)
        await form.apply(direction, asked)
        return { direction, curvature }
      },
      release: () => form.release()
    }
  } catch (error) {
    form.release()
    throw error
  }
}

/** yᵀ T y. */
function quadraticForm(diagonal: Float64Array, offDiagonal: Float64Array, y: Float64Array): number {
  return (
    dot(
      diagonal,
      y.map((value) => value * value)
    ) +
    2 *
      dot(
        offDiagonal,
        offDiagonal.map((_, i) => y[i] * y[i + 1])
      )
  )
}
