// What an optimizer is: plain state, a pure asynchronous step, a registry by kind.
import type { SpecOf } from '../../shared/spec/optimizers'
import type { DampingKind, OptimizerKind } from '../../shared/spec/schema'
import type { CallOptions, Linalg } from '../linalg'
import type { Objective } from '../objective'

/** Everything an optimizer remembers between steps; written to `optimizer.npz` and `state.json`, so that a resumed run goes on with the same bits. */
export interface OptimizerState {
  readonly arrays: Readonly<Record<string, Float64Array>>
  readonly numbers: Readonly<Record<string, number>>
}

export interface StepInput extends CallOptions {
  readonly linalg: Linalg
  readonly parameters: Float64Array
  readonly objective: Objective
  /** Bound to the curvature batch; the same as `objective` unless `optimizer.curvatureBatch` says otherwise. */
  readonly curvatureObjective: Objective
  /** Gradient and loss at `parameters`, computed by the loop. */
  readonly gradient: Float64Array
  readonly loss: number
  /** 1 for the first step. */
  readonly step: number
  readonly epoch: number
  /** `optimizer.learningRate` and `damping.value`, schedules evaluated. */
  readonly learningRate: number
  readonly damping: number
  /** True when this step's spectrum is asked for even if the update does not need it. */
  readonly wantSpectrum: boolean
  /** For progress in people's words: "eigendecomposition W2". */
  readonly onPhase?: (phase: string) => void
}

/** Spectrum figures of one block, with the tolerance of docs/numerics-curvature.md. */
export interface SpectrumFigures {
  readonly lambdaMin: number
  readonly lambdaMax: number
  /** Fraction of eigenvalues below −τ. */
  readonly index: number
  readonly zero: number
  /** Eigenvalues whose sign the step reversed. */
  readonly flipped: number
  readonly trace: number
  readonly effectiveRank: number
}

/** How a block's damped inverse was applied. */
export type SolvePath = 'cholesky' | 'tridiagonal' | 'eigen'

export interface StepDiagnostics {
  /** By block; absent where no spectrum was computed. */
  readonly spectrum?: Readonly<Record<string, SpectrumFigures>>
  /** Eigenvalues by block whose sign the step reversed, where that is known without a spectrum (0 after a Cholesky factorization). */
  readonly flipped?: Readonly<Record<string, number>>
  /** How each block's solve was done. */
  readonly path?: Readonly<Record<string, SolvePath | 'krylov' | 'inverse-gradient'>>
  /** Decrease of the loss that the local model predicted (> 0 is a decrease). */
  readonly predictedDecrease?: number
  readonly cosine?: number
  readonly damping?: number
  /** Seconds by phase: assembly, decomposition, solve. */
  readonly seconds?: Readonly<Record<string, number>>
  /** Gradient evaluations (equivalents) beyond the loop's own one. */
  readonly extraGradients?: number
  readonly figures?: Readonly<Record<string, number>>
  readonly notes?: readonly string[]
}

export interface StepResult {
  /** Added to the parameters. */
  readonly update: Float64Array
  readonly state: OptimizerState
  readonly diagnostics: StepDiagnostics
}

/** A step never changes its input: a cancelled or failed step leaves the state of the last finished one. */
export interface Optimizer {
  init(parameterCount: number): OptimizerState
  step(state: OptimizerState, input: StepInput): Promise<StepResult>
  /** The weights that an evaluation looks at, where they are not those that gradients are taken at. */
  evaluatedAt?(state: OptimizerState, parameters: Float64Array): Float64Array
  /** Gives back memory kept between steps (curvature blocks, factorizations). Nothing that a later step depends on is kept there. */
  dispose?(): void
}

export type OptimizerFactory<Kind extends OptimizerKind> = (spec: SpecOf<Kind>) => Optimizer

export type { DampingKind }
