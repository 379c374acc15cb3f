// Curvature at all scales: a quadratic is flat to rounding, known functions give their known κ(ε), kinks are seen where they lie, fractional profiles return their slope.
import { describe, expect, it } from 'vitest'
import { scales } from '../../../../src/engine/analyses/scales'
import { fractionalProfiles, logSlope } from '../../../../src/engine/analyses/scales/fractional'
import { matrix } from '../../../../src/engine/linalg'
import { createNetwork } from '../../../../src/engine/nn/network'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { randomStream } from '../../../../src/engine/random'
import { analysisKinds } from '../../../../src/shared/analyses/kinds'
import type { AnalysisSource } from '../../../../src/engine/analyses'
import { openPlain } from '../../../reference/linalg/plain'
import { makeCase } from '../nn/nets'
import { functionSource, networkSource, quiet, valuesOf } from './source'

const linalg = openPlain()
const options = (asked: Record<string, unknown> = {}) => analysisKinds.scales.options.parse(asked)

async function read(source: AnalysisSource, asked: Record<string, unknown> = {}) {
  const outcome = await scales.work(source, options(asked), quiet)
  for (const [name, { value, limit }] of Object.entries(outcome.checks))
    expect([name, value, value !== null && value <= limit]).toEqual([name, value, true])
  const array = (name: string) => valuesOf(outcome.arrays[name])
  const epsilon = await array('epsilon')
  const rows = (flat: number[]) =>
    Array.from({ length: flat.length / epsilon.length }, (_, k) => flat.slice(k * epsilon.length, (k + 1) * epsilon.length))
  return {
    outcome,
    epsilon,
    curvature: rows(await array('curvature')),
    errors: rows(await array('errors')),
    crossings: rows(await array('crossings')),
    limits: await array('limits'),
    kind: await array('kind')
  }
}

describe('scales', () => {
  it('of a quadratic is flat to rounding at every scale and in every direction', async () => {
    const { curvature, limits, outcome } = await read(
      functionSource(linalg, '3*x^2 - 2*y^2 + x*y + 4*z^2 + x - 7', ['x', 'y', 'z'], [0.3, -0.2, 1]),
      { count: 3 }
    )
    expect(curvature).toHaveLength(9)
    curvature.forEach((row, k) => row.forEach((value) => expect(Math.abs(value - limits[k])).toBeLessThan(1e-13 * 8)))
    expect(outcome.figures.flatTo).toBe(10)
    expect(outcome.figures.slope).toBeCloseTo(0, 10)
  })

  it('of a cosine is 2(1 − cos ε)/ε², to the error it states', async () => {
    const { epsilon, curvature, errors } = await read(functionSource(linalg, '-cos(x)', ['x'], [0]), {
      directions: 'eigenvectors',
      count: 1,
      perDecade: 24
    })
    for (const [i, step] of epsilon.entries()) {
      const exact = ((2 * Math.sin(step / 2)) / step) ** 2
      expect(Math.abs(curvature[0][i] - exact)).toBeLessThanOrEqual(errors[0][i])
      expect(errors[0][i]).toBeLessThan(1e-8)
    }
  })

  it('of smooth nets is flat towards small scales, also where differences are all rounding', async () => {
    const one = makeCase(linalg, { layers: [3, 5, 2], activation: { kind: 'tanh' }, loss: 'half-sse', bias: true, samples: 9 })
    const { curvature, limits, epsilon, kind, outcome } = await read(networkSource(linalg, one), { count: 4, from: 1e-9 })
    expect(kind).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    const scale = Math.max(...limits.map(Math.abs))
    curvature.forEach((row, k) =>
      row.forEach((value, i) => epsilon[i] < 1e-3 && expect(Math.abs(value - limits[k]) / scale).toBeLessThan(1e-4))
    )
    expect(outcome.figures.kink).toBeNull()
  })

  it('of one leaky unit changes where its kink lies, and says so', async () => {
    // w = 0.25, input 1: the unit's side changes at ε = 0.25. Loss ½(φ(w) − 0)², slope ½ below zero.
    const network = createNetwork(
      { layers: [1, 1], activation: { kind: 'leaky-relu', slope: 0.5 }, outputActivation: null, bias: false },
      'half-sse'
    )
    const batch = { inputs: matrix(1, 1, Float64Array.of(1)), targets: matrix(1, 1) }
    const parameters = Float64Array.of(0.25)
    const one = {
      network,
      batch,
      parameters,
      loss: 'half-sse' as const,
      objective: networkObjective({ linalg }, network, 'half-sse', batch)
    }
    const { epsilon, curvature, crossings, outcome } = await read(networkSource(linalg, one), {
      directions: 'eigenvectors',
      count: 1,
      perDecade: 16
    })
    for (const [i, step] of epsilon.entries()) {
      const below = 0.25 - step
      const exact = step < 0.25 ? 1 : ((0.25 + step) ** 2 / 2 + (0.5 * below) ** 2 / 2 - 0.25 ** 2) / step ** 2
      expect(curvature[0][i]).toBeCloseTo(exact, 9)
      expect(crossings[0][i]).toBe(step < 0.25 ? 0 : 1)
    }
    const first = epsilon.find((step) => step >= 0.25)
    expect(outcome.figures.kink).toBe(first)
  })

  it('refuses a range that is none', () => {
    const asked = options({ from: 1, to: 0.1 })
    expect(scales.refusal?.({} as never, { parameterCount: 1, samples: 1, outputs: 1, steps: 1 }, asked)).toContain('from must be below to')
  })
})

describe('fractional profiles', () => {
  it.each([0.3, 0.5, 0.8])('have the covariance and the slope of exponent %f', async (exponent) => {
    const epsilon = Float64Array.from({ length: 41 }, (_, i) => 10 ** (i / 5 - 7))
    const profiles = await fractionalProfiles(linalg, epsilon, exponent, 400, randomStream(2, 'profiles'))
    const size = epsilon.map((_, k) =>
      Math.sqrt(profiles.reduce((sum, { above, below }) => sum + (above[k] + below[k]) ** 2, 0) / profiles.length)
    )
    // E[(W(ε) + W(−ε))²] = (4 − 2^2H) ε^2H.
    size.forEach((value, k) => expect(value / (Math.sqrt(4 - 2 ** (2 * exponent)) * epsilon[k] ** exponent)).toBeCloseTo(1, 0))
    expect(logSlope(epsilon, size)).toBeCloseTo(exponent, 1)
  })
})
