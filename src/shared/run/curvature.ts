// Whose eigenvalue figures a run shows: its own steps', a Krylov step's Lanczos vectors', or those of its newest snapshot; and which matrix they are of.
import type { OptimizerKind, Scope } from '../spec/schema'
import type { RunFigures } from './schema'

export interface EigenvalueFigures {
  /** Smallest and largest over the blocks. */
  readonly lambdaMin: number | null
  readonly lambdaMax: number | null
  /** Fraction of eigenvalues below −τ; of several blocks the largest. */
  readonly index: number | null
}

export interface Curvature extends EigenvalueFigures {
  /** Of a line: the step on whose batch, before its update; of a snapshot: after so many steps. Null where nothing says it. */
  readonly curvatureStep: number | null
  /** `lanczos`: Ritz values of a Krylov step, which lie within the spectrum. Null: there are no figures. */
  readonly curvatureSource: 'step' | 'snapshot' | 'lanczos' | null
  readonly curvatureVectors: number | null
  readonly curvatureScope: Scope | null
  readonly curvatureMatrix: 'hessian' | 'gauss-newton' | null
}

export const noCurvature: Curvature = {
  lambdaMin: null,
  lambdaMax: null,
  index: null,
  curvatureStep: null,
  curvatureSource: null,
  curvatureVectors: null,
  curvatureScope: null,
  curvatureMatrix: null
}

/** Of a snapshot: always the Hessian. */
export interface SnapshotCurvature extends EigenvalueFigures {
  readonly step: number
  readonly scope: Scope
}

/** τ = P·ε·max|λ| of a block of P rows: eigenvalues within ±τ count as zero (docs/numerics-curvature.md). */
export function zeroTolerance(values: Float64Array, size: number): number {
  return size * Number.EPSILON * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

/** τ of eigenvalues of which some may not be finite: those count among P and take no other part. */
export const finiteTolerance = (values: ArrayLike<number>): number =>
  zeroTolerance(Float64Array.from(values).filter(Number.isFinite), values.length)

/** How many lie below −τ and how many within ±τ. */
export function countSigns(values: ArrayLike<number>, tolerance: number): { negative: number; zero: number } {
  let negative = 0
  let zero = 0
  for (let i = 0; i < values.length; i++) {
    if (values[i] < -tolerance) negative++
    else if (values[i] <= tolerance) zero++
  }
  return { negative, zero }
}

/** The figures of blocks' eigenvalues, in any order. */
export function eigenvalueFigures(blocks: readonly Float64Array[]): EigenvalueFigures {
  const found = { lambdaMin: Infinity, lambdaMax: -Infinity, index: 0 }
  for (const values of blocks) {
    const limit = -zeroTolerance(values, values.length)
    let negative = 0
    for (const value of values) {
      found.lambdaMin = Math.min(found.lambdaMin, value)
      found.lambdaMax = Math.max(found.lambdaMax, value)
      if (value < limit) negative++
    }
    if (values.length > 0) found.index = Math.max(found.index, negative / values.length)
  }
  return found.lambdaMin > found.lambdaMax ? { lambdaMin: null, lambdaMax: null, index: null } : found
}

type Own = Pick<RunFigures, 'lambdaMin' | 'lambdaMax' | 'index' | 'curvatureStep' | 'curvatureVectors'>
export interface OptimizerFacts {
  readonly kind: OptimizerKind | string
  readonly scope: Scope
}

/** The figures of the steps themselves. */
export function ownCurvature(own: Own, { kind, scope }: OptimizerFacts): Curvature {
  if (own.lambdaMin === null && own.lambdaMax === null) return noCurvature
  return {
    lambdaMin: own.lambdaMin,
    lambdaMax: own.lambdaMax,
    index: own.index,
    curvatureStep: own.curvatureStep,
    curvatureSource: kind === 'sfn-krylov' ? 'lanczos' : 'step',
    curvatureVectors: kind === 'sfn-krylov' ? own.curvatureVectors : null,
    curvatureScope: scope,
    curvatureMatrix: kind === 'levenberg-marquardt' ? 'gauss-newton' : 'hessian'
  }
}

/** Where a snapshot is to be looked at: the steps have no figures, they are estimates, or it is newer than they are. */
export function snapshotPreferred({ curvatureSource, curvatureStep }: Curvature, newestSnapshot: number): boolean {
  return curvatureSource !== 'step' || (curvatureStep !== null && newestSnapshot > curvatureStep)
}

export function fromSnapshot({ step, scope, ...figures }: SnapshotCurvature): Curvature {
  return {
    ...figures,
    curvatureStep: step,
    curvatureSource: 'snapshot',
    curvatureVectors: null,
    curvatureScope: scope,
    curvatureMatrix: 'hessian'
  }
}
