// Outliers are found where they were put, and not where there are none.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import { randomStream, type RandomGenerator } from '../../../../src/engine/random'
import { zeroTolerance } from '../../../../src/shared/run/curvature'
import { spectrumFigures } from '../../../../src/shared/run/course'
import { findOutliers } from '../../../../src/shared/run/outliers'

const uniform = (random: RandomGenerator) => (random.nextUint32() + 0.5) / 2 ** 32
const of = (values: readonly number[]) => {
  const ascending = Float64Array.from(values).sort()
  return findOutliers(ascending, zeroTolerance(ascending.filter(Number.isFinite), ascending.length))
}

/** Eigenvalues of XᵀX/n with independent normal entries: Marčenko & Pastur's law, its upper edge at (1 + √(p/n))². */
function wishart(random: RandomGenerator, p: number, n: number, spikes: readonly number[] = []): number[] {
  const x = Matrix.zeros(n, p)
  for (let row = 0; row < n; row++)
    for (let column = 0; column < p; column++) x.set(row, column, random.normal() * Math.sqrt(spikes[column] ?? 1))
  return new EigenvalueDecomposition(x.transpose().mmul(x).div(n), { assumeSymmetric: true }).realEigenvalues
}

/** Eigenvalues of a symmetric matrix of normal entries, scaled to Wigner's semicircle on [−2, 2]. */
function wigner(random: RandomGenerator, p: number): number[] {
  const x = Matrix.zeros(p, p)
  for (let row = 0; row < p; row++)
    for (let column = 0; column <= row; column++) {
      const entry = (random.normal() * Math.sqrt(row === column ? 2 : 1)) / Math.sqrt(p)
      x.set(row, column, entry)
      x.set(column, row, entry)
    }
  return new EigenvalueDecomposition(x, { assumeSymmetric: true }).realEigenvalues
}

describe('outliers', () => {
  it('are the spikes above the bulk of Marčenko and Pastur', () => {
    const random = randomStream(1, 'outliers')
    // A spike of the covariance at s lies in the spectrum at s(1 + γ/(s − 1)), γ = p/n (Baik & Silverstein 2006).
    for (const spikes of [[30], [20, 30, 40], [12, 15, 18, 22, 26, 31, 37, 44, 52]]) {
      const values = wishart(random, 120, 480, spikes)
      const { above, below } = of(values)
      expect(above?.count).toBe(spikes.length)
      expect(above?.edge).toBeGreaterThan(1.9)
      expect(above?.edge).toBeLessThan(2.6)
      const least = Math.min(...spikes)
      expect((above?.nearest ?? 0) / (least * (1 + 0.25 / (least - 1)))).toBeGreaterThan(0.7)
      expect(below).toBeNull()
    }
  })

  it('are found on both sides of a semicircle', () => {
    const bulk = wigner(randomStream(2, 'outliers'), 150)
    const { above, below } = of([...bulk, 6, 7, -5, -8, -9])
    expect(above).toMatchObject({ count: 2, nearest: 6 })
    expect(below).toMatchObject({ count: 3, nearest: -5 })
    expect(above?.edge).toBe(Math.max(...bulk))
    expect(below?.edge).toBe(Math.min(...bulk))
  })

  it('are none in a semicircle, nor in a bulk of Marčenko and Pastur by itself', () => {
    const random = randomStream(3, 'outliers')
    for (let i = 0; i < 10; i++) {
      expect(of(wigner(random, 80))).toEqual({ above: null, below: null })
      expect(of(wishart(random, 80, 160)).above).toBeNull()
    }
  })

  it('are claimed of a power law or an exponential tail in one case of twenty at most', () => {
    const random = randomStream(4, 'outliers')
    const tails = [
      () => uniform(random) ** -0.5,
      () => uniform(random) ** -2,
      () => -Math.log(uniform(random)),
      () => Math.exp(2 * random.normal())
    ]
    for (const draw of tails) {
      const claims = Array.from({ length: 600 }, () => of(Array.from({ length: 300 }, draw)).above).filter((found) => found !== null)
      expect(claims.length).toBeLessThanOrEqual(600 * 0.05)
    }
  })

  it('need enough eigenvalues to be told, and leave zeros and what is not finite out', () => {
    expect(of([1, 1.1, 1.2, 100])).toEqual({ above: null, below: null })
    expect(of([])).toEqual({ above: null, below: null })
    const bulk = Array.from({ length: 60 }, (_, i) => 1 + i / 60)
    expect(of([...bulk, ...Array.from({ length: 500 }, () => 1e-17), 40, Infinity, Number.NaN]).above).toEqual({
      count: 1,
      edge: bulk[59],
      nearest: 40
    })
  })
})

describe('the figures of a spectrum', () => {
  it('count signs by the tolerance and say where the bulk ends', () => {
    const bulk = Array.from({ length: 50 }, (_, i) => 0.5 + i / 100)
    const values = Float64Array.from([-0.25, -1e-18, 0, 1e-18, ...bulk, 20, 30]).sort()
    const figures = spectrumFigures(values)
    expect(figures).toEqual({
      count: 56,
      lambdaMin: -0.25,
      lambdaMax: 30,
      negative: 1,
      zero: 3,
      tolerance: 56 * 2 ** -52 * 30,
      outliersBelow: NaN,
      outliersAbove: 2,
      bulkLow: NaN,
      bulkHigh: bulk[49]
    })
    expect(spectrumFigures(new Float64Array())).toMatchObject({ count: 0, lambdaMin: NaN, lambdaMax: NaN, negative: 0 })
  })
})
