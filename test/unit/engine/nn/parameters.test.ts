// Layout of the parameter vector, start weights, and arrays by name.
import { describe, expect, it } from 'vitest'
import { createNetwork } from '../../../../src/engine/nn/network'
import { drawParameters, parametersFromArrays } from '../../../../src/engine/nn/parameters'
import { randomStream } from '../../../../src/engine/random'

const shape = { layers: [3, 4, 2], activation: { kind: 'tanh' } as const, outputActivation: null, bias: true }

describe('network', () => {
  it('lays out [W1 row by row, b1, W2, b2], one block a layer', () => {
    const network = createNetwork(shape, 'mse')
    expect(network.parameterCount).toBe(3 * 4 + 4 + 4 * 2 + 2)
    expect(network.blocks).toEqual([
      { name: 'W1', offset: 0, rows: 4, columns: 4 },
      { name: 'W2', offset: 16, rows: 5, columns: 2 }
    ])
    expect(createNetwork({ ...shape, bias: false }, 'mse').blocks[1]).toEqual({ name: 'W2', offset: 12, rows: 4, columns: 2 })
  })

  it('takes the identity as output activation under softmax, the hidden one otherwise, unless told', () => {
    const last = (outputActivation: null | { kind: 'sigmoid' }, loss: 'mse' | 'softmax-cross-entropy') =>
      createNetwork({ ...shape, outputActivation }, loss).layers.map((layer) => layer.activation.kind)
    expect(last(null, 'mse')).toEqual(['tanh', 'tanh'])
    expect(last(null, 'softmax-cross-entropy')).toEqual(['tanh', 'identity'])
    expect(last({ kind: 'sigmoid' }, 'softmax-cross-entropy')).toEqual(['tanh', 'sigmoid'])
  })

  it('wants its input width', () => {
    expect(() => createNetwork({ ...shape, layers: [null, 2] }, 'mse')).toThrow('model.layers[0]')
  })
})

describe('start weights', () => {
  it('have the scale of their rule, biases zero, and the same weights with and without biases', () => {
    const big = { ...shape, layers: [200, 100, 50] }
    const network = createNetwork(big, 'mse')
    for (const [scale, deviation] of [
      [{ kind: 'fan-sum-normal' } as const, 1 / 300],
      [{ kind: 'fan-in-normal', gain: 2 } as const, 2 / Math.sqrt(200)]
    ] as const) {
      const parameters = drawParameters(network, scale, randomStream(3, 'init'))
      const weights = parameters.subarray(0, 20000)
      const measured = Math.sqrt(weights.reduce((sum, value) => sum + value * value, 0) / 20000)
      expect(Math.abs(measured / deviation - 1)).toBeLessThan(0.025)
      expect(parameters.subarray(20000, 20100).every((value) => value === 0)).toBe(true)
      const bare = drawParameters(createNetwork({ ...big, bias: false }, 'mse'), scale, randomStream(3, 'init'))
      // W2, without b1 before it and with.
      expect(bare.subarray(20000)).toEqual(parameters.subarray(20100, 25100))
    }
  })

  it('of the mean-field ensemble are as wide as σ_w/√inputs and σ_b say, and the weights do not depend on the biases', () => {
    const big = { ...shape, layers: [200, 100, 50] }
    const network = createNetwork(big, 'mse')
    const draw = (sigmaB: number, bias = true) =>
      drawParameters(createNetwork({ ...big, bias }, 'mse'), { kind: 'mean-field-normal', sigmaW: 1.5, sigmaB }, randomStream(3, 'init'))
    const deviation = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
    const parameters = draw(0.4)
    expect(Math.abs(deviation(parameters.subarray(0, 20000)) / (1.5 / Math.sqrt(200)) - 1)).toBeLessThan(0.025)
    expect(Math.abs(deviation(parameters.subarray(20100, 25100)) / (1.5 / 10) - 1)).toBeLessThan(0.05)
    const biases = Float64Array.from([...parameters.subarray(20000, 20100), ...parameters.subarray(25100)])
    expect(Math.abs(deviation(biases) / 0.4 - 1)).toBeLessThan(0.25)
    const bare = draw(0, false)
    expect(bare.subarray(0, 20000)).toEqual(parameters.subarray(0, 20000))
    expect(bare.subarray(20000)).toEqual(parameters.subarray(20100, 25100))
    // Without biases it is fan-in-normal of that gain, bit by bit.
    expect(draw(0)).toEqual(drawParameters(network, { kind: 'fan-in-normal', gain: 1.5 }, randomStream(3, 'init')))
  })

  it('start as they always did', () => {
    const parameters = drawParameters(
      createNetwork({ ...shape, layers: [2, 2] }, 'mse'),
      { kind: 'fan-sum-normal' },
      randomStream(0, 'init')
    )
    // The first normals of the stream (frozen in the generator's test) over 2 + 2.
    expect([...parameters]).toEqual([
      -1.2459794290629944 / 4,
      -0.10145880394388354 / 4,
      -1.2155832898771004 / 4,
      -2.5346811987231965 / 4,
      0,
      0
    ])
  })

  it('come from named arrays', () => {
    const network = createNetwork(shape, 'mse')
    const parameters = drawParameters(network, { kind: 'fan-in-normal', gain: 1 }, randomStream(1, 'init')).map((value, i) => value + i)
    const arrays = {
      W1: { shape: [3, 4], data: parameters.slice(0, 12) },
      b1: { shape: [4], data: parameters.slice(12, 16) },
      W2: { shape: [4, 2], data: parameters.slice(16, 24) },
      b2: { shape: [2], data: parameters.slice(24) }
    }
    expect(parametersFromArrays(network, arrays)).toEqual(parameters)
    const { b2, ...without } = arrays
    expect(() => parametersFromArrays(network, without)).toThrow('start weights: the array b2 (2) is missing')
    expect(() => parametersFromArrays(network, { ...arrays, W3: b2 })).toThrow(
      'start weights: the array W3 does not belong to this network'
    )
    expect(() => parametersFromArrays(network, { ...arrays, W1: { ...arrays.W1, shape: [4, 3] } })).toThrow(
      'start weights: W1 must be 3 × 4, got 4 × 3'
    )
    const broken = { shape: [2], data: Float64Array.of(1, Number.NaN) }
    expect(() => parametersFromArrays(network, { ...arrays, b2: broken })).toThrow('start weights: b2 must be finite, got NaN at entry 1')
  })
})
