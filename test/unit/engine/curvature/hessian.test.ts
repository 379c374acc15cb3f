// The assembled Hessian and GGN against central differences of the gradient and by their structure, at every scope.
import { describe, expect, it } from 'vitest'
import { openPlain } from '../../../reference/linalg/plain'
import type { CurvatureBlock, Objective } from '../../../../src/engine/objective'
import { assembleCurvature } from '../../../../src/engine/curvature/hessian'
import { lossFunction } from '../../../../src/engine/nn/losses'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { forward } from '../../../../src/engine/nn/forward'
import { matrix } from '../../../../src/engine/linalg'
import { activations, centralDifference, gradientOf, largest, losses, makeCase, relativeError } from '../nn/nets'

const linalg = openPlain()

async function differenceHessian(objective: Objective, parameters: Float64Array): Promise<Float64Array> {
  const count = objective.parameterCount
  const hessian = new Float64Array(count * count)
  const gradient = (w: Float64Array) => gradientOf(objective, w)
  for (let c = 0; c < count; c++) hessian.set(await centralDifference(gradient, parameters, c, 1e-3), c * count)
  return hessian
}

const full = async (objective: Objective, parameters: Float64Array, kind: 'hessian' | 'ggn' = 'hessian'): Promise<CurvatureBlock> =>
  (await objective.curvature(parameters, { scope: 'full', kind }))[0]

/** The square of a P × P matrix that belongs to a block. */
const part = (whole: Float64Array, count: number, offset: number, size: number) =>
  Float64Array.from({ length: size * size }, (_, e) => whole[(offset + Math.floor(e / size)) * count + offset + (e % size)])

describe('Hessian', () => {
  for (const activation of activations)
    for (const loss of losses)
      for (const bias of [false, true])
        it(`agrees with central differences, full and by layer: ${activation.kind}, ${loss}${bias ? ', biases' : ''}`, async () => {
          for (const layers of [
            [3, 3],
            [3, 4, 3],
            [2, 3, 4, 3],
            [2, 3, 2, 3, 2]
          ]) {
            const { objective, parameters } = makeCase(linalg, { layers, activation, loss, bias, samples: 5, seed: 7 })
            const reference = await differenceHessian(objective, parameters)
            // The seed keeps every sample farther from the kinks than the differences reach, and no network is dead.
            expect(largest(reference)).toBeGreaterThan(1e-3)
            const whole = await full(objective, parameters)
            expect(relativeError(whole.data, reference)).toBeLessThan(1e-8)
            const blocks = await objective.curvature(parameters, { scope: 'layer-blocks' })
            expect(blocks.map((block) => block.name)).toEqual(objective.blocks.map((block) => block.name))
            for (const block of blocks)
              expect(relativeError(block.data, part(whole.data, whole.size, block.offset, block.size))).toBeLessThan(1e-14)
          }
        })

  it('agrees with central differences where the output has its own activation, also under softmax', async () => {
    for (const loss of losses)
      for (const outputActivation of activations) {
        const { objective, parameters } = makeCase(linalg, {
          layers: [3, 4, 3],
          activation: { kind: 'tanh' },
          outputActivation,
          loss,
          bias: true,
          samples: 4
        })
        expect(relativeError((await full(objective, parameters)).data, await differenceHessian(objective, parameters))).toBeLessThan(1e-8)
      }
  })

  it('is exactly symmetric and the same in chunks of any size, in fresh and in used memory, in plain code and through the backend', async () => {
    for (const loss of losses)
      for (const layers of [
        [4, 5, 3, 4],
        [5, 4],
        [3, 2, 4, 3, 2]
      ]) {
        const { network, batch, objective, parameters } = makeCase(linalg, {
          layers,
          activation: { kind: 'softplus' },
          loss,
          bias: true,
          samples: 13
        })
        const whole = await full(objective, parameters)
        const n = whole.size
        for (let r = 0; r < n; r++)
          for (let c = 0; c < r; c++) if (whole.data[r * n + c] !== whole.data[c * n + r]) throw new Error(`(${r}, ${c})`)
        expect(whole.asymmetry).toBeLessThan(1e-14)
        const f = lossFunction(loss)
        const problem = { network, lossFunction: f, batch, weight: f.weight(13, batch.targets.columns) }
        for (const kind of ['hessian', 'ggn'] as const) {
          const expected = await full(objective, parameters, kind)
          for (const chunkSamples of [1, 4, 13])
            for (const plainFlops of [0, 1e9])
              for (const scope of ['full', 'layer-blocks', 'unit-blocks'] as const) {
                if (scope === 'unit-blocks' && !f.elementwise) continue
                const options = { scope, kind, chunkSamples, plainFlops }
                const first = await assembleCurvature(linalg, problem, parameters, options)
                const copies = first.map((block) => block.data.slice())
                if (scope === 'full') expect(relativeError(first[0].data, expected.data)).toBeLessThan(1e-13)
                if (scope === 'layer-blocks')
                  for (const block of first)
                    expect(relativeError(block.data, part(expected.data, n, block.offset, block.size))).toBeLessThan(1e-13)
                for (const block of first) block.data.fill(Number.NaN)
                const again = await assembleCurvature(linalg, problem, parameters, { ...options, reuse: first })
                again.forEach((block, place) => {
                  expect(block.data).toBe(first[place].data)
                  expect(block.data).toEqual(copies[place])
                })
              }
        }
      }
  })

  it('unit blocks are the diagonal blocks of the last layer, and the rest of it is zero', async () => {
    for (const loss of ['half-sse', 'mse'] as const)
      for (const activation of activations) {
        const { objective, parameters } = makeCase(linalg, { layers: [4, 5, 3], activation, loss, bias: true, samples: 7 })
        const layers = await objective.curvature(parameters, { scope: 'layer-blocks' })
        const split = await objective.curvature(parameters, { scope: 'unit-blocks' })
        expect(split.map(({ size, units }) => [size, units])).toEqual([
          [25, 1],
          [6, 3]
        ])
        expect(split[0].data).toEqual(layers[0].data)
        const [own, last] = [split[1], layers[1]]
        for (let i = 0; i < 6; i++)
          for (let k = 0; k < 6; k++)
            for (let j = 0; j < 3; j++)
              for (let u = 0; u < 3; u++) {
                const entry = last.data[(i * 3 + j) * 18 + k * 3 + u]
                expect(entry).toBe(j === u ? own.data[(j * 6 + i) * 6 + k] : 0)
              }
        expect(objective.outputsDecouple).toBe(true)
      }
  })

  it('refuses unit blocks where outputs mix, and what does not fit into memory', async () => {
    const { objective, parameters } = makeCase(linalg, {
      layers: [3, 3],
      activation: { kind: 'tanh' },
      loss: 'softmax-cross-entropy',
      bias: false,
      samples: 4
    })
    await expect(objective.curvature(parameters, { scope: 'unit-blocks' })).rejects.toMatchObject({
      code: 'shape',
      message: expect.stringMatching(/outputs mix/)
    })
    const tight = makeCase(
      { ...linalg, availableBytes: 5000 },
      { layers: [5, 5], activation: { kind: 'tanh' }, loss: 'mse', bias: false, samples: 4 }
    )
    await expect(tight.objective.curvature(tight.parameters, { scope: 'full' })).rejects.toMatchObject({
      code: 'out-of-memory',
      message: expect.stringMatching(/P = 25 needs 6\.00 kB \(6000 bytes\), 5\.00 kB \(5000 bytes\) are available/)
    })
  })

  it('stops when asked to', async () => {
    const { objective, parameters } = makeCase(linalg, {
      layers: [5, 5],
      activation: { kind: 'tanh' },
      loss: 'mse',
      bias: false,
      samples: 4
    })
    const reason = new Error('stopped')
    await expect(objective.curvature(parameters, { scope: 'full', signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('positive semidefiniteness', () => {
  const quadraticForms = async (block: CurvatureBlock) => {
    const random = randomStream(8, 'forms')
    let smallest = Infinity
    const { values } = await linalg.eigenSymmetric(matrix(block.size, block.size, block.data.slice()))
    for (let trial = 0; trial < 5; trial++) {
      const v = fillNormal(random, new Float64Array(block.size))
      let form = 0
      for (let r = 0; r < block.size; r++) for (let c = 0; c < block.size; c++) form += v[r] * block.data[r * block.size + c] * v[c]
      smallest = Math.min(smallest, form)
    }
    return Math.min(values[0], smallest) / Math.max(values[values.length - 1], 1e-300)
  }

  it('holds for the GGN, and the flag says so', async () => {
    for (const loss of losses)
      for (const activation of activations) {
        const { objective, parameters } = makeCase(linalg, { layers: [3, 4, 3], activation, loss, bias: true, samples: 5 })
        const block = await full(objective, parameters, 'ggn')
        expect(block.positiveSemidefinite).toBe(true)
        expect(await quadraticForms(block)).toBeGreaterThan(-1e-13)
      }
  })

  it('holds for layer blocks above which everything is piecewise linear, and only there is it claimed', async () => {
    const flags = async (
      activation: (typeof activations)[number],
      outputActivation: (typeof activations)[number],
      scope: 'layer-blocks' | 'full'
    ) => {
      const { objective, parameters } = makeCase(linalg, {
        layers: [4, 4, 3],
        activation,
        outputActivation,
        loss: 'half-sse',
        bias: false,
        samples: 10
      })
      const blocks = await objective.curvature(parameters, { scope })
      for (const block of blocks) if (block.positiveSemidefinite) expect(await quadraticForms(block)).toBeGreaterThan(-1e-13)
      return blocks.map((block) => block.positiveSemidefinite)
    }
    const [leaky, , tanh] = activations
    expect(await flags(leaky, leaky, 'layer-blocks')).toEqual([true, true])
    expect(await flags(tanh, leaky, 'layer-blocks')).toEqual([false, true])
    expect(await flags(leaky, tanh, 'layer-blocks')).toEqual([false, false])
    expect(await flags(leaky, leaky, 'full')).toEqual([false])
  })

  it('fails for the full Hessian of a leaky network: the saddle is between the layers', async () => {
    const { objective, parameters } = makeCase(linalg, {
      layers: [4, 4, 3],
      activation: activations[0],
      loss: 'half-sse',
      bias: false,
      samples: 10
    })
    const block = await full(objective, parameters)
    const { values } = await linalg.eigenSymmetric(matrix(block.size, block.size, block.data))
    expect(values[0]).toBeLessThan(-0.01 * values[values.length - 1])
  })
})

describe('GGN', () => {
  it('equals the Hessian of a linear model, and the Jacobian sandwich otherwise', async () => {
    const linear = makeCase(linalg, {
      layers: [3, 4],
      activation: { kind: 'identity' },
      loss: 'softmax-cross-entropy',
      bias: true,
      samples: 6
    })
    expect(
      relativeError((await full(linear.objective, linear.parameters, 'ggn')).data, (await full(linear.objective, linear.parameters)).data)
    ).toBe(0)
    // Σ_n J_nᵀ J_n by differences of the outputs: with half-sse and targets 0 the gradient of output k alone is a row of J.
    const { network, batch, objective, parameters } = makeCase(linalg, {
      layers: [3, 4, 2],
      activation: { kind: 'tanh' },
      loss: 'half-sse',
      bias: true,
      samples: 5
    })
    const outputs = async (w: Float64Array) => (await forward(linalg, network, batch.inputs, w)).hidden[network.layers.length].data
    const columns = await Promise.all(Array.from(parameters, (_, c) => centralDifference(outputs, parameters, c, 1e-3)))
    const count = parameters.length
    const reference = Float64Array.from({ length: count * count }, (_, e) => {
      const [a, b] = [columns[Math.floor(e / count)], columns[e % count]]
      return a.reduce((sum, value, i) => sum + value * b[i], 0)
    })
    expect(relativeError((await full(objective, parameters, 'ggn')).data, reference)).toBeLessThan(1e-9)
  })
})
