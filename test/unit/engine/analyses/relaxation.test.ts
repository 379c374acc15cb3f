// The kind `relaxation`: the deciding spectrum against the assembled matrices, predicted rates against observed ones, and what is said where nothing converges.
import { describe, expect, it } from 'vitest'
import type { AnalysisPreview } from '../../../../src/engine/analyses/interface'
import { relaxation } from '../../../../src/engine/analyses/relaxation'
import { dampingFactor, predictedRate } from '../../../../src/engine/analyses/relaxation/rates'
import { matrix, openLinalg } from '../../../../src/engine/linalg'
import { forward } from '../../../../src/engine/nn/forward'
import { analysisKinds } from '../../../../src/shared/analyses/kinds'
import type { Activation } from '../../../../src/shared/spec/schema'
import { jacobi, openPlain } from '../../../reference/linalg/plain'
import { gradientOf, makeCase, relativeError, type Case, type CaseOptions } from '../nn/nets'
import { dataOf, faults, networkSource, quadratic, quiet, runSource } from './source'

const linalg = openPlain()
const leaky: Activation = { kind: 'leaky-relu', slope: 0.5 }
const net = (layers: number, width: number, activation: Activation, more: Partial<CaseOptions> = {}) =>
  makeCase(linalg, {
    layers: Array<number>(layers + 1).fill(width),
    activation,
    loss: 'half-sse',
    bias: false,
    samples: width,
    seed: 5,
    ...more
  })
const optionsOf = (given: object = {}) => analysisKinds.relaxation.options.parse(given)
const run = (of: Case, given: object = {}, on = linalg) => relaxation.work(networkSource(on, of), optionsOf(given), quiet)

/** Eigenvalues of M⁻¹H as those of M^−½ H M^−½, by Jacobi on each. */
async function spectrumOf({ objective, parameters }: Case): Promise<number[]> {
  const size = parameters.length
  const [full] = await objective.curvature(parameters, { scope: 'full' })
  const root = matrix(size, size)
  for (const block of await objective.curvature(parameters, { scope: 'layer-blocks', kind: 'ggn' })) {
    const { values, vectors } = jacobi(matrix(block.size, block.size, block.data.slice()))
    for (let i = 0; i < block.size; i++)
      for (let j = 0; j < block.size; j++)
        for (let k = 0; k < block.size; k++)
          root.data[(block.offset + i) * size + block.offset + j] +=
            (vectors.data[i * block.size + k] * vectors.data[j * block.size + k]) / Math.sqrt(values[k])
  }
  const [half, whole] = [matrix(size, size), matrix(size, size)]
  await linalg.gemm(root, matrix(size, size, full.data), half)
  await linalg.gemm(half, root, whole)
  return [...jacobi(whole).values].sort((a, b) => a - b)
}

describe('the deciding spectrum', () => {
  it('is that of M⁻¹H', async () => {
    const small = net(2, 4, { kind: 'tanh' })
    const found = await run(small, { iterations: 3 })
    const expected = await spectrumOf(small)
    expect(relativeError(dataOf(found, 'spectrum'), expected)).toBeLessThan(1e-8)
    expect(found.figures).toMatchObject({
      smallest: expect.closeTo(expected[0], 4),
      nonPositive: expected.filter((mu) => mu <= 0).length,
      outside: expected.filter((mu) => mu <= 0 || mu >= 2).length
    })
    expect(faults(found)).toEqual([])
  })

  it('is 1 for every layer by itself where units are piecewise linear, and symmetric about 1 for two layers jointly', async () => {
    const small = net(2, 4, leaky)
    const layer = dataOf(await run(small, { system: 'layer' }), 'spectrum')
    expect(Math.max(...layer.map((mu) => Math.abs(mu - 1)))).toBeLessThan(1e-6)
    // M⁻¹H = 1 + K with K linking the two layers: its eigenvalues come in pairs ±.
    const joint = dataOf(await run(small, { iterations: 1 }), 'spectrum')
    const size = joint.length
    expect(Math.max(...joint.map((mu, i) => Math.abs(mu + joint[size - 1 - i] - 2)))).toBeLessThan(1e-6 * joint[size - 1])
  })
})

describe('rates', () => {
  it('of a spectrum, by their formulas', () => {
    const positive = Float64Array.of(0.5, 1, 1.7)
    expect(predictedRate('plain', positive)).toBeCloseTo(0.7, 12)
    expect(predictedRate('damped', positive)).toBeCloseTo(1.2 / 2.2, 12)
    expect(dampingFactor(positive)).toBeCloseTo(2 / 2.2, 12)
    const root = Math.sqrt(3.4)
    for (const method of ['minres', 'anderson'] as const) expect(predictedRate(method, positive)).toBeCloseTo((root - 1) / (root + 1), 12)
    const mixed = Float64Array.of(-3, -1, 2, 3)
    expect(predictedRate('plain', mixed)).toBe(4)
    expect([predictedRate('damped', mixed), dampingFactor(mixed)]).toEqual([null, null])
    // [−3, −1] and [2, 3], stretched to [2, 4].
    const [outer, inner] = [Math.sqrt(12), Math.sqrt(2)]
    expect(predictedRate('minres', mixed)).toBeCloseTo(Math.sqrt((outer - inner) / (outer + inner)), 12)
    expect(predictedRate('minres', Float64Array.of(-1, 0, 2))).toBe(1)
    expect(predictedRate('minres', Float64Array.of(-4, -1))).toBeCloseTo(1 / 3, 12)
  })

  // Targets close to the outputs: then the exact blocks are near the Gauss–Newton ones and plain relaxation contracts.
  const near = async () => {
    const small = net(1, 6, { kind: 'tanh' }, { seed: 7 })
    const { batch, parameters, network } = small
    parameters.forEach((w, i) => (parameters[i] = 0.3 * w))
    const { hidden } = await forward(linalg, network, batch.inputs, parameters)
    for (let i = 0; i < batch.targets.data.length; i++) batch.targets.data[i] = hidden[1].data[i] + 0.08 * batch.targets.data[i]
    return small
  }

  it.each(['plain', 'damped'] as const)('%s: the observed one is the predicted one', async (method) => {
    const found = await run(await near(), { method, tolerance: 1e-12, iterations: 2000 })
    expect(faults(found)).toEqual([])
    const { predictedRate: predicted, observedRate: observed, converged } = found.figures
    expect(converged).toBe(1)
    expect(Math.abs((observed ?? 0) - (predicted ?? 1))).toBeLessThan(0.03)
  })

  it.each(['minres', 'anderson'] as const)('%s is faster than plain and within its bound', async (method) => {
    const found = await run(await near(), { method, memory: 36 })
    const plain = await run(await near(), { method: 'plain' })
    expect(faults(found)).toEqual([])
    expect(found.figures.converged).toBe(1)
    expect(found.figures.iterations ?? 99).toBeLessThan(plain.figures.iterations ?? 0)
    expect(found.figures.observedRate ?? 1).toBeLessThan((found.figures.predictedRate ?? 0) + 0.02)
  })

  it('plain relaxation diverges at the rate of the spectrum where that reaches beyond 2', async () => {
    const found = await run(net(2, 4, leaky))
    expect(found.figures).toMatchObject({ converged: 0, distance: null })
    expect(found.figures.predictedRate ?? 0).toBeGreaterThan(1)
    expect(found.said).toMatch(/^plain diverges \(residual .*by the spectrum/)
    const residuals = dataOf(found, 'residuals')
    expect(residuals[0]).toBe(1)
    const grown = residuals[residuals.length - 1] / residuals[residuals.length - 2] / (found.figures.predictedRate ?? 0)
    expect(grown > 1 / 3 && grown < 3).toBe(true)
    expect(found.checks.solution).toBeUndefined()
  })
})

describe('the solution', () => {
  it('of MINRES is that of the assembled Hessian, its residuals those of products with it', async () => {
    const small = net(2, 4, { kind: 'tanh' })
    const found = await run(small, { method: 'minres' })
    expect(faults(found)).toEqual([])
    expect(found.figures.converged).toBe(1)
    const solution = dataOf(found, 'solution')
    const [full] = await small.objective.curvature(small.parameters, { scope: 'full' })
    const g = await gradientOf(small.objective, small.parameters)
    const size = g.length
    const image = g.map((_, i) => solution.reduce((sum, x, j) => sum + full.data[i * size + j] * x, 0))
    expect(relativeError(image, g)).toBeLessThan(1e-9)
    expect(found.figures.distance ?? 1).toBeLessThan(1e-8)
  })

  it('previews its residuals as they come', async () => {
    const seen: number[][] = []
    const call = { ...quiet, onPreview: (arrays: AnalysisPreview) => void seen.push([...arrays.residuals.data]) }
    const found = await relaxation.work(networkSource(linalg, net(2, 4, leaky)), optionsOf({ method: 'minres' }), call)
    const residuals = [...dataOf(found, 'residuals')]
    expect(seen).toEqual(residuals.slice(1).map((_, k) => residuals.slice(0, k + 2)))
  })

  it('damped is not tried where the spectrum is not positive, and that is said', async () => {
    const found = await run(net(2, 4, { kind: 'tanh' }), { method: 'damped' })
    expect([...dataOf(found, 'residuals')]).toEqual([1])
    expect(found.figures).toMatchObject({ converged: 0, omega: null, predictedRate: null, observedRate: null })
    expect(found.said).toMatch(/^damped relaxation was not tried: \d+ eigenvalues of M⁻¹H are not positive, so no factor contracts/)
  })

  it('is the same with the embedded kernels', async () => {
    const wasm = await openLinalg({ backend: 'wasm', threads: 1 })
    try {
      const options: CaseOptions = { layers: [5, 5, 5], activation: { kind: 'tanh' }, loss: 'mse', bias: false, samples: 5, seed: 5 }
      const [ours, theirs] = [
        await run(makeCase(linalg, options), { method: 'minres' }),
        await run(makeCase(wasm, options), { method: 'minres' }, wasm)
      ]
      expect(faults(theirs)).toEqual([])
      expect(relativeError(dataOf(theirs, 'solution'), dataOf(ours, 'solution'))).toBeLessThan(1e-7)
      expect(relativeError(dataOf(theirs, 'spectrum'), dataOf(ours, 'spectrum'))).toBeLessThan(1e-7)
    } finally {
      await wasm.dispose()
    }
  })
})

describe('refusals', () => {
  it.each([
    [net(2, 4, { kind: 'tanh' }, { samples: 3 }), 'mode joint needs square matrices, and the batch of inputs X is 3 × 4'],
    [net(2, 4, { kind: 'relu' }), 'relu of W1 is not one-to-one'],
    [net(2, 4, { kind: 'tanh' }, { loss: 'softmax-cross-entropy' }), 'softmax-cross-entropy mixes the outputs']
  ] as [Case, string][])('no layer-by-layer inverse %#', async (of, message) => {
    await expect(run(of)).rejects.toThrow(`relaxation: there is no layer-by-layer inverse M⁻¹ to start from: ${message}`)
  })

  it('a slope that vanishes', async () => {
    const saturated = net(2, 4, { kind: 'tanh' })
    // Outputs so large that tanh is 1 to the last place.
    for (let i = 16; i < 32; i++) saturated.parameters[i] *= 1e3
    await expect(run(saturated)).rejects.toThrow(/^M is not positive definite: the slope of W2 vanishes at sample \d, unit \d/)
  })

  it('functions, softmax and weight decay before anything is opened', () => {
    const source = runSource(linalg, { objective: quadratic(linalg, [1, 2]), weights: new Map([[0, Float64Array.of(1, 1)]]) })
    const shape = { parameterCount: 2, samples: 1, outputs: 1, steps: 1 }
    expect(relaxation.refusal?.(source.spec, shape, optionsOf())).toMatch(/^a function has no layers/)
  })
})
