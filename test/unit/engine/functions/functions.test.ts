// The built-in functions: derivatives against central differences, inverse gradients against the Hessian, and the companion experiments with derived numbers.
import { describe, expect, test } from 'vitest'
import { builtIn, linearRegression } from '../../../../src/engine/functions/built-in'
import { functionDefinition, listFunctions } from '../../../../src/engine/functions/list'
import { functionObjective } from '../../../../src/engine/objectives/function'
import { play } from '../../../../src/engine/training/play'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { fdSweep } from '../../../../src/engine/curvature/inverse-gradient'
import { optimizerSchema } from '../../../../src/shared/spec/schema'
import { matrix } from '../../../../src/engine/linalg'
import { jacobi, openPlain } from '../../../reference/linalg/plain'

const context = { linalg: openPlain() }
const optimizer = (spec: Record<string, unknown>) => optimizerSchema.parse(spec)

const small = Object.keys(builtIn).filter((name) => name !== 'linear-regression')
const definitionOf = (name: string) => (name === 'regression 6' ? linearRegression(6) : builtIn[name]())

describe('derivatives', () => {
  test.each([...small, 'regression 6'])('%s: gradient and Hessian agree with central differences', (name) => {
    const f = definitionOf(name)
    const n = f.variables.length
    const random = randomStream(1, name)
    for (let repeat = 0; repeat < 5; repeat++) {
      const x = fillNormal(random, new Float64Array(n))
      const gradient = new Float64Array(n)
      const hessian = new Float64Array(n * n)
      f.gradient(x, gradient)
      f.hessian(x, hessian)
      const scale = 1 + Math.max(...hessian.map(Math.abs))
      const moved = (i: number, by: number) => x.map((value, j) => (j === i ? value + by : value))
      const h = 1e-5
      for (let i = 0; i < n; i++) {
        expect(Math.abs(gradient[i] - (f.value(moved(i, h)) - f.value(moved(i, -h))) / (2 * h))).toBeLessThan(1e-6 * scale)
        const [up, down] = [new Float64Array(n), new Float64Array(n)]
        f.gradient(moved(i, h), up)
        f.gradient(moved(i, -h), down)
        for (let j = 0; j < n; j++) expect(Math.abs(hessian[i * n + j] - (up[j] - down[j]) / (2 * h))).toBeLessThan(1e-6 * scale)
      }
    }
  })

  test.each(['rosenbrock', 'himmelblau', 'regression 6'])('%s: Gauss–Newton is the Hessian where the residuals vanish', (name) => {
    const f = definitionOf(name)
    const n = f.variables.length
    for (const { point, kind } of f.critical) {
      if (kind !== 'minimum') continue
      const [hessian, gaussNewton] = [new Float64Array(n * n), new Float64Array(n * n)]
      f.hessian(Float64Array.from(point), hessian)
      f.gaussNewton?.(Float64Array.from(point), gaussNewton)
      hessian.forEach((value, i) => expect(gaussNewton[i]).toBeCloseTo(value, 4))
    }
  })

  test('expressions have the derivatives of the built-in functions they spell out', async () => {
    for (const name of small) {
      const f = builtIn[name]()
      const typed = functionDefinition({ function: f.formula, variables: [...f.variables], start: null })
      const x = fillNormal(randomStream(2, name), new Float64Array(f.variables.length))
      const [a, b] = [functionObjective(context, f), functionObjective(context, typed)]
      expect(await b.loss(x)).toBeCloseTo(await a.loss(x), 10)
      const [h] = await a.curvature(x, { scope: 'full' })
      const [k] = await b.curvature(x, { scope: 'full' })
      h.data.forEach((value, i) => expect(k.data[i]).toBeCloseTo(value, 9))
    }
  })
})

describe('inverse gradients', () => {
  const withInverse = [...small, 'regression 6'].filter((name) => definitionOf(name).inverse !== undefined)

  test('there are six functions with a closed inverse', () => expect(withInverse).toHaveLength(6))

  test.each(withInverse)('%s: gives the point back, and its derivative is H⁻¹', (name) => {
    const f = definitionOf(name)
    const n = f.variables.length
    const random = randomStream(3, name)
    for (let repeat = 0; repeat < 20; repeat++) {
      const x = fillNormal(random, new Float64Array(n))
      const gradient = new Float64Array(n)
      f.gradient(x, gradient)
      // Every branch: the signs of x are random.
      f.inverse?.at(x, gradient).forEach((value, i) => expect(value).toBeCloseTo(x[i], 6))
      const v = fillNormal(random, new Float64Array(n))
      const hessian = new Float64Array(n * n)
      f.hessian(x, hessian)
      const u = f.inverse?.derivative(x, v) ?? new Float64Array(n)
      const scale = Math.max(...hessian.map(Math.abs)) * Math.max(...u.map(Math.abs)) + 1
      for (let i = 0; i < n; i++) {
        let product = 0
        for (let j = 0; j < n; j++) product += hessian[i * n + j] * u[j]
        expect(Math.abs(product - v[i])).toBeLessThan(1e-10 * scale)
      }
    }
  })

  test.each(withInverse)('%s: finite differences approach the limit', async (name) => {
    const f = definitionOf(name)
    const objective = functionObjective(context, f)
    const x = Float64Array.from(f.start, (value, i) => value + 0.1 * (i + 1))
    const limit = await objective.inverseGradient?.(x, { mode: 'limit', r: 0 })
    const found = await objective.inverseGradient?.(x, { mode: 'finite-difference', r: 1e-5 })
    limit?.direction.forEach((value, i) =>
      expect(Math.abs((found?.direction[i] ?? NaN) - value)).toBeLessThan(1e-6 * (1 + Math.abs(value)))
    )
  })

  test('a function without one says so', async () => {
    const [himmelblau, typed] = await Promise.all(
      ['himmelblau', 'x^2 + y^2'].map((name) => play(context, { function: name, optimizers: [optimizer({ kind: 'fd-newton' })], steps: 3 }))
    )
    expect(himmelblau[0].ended).toContain('no closed inverse')
    expect(typed[0].ended).toContain('the gradient of x^2 + y^2 has no closed inverse')
    expect(himmelblau[0].points).toHaveLength(1)
  })
})

describe('the companion experiments', () => {
  test('Rosenbrock: FD-Newton reaches the minimum in a handful of steps where gradient descent bounces', async () => {
    const [limit, differences, descent] = await play(context, {
      function: 'rosenbrock',
      start: [-1.2, 1],
      optimizers: [
        optimizer({ kind: 'fd-newton', learningRate: 1, mode: 'limit' }),
        optimizer({ kind: 'fd-newton', learningRate: 1, mode: 'finite-difference', r: 1e-6 }),
        optimizer({ kind: 'gd', learningRate: 0.002 })
      ],
      steps: 7
    })
    // Newton's first step from (−1.2, 1), by hand: g = (−215.6, −88), H = [[1330, 480], [480, 200]].
    expect(limit.points[1][0]).toBeCloseTo(-1.2 + 880 / 35600, 10)
    expect(limit.points[1][1]).toBeCloseTo(1 + (-480 * 215.6 + 1330 * 88) / 35600, 10)
    for (const trajectory of [limit, differences]) {
      expect(trajectory.points[7][0]).toBeCloseTo(1, 8)
      expect(trajectory.points[7][1]).toBeCloseTo(1, 8)
    }
    const values = descent.values.map((value) => value ?? Infinity)
    expect(values.some((value, i) => i > 0 && value > values[i - 1])).toBe(true)
    expect(Math.min(...values)).toBeGreaterThan(1)
  })

  test('linear regression 100 × 100: 500 relaxed steps against 50,000 gradient steps', async () => {
    const f = builtIn['linear-regression']()
    if (!('solution' in f) || !(f.solution instanceof Float64Array)) throw new Error('no solution')
    const { solution } = f
    const [relaxed] = await play(context, {
      function: 'linear-regression',
      optimizers: [optimizer({ kind: 'fd-newton', learningRate: 0.05 })],
      steps: 500
    })
    // W ← W − α (W − X⁻¹Y): the error shrinks by 1 − α a step, from ‖w*‖ (the start is 0).
    const errorOf = (w: ArrayLike<number>) => Math.sqrt(solution.reduce((sum, value, i) => sum + (w[i] - value) ** 2, 0))
    const start = errorOf(new Float64Array(100))
    for (const steps of [1, 10, 100]) expect(errorOf(relaxed.points[steps]) / (start * 0.95 ** steps)).toBeCloseTo(1, 6)
    expect(errorOf(relaxed.points[500])).toBeLessThan(start * 1e-9)

    // Gradient descent in the eigenbasis of XᵀX: each component shrinks by 1 − η λ a step, so that 50,000 steps are one power.
    const hessian = new Float64Array(100 * 100)
    f.hessian(new Float64Array(100), hessian)
    const { values, vectors } = jacobi(matrix(100, 100, hessian))
    const eta = 1.9 / values[99]
    const component = (j: number) => solution.reduce((sum, value, i) => sum + value * vectors.data[i * 100 + j], 0)
    const predicted = (steps: number) =>
      Math.sqrt(values.reduce((sum, value, j) => sum + (component(j) * (1 - eta * value) ** steps) ** 2, 0))
    const [descent] = await play(context, {
      function: 'linear-regression',
      optimizers: [optimizer({ kind: 'gd', learningRate: eta })],
      steps: 300
    })
    for (const steps of [1, 30, 300]) expect(errorOf(descent.points[steps]) / predicted(steps)).toBeCloseTo(1, 6)
    // After 50,000 gradient steps a fair part of the start's error is left, in the directions of the smallest eigenvalues.
    expect(predicted(50_000) / start).toBeGreaterThan(1e-3)
  })

  test('a saddle: Newton goes to it, saddle-free Newton away from it', async () => {
    const [newton, saddleFree] = await play(context, {
      function: 'saddle',
      start: [1, 0.1],
      optimizers: [
        optimizer({ kind: 'damped-newton', damping: { value: 1e-12 } }),
        optimizer({ kind: 'sfn', learningRate: 1, damping: { kind: 'shifted-abs', value: 1e-12 } })
      ],
      steps: 1
    })
    expect(newton.points[1][0]).toBeCloseTo(0, 9)
    expect(newton.points[1][1]).toBeCloseTo(0, 9)
    // |λ| = 10 and 2: x − 10x/10 = 0, y + 2y/2 = 2y.
    expect(saddleFree.points[1][0]).toBeCloseTo(0, 9)
    expect(saddleFree.points[1][1]).toBeCloseTo(0.2, 9)
  })
})

describe('the list and the errors', () => {
  test('every built-in function is listed with a start of the right length', () => {
    const listed = listFunctions()
    expect(listed.map(({ name }) => name)).toEqual(Object.keys(builtIn))
    for (const { start, variables } of listed) expect(start).toHaveLength(variables.length)
  })

  test.each([
    [{ function: 'rosenbrock', start: [1] }, 'problem.start: Rosenbrock has 2 variables (x, y), got 1 numbers'],
    [{ function: 'x +' }, 'unexpected end of expression'],
    [{ function: '3' }, 'has no variable'],
    [{ function: 'x^2', variables: ['x', 'x'] }, 'problem.variables: "x" is listed twice'],
    [{ function: 'x + y', variables: ['x'] }, '"y" is not known here (character 5)'],
    [{ function: 'constructor' }, 'has no']
  ])('%j', async (request, message) => {
    if (request.function === 'constructor')
      return expect(functionDefinition({ function: 'constructor', variables: null, start: null }).variables).toEqual(['constructor'])
    await expect(play(context, { ...request, optimizers: [], steps: 1 })).rejects.toThrow(message)
  })
})

describe('the sweep over r', () => {
  const objectiveOf = (name: string) => functionObjective(context, definitionOf(name))

  test('Rosenbrock: two-sided errors fall as r², one-sided ones as r, both rise again', async () => {
    // At (1.2, 1.3) the gradient is not small, so that scaling it moves the point visibly.
    const rows = await fdSweep(objectiveOf('rosenbrock'), Float64Array.of(1.2, 1.3))
    const at = (r: number, side: 'twoSided' | 'oneSided') => rows.find((row) => Math.abs(Math.log10(row.r / r)) < 0.01)?.[side] ?? NaN
    expect(Math.log10(at(1e-3, 'twoSided') / at(1e-4, 'twoSided'))).toBeCloseTo(2, 0)
    expect(Math.log10(at(1e-4, 'oneSided') / at(1e-5, 'oneSided'))).toBeCloseTo(1, 1)
    expect(at(1e-13, 'twoSided')).toBeGreaterThan(100 * at(1e-6, 'twoSided'))
  })

  test('a function without an inverse says so', async () => {
    await expect(fdSweep(objectiveOf('himmelblau'), Float64Array.of(1, 1))).rejects.toThrow('no closed inverse')
  })
})
