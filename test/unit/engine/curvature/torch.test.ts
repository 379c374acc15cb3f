// Loss, gradient, Hessian and GGN against PyTorch's automatic differentiation (test/reference/curvature/make.py): depths 2–4, all losses, with and without biases.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { matrix } from '../../../../src/engine/linalg'
import { assembleCurvature } from '../../../../src/engine/curvature/hessian'
import { lossFunction } from '../../../../src/engine/nn/losses'
import { createNetwork } from '../../../../src/engine/nn/network'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { losses, type Activation } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { gradientOf, relativeError } from '../nn/nets'

const numbers = z.array(z.number())
const golden = z
  .object({
    made: z.string(),
    cases: z.array(
      z.object({
        layers: numbers,
        activation: z.enum(['leaky-relu', 'tanh', 'sigmoid', 'softplus', 'identity']),
        outputActivation: z.enum(['leaky-relu', 'tanh', 'sigmoid', 'softplus', 'identity']),
        bias: z.boolean(),
        loss: z.enum(losses),
        samples: z.number(),
        parameters: numbers,
        inputs: numbers,
        targets: numbers,
        value: z.number(),
        gradient: numbers,
        hessian: numbers,
        ggn: numbers
      })
    )
  })
  .parse(JSON.parse(readFileSync(new URL('../../../reference/curvature/torch.json', import.meta.url), 'utf8')))

const named = (kind: Exclude<Activation['kind'], 'relu'>): Activation => (kind === 'leaky-relu' ? { kind, slope: 0.5 } : { kind })
const upper = (data: Float64Array, size: number): number[] => {
  const entries: number[] = []
  for (let r = 0; r < size; r++) for (let c = r; c < size; c++) entries.push(data[r * size + c])
  return entries
}

describe('PyTorch', () => {
  it('covers depths 2, 3, 4, four activations, three losses, with and without biases', () => {
    const seen = (pick: (one: (typeof golden.cases)[number]) => unknown) => new Set(golden.cases.map(pick)).size
    expect([seen((one) => one.layers.length), seen((one) => one.activation), seen((one) => one.loss), seen((one) => one.bias)]).toEqual([
      3, 4, 3, 2
    ])
  })

  for (const one of golden.cases)
    it(`agrees: ${one.layers.join('→')} ${one.activation}, ${one.loss}${one.bias ? ', biases' : ''}`, async () => {
      const linalg = openPlain()
      const { layers, bias, loss, samples } = one
      const model = { layers, bias, activation: named(one.activation), outputActivation: named(one.outputActivation) }
      const network = createNetwork(model, loss)
      const batch = {
        inputs: matrix(samples, layers[0], Float64Array.from(one.inputs)),
        targets: matrix(samples, layers[layers.length - 1], Float64Array.from(one.targets))
      }
      const objective = networkObjective({ linalg }, network, loss, batch)
      const parameters = Float64Array.from(one.parameters)
      expect(objective.parameterCount).toBe(parameters.length)
      expect(relativeError([await objective.loss(parameters)], [one.value])).toBeLessThan(1e-13)
      expect(relativeError(await gradientOf(objective, parameters), one.gradient)).toBeLessThan(1e-12)
      for (const kind of ['hessian', 'ggn'] as const) {
        const [{ data, size }] = await objective.curvature(parameters, { scope: 'full', kind })
        expect(relativeError(upper(data, size), one[kind])).toBeLessThan(1e-12)
        // The same through the backend's batches, which so small a net does without.
        const f = lossFunction(loss)
        const problem = { network, lossFunction: f, batch, weight: f.weight(samples, batch.targets.columns) }
        const [through] = await assembleCurvature(linalg, problem, parameters, { scope: 'full', kind, plainFlops: 0 })
        expect(relativeError(upper(through.data, size), one[kind])).toBeLessThan(1e-12)
      }
    })
})
