// What an optimizer minimizes: a network on a batch, or a function of a few variables, behind one interface.
import type { ParameterBlock, WeightArray } from '../shared/model/layout'
import type { Scope } from '../shared/spec/schema'
import type { CallOptions, Linalg, Matrix } from './linalg'

export type CurvatureKind = 'hessian' | 'ggn'

/** One block of a curvature matrix. */
export interface CurvatureBlock {
  /** `full`, or the layer's name: `W1`, `W2`, … */
  readonly name: string
  /** First parameter of the block. */
  readonly offset: number
  /** Rows of each matrix. */
  readonly size: number
  /**
   * 1: parameters offset … offset + size − 1 in order. u > 1 (scope `unit-blocks`): u matrices of `size` rows, one an output unit;
   * row i of unit j is parameter offset + i · units + j.
   */
  readonly units: number
  /** `units` symmetric matrices (size × size), one after the other, contiguous. From `linalg.allocate`: release it when done. */
  readonly data: Float64Array
  /** True where the structure proves the block positive semidefinite (GGN; piecewise-linear layer blocks with a convex loss). */
  readonly positiveSemidefinite: boolean
  /** max |H − Hᵀ| over entries that were computed twice, before the upper triangle was copied onto the lower one. Absent where nothing was symmetrized. */
  readonly asymmetry?: number
}

export interface CurvatureOptions extends CallOptions {
  readonly scope: Scope
  readonly kind?: CurvatureKind
  /** Memory of an earlier call with the same scope, to be used again. */
  readonly reuse?: readonly CurvatureBlock[]
}

/** Rows of the whole matrix: those of `count` inputs of a layer, from input `from` on (a bias is the last input). */
export interface RowsOptions extends CallOptions {
  readonly kind?: CurvatureKind
  /** The layer's place, from 0. */
  readonly place: number
  readonly from: number
  readonly count: number
  /** (count · units) × P, contiguous. From the diagonal on it is filled, and the square on the diagonal is symmetric; what is left of that square stays as it is. */
  readonly data: Float64Array
}

/** Products with several vectors at once: row r of the result is the matrix times row r of `vectors` (k × P). */
export type CurvatureProduct = (vectors: Matrix, options?: CallOptions) => Promise<Matrix>

export type InverseGradientMode = 'finite-difference' | 'limit' | 'joint'

export interface InverseGradientOptions extends CallOptions {
  /** `joint`: H⁻¹ g of the whole network; the others go layer by layer. */
  readonly mode: InverseGradientMode
  readonly r: number
  /** Differences between g and (1 + r) g in place of (1 ± r/2) g. */
  readonly oneSided?: boolean
}

/** What fast finite-difference Newton found (docs/finite-difference-newton.md): `direction` approximates or equals the curvature's inverse applied to the gradient. */
export interface InverseGradientResult {
  readonly direction: Float64Array
  readonly notes: readonly string[]
  readonly figures: Readonly<Record<string, number>>
}

/** Taylor coefficients along the curve w(t) = w + Σ_{k=1..K} t^k s_k. */
export interface CurveJet {
  /** a_0 … a_K of t ↦ f(w(t)). */
  readonly loss: Float64Array
  /** (K + 1) × P, row k: the coefficient c_k of t^k in ∇f(w(t)); 0 rows where only the loss was asked for. */
  readonly gradient: Matrix
}

export interface JetOptions extends CallOptions {
  /** K ≥ 1. */
  readonly order: number
  /** Default true. */
  readonly gradient?: boolean
}

/** Kronecker factors of one layer's Gauss–Newton block: G ≈ inputs ⊗ outputs in the order of its parameters (rows of the layer, then columns). */
export interface KroneckerFactors {
  /** (1/N) Σ h̃ h̃ᵀ of the layer's inputs, the constant 1 of biases last: rows × rows. */
  readonly inputs: Matrix
  /** Σ of JᵀHJ, J the outputs by the layer's nets, H the loss by the outputs, weights of the samples included: columns × columns. */
  readonly outputs: Matrix
}

/** By layer, in the order of `blocks`; `shift` times the identity is part of the matrix besides (weight decay). */
export interface KroneckerCurvature {
  readonly factors: readonly KroneckerFactors[]
  readonly shift: number
}

/** A function of P parameters, bound to one batch of data. All methods leave `parameters` unchanged. */
export interface Objective {
  readonly parameterCount: number
  readonly blocks: readonly ParameterBlock[]
  /** Matrices (W1, in × out, …) and vectors (b1, …; x of a function) that rules by array see. */
  readonly arrays: readonly WeightArray[]
  /** Number of samples behind the value (1 for a function). */
  readonly samples: number
  /** True where the last layer's own curvature block is zero between output units, so that `unit-blocks` is exact for it. */
  readonly outputsDecouple?: boolean
  /** ½·l2·‖w‖², where weight decay is part of the objective: how much of the loss it is. */
  penalty?(parameters: Float64Array): number
  loss(parameters: Float64Array, options?: CallOptions): Promise<number>
  /** Writes the gradient (length P) and returns the loss. */
  gradient(parameters: Float64Array, gradient: Float64Array, options?: CallOptions): Promise<number>
  curvature(parameters: Float64Array, options: CurvatureOptions): Promise<CurvatureBlock[]>
  /**
   * Rows of the Hessian (or GGN) of scope `full`, for matrices that no memory of the backend holds; returns their share of `asymmetry`. Work space: tensors
   * of the samples, and some tens of MB. Absent where the objective is small.
   */
  curvatureRows?(parameters: Float64Array, options: RowsOptions): Promise<number>
  /** Forward pass once, then any number of products at the same point (Pearlmutter 1994 for the Hessian). */
  products(parameters: Float64Array, kind: CurvatureKind | 'fisher', options?: CallOptions): Promise<CurvatureProduct>
  /**
   * Jets along several curves through the same point; curve i is a (J × P) matrix whose row k − 1 is s_k (J ≤ K, the rest zero). A straight line has one
   * row. Batched. Absent where the objective has no power series (docs/higher-order-derivatives.md).
   */
  jets?(parameters: Float64Array, curves: readonly Matrix[], options: JetOptions): Promise<CurveJet[]>
  /** Kronecker-factored Gauss–Newton matrix of a network (Martens and Grosse 2015), with the exact second derivative of the loss. */
  kroneckerFactors?(parameters: Float64Array, options?: CallOptions): Promise<KroneckerCurvature>
  /** Only where the gradient map can be inverted; rejects with a reason in one sentence where it cannot at this point. */
  inverseGradient?(parameters: Float64Array, options: InverseGradientOptions): Promise<InverseGradientResult>
}

/** Where a problem's numerics run. */
export interface EngineContext {
  readonly linalg: Linalg
}
