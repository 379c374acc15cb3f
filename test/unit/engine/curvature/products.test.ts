// Products against the assembled matrices (an independent path), batched and streamed; the empirical Fisher against per-sample gradients.
import { describe, expect, it } from 'vitest'
import { matrix, type Matrix } from '../../../../src/engine/linalg'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { openPlain, product, transposed } from '../../../reference/linalg/plain'
import { activations, gradientOf, losses, makeCase, relativeError } from '../nn/nets'

const linalg = openPlain()
const vectorsFor = (count: number, columns: number): Matrix =>
  matrix(count, columns, fillNormal(randomStream(4, 'vectors'), new Float64Array(count * columns)))

describe('products', () => {
  for (const loss of losses)
    for (const activation of activations)
      it(`H·v and GGN·v equal the matrix times v: ${activation.kind}, ${loss}`, async () => {
        for (const bias of [false, true])
          for (const layers of [
            [4, 3],
            [4, 5, 3],
            [3, 4, 2, 4, 3]
          ])
            for (const kind of ['hessian', 'ggn'] as const) {
              const { objective, parameters } = makeCase(linalg, {
                layers,
                activation,
                outputActivation: activation,
                loss,
                bias,
                samples: 7
              })
              const [{ data, size }] = await objective.curvature(parameters, { scope: 'full', kind })
              const vectors = vectorsFor(3, size)
              const multiply = await objective.products(parameters, kind)
              const expected = product(vectors, matrix(size, size, data))
              expect(relativeError((await multiply(vectors)).data, expected.data)).toBeLessThan(1e-12)
            }
      })

  it('gives the same streamed over a set as over the whole batch, kept or recomputed', async () => {
    for (const loss of losses) {
      const { network, batch, objective, parameters } = makeCase(linalg, {
        layers: [4, 5, 3],
        activation: { kind: 'tanh' },
        loss,
        bias: true,
        samples: 23
      })
      const vectors = vectorsFor(2, network.parameterCount)
      for (const kind of ['hessian', 'ggn', 'fisher'] as const) {
        const expected = await (await objective.products(parameters, kind))(vectors)
        for (const chunk of [1, 5, 22]) {
          const streamed = networkObjective({ linalg }, network, loss, batch, { chunkSamples: chunk })
          expect(relativeError((await (await streamed.products(parameters, kind))(vectors)).data, expected.data)).toBeLessThan(1e-12)
        }
      }
    }
  })

  it('keeps the point it was asked for, and takes vectors as views', async () => {
    const { network, objective, parameters } = makeCase(linalg, {
      layers: [4, 5, 3],
      activation: { kind: 'tanh' },
      loss: 'mse',
      bias: true,
      samples: 9
    })
    const vectors = vectorsFor(2, network.parameterCount)
    const multiply = await objective.products(parameters, 'hessian')
    const before = await multiply(vectors)
    parameters.fill(0)
    expect(await multiply(vectors)).toEqual(before)
    const wide = matrix(2, network.parameterCount + 3)
    for (let r = 0; r < 2; r++) wide.data.set(vectors.data.subarray(r * vectors.columns, (r + 1) * vectors.columns), r * wide.columns + 1)
    expect(await multiply({ ...wide, columns: vectors.columns, offset: 1 })).toEqual(before)
  })

  it('the empirical Fisher is c Σ ∇ℓ_n ∇ℓ_nᵀ over single-sample gradients', async () => {
    for (const loss of losses) {
      const { network, batch, objective, parameters } = makeCase(linalg, {
        layers: [4, 5, 3],
        activation: { kind: 'tanh' },
        loss,
        bias: true,
        samples: 6
      })
      const count = network.parameterCount
      const gradients = matrix(6, count)
      // c ∇ℓ_n: a batch of one sample has its own c, so gradients are brought to the batch's.
      const c = { 'half-sse': 1, mse: 2 / (6 * 3), 'softmax-cross-entropy': 1 / 6 }[loss]
      const one = { 'half-sse': 1, mse: 2 / 3, 'softmax-cross-entropy': 1 }[loss]
      for (let n = 0; n < 6; n++) {
        const sample = {
          inputs: matrix(1, 4, batch.inputs.data.slice(n * 4, n * 4 + 4)),
          targets: matrix(1, 3, batch.targets.data.slice(n * 3, n * 3 + 3))
        }
        const gradient = await gradientOf(networkObjective({ linalg }, network, loss, sample), parameters)
        gradients.data.set(
          gradient.map((value) => value / one),
          n * count
        )
      }
      const fisher = product(transposed(gradients), gradients)
      for (let e = 0; e < fisher.data.length; e++) fisher.data[e] *= c
      const vectors = vectorsFor(2, count)
      const result = await (await objective.products(parameters, 'fisher'))(vectors)
      expect(relativeError(result.data, product(vectors, fisher).data)).toBeLessThan(1e-12)
    }
  })

  it('stops when asked to', async () => {
    const { network, objective, parameters } = makeCase(linalg, {
      layers: [4, 3],
      activation: { kind: 'tanh' },
      loss: 'mse',
      bias: true,
      samples: 9
    })
    const multiply = await objective.products(parameters, 'hessian')
    const reason = new Error('stopped')
    await expect(multiply(vectorsFor(1, network.parameterCount), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
