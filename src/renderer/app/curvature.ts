// What a run's eigenvalue figures are of, in a few words beside them and a sentence behind them; and whether they show negative curvature.
import type { Curvature } from '../../shared/run/curvature'
import type { RunSummary } from '../../shared/run/summary'
import { formatCount } from './format'

type Shown = Pick<RunSummary, keyof Curvature | 'step'>

/** Short: "20 Lanczos vectors", "at step 50", "at step 50 (snapshot)"; null where the figures are the newest step's own. */
export function curvatureNote(run: Shown): string | null {
  const { curvatureSource: source, curvatureStep: step, curvatureVectors: vectors } = run
  if (source === null) return null
  const words = [
    source === 'lanczos' ? (vectors === null ? 'Lanczos vectors' : `${formatCount(vectors)} Lanczos vectors`) : null,
    source === 'snapshot' ? `at step ${formatCount(step)} (snapshot)` : null,
    source !== 'snapshot' && step !== null && step < run.step ? `at step ${formatCount(step)}` : null
  ].filter((word) => word !== null)
  return words.length === 0 ? null : words.join(', ')
}

/** Which matrix, where it is not the whole Hessian. */
export function curvatureMatrixNote({ curvatureMatrix, curvatureScope }: Shown): string | null {
  const words = [
    curvatureMatrix === 'gauss-newton' ? 'Gauss–Newton' : null,
    curvatureScope === 'layer-blocks' ? 'layer blocks' : curvatureScope === 'unit-blocks' ? 'layer blocks, output by unit' : null
  ].filter((word) => word !== null)
  return words.length === 0 ? null : words.join(', ')
}

const places = {
  full: 'of the whole matrix',
  'layer-blocks': 'over the blocks of the layers',
  'unit-blocks': 'over the blocks of the layers and output units'
}

/** The whole story, for a tooltip; null where there are no figures. */
export function curvatureSentence(run: Shown): string | null {
  const { curvatureSource: source, curvatureStep: step, curvatureVectors: vectors, curvatureScope: scope, curvatureMatrix: matrix } = run
  if (source === null || scope === null) return null
  const name = matrix === 'gauss-newton' ? 'Gauss–Newton matrix (never negative)' : 'Hessian'
  const at = step === null ? 'of a step that is not recorded' : `of step ${formatCount(step)}`
  if (source === 'lanczos')
    return `Ritz values of ${vectors === null ? 'some' : formatCount(vectors)} Lanczos vectors ${at}: the Hessian’s smallest eigenvalue is at most λ min, its largest at least λ max, and the index is the share among these vectors, not among all eigenvalues.`
  const which = `smallest and largest eigenvalue ${places[scope]}${scope === 'full' ? '' : ', index: the largest of the blocks'}`
  if (source === 'snapshot') return `From the stored exact spectrum after step ${formatCount(step)}, Hessian: ${which}.`
  return `Exact, ${at} (before its update, on its batch), ${name}: ${which}.`
}

/** How λ min and λ max are to be read: a Krylov step's values lie within the spectrum. */
export const lambdaBounds = ({ curvatureSource }: Shown) =>
  curvatureSource === 'lanczos' ? { min: '≤ ', max: '≥ ' } : { min: '', max: '' }

/** Negative beyond rounding, τ = P·ε·max|λ|: what the index counts. */
export function isNegativeCurvature({ index, lambdaMin, lambdaMax, parameterCount }: RunSummary): boolean {
  if (index !== null) return index > 0
  if (lambdaMin === null) return false
  return lambdaMin < -(parameterCount ?? 1) * Number.EPSILON * Math.max(Math.abs(lambdaMin), Math.abs(lambdaMax ?? 0))
}
