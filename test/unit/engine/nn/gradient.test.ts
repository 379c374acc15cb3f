// Loss and gradient against central differences for every activation × loss × bias, chunked sums, small and big products.
import { describe, expect, it } from 'vitest'
import { forward } from '../../../../src/engine/nn/forward'
import { createNetwork } from '../../../../src/engine/nn/network'
import { evaluate } from '../../../../src/engine/objectives/evaluate'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { matrix } from '../../../../src/engine/linalg'
import { openPlain } from '../../../reference/linalg/plain'
import { activations, centralDifference, gradientOf, losses, makeCase, relativeError } from './nets'

const linalg = openPlain()

describe('gradient', () => {
  for (const activation of activations)
    for (const loss of losses)
      for (const bias of [false, true])
        it(`agrees with central differences: ${activation.kind}, ${loss}${bias ? ', biases' : ''}`, async () => {
          for (const layers of [
            [3, 4],
            [3, 5, 4],
            [2, 3, 4, 3]
          ]) {
            const { objective, parameters } = makeCase(linalg, { layers, activation, loss, bias, samples: 6 })
            const gradient = await gradientOf(objective, parameters)
            const lossAt = async (w: Float64Array) => Float64Array.of(await objective.loss(w))
            const reference = new Float64Array(parameters.length)
            for (let c = 0; c < parameters.length; c++) reference[c] = (await centralDifference(lossAt, parameters, c, 1e-4))[0]
            expect(relativeError(gradient, reference)).toBeLessThan(1e-8)
            expect(await objective.gradient(parameters, gradient)).toBeCloseTo(await objective.loss(parameters), 12)
          }
        })

  it('is the sum over chunks, whatever their size', async () => {
    for (const loss of losses) {
      const options = { layers: [4, 6, 3], activation: { kind: 'tanh' } as const, loss, bias: true, samples: 11 }
      const whole = makeCase(linalg, options)
      const expected = await gradientOf(whole.objective, whole.parameters)
      const value = await whole.objective.loss(whole.parameters)
      for (const chunkSamples of [1, 3, 10]) {
        const { objective } = makeCase(linalg, { ...options, chunkSamples })
        expect(relativeError(await gradientOf(objective, whole.parameters), expected)).toBeLessThan(1e-14)
        expect(await objective.loss(whole.parameters)).toBeCloseTo(value, 12)
      }
    }
  })

  it('is the same through the backend as in plain code', async () => {
    // 2 · 400 · 60 · 50 flops go to the backend; the slices of 20 samples stay in plain code.
    const options = { layers: [60, 50, 8], activation: { kind: 'sigmoid' } as const, loss: 'mse' as const, bias: true, samples: 400 }
    const big = makeCase(linalg, options)
    const small = makeCase(linalg, { ...options, chunkSamples: 20 })
    expect(relativeError(await gradientOf(big.objective, big.parameters), await gradientOf(small.objective, big.parameters))).toBeLessThan(
      1e-13
    )
  })

  it('takes inputs and targets as views and leaves the parameters alone', async () => {
    const { network, batch, parameters, objective } = makeCase(linalg, {
      layers: [4, 3, 2],
      activation: { kind: 'tanh' },
      loss: 'half-sse',
      bias: true,
      samples: 5
    })
    const wide = matrix(7, 9)
    for (let n = 0; n < 5; n++) {
      wide.data.set(batch.inputs.data.subarray(n * 4, n * 4 + 4), (n + 1) * 9 + 2)
      wide.data.set(batch.targets.data.subarray(n * 2, n * 2 + 2), (n + 1) * 9 + 7)
    }
    const view = (column: number, columns: number) => ({ data: wide.data, rows: 5, columns, offset: 9 + column, stride: 9 })
    const viewed = networkObjective({ linalg }, network, 'half-sse', { inputs: view(2, 4), targets: view(7, 2) })
    const before = parameters.slice()
    expect(await gradientOf(viewed, parameters)).toEqual(await gradientOf(objective, parameters))
    expect(parameters).toEqual(before)
  })

  it('refuses batches that do not fit', () => {
    const network = createNetwork({ layers: [4, 2], activation: { kind: 'tanh' }, outputActivation: null, bias: false }, 'mse')
    const make = (n: number, inputs: number, targets: number) => () =>
      networkObjective({ linalg }, network, 'mse', { inputs: matrix(n, inputs), targets: matrix(n, targets) })
    expect(make(3, 5, 2)).toThrow('the inputs have 5 columns, the network takes 4')
    expect(make(3, 4, 3)).toThrow('the targets have 3 columns, the network gives 2')
    expect(make(0, 4, 2)).toThrow('at least one sample')
  })
})

describe('evaluation', () => {
  it('counts the labels hit and averages half-sse over samples', async () => {
    const { network, batch, parameters, objective } = makeCase(linalg, {
      layers: [4, 5, 3],
      activation: { kind: 'tanh' },
      loss: 'half-sse',
      bias: true,
      samples: 40
    })
    const outputs = (await forward(linalg, network, batch.inputs, parameters)).hidden[network.layers.length]
    const best = Int32Array.from({ length: 40 }, (_, n) => {
      const row = [...outputs.data.subarray(n * 3, n * 3 + 3)]
      return row.indexOf(Math.max(...row))
    })
    const labels = best.map((label, n) => (n < 10 ? label : (label + 1) % 3))
    const result = await evaluate({ linalg }, network, 'half-sse', parameters, { ...batch, labels })
    expect(result.accuracy).toBe(0.25)
    expect(result.loss).toBeCloseTo((await objective.loss(parameters)) / 40, 13)
    const without = await evaluate({ linalg }, network, 'mse', parameters, { ...batch, labels: null })
    expect(without.accuracy).toBeNull()
    expect(without.loss).toBeCloseTo((2 * result.loss) / 3, 13)
  })
})
