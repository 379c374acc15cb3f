// The kind `sharpness`: ∇λ = T₃[u, u, ·] of a simple eigenpair (λ, u), from one jet (docs/higher-order-derivatives.md).
import type { AnalysisOptions } from '../../shared/analyses/kinds'
import { zeroTolerance } from '../../shared/run/curvature'
import { matrix, rowOf } from '../linalg'
import { dot, norm, plusScaled, scaled } from '../linalg/vectors'
import { quadraticForm } from './curvature-along'
import { eigenpairsAt, roundingLimit } from './eigenpairs'
import { hasKinks, type AnalysisEngine, type AnalysisPoint } from './interface'
import { samplesNote } from './which-samples'

/**
 * |d(uᵀHu) along ∇λ by central differences − ‖∇λ‖| over ‖∇λ‖, the least of four steps: by Hellmann and Feynman the eigenvector may be held fixed.
 * Null where ∇λ = 0.
 */
async function differenceError(point: AnalysisPoint, u: Float64Array, gradient: Float64Array, signal: AbortSignal) {
  const length = norm(gradient)
  if (length === 0) return null
  const along = scaled(1 / length, gradient)
  let least = Infinity
  for (const h of [1e-3, 1e-4, 1e-5, 1e-6]) {
    const at = async (sign: number) => {
      const form = await quadraticForm(point.objective, plusScaled(point.parameters, sign * h, along), signal)
      return (await form([u]))[0]
    }
    least = Math.min(least, Math.abs(((await at(1)) - (await at(-1))) / (2 * h) - length) / length)
  }
  return least
}

export const sharpness: AnalysisEngine<AnalysisOptions<'sharpness'>> = {
  cost: ({ parameterCount: size, samples }) => ({
    seconds: 0.1 + 1e-9 * size * size * samples + 3e-10 * size ** 3 + 4e-8 * size * samples,
    memoryBytes: 24 * size * size + 64e6,
    diskBytes: 16 * size
  }),
  async work(source, { data }, { signal, onProgress }) {
    const point = await source.point()
    const { objective, parameters } = point
    const size = parameters.length
    if (objective.jets === undefined) throw new Error('sharpness: the loss has no power series')
    const pairs = await eigenpairsAt(
      point,
      { smallest: 0, largest: Math.min(2, size) },
      { signal, onProgress: (done, what) => onProgress(0.8 * done, what) }
    )
    const last = pairs.values.length - 1
    const lambda = pairs.values[last]
    const gap = last > 0 ? lambda - pairs.values[last - 1] : null
    const scale = pairs.largest
    // How far the two eigenvalues are known: their residual, and what rounding leaves of any eigenvalue.
    const error = pairs.residual * scale + zeroTolerance(pairs.values, size)
    if (gap !== null && gap <= 2 * error)
      throw new Error(
        `sharpness: the two largest eigenvalues ${lambda.toPrecision(6)} and ${pairs.values[last - 1].toPrecision(6)} are equal within their error (${error.toExponential(1)}); only a simple eigenvalue has a gradient`
      )
    const u = rowOf(pairs.vectors, last).slice()
    onProgress(0.8, 'jet')
    const [jet] = await objective.jets(parameters, [matrix(1, size, u)], { order: 2, signal })
    const coefficient = (k: number) => rowOf(jet.gradient, k)
    const gradient = scaled(2, coefficient(2))
    const lossGradient = coefficient(0)
    const [length, lossLength] = [norm(gradient), norm(lossGradient)]
    onProgress(0.9, 'differences')
    const difference = await differenceError(point, u, gradient, signal)
    const progressive = lossLength > 0 ? -dot(gradient, lossGradient) / lossLength ** 2 : null
    const exact = roundingLimit(size)
    const way =
      progressive === null
        ? 'the loss is stationary'
        : `a gradient step ${progressive > 0 ? 'raises' : 'lowers'} it: ${progressive.toPrecision(3)} for each unit of loss`
    return {
      arrays: { gradient: { shape: [size], data: gradient }, vector: { shape: [size], data: u } },
      figures: { lambda, gap, gradientNorm: length, progressive, lossGradientNorm: lossLength },
      checks: {
        residual: { value: pairs.residual, limit: exact },
        jet: { value: scale > 0 ? norm(plusScaled(coefficient(1), -lambda, u)) / scale : 0, limit: exact },
        // Rounding of uᵀHu is divided by the step.
        ...(difference === null ? {} : { difference: { value: difference, limit: 1e-6 + (1e-9 * scale) / length } })
      },
      notes: [
        ...samplesNote(point, data),
        ...(hasKinks(point) ? ['The loss is piecewise smooth: ∇λ₁ is that of the piece the point lies on.'] : [])
      ],
      said: `λ₁ = ${lambda.toPrecision(5)}, ‖∇λ₁‖ = ${length.toPrecision(4)}; ${way}`
    }
  }
}
