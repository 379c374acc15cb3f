// The gradient of the largest eigenvalue: against differences of the eigenvalue itself, in closed form, and refused where there is none.
import { describe, expect, it } from 'vitest'
import type { AnalysisSource } from '../../../../src/engine/analyses'
import { sharpness } from '../../../../src/engine/analyses/sharpness'
import { matrix } from '../../../../src/engine/linalg'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { openPlain } from '../../../reference/linalg/plain'
import { activations, gradientOf, losses, makeCase, type Case } from '../nn/nets'
import { functionSource, networkSource, quiet, valuesOf } from './source'

const linalg = openPlain()

async function read(source: AnalysisSource) {
  const outcome = await sharpness.work(source, { data: 'batch' }, quiet)
  for (const [name, { value, limit }] of Object.entries(outcome.checks))
    expect([name, value !== null && value <= limit]).toEqual([name, true])
  return { outcome, figures: outcome.figures, gradient: await valuesOf(outcome.arrays.gradient) }
}

async function largestEigenvalue({ objective }: Pick<Case, 'objective'>, parameters: Float64Array): Promise<number> {
  const [{ data, size }] = await objective.curvature(parameters, { scope: 'full' })
  const values = await linalg.eigenvalues(matrix(size, size, data))
  return values[size - 1]
}

/** λ₁ along a unit direction by central differences of fourth order. */
async function slopeOf(one: Case, direction: Float64Array, h: number): Promise<number> {
  const at = (t: number) =>
    largestEigenvalue(
      one,
      one.parameters.map((w, i) => w + t * direction[i])
    )
  return ((await at(-2 * h)) - 8 * (await at(-h)) + 8 * (await at(h)) - (await at(2 * h))) / (12 * h)
}

describe('sharpness', () => {
  for (const loss of losses)
    for (const activation of activations.filter(({ kind }) => kind !== 'relu'))
      it(`equals differences of the eigenvalue to 1e-7: ${activation.kind}, ${loss}`, async () => {
        const one = makeCase(linalg, { layers: [3, 4, 3], activation, loss, bias: true, samples: 6, seed: 5 })
        const { gradient, figures } = await read(networkSource(linalg, one))
        expect(figures.lambda).toBeCloseTo(await largestEigenvalue(one, one.parameters), 10)
        const length = Math.hypot(...gradient)
        expect(figures.gradientNorm).toBeCloseTo(length, 10)
        // Kinks of leaky-relu lie farther than 2h from this point; λ₁ is known to about 1e-15.
        for (const seed of [1, 2]) {
          const direction = fillNormal(randomStream(seed, 'direction'), new Float64Array(gradient.length))
          const size = Math.hypot(...direction)
          const unit = direction.map((x) => x / size)
          const expected = gradient.reduce((sum, x, i) => sum + x * unit[i], 0)
          expect(Math.abs((await slopeOf(one, unit, 1e-3)) - expected) / length).toBeLessThan(1e-7)
        }
        const lossGradient = await gradientOf(one.objective, one.parameters)
        const squares = lossGradient.reduce((sum, x) => sum + x * x, 0)
        const product = lossGradient.reduce((sum, x, i) => sum + x * gradient[i], 0)
        expect(figures.progressive).toBeCloseTo(-product / squares, 10)
      })

  it('is what a function says in closed form', async () => {
    // H = diag(12x² + y, 2) + x off the diagonal at y of degree one: at (1, 0) off the diagonal 1.
    const source = functionSource(linalg, 'x^4 + y^2 + x^2*y/2', ['x', 'y'], [1, 0])
    const { gradient, figures } = await read(source)
    const [a, b, c] = [12, 2, 1]
    const lambda = (a + b) / 2 + Math.hypot((a - b) / 2, c)
    expect(figures.lambda).toBeCloseTo(lambda, 12)
    expect(figures.gap).toBeCloseTo(2 * Math.hypot((a - b) / 2, c), 12)
    // u = (c, λ − a) normalized; ∂H/∂x = [[24, 1], [1, 0]] with ∂²f/∂x∂y = x, ∂H/∂y = [[1, 0], [0, 0]].
    const length = Math.hypot(c, lambda - a)
    const [u, v] = [c / length, (lambda - a) / length]
    expect(gradient[0]).toBeCloseTo(24 * u * u + 2 * u * v, 11)
    expect(gradient[1]).toBeCloseTo(u * u, 12)
  })

  it('refuses an eigenvalue that is not simple within its error, and says which two', async () => {
    await expect(read(functionSource(linalg, 'x^2 + y^2 + x^3', ['x', 'y'], [0, 0]))).rejects.toThrow(
      /^sharpness: the two largest eigenvalues 2\.00000 and 2\.00000 are equal within their error \(.*\); only a simple eigenvalue has a gradient$/
    )
  })

  it('has no gap where there is one weight, no rate where the loss is stationary, and hears cancelling', async () => {
    const { figures, gradient, outcome } = await read(functionSource(linalg, 'x^2 + x^3', ['x'], [0]))
    expect(figures).toMatchObject({ lambda: 2, gap: null, progressive: null, lossGradientNorm: 0 })
    expect(gradient).toEqual([6])
    expect(outcome.said).toContain('stationary')
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    const source = networkSource(
      linalg,
      makeCase(linalg, { layers: [3, 2], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 4 })
    )
    await expect(sharpness.work(source, { data: 'batch' }, { ...quiet, signal: stop.signal })).rejects.toThrow('enough')
  })
})
