// Newton on a power series: its order in hundreds of digits, its steps against those of the reference, the identities of docs/higher-order-newton.md.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { column, matrix } from '../../../../src/engine/linalg/matrix'
import { norm, plusScaled } from '../../../../src/engine/linalg/vectors'
import { createNetwork } from '../../../../src/engine/nn/network'
import type { Objective } from '../../../../src/engine/objective'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { regularizedObjective } from '../../../../src/engine/objectives/regularized'
import { seriesTerms } from '../../../../src/engine/optimizers/series-newton'
import { guardedLength, padeApproximant, sizesOf } from '../../../../src/engine/optimizers/series-sum'
import { zeroTolerance } from '../../../../src/shared/run/curvature'
import type { LossKind } from '../../../../src/shared/spec/schema'
import { jacobi, openPlain } from '../../../reference/linalg/plain'
import { makeCase } from '../nn/nets'
import { functionOf, walk } from './walk'

const linalg = openPlain()

interface Net {
  readonly layers: number[]
  readonly inputs: number[][]
  readonly targets: number[][]
  readonly loss: LossKind
  readonly l2: number
}
interface Reference {
  readonly nets: Readonly<Record<string, Net>>
  readonly orders: readonly {
    readonly problem: string
    readonly order: number
    readonly log10Errors: number[]
    readonly smallestEigenvalue: number | null
  }[]
  readonly trajectories: readonly {
    readonly problem: string
    readonly start: number[]
    readonly options: Record<string, unknown> & { readonly order: number; readonly damping?: number }
    readonly points: number[][]
    readonly t: number[]
  }[]
}
const reference = JSON.parse(readFileSync(join(import.meta.dirname, '../../../reference/higher-order/series.json'), 'utf8')) as Reference

function problemOf(name: string): Objective {
  if (name === 'rosenbrock') return functionOf(linalg, 'rosenbrock')
  const { layers, inputs, targets, loss, l2 } = reference.nets[name]
  const network = createNetwork({ layers, activation: { kind: 'tanh' }, outputActivation: { kind: 'identity' }, bias: true }, loss)
  const rows = (values: number[][]) => matrix(values.length, values[0].length, Float64Array.from(values.flat()))
  return regularizedObjective(networkObjective({ linalg }, network, loss, { inputs: rows(inputs), targets: rows(targets) }), l2)
}

describe('the reference', () => {
  test.each(reference.orders)('$problem converges with order $order', ({ order, log10Errors, smallestEigenvalue }) => {
    const [a, b, c] = log10Errors.slice(-3)
    expect(Math.abs((c - b) / (b - a) - order)).toBeLessThan(0.1)
    // A strict minimum, where the order is that of the whole series.
    expect(smallestEigenvalue ?? 1).toBeGreaterThan(0.005)
  })
  test('has every order on every problem', () => {
    const problems = ['rosenbrock', 'softmax', 'tanh']
    expect(reference.orders.map(({ problem, order }) => `${problem} ${order}`)).toEqual(
      problems.flatMap((problem) => [2, 3, 4, 5, 6].map((order) => `${problem} ${order}`))
    )
  })
})

test.each(reference.trajectories.map((row) => [`${row.problem} from ${row.start[0]}, ${JSON.stringify(row.options)}`, row] as const))(
  'takes the reference’s steps, from each of its points to the next: %s',
  async (_, { problem, start, options: { damping = 0, ...options }, points, t }) => {
    const spec = { kind: 'series-newton', ...options, damping: { value: damping } }
    const objective = problemOf(problem)
    for (const [step, expected] of points.entries()) {
      const from = Float64Array.from(step === 0 ? start : points[step - 1])
      const walked = await walk(linalg, objective, from, spec, 1)
      const moved = Math.hypot(...expected.map((value, i) => value - from[i]))
      const scale = Math.max(1, Math.hypot(...expected), moved)
      expect(Math.hypot(...expected.map((value, i) => value - walked.points[0][i])) / scale, `step ${step + 1}`).toBeLessThan(1e-10)
      // The guard's decision too; where the terms are rounding themselves their ratios are as well.
      if (moved > 1e-6)
        expect(Math.abs((walked.results[0].diagnostics.figures?.t ?? NaN) - t[step]), `t of step ${step + 1}`).toBeLessThan(1e-9)
    }
  }
)

/** ∇f at w + Σ s_k t^k, less g − tSg − δS(w(t) − w), over a range of t: its norm goes as t^(K + 1). */
async function residuals(objective: Objective, at: Float64Array, terms: number, damping: number, saddleFree: boolean) {
  const size = at.length
  const gradient = new Float64Array(size)
  await objective.gradient(at, gradient)
  const [{ data }] = await objective.curvature(at, { scope: 'full', kind: 'hessian' })
  const { values, vectors } = jacobi(matrix(size, size, data.slice()))
  const product = async (vector: Float64Array, transposeA: 'none' | 'transpose') => {
    const result = new Float64Array(size)
    await linalg.gemm(vectors, column(vector), column(result), { transposeA })
    return result
  }
  const basis = {
    values,
    tolerance: zeroTolerance(values, size),
    into: (vector: Float64Array) => product(vector, 'transpose'),
    from: (vector: Float64Array) => product(vector, 'none'),
    seconds: { assembly: 0, decomposition: 0 },
    gradients: 0,
    release: () => undefined
  }
  const g = await basis.into(gradient)
  const seriesOf = (count: number) =>
    seriesTerms(basis, g, { terms: count, damping, saddleFree }, async (earlier) => {
      const order = earlier.length + 1
      const curve = matrix(earlier.length, size, Float64Array.from(earlier.flatMap((term) => [...term])))
      const [jet] = (await objective.jets?.(at, [curve], { order })) ?? []
      return jet.gradient.data.slice(order * size, (order + 1) * size)
    })
  const series = await seriesOf(terms)
  // Of the longest series: where it converges fast, whatever the Hessian's smallest eigenvalue.
  const whole = guardedLength(sizesOf((await seriesOf(5)).terms), 1, 0.5)
  const found: { t: number; residual: number }[] = []
  for (let power = 1; power <= 9; power++) {
    const t = whole * 2 ** -power
    const share = series.terms.reduce((sum, term, k) => plusScaled(sum, t ** (k + 1), term), new Float64Array(size))
    const there = new Float64Array(size)
    await objective.gradient(plusScaled(at, 1, await basis.from(share)), there)
    const left = (await basis.into(there)).map(
      (value, i) => value - g[i] + t * series.signs[i] * g[i] + damping * series.signs[i] * share[i]
    )
    found.push({ t, residual: norm(left) / norm(gradient) })
  }
  return { found, negative: values.filter((value) => value < 0).length }
}

/** Slope of log residual against log t over the smallest t whose residual rounding does not reach. */
function exponent(found: readonly { t: number; residual: number }[]): number {
  const usable = found.filter(({ residual }) => residual > 1e-13).slice(-3)
  return Math.log(usable[0].residual / usable[2].residual) / Math.log(usable[0].t / usable[2].t)
}

describe('near a saddle', () => {
  const net = () => makeCase(linalg, { layers: [4, 5, 3], activation: { kind: 'tanh' }, loss: 'half-sse', bias: true, samples: 9 })
  const monkey = {
    objective: () => functionOf(linalg, 'x^2 - y^2 + x^3*y + sin(x*y) + exp(x - y)/10'),
    parameters: Float64Array.of(0.2, -0.3)
  }

  for (const [name, { objective, parameters }] of [
    ['a saddle of two variables', { objective: monkey.objective(), parameters: monkey.parameters }],
    ['a tanh net', net()]
  ] as const)
    for (const damping of [0, 0.3])
      test(`the gradient along the curve is g − tSg − δS(w(t) − w) to t^(K + 1): ${name}, δ = ${damping}`, async () => {
        for (let terms = 1; terms <= 5; terms++) {
          const { found, negative } = await residuals(objective, parameters, terms, damping, true)
          expect(negative).toBeGreaterThan(0)
          expect(Math.abs(exponent(found) - (terms + 1)), `K = ${terms}: ${JSON.stringify(found)}`).toBeLessThan(0.12)
        }
      })

  test('so it is without saddleFree, where S is the identity', async () => {
    for (let terms = 1; terms <= 5; terms++) {
      const { found } = await residuals(monkey.objective(), monkey.parameters, terms, 0.2, false)
      expect(Math.abs(exponent(found) - (terms + 1))).toBeLessThan(0.12)
    }
  })

  test.each([0.001, 0.1, 2])('order 2 is sfn with |Λ| + δ to rounding, δ = %d', async (value) => {
    const { objective, parameters } = net()
    const options = { learningRate: 0.7, damping: { value } }
    const series = await walk(linalg, objective, parameters, { kind: 'series-newton', order: 2, ...options }, 1)
    const sfn = await walk(linalg, objective, parameters, { kind: 'sfn', learningRate: 0.7, damping: { kind: 'shifted-abs', value } }, 1)
    const [a, b] = [series.results[0], sfn.results[0]]
    expect(norm(plusScaled(a.update, -1, b.update)) / norm(b.update)).toBeLessThan(1e-13)
    expect(a.diagnostics.predictedDecrease).toBeCloseTo(b.diagnostics.predictedDecrease ?? Number.NaN, 10)
    expect(a.diagnostics.spectrum).toEqual(b.diagnostics.spectrum)
    expect(a.diagnostics.spectrum?.full.flipped).toBeGreaterThan(0)
    expect(a.diagnostics.extraGradients).toBeCloseTo(parameters.length / 6, 12)
    expect(a.diagnostics.figures).toEqual({ t: 0.7, term1: expect.closeTo(norm(a.update) / 0.7, 10) })
  })

  test('order 2 without saddleFree is damped Newton', async () => {
    const { objective, parameters } = net()
    const damping = { value: 5 }
    const series = await walk(linalg, objective, parameters, { kind: 'series-newton', order: 2, saddleFree: false, damping }, 1)
    const newton = await walk(linalg, objective, parameters, { kind: 'damped-newton', damping }, 1)
    const [a, b] = [series.results[0].update, newton.results[0].update]
    expect(norm(plusScaled(a, -1, b)) / norm(b)).toBeLessThan(1e-12)
  })
})

describe('in one variable', () => {
  const doubleWell = functionOf(linalg, 'x^4/4 - x^2/2')
  const from = async (options: Record<string, unknown>, start = 0.495, objective = doubleWell) => {
    const { points, results } = await walk(linalg, objective, Float64Array.of(start), { kind: 'series-newton', ...options }, 1)
    return { x: points[0][0], figures: results[0].diagnostics.figures ?? {} }
  }

  test.each([
    [2, 1.9],
    [3, 13],
    [4, 200]
  ])('beside an inflection order %d without its guard is thrown to about %d', async (order, far) => {
    const { x } = await from({ order, guard: null })
    expect(Math.abs(x) / far).toBeGreaterThan(0.9)
    expect(Math.abs(x) / far).toBeLessThan(1.1)
  })

  test.each([3, 4, 5, 6])('and with it order %d stays near the minimum at 1', async (order) => {
    const { x, figures } = await from({ order })
    expect(x).toBeGreaterThan(0.495)
    expect(x).toBeLessThan(1.25)
    expect(figures.t).toBeLessThan(1)
    for (let k = 2; k < order; k++)
      expect(figures[`term${k}`] * figures.t ** k).toBeLessThanOrEqual(0.5 * figures.term1 * figures.t * (1 + 1e-12))
    // One of them is met: no longer step would do.
    const ratios = Array.from({ length: order - 2 }, (_, k) => (figures[`term${k + 2}`] * figures.t ** (k + 1)) / figures.term1)
    expect(Math.max(...ratios)).toBeCloseTo(0.5, 12)
    expect(figures.radius).toBeCloseTo(figures[`term${order - 2}`] / figures[`term${order - 1}`], 12)
  })

  test('order 3 is Chebyshev’s step, and its Padé approximant Halley’s', async () => {
    const objective = functionOf(linalg, 'exp(x) + x^4 - x')
    for (const x of [0.3, 0.7, 1.1]) {
      const [g, h, third] = [Math.exp(x) + 4 * x ** 3 - 1, Math.exp(x) + 12 * x ** 2, Math.exp(x) + 24 * x]
      const chebyshev = -(g / h) * (1 + (g * third) / (2 * h * h))
      const halley = (-2 * g * h) / (2 * h * h - g * third)
      expect((await from({ order: 3, guard: null }, x, objective)).x - x).toBeCloseTo(chebyshev, 13)
      expect((await from({ order: 3, guard: null, summation: 'pade' }, x, objective)).x - x).toBeCloseTo(halley, 13)
    }
  })

  test('the predicted decrease is right to the order of the series', async () => {
    const objective = functionOf(linalg, 'exp(x) + x^4 - x')
    for (const summation of ['taylor', 'pade']) {
      for (const order of [2, 3, 4, 5, 6]) {
        const errors: number[] = []
        for (const learningRate of [0.4, 0.2]) {
          const { results, loss } = await walk(
            linalg,
            objective,
            Float64Array.of(0.4),
            { kind: 'series-newton', order, learningRate, summation },
            1
          )
          const before = await objective.loss(Float64Array.of(0.4))
          errors.push(Math.abs(before - loss - (results[0].diagnostics.predictedDecrease ?? Number.NaN)))
        }
        // ∇f is right to t^K, so its integral is to t^(K + 1) and the error goes as t^(K + 2).
        expect(Math.log2(errors[0] / errors[1]), `${summation}, order ${order}: ${errors}`).toBeGreaterThan(order + 0.4)
      }
    }
  })

  test('an adapted damping grows after a step that the guard cut short, and only then against the gain ratio', async () => {
    const options = { kind: 'series-newton', order: 4, damping: { value: 0.01, adapt: 'levenberg' } }
    const { results } = await walk(linalg, doubleWell, Float64Array.of(0.495), options, 8)
    let cuts = 0
    for (const { diagnostics, state } of results) {
      if ((diagnostics.figures?.t ?? 1) < 1) {
        cuts++
        expect(state.numbers.damping).toBeGreaterThanOrEqual(4 * (diagnostics.damping ?? NaN))
      } else expect(state.numbers.damping).toBeLessThanOrEqual(2 * (diagnostics.damping ?? NaN))
    }
    expect(cuts).toBeGreaterThan(0)
    expect(cuts).toBeLessThan(8)
  })

  test('a direction without curvature and without damping is left out, and said', async () => {
    const objective = functionOf(linalg, '(x - 1)^2 + 3*y', ['x', 'y'])
    const { points, results } = await walk(linalg, objective, Float64Array.of(5, 2), { kind: 'series-newton', order: 4 }, 1)
    expect([...points[0]]).toEqual([1, 2])
    expect(results[0].diagnostics.figures?.leftOut).toBe(1)
    expect(results[0].diagnostics.notes).toEqual([
      'directions without curvature are left out of the step: without damping it has no length there'
    ])
  })
})

describe('Padé approximants', () => {
  test.each([
    [2, (t: number) => t / (1 + 0.3 * t)],
    [3, (t: number) => (t + 2 * t * t) / (1 + 0.4 * t)],
    [4, (t: number) => (t - 0.7 * t * t) / (1 + 0.4 * t + 0.2 * t * t)],
    [5, (t: number) => (t - 0.7 * t ** 2 + 0.1 * t ** 3) / (1 + 0.4 * t + 0.2 * t * t)]
  ])('of %d terms of a rational function is that function', (count, rational) => {
    // Coefficients by Newton's interpolation would lose digits: by the recurrence of the quotient, from values of the polynomials.
    const above = { 2: [0, 1], 3: [0, 1, 2], 4: [0, 1, -0.7], 5: [0, 1, -0.7, 0.1] }[count] ?? []
    const below = { 2: [1, 0.3], 3: [1, 0.4], 4: [1, 0.4, 0.2], 5: [1, 0.4, 0.2] }[count] ?? []
    const series: number[] = []
    for (let k = 0; k <= count; k++) {
      let value = above[k] ?? 0
      for (let j = 1; j < below.length && j <= k; j++) value -= below[j] * series[k - j]
      series.push(value)
    }
    const approximant = padeApproximant(series.slice(1))
    for (const t of [0.1, 0.5, 1]) expect(approximant?.(t)).toBeCloseTo(rational(t), 12)
  })

  test('none where the denominator vanishes on the way, or is not determined', () => {
    expect(padeApproximant([1, 2])).toBeNull() // t/(1 − 2t): at ½
    expect(padeApproximant([1, 0.5])?.(1)).toBeCloseTo(2, 14)
    expect(padeApproximant([0, 1])).toBeNull()
    // t/(1 − 2.7 t + 1.75 t²) is positive at 1 and vanishes twice before it.
    const series = [1]
    for (let k = 1; k < 4; k++) series.push(2.7 * series[k - 1] - 1.75 * (series[k - 2] ?? 0))
    expect(1 - 2.7 + 1.75).toBeGreaterThan(0)
    expect(padeApproximant(series)).toBeNull()
  })
})
