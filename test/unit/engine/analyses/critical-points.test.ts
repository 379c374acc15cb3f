// Newton on the gradient: at known critical points of every index, quadratically where the Hessian is regular, linearly where it is not, and honest in a trap.
import { describe, expect, it } from 'vitest'
import { criticalPoint, noisyStart, type CriticalPointOptions } from '../../../../src/engine/analyses/critical-points/search'
import { expressionFunction } from '../../../../src/engine/functions/expression'
import { functionObjective } from '../../../../src/engine/objectives/function'
import { randomStream } from '../../../../src/engine/random'
import { norm } from '../../../../src/engine/linalg/vectors'
import { openPlain } from '../../../reference/linalg/plain'
import { makeCase } from '../nn/nets'

const linalg = openPlain()
const options: CriticalPointOptions = { tolerance: 1e-10, iterations: 100, cutoff: 1e-8 }
const find = (text: string, variables: string[], start: number[], more: Partial<CriticalPointOptions> = {}) =>
  criticalPoint(linalg, functionObjective({ linalg }, expressionFunction(text, variables)), Float64Array.from(start), {
    ...options,
    ...more
  })

describe('a critical point', () => {
  // Σ s_i (x_i² + x_i³): critical at 0 with curvatures 2 s_i, whatever the signs.
  for (let negatives = 0; negatives <= 3; negatives++)
    it(`of index ${negatives} of 3 is found, with its spectrum`, async () => {
      const signs = [0, 1, 2].map((i) => (i < negatives ? -1 : 1))
      const names = ['a', 'b', 'c']
      const text = names.map((name, i) => `${signs[i]} * (${i + 1} * ${name}^2 + ${name}^3)`).join(' + ')
      const point = await find(text, names, [0.2, -0.1, 0.15])
      expect(point.outcome).toBe('critical')
      expect(norm(point.parameters)).toBeLessThan(1e-10)
      expect(point.index).toBeCloseTo(negatives / 3, 12)
      const known = signs.map((sign, i) => 2 * (i + 1) * sign).sort((x, y) => x - y)
      point.eigenvalues.forEach((value, i) => expect(value).toBeCloseTo(known[i], 8))
      expect(point.zero).toBe(0)
      expect(point.flatness).toBeGreaterThanOrEqual(0)
    })

  it('is approached quadratically where the Hessian is regular: each error about the square of the one before', async () => {
    // Critical at ln 2, where f''' / (2 f'') = ½.
    const errors: number[] = []
    for (let steps = 0; steps <= 4; steps++) {
      const point = await find('exp(x) - 2*x', ['x'], [1], { iterations: steps, tolerance: 0 })
      errors.push(Math.abs(point.parameters[0] - Math.LN2))
    }
    for (let k = 1; k < 4; k++) expect(errors[k + 1] / errors[k] ** 2).toBeCloseTo(0.5, 1)
  })

  it('is approached by halves in a monkey saddle, whose Hessian vanishes there, and found degenerate', async () => {
    const point = await find('x^3 - 3*x*y^2', ['x', 'y'], [0.3, 0.2], { tolerance: 1e-12 })
    expect(point.outcome).toBe('critical')
    expect(norm(point.parameters)).toBeLessThan(1e-6)
    expect(Math.max(...point.eigenvalues.map(Math.abs))).toBeLessThan(1e-5)
    // The gradient is quadratic in the distance, which halves: quarters.
    for (let k = 1; k < 8; k++) expect(point.course[k] / point.course[k - 1]).toBeCloseTo(0.25, 6)
  })

  it('is found along a valley of minima, where only the pseudo-inverse exists', async () => {
    const point = await find('(x*y - 1)^2', ['x', 'y'], [2, 1])
    expect(point.outcome).toBe('critical')
    expect(point.parameters[0] * point.parameters[1]).toBeCloseTo(1, 9)
    expect([point.index, point.zero]).toEqual([0, 1])
  })

  it('that is not there is not claimed: where the gradient lies in the kernel of the Hessian the point is called gradient-flat', async () => {
    // Gradient (x² + 0.1, 2y): nowhere 0; least at x = 0, where H = diag(0, 2) and Hg = 0.
    const point = await find('x^3/3 + 0.1*x + y^2', ['x', 'y'], [1, 1])
    expect(point.outcome).toBe('gradient-flat')
    expect(point.gradNorm).toBeCloseTo(0.1, 5)
    expect(point.flatness).toBeLessThan(1e-3 * 2)
    expect(Math.abs(point.parameters[0])).toBeLessThan(1e-3)
    expect(point.parameters[1]).toBeCloseTo(0, 6)
  })

  it('is not claimed either when the steps are spent', async () => {
    const point = await find('exp(x) - 2*x', ['x'], [5], { iterations: 1 })
    expect(point.outcome).toBe('not-converged')
    expect(point.iterations).toBe(1)
    expect(point.gradNorm).toBeGreaterThan(1)
  })

  it('never has a larger gradient than the point before', async () => {
    const point = await find('cos(x) + 0.1*x^2*y^2 + sin(3*y)', ['x', 'y'], [1.4, 0.6])
    for (let k = 1; k < point.course.length; k++) expect(point.course[k]).toBeLessThan(point.course[k - 1])
  })
})

describe('of a network', () => {
  it('a critical point has the gradient, the flatness and the eigenvalues that products give', async () => {
    const { objective, parameters } = makeCase(linalg, {
      layers: [3, 3, 2],
      activation: { kind: 'tanh' },
      loss: 'mse',
      bias: true,
      samples: 30,
      seed: 5
    })
    const before = linalg.memory
    const point = await criticalPoint(linalg, objective, parameters, options)
    expect(linalg.memory.heldBytes).toBe(before.heldBytes)
    const gradient = new Float64Array(objective.parameterCount)
    expect(await objective.gradient(point.parameters, gradient)).toBe(point.loss)
    expect(norm(gradient)).toBe(point.gradNorm)
    const product = await objective.products(point.parameters, 'hessian')
    const { data } = await product({ data: gradient, rows: 1, columns: gradient.length, offset: 0, stride: gradient.length })
    expect(norm(data) / norm(gradient)).toBeCloseTo(point.flatness, 6)
    expect(point.index).toBe(point.eigenvalues.filter((value) => value < -1e-8 * point.largest).length / gradient.length)
  })
})

describe('a noisy start', () => {
  it('is uniform around the point, within the amplitude, and the same for the same seed', () => {
    const point = new Float64Array(4000).fill(3)
    const start = noisyStart(point, 0.5, randomStream(1, 'noise'))
    const off = start.map((x) => x - 3)
    expect(Math.max(...off.map(Math.abs))).toBeLessThanOrEqual(0.5)
    const mean = off.reduce((sum, x) => sum + x, 0) / off.length
    const variance = off.reduce((sum, x) => sum + x * x, 0) / off.length
    expect(Math.abs(mean)).toBeLessThan(0.02)
    expect(variance).toBeCloseTo(0.25 / 3, 2)
    expect(noisyStart(point, 0.5, randomStream(1, 'noise'))).toEqual(start)
  })
})
