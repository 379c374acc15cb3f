// Stochastic Lanczos quadrature: the spectral density of an operator too large to decompose, with error bars (Ghorbani, Krishnan & Xiao 2019; Ubaru, Chen & Saad 2017).
import type { CallOptions, Linalg } from '../linalg'
import type { CurvatureProduct } from '../objective'
import { fillSigns, type RandomGenerator } from '../random'
import { lanczosBasis, tridiagonalEigen } from './lanczos'

/** Quadrature of one probe: Σ weights · f(nodes) ≈ vᵀ f(H) v / vᵀv. Weights sum to 1. */
export interface Quadrature {
  readonly nodes: Float64Array
  readonly weights: Float64Array
}

export interface DensityOptions extends CallOptions {
  readonly random: RandomGenerator
  /** Random vectors of ±1 (Rademacher): at least 2 for error bars. */
  readonly probes: number
  /** Lanczos steps a probe. */
  readonly steps: number
  /** Points of the grid. Default 400. */
  readonly points?: number
  /** Standard deviation of the Gaussian that stands for an eigenvalue, relative to the spectrum's width. Default 0.01. */
  readonly bandwidth?: number
}

export interface SpectralDensity {
  readonly grid: Float64Array
  /** Mean over probes of the smoothed density; integrates to 1 over the line. */
  readonly density: Float64Array
  /** Standard error of that mean. */
  readonly error: Float64Array
  /** The Gaussian's standard deviation, in units of λ. */
  readonly sigma: number
  readonly quadratures: readonly Quadrature[]
  /** Estimate of trace(H) = P · mean Σ w λ, and its standard error. */
  readonly trace: number
  readonly traceError: number
}

/** Mean and standard error of the mean of samples. */
function meanAndError(samples: readonly number[]): readonly [number, number] {
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length
  const squares = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return [mean, samples.length > 1 ? Math.sqrt(squares / (samples.length - 1) / samples.length) : Number.NaN]
}

/** Σ weights · Gaussian(grid − node, sigma) at every point of the grid. */
export function smoothedDensity(grid: Float64Array, { nodes, weights }: Quadrature, sigma: number): Float64Array {
  const factor = 1 / (sigma * Math.sqrt(2 * Math.PI))
  return grid.map((x) => nodes.reduce((sum, node, i) => sum + weights[i] * factor * Math.exp(-((x - node) ** 2) / (2 * sigma * sigma)), 0))
}

/** An evenly spaced grid over [low, high] and four sigmas beyond. */
export function densityGrid(low: number, high: number, sigma: number, points: number): Float64Array {
  const [from, to] = [low - 4 * sigma, high + 4 * sigma]
  return Float64Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1))
}

/** The spectral density of a symmetric operator on P dimensions, from `probes` × `steps` products. Throws when there is no probe or step. */
export async function spectralDensity(
  linalg: Linalg,
  multiply: CurvatureProduct,
  dimension: number,
  options: DensityOptions
): Promise<SpectralDensity> {
  const { random, probes, steps, points = 400, bandwidth = 0.01, signal, onProgress } = options
  if (!(probes >= 1 && steps >= 1 && points >= 2 && bandwidth > 0))
    throw new Error(
      `spectral density: needs at least 1 probe, 1 step, 2 points and a bandwidth > 0, got ${probes}, ${steps}, ${points}, ${bandwidth}`
    )
  const quadratures: Quadrature[] = []
  for (let probe = 0; probe < probes; probe++) {
    const start = fillSigns(random, new Float64Array(dimension))
    const progress = onProgress && ((fraction: number) => onProgress((probe + fraction) / probes))
    const krylov = await lanczosBasis(multiply, start, steps, { signal, onProgress: progress })
    const { values, vectors } = await tridiagonalEigen(linalg, krylov)
    // Golub & Welsch 1969: the weight of a node is the square of its eigenvector's first component.
    quadratures.push({ nodes: values, weights: values.map((_, j) => vectors.data[j] ** 2) })
  }
  const low = Math.min(...quadratures.map(({ nodes }) => nodes[0]))
  const high = Math.max(...quadratures.map(({ nodes }) => nodes[nodes.length - 1]))
  const width = high - low || Math.abs(high) || 1
  const sigma = bandwidth * width
  const grid = densityGrid(low, high, sigma, points)
  const curves = quadratures.map((quadrature) => smoothedDensity(grid, quadrature, sigma))
  const figures = Array.from(grid, (_, i) => meanAndError(curves.map((curve) => curve[i])))
  const [trace, traceError] = meanAndError(
    quadratures.map(({ nodes, weights }) => dimension * nodes.reduce((sum, node, i) => sum + weights[i] * node, 0))
  )
  return {
    grid,
    density: Float64Array.from(figures, ([mean]) => mean),
    error: Float64Array.from(figures, ([, error]) => error),
    sigma,
    quadratures,
    trace,
    traceError
  }
}
