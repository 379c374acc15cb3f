// Lanczos and stochastic Lanczos quadrature against dense eigendecompositions.
import { describe, expect, it } from 'vitest'
import { densityGrid, smoothedDensity, spectralDensity } from '../../../../src/engine/curvature/density'
import { extremeEigenpairs, lanczosBasis, tridiagonalEigen } from '../../../../src/engine/curvature/lanczos'
import { matrix, type Matrix } from '../../../../src/engine/linalg'
import type { CurvatureProduct } from '../../../../src/engine/objective'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { at, identity, openPlain, product, transposed } from '../../../reference/linalg/plain'
import { makeCase, relativeError } from '../nn/nets'

const linalg = openPlain()
const operator =
  (m: Matrix): CurvatureProduct =>
  async (vectors) =>
    product(vectors, m)
const start = (n: number) => fillNormal(randomStream(3, 'start'), new Float64Array(n))

async function denseCase() {
  const { objective, parameters } = makeCase(linalg, {
    layers: [5, 6, 4],
    activation: { kind: 'tanh' },
    loss: 'mse',
    bias: true,
    samples: 30
  })
  const [{ data, size }] = await objective.curvature(parameters, { scope: 'full' })
  const dense = await linalg.eigenSymmetric(matrix(size, size, data))
  return { objective, parameters, hessian: matrix(size, size, data), size, dense }
}

describe('Lanczos', () => {
  it('builds an orthonormal basis in which the operator is tridiagonal', async () => {
    const { hessian, size } = await denseCase()
    const { basis, diagonal, offDiagonal } = await lanczosBasis(operator(hessian), start(size), 20)
    expect(relativeError(product(basis, transposed(basis)).data, identity(20).data)).toBeLessThan(1e-14)
    const t = product(product(basis, hessian), transposed(basis))
    for (let i = 0; i < 20; i++)
      for (let j = 0; j < 20; j++) {
        const expected = i === j ? diagonal[i] : Math.abs(i - j) === 1 ? offDiagonal[Math.min(i, j)] : 0
        expect(Math.abs(at(t, i, j) - expected)).toBeLessThan(1e-13 * Math.abs(diagonal[0]) + 1e-14)
      }
  })

  it('with as many vectors as dimensions carries the whole spectrum, also of multiple eigenvalues', async () => {
    const { objective, parameters, size, dense } = await denseCase()
    const multiply = await objective.products(parameters, 'hessian')
    const whole = await lanczosBasis(multiply, start(size), size, { random: randomStream(1, 'lanczos') })
    expect(relativeError((await tridiagonalEigen(linalg, whole)).values, dense.values)).toBeLessThan(1e-12)
    const twice = matrix(6, 6)
    ;[2, 2, 2, -1, -1, 5].forEach((value, i) => (twice.data[i * 7] = value))
    const short = await lanczosBasis(operator(twice), start(6), 6)
    expect(short.diagonal.length).toBe(3)
    expect(short.remainder).toBe(0)
    const restarted = await lanczosBasis(operator(twice), start(6), 6, { random: randomStream(1, 'lanczos') })
    expect(relativeError((await tridiagonalEigen(linalg, restarted)).values, [-1, -1, 2, 2, 2, 5])).toBeLessThan(1e-13)
  })

  it('finds extreme eigenpairs and knows their residuals', async () => {
    const { objective, parameters, hessian, size, dense } = await denseCase()
    const multiply = await objective.products(parameters, 'hessian')
    const found = await extremeEigenpairs(linalg, multiply, size, { random: randomStream(1, 'lanczos'), smallest: 3, largest: 3 })
    expect(found.converged).toBe(true)
    expect(found.steps).toBeLessThan(size)
    const expected = [...dense.values.slice(0, 3), ...dense.values.slice(-3)]
    const scale = Math.max(...expected.map(Math.abs))
    found.values.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-10 * scale))
    const products = product(found.vectors, hessian)
    for (let r = 0; r < 6; r++) {
      const residual = Math.hypot(...Array.from({ length: size }, (_, i) => at(products, r, i) - found.values[r] * at(found.vectors, r, i)))
      expect(residual).toBeLessThan(found.residuals[r] + 1e-13 * scale)
      expect(residual).toBeLessThan(1e-9 * scale)
    }
    const hasty = await extremeEigenpairs(linalg, multiply, size, {
      random: randomStream(1, 'lanczos'),
      smallest: 3,
      largest: 3,
      maxSteps: 8
    })
    expect(hasty.converged).toBe(false)
    expect(hasty.steps).toBe(8)
  })

  it('refuses a zero start and stops when asked to', async () => {
    const { hessian, size } = await denseCase()
    await expect(lanczosBasis(operator(hessian), new Float64Array(size), 3)).rejects.toThrow('start vector')
    const reason = new Error('stopped')
    await expect(lanczosBasis(operator(hessian), start(size), 3, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('spectral density', () => {
  it('agrees with the smoothed exact spectrum within its error bars', async () => {
    const { objective, parameters, size, dense } = await denseCase()
    const multiply = await objective.products(parameters, 'hessian')
    const found = await spectralDensity(linalg, multiply, size, {
      random: randomStream(5, 'probes'),
      probes: 60,
      steps: size,
      bandwidth: 0.05
    })
    const exact = smoothedDensity(found.grid, { nodes: dense.values, weights: dense.values.map(() => 1 / size) }, found.sigma)
    const peak = Math.max(...exact)
    let outside = 0
    found.density.forEach((value, i) => {
      if (Math.abs(value - exact[i]) > 3 * found.error[i] + 1e-3 * peak) outside++
    })
    // 3 standard errors of 60 probes; neighbouring points are not independent, so a few may miss together.
    expect(outside).toBeLessThan(0.05 * found.grid.length)
    expect(relativeError(found.density, exact)).toBeLessThan(0.1)
    const step = found.grid[1] - found.grid[0]
    expect(found.density.reduce((sum, value) => sum + value * step, 0)).toBeCloseTo(1, 3)
    const trace = dense.values.reduce((sum, value) => sum + value, 0)
    expect(Math.abs(found.trace - trace)).toBeLessThan(4 * found.traceError)
    expect(found.traceError).toBeGreaterThan(0)
  })

  it('is exact for a probe whose quadrature sees every eigenvalue of a diagonal operator', async () => {
    const diagonal = matrix(4, 4)
    ;[-2, 0, 1, 3].forEach((value, i) => (diagonal.data[i * 5] = value))
    const { quadratures } = await spectralDensity(linalg, operator(diagonal), 4, { random: randomStream(5, 'probes'), probes: 2, steps: 4 })
    for (const { nodes, weights } of quadratures) {
      nodes.forEach((node, i) => expect(node).toBeCloseTo([-2, 0, 1, 3][i], 12))
      weights.forEach((weight) => expect(weight).toBeCloseTo(0.25, 12))
    }
    expect(densityGrid(0, 1, 0.25, 5)).toEqual(Float64Array.of(-1, -0.25, 0.5, 1.25, 2))
  })
})
