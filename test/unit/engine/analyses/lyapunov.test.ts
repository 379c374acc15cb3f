// Lyapunov exponents of training: maps whose exponents are known, the identities that must hold, exact tangent maps against differences.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { networkOfWidth } from '../../../../src/engine/training'
import { networkSpecSchema, type NetworkSpec } from '../../../../src/shared/spec/schema'
import { smallData, startWeights } from '../training/memory-sink'
import { exponentsOf, functionSpec, trained } from './trained'

let linalg: Linalg
beforeAll(async () => {
  linalg = await openLinalg()
})
afterAll(() => linalg.dispose())

const quadraticOf = (h: readonly number[]) => h.map((value, i) => `${value / 2}*x${i + 1}^2`).join(' + ')

const net = (optimizer: Record<string, unknown>, more: Record<string, unknown> = {}): NetworkSpec =>
  networkSpecSchema.parse({
    schemaVersion: 1,
    name: 'net',
    seed: 3,
    data: { dataset: 'synthetic' },
    model: { layers: [3, 4, 2], activation: { kind: 'tanh' }, bias: true },
    loss: 'half-sse',
    regularization: { l2: 0.01 },
    optimizer,
    budget: { steps: 1 },
    ...more
  })
const onNet = (spec: NetworkSpec) => trained(linalg, spec, smallData(12), startWeights(networkOfWidth(spec, 3).parameterCount))

describe('maps that are known', () => {
  it('logistic: ln 2', async () => {
    const began = performance.now()
    const { exponents, figure } = await exponentsOf(await trained(linalg, functionSpec('logistic', { kind: 'gd', learningRate: 1 })), {
      steps: 1e5
    })
    console.log('logistic', performance.now() - began, exponents, figure('orthogonalizations'))
    expect(Math.abs(exponents[0] - Math.LN2)).toBeLessThan(1e-3)
  })
  it('henon', async () => {
    const began = performance.now()
    const { exponents, figure } = await exponentsOf(
      await trained(linalg, functionSpec('henon', { kind: 'momentum', learningRate: 1, momentum: -0.3 })),
      { steps: 1e5 }
    )
    console.log('henon', performance.now() - began, exponents, figure('kaplanYorke'))
    expect(Math.abs(exponents[0] + exponents[1] - Math.log(0.3))).toBeLessThan(1e-10)
  })
})

describe('exact tangent maps', () => {
  const optimizers: Record<string, unknown>[] = [
    { kind: 'gd', learningRate: 0.3 },
    { kind: 'momentum', learningRate: 0.1, momentum: 0.9 },
    { kind: 'nesterov', learningRate: 0.1, momentum: 0.9 },
    { kind: 'adam', learningRate: 0.01 },
    { kind: 'adam', learningRate: 0.01, weightDecay: 0.1 },
    { kind: 'adamw', learningRate: 0.01, weightDecay: 0.1 },
    { kind: 'damped-newton', learningRate: 0.5, damping: { value: 2 } },
    { kind: 'sfn', learningRate: 0.5, damping: { kind: 'shifted-abs', value: 0.1 } },
    { kind: 'sfn', learningRate: 0.5, damping: { kind: 'abs-of-shifted', value: 0.1 } },
    { kind: 'sfn', learningRate: 0.5, damping: { kind: 'clamp', value: 0.5 } },
    { kind: 'series-newton', learningRate: 0.5, saddleFree: false, order: 2, damping: { value: 2 } },
    { kind: 'series-newton', learningRate: 0.5, saddleFree: false, order: 3, damping: { value: 2 } },
    { kind: 'series-newton', learningRate: 0.5, saddleFree: false, order: 5, damping: { value: 5 } },
    { kind: 'series-newton', learningRate: 1, saddleFree: false, order: 4, guard: 0.1, damping: { value: 3 } }
  ]
  it.each(optimizers.map((optimizer) => [JSON.stringify(optimizer), optimizer] as const))('%s', async (_, optimizer) => {
    for (const loss of ['half-sse', 'softmax-cross-entropy']) {
      const spec = net(optimizer, { loss })
      const exact = await exponentsOf(await onNet(spec), { steps: 4 })
      const differences = await exponentsOf(await onNet(spec), { steps: 4, tangent: 'difference' })
      console.log(
        loss,
        exact.check('tangent'),
        exact.check('determinant'),
        exact.exponents
          .map((x, i) => x - differences.exponents[i])
          .map((x) => x.toExponential(1))
          .join(' ')
      )
    }
  })
})
