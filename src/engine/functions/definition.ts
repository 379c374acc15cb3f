// A function of a few variables as the engine sees it: value, derivatives and, where there is one, the closed inverse of its gradient map.
import type { Term } from '../../shared/expression'

export interface FunctionDefinition {
  readonly name: string
  readonly title: string
  /** For people. */
  readonly formula: string
  readonly variables: readonly string[]
  readonly start: readonly number[]
  /** What a picture shows, [least, most] an axis, for functions of two variables; null for others. */
  readonly view: readonly [readonly [number, number], readonly [number, number]] | null
  /** Minima and other critical points worth marking. */
  readonly critical: readonly { readonly point: readonly number[]; readonly kind: 'minimum' | 'saddle' }[]
  value(x: Float64Array): number
  gradient(x: Float64Array, gradient: Float64Array): void
  /** Writes the n × n Hessian, row-major, both triangles. */
  hessian(x: Float64Array, hessian: Float64Array): void
  /** The value as an expression's tree, for power series. */
  term(): Term
  /** Writes JᵀJ where the function is a sum of squares of residuals; left out elsewhere. */
  gaussNewton?(x: Float64Array, matrix: Float64Array): void
  readonly inverse?: InverseGradientMap
}

/** The inverse of the gradient map near a point, its branches told apart by the point's own signs (docs/finite-difference-newton.md). */
export interface InverseGradientMap {
  /** For people: how w follows from the gradient z. */
  readonly formula: string
  /** The point on x's branch whose gradient is z. Entries are NaN where no such point exists. */
  at(x: Float64Array, z: Float64Array): Float64Array
  /** Its derivative along v at the gradient of x, in closed form: H(x)⁻¹ v. */
  derivative(x: Float64Array, v: Float64Array): Float64Array
}
