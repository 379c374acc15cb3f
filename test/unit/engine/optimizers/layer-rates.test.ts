// Gradient descent with a rate for each layer, the data it was made for, and the rule that there is a factor a layer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { createOptimizer } from '../../../../src/engine/optimizers'
import { generateDataset } from '../../../../src/engine/data/generators'
import { checkSpec } from '../../../../src/shared/spec/check'
import { makeCase } from '../nn/nets'

let linalg: Linalg
beforeAll(async () => void (linalg = await openLinalg({ backend: 'wasm', threads: 1 })))
afterAll(() => linalg.dispose())

const update = async (layerRates: number[] | null) => {
  const { objective, parameters } = makeCase(linalg, {
    layers: [3, 4, 2],
    activation: { kind: 'tanh' },
    loss: 'mse',
    bias: true,
    samples: 5
  })
  const gradient = new Float64Array(parameters.length)
  const loss = await objective.gradient(parameters, gradient)
  const optimizer = createOptimizer({ kind: 'gd', learningRate: 0.3, layerRates })
  const step = { linalg, parameters, objective, curvatureObjective: objective, gradient, loss, step: 1, epoch: 0, learningRate: 0.3 }
  const { update: found } = await optimizer.step(optimizer.init(parameters.length), { ...step, damping: 0, wantSpectrum: false })
  return { found, gradient }
}

describe('rates of layers', () => {
  test('multiply the learning rate, biases with their layer', async () => {
    const { found, gradient } = await update([2, 0.5])
    const first = 4 * 4
    expect([...found]).toEqual([...gradient].map((g, i) => -0.3 * g * (i < first ? 2 : 0.5)))
    expect((await update([1, 1])).found).toEqual((await update(null)).found)
  })
  test('are one for each layer', async () => {
    const spec = {
      schemaVersion: 1,
      name: 'x',
      data: { dataset: 'xor' },
      model: { layers: [2, 3, 2], activation: { kind: 'tanh' } },
      loss: 'mse',
      optimizer: { kind: 'gd', layerRates: [1, 2, 3] },
      budget: { steps: 1 }
    }
    const problem = { path: 'optimizer.layerRates', message: 'must have a factor for each of the 2 layers, got 3' }
    expect((await checkSpec(spec)).problems).toEqual([problem])
    expect((await checkSpec({ ...spec, optimizer: { kind: 'gd', layerRates: [1, 2] } })).problems).toEqual([])
  })
})

describe('random samples', () => {
  test('are as many as the id says, standard normal, one target each, the same for the same id', () => {
    const source = generateDataset('random-samples-16-272')!
    expect(source.description).toMatchObject({ shape: [16], counts: { train: 272, test: 0 }, targets: 1 })
    const { x, targets, count } = source.train
    expect([x.length, targets!.length, count, source.test]).toEqual([272 * 16, 272, 272, null])
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, one) => sum + one, 0) / values.length
    expect(Math.abs(mean(x))).toBeLessThan(0.05)
    expect(Math.abs(mean(Array.from(x, (one) => one * one)) - 1)).toBeLessThan(0.05)
    expect(generateDataset('random-samples')!.train.count).toBe(72)
    expect(generateDataset('random-samples-16-272')!.train.x).toEqual(x)
    expect(generateDataset('random-samples-16-272-seed-4')!.train.x).not.toEqual(x)
    expect(generateDataset('random-samples-0-272')).toBeNull()
  })
})
