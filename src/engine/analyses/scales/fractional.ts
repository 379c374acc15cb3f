// Profiles of fractional Brownian motion, whose curvature against scale is known: |κ(ε)| ~ ε^(H − 2).
import { matrix, type Linalg } from '../../linalg'
import type { RandomGenerator } from '../../random'

/**
 * `count` draws of W(±ε) for the given ε > 0, W(0) = 0, with E[W(s)W(t)] = ½(|s|^2H + |t|^2H − |s − t|^2H) (Mandelbrot & Van Ness 1968), by the
 * Cholesky factor of the covariance scaled to unit variances. Returns for each draw W(ε) and W(−ε).
 */
export async function fractionalProfiles(linalg: Linalg, epsilon: Float64Array, exponent: number, count: number, random: RandomGenerator) {
  const places = [...Array.from(epsilon, (step) => -step).reverse(), ...epsilon]
  const n = places.length
  const size = (t: number) => Math.abs(t) ** (2 * exponent)
  const covariance = matrix(n, n)
  for (const [i, s] of places.entries())
    for (const [j, t] of places.entries()) covariance.data[i * n + j] = (size(s) + size(t) - size(s - t)) / 2 / Math.sqrt(size(s) * size(t))
  const { positiveDefinite } = await linalg.choleskyInPlace(covariance)
  if (!positiveDefinite) throw new Error('the covariance of the fractional profiles is not positive definite')
  return Array.from({ length: count }, () => {
    const normal = Float64Array.from({ length: n }, () => random.normal())
    const value = (i: number) => {
      let sum = 0
      for (let j = 0; j <= i; j++) sum += covariance.data[i * n + j] * normal[j]
      return sum * Math.sqrt(size(places[i]))
    }
    const half = epsilon.length
    return {
      above: Float64Array.from(epsilon, (_, k) => value(half + k)),
      below: Float64Array.from(epsilon, (_, k) => value(half - 1 - k))
    }
  })
}

/** Least-squares slope of log y against log x over the places where both are positive; null for fewer than two. */
export function logSlope(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const points = Array.from(x, (value, i) => [Math.log(value), Math.log(y[i])] as const).filter(
    ([a, b]) => Number.isFinite(a) && Number.isFinite(b)
  )
  if (points.length < 2) return null
  const [meanX, meanY] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length)
  const over = points.reduce((sum, [a, b]) => sum + (a - meanX) * (b - meanY), 0)
  return over / points.reduce((sum, [a]) => sum + (a - meanX) ** 2, 0)
}
