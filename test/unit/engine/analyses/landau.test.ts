// Landau coefficients: against 60 digits of the loss itself, against polynomials whose coefficients can be read off, and the unit whose loss is even.
import { describe, expect, it } from 'vitest'
import { landau } from '../../../../src/engine/analyses/landau'
import { truncation, truncationRadius } from '../../../../src/engine/analyses/landau/radii'
import { matrix } from '../../../../src/engine/linalg'
import { createNetwork } from '../../../../src/engine/nn/network'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { analysisKinds } from '../../../../src/shared/analyses/kinds'
import golden from '../../../reference/landau/network.json'
import { openPlain } from '../../../reference/linalg/plain'
import type { AnalysisSource } from '../../../../src/engine/analyses'
import type { Case } from '../nn/nets'
import { functionSource, networkSource, quiet, valuesOf } from './source'

const linalg = openPlain()
const options = (asked: Record<string, unknown> = {}) => analysisKinds.landau.options.parse(asked)

async function read(source: AnalysisSource, asked: Record<string, unknown> = {}) {
  const outcome = await landau.work(source, options(asked), quiet)
  const array = (name: string) => valuesOf(outcome.arrays[name])
  for (const [name, { value, limit }] of Object.entries(outcome.checks))
    expect([name, value !== null && value <= limit]).toEqual([name, true])
  const order = options(asked).order
  const rows = (flat: number[], columns: number) =>
    Array.from({ length: flat.length / columns }, (_, k) => flat.slice(k * columns, (k + 1) * columns))
  return {
    outcome,
    values: await array('eigenvalues'),
    coefficients: rows(await array('coefficients'), order + 1),
    errors: rows(await array('errors'), order + 1),
    radii: rows(await array('radii'), 3),
    classes: await array('class')
  }
}

function tanhCase(widths: number[], bias: boolean, parameters: Float64Array, inputs: number[][], targets: number[][]): Case {
  const network = createNetwork({ layers: widths, activation: { kind: 'tanh' }, outputActivation: null, bias }, 'half-sse')
  const whole = (rows: number[][]) => matrix(rows.length, rows[0].length, Float64Array.from(rows.flat()))
  const batch = { inputs: whole(inputs), targets: whole(targets) }
  return { network, batch, parameters, loss: 'half-sse', objective: networkObjective({ linalg }, network, 'half-sse', batch) }
}

describe('landau', () => {
  it('equals the loss itself in 60 digits along every eigenvector, to order 6', async () => {
    const { widths, parameters, inputs, targets, directions } = golden
    const found = await read(networkSource(linalg, tanhCase(widths, true, Float64Array.from(parameters), inputs, targets)), { vectors: 17 })
    expect(found.values).toHaveLength(17)
    directions.forEach(({ eigenvalue, coefficients }, k) => {
      expect(found.values[k]).toBeCloseTo(Number(eigenvalue), 12)
      const scale = Math.max(...coefficients.map((text) => Math.abs(Number(text))))
      coefficients.forEach((text, power) => expect(Math.abs(found.coefficients[k][power] - Number(text)) / scale).toBeLessThan(1e-12))
    })
  })

  it('reads a polynomial as it is written, with its kinds of place', async () => {
    const { coefficients, classes, outcome } = await read(
      functionSource(linalg, '-3*a^2 + a^3 + 0.25*a^4 + b^3 + c^4 + 2*d^2 + 5*d^6', ['a', 'b', 'c', 'd'], [0, 0, 0, 0]),
      { vectors: [0, 1, 2, 3] }
    )
    expect(classes).toContain(2)
    expect([classes[0], classes[3]]).toEqual([1, 0])
    expect(coefficients[0].map((x) => Math.abs(x))).toEqual([0, 0, 3, 1, 0.25, 0, 0])
    expect(coefficients[3]).toEqual([0, 0, 2, 0, 0, 0, 5])
    expect(outcome.figures).toMatchObject({ troughs: 1, saddles: 1, folds: 1, pitchforks: 1, flat: 0 })
  })

  it('gives radii where a truncation is off by one per cent of the change', async () => {
    // cos: 1 − t²/2 + t⁴/24 − …; the truncation of order 2 is off by t⁴/24 against t²/2: one per cent at t² = 0.12.
    const { radii } = await read(functionSource(linalg, 'cos(x)', ['x'], [0]), { vectors: [0], to: 10 })
    const exact = (order: number) => {
      const series = [1, 0, -1 / 2, 0, 1 / 24, 0, -1 / 720]
      for (let t = 1e-3; ; t *= 1.0001)
        if (Math.abs(truncation(series, order, t) - Math.cos(t)) > 0.01 * (t < Math.PI ? 1 - Math.cos(t) : 2)) return t
    }
    for (const [place, order] of [2, 4, 6].entries()) {
      expect(radii[0][place] / exact(order)).toBeGreaterThanOrEqual(1)
      expect(radii[0][place] / exact(order)).toBeLessThan(10 ** (1 / 24))
    }
    const steps = Float64Array.of(-2, -1, 0, 1, 2)
    expect(truncationRadius([0, 0, 1], 2, { steps, values: Float64Array.of(4, 1, 0, 1, 4) }, { share: 0.01, rounding: 0 })).toBe(Infinity)
    expect(truncationRadius([0, 0, 1], 2, { steps, values: Float64Array.of(4, 1, 0, 1, NaN) }, { share: 0.01, rounding: 0 })).toBe(2)
    expect(truncationRadius([0, 0, 1], 4, { steps, values: Float64Array.of(4, 1, 0, 1, 4) }, { share: 0.01, rounding: 0 })).toBeNaN()
  })

  describe('of a tanh unit whose weights are all zero', () => {
    const random = randomStream(3, 'dead')
    const inputs = Array.from({ length: 6 }, () => [...fillNormal(random, new Float64Array(2))])
    const targets = Array.from({ length: 6 }, () => [...fillNormal(random, new Float64Array(2))])
    // 2 → 3 → 2 with biases: W1 (2 × 3), b1 (3), W2 (3 × 2), b2 (2); the last hidden unit is dead.
    const dead = [2, 5, 8, 13, 14]
    const weights = (ofDead: number) => fillNormal(random, new Float64Array(17)).map((x, i) => (dead.includes(i) ? ofDead * x : x))
    const oddOf = async (parameters: Float64Array) => {
      const one = tanhCase([2, 3, 2], true, parameters, inputs, targets)
      const random2 = randomStream(5, 'direction')
      const direction = new Float64Array(17)
      for (const i of dead) direction[i] = random2.normal()
      const [{ loss }] = (await one.objective.jets?.(parameters, [matrix(1, 17, direction)], { order: 6 })) ?? []
      return { odd: [loss[1], loss[3], loss[5]], even: [loss[2], loss[4], loss[6]] }
    }
    it('is even along any direction within the unit: odd coefficients vanish', async () => {
      const { odd, even } = await oddOf(weights(0))
      expect(odd.map(Math.abs)).toEqual([0, 0, 0])
      even.forEach((value) => expect(Math.abs(value)).toBeGreaterThan(1e-4))
    })
    it('and they return when the symmetry is broken', async () => {
      const { odd } = await oddOf(weights(0.1))
      odd.forEach((value) => expect(Math.abs(value)).toBeGreaterThan(1e-4))
    })
    it('shows in the analysis as directions without odd terms beyond their error', async () => {
      const { coefficients, errors } = await read(networkSource(linalg, tanhCase([2, 3, 2], true, weights(0), inputs, targets)), {
        vectors: 17
      })
      const even = coefficients.filter((a, k) => [1, 3, 5].every((power) => Math.abs(a[power]) <= Math.max(errors[k][power], 1e-13)))
      expect(even.length).toBeGreaterThanOrEqual(4)
      expect(even.length).toBeLessThan(17)
    })
  })

  it('couples modes: T₃ and T₄ of a polynomial in its eigenvectors, symmetric', async () => {
    const text = '-3*a^2 + 2*b^2 + 5*c^2 + 7*a*b*c + 2*a^2*b + c^3 + a^2*b^2 + 3*a*b*c^2 + b^4'
    const { outcome } = await read(functionSource(linalg, text, ['a', 'b', 'c'], [0, 0, 0]), { vectors: 3, coupling: 3 })
    const [t3, t4] = [await valuesOf(outcome.arrays.t3), await valuesOf(outcome.arrays.t4)]
    const at3 = (...place: number[]) => t3[place.reduce((flat, i) => flat * 3 + i, 0)]
    const at4 = (...place: number[]) => t4[place.reduce((flat, i) => flat * 3 + i, 0)]
    // Eigenvectors are the axes a, b, c in this order (−6, 4, 10), each pointing up.
    const expected3 = [
      [[0, 1, 2], 7],
      [[0, 0, 1], 4],
      [[2, 2, 2], 6],
      [[1, 1, 1], 0],
      [[2, 1, 0], 7],
      [[1, 0, 0], 4]
    ] as const
    for (const [place, value] of expected3) expect(at3(...place)).toBeCloseTo(value, 12)
    const expected4 = [
      [[0, 0, 1, 1], 4],
      [[1, 0, 1, 0], 4],
      [[0, 1, 2, 2], 6],
      [[2, 0, 2, 1], 6],
      [[1, 1, 1, 1], 24],
      [[0, 0, 0, 0], 0]
    ] as const
    for (const [place, value] of expected4) expect(at4(...place)).toBeCloseTo(value, 11)
  })

  it('says which eigenvector is none', async () => {
    await expect(landau.work(functionSource(linalg, 'x^2', ['x'], [0]), options({ vectors: [3] }), quiet)).rejects.toThrow(
      'vectors: 3 is no number of an eigenvalue; there are 1'
    )
  })
})
