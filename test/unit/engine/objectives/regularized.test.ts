// Weight decay in the objective: loss, gradient, curvature and products against central differences and against the objective without it plus l2·I; steps, snapshots and minima.
import { describe, expect, it, test } from 'vitest'
import { functionDefinition } from '../../../../src/engine/functions/list'
import { matrix, type Matrix } from '../../../../src/engine/linalg'
import type { CurvatureKind, Objective } from '../../../../src/engine/objective'
import { functionObjective } from '../../../../src/engine/objectives/function'
import { regularizedObjective } from '../../../../src/engine/objectives/regularized'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { scopes } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { activations, centralDifference, gradientOf, losses, makeCase, relativeError } from '../nn/nets'

const linalg = openPlain()
const l2 = 0.37
const kinds: CurvatureKind[] = ['hessian', 'ggn']

const squares = (w: Float64Array) => w.reduce((sum, x) => sum + x * x, 0)
const normal = (length: number) => fillNormal(randomStream(9, 'vectors'), new Float64Array(length))
const row = (v: Matrix, r: number) => v.data.subarray(v.offset + r * v.stride, v.offset + r * v.stride + v.columns)

async function differences(objective: Objective, w: Float64Array) {
  const gradient = await gradientOf(objective, w)
  const slopes = new Float64Array(w.length)
  const hessian = new Float64Array(w.length ** 2)
  for (let c = 0; c < w.length; c++) {
    slopes[c] = (await centralDifference(async (x) => Float64Array.of(await objective.loss(x)), w, c, 1e-3))[0]
    hessian.set(await centralDifference((x) => gradientOf(objective, x), w, c, 1e-3), c * w.length)
  }
  return { gradient, slopes, hessian }
}

describe('weight decay in the objective', () => {
  it('of l2 = 0 is the objective itself', () => {
    const { objective } = makeCase(linalg, { layers: [3, 2], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 4 })
    expect(regularizedObjective(objective, 0)).toBe(objective)
  })

  for (const loss of losses)
    for (const activation of activations)
      for (const bias of [false, true])
        it(`agrees with central differences, everywhere and biases too: ${activation.kind}, ${loss}${bias ? ', biases' : ''}`, async () => {
          for (const layers of [
            [3, 3],
            [3, 4, 3]
          ]) {
            const { objective: plain, parameters } = makeCase(linalg, { layers, activation, loss, bias, samples: 5, seed: 7 })
            const objective = regularizedObjective(plain, l2)
            expect(await objective.loss(parameters)).toBeCloseTo((await plain.loss(parameters)) + (l2 / 2) * squares(parameters), 12)
            expect(objective.penalty?.(parameters)).toBeCloseTo((l2 / 2) * squares(parameters), 12)
            const { gradient, slopes, hessian } = await differences(objective, parameters)
            expect(relativeError(gradient, slopes)).toBeLessThan(1e-8)
            expect(await objective.gradient(parameters, new Float64Array(parameters.length))).toBe(await objective.loss(parameters))
            const [whole] = await objective.curvature(parameters, { scope: 'full' })
            expect(relativeError(whole.data, hessian)).toBeLessThan(1e-8)
          }
        })

  for (const loss of losses)
    it(`adds l2 to the diagonal of every block at every scope and nothing else, also into used memory: ${loss}`, async () => {
      for (const layers of [
        [4, 3],
        [4, 5, 3]
      ]) {
        const activation = { kind: 'leaky-relu', slope: 0.5 } as const
        const { objective: plain, parameters } = makeCase(linalg, { layers, activation, loss, bias: true, samples: 6 })
        const objective = regularizedObjective(plain, l2)
        expect(objective.outputsDecouple).toBe(plain.outputsDecouple)
        for (const scope of scopes.filter((one) => one !== 'unit-blocks' || loss !== 'softmax-cross-entropy'))
          for (const kind of kinds) {
            const expected = await plain.curvature(parameters, { scope, kind })
            for (const { data, size, units } of expected)
              for (let e = 0; e < units * size * size; e++) if ((e % (size * size)) % (size + 1) === 0) data[e] += l2
            const found = await objective.curvature(parameters, { scope, kind })
            expect(found).toEqual(expected)
            const again = await objective.curvature(parameters, { scope, kind, reuse: found })
            expect(again.map(({ data }) => data)).toEqual(expected.map(({ data }) => data))
          }
      }
    })

  for (const loss of losses)
    it(`adds l2·v to products of Hessian, Gauss–Newton and Fisher matrix, of vectors that are views too: ${loss}`, async () => {
      const { objective: plain, parameters } = makeCase(linalg, {
        layers: [4, 5, 3],
        activation: { kind: 'tanh' },
        loss,
        bias: true,
        samples: 7
      })
      const objective = regularizedObjective(plain, l2)
      const wide = matrix(3, parameters.length + 4, normal(3 * (parameters.length + 4)))
      const vectors: Matrix = { ...wide, columns: parameters.length, offset: 2 }
      for (const kind of ['hessian', 'ggn', 'fisher'] as const) {
        const without = await (await plain.products(parameters, kind))(vectors)
        const found = await (await objective.products(parameters, kind))(vectors)
        for (let r = 0; r < 3; r++) {
          const v = row(vectors, r)
          expect(
            relativeError(
              row(found, r),
              row(without, r).map((x, i) => x + l2 * v[i])
            )
          ).toBeLessThan(1e-15)
        }
        if (kind === 'fisher') continue
        const [{ data, size }] = await objective.curvature(parameters, { scope: 'full', kind })
        const v = row(vectors, 1)
        const byMatrix = Float64Array.from({ length: size }, (_, i) => v.reduce((sum, x, j) => sum + data[i * size + j] * x, 0))
        expect(relativeError(row(found, 1), byMatrix)).toBeLessThan(1e-12)
      }
    })

  test('of a function: value, gradient, Hessian and products, the Gauss–Newton matrix where there is one', async () => {
    const definition = functionDefinition({ function: 'rosenbrock', variables: null, start: null })
    const plain = functionObjective({ linalg }, definition)
    const objective = regularizedObjective(plain, l2)
    const x = Float64Array.of(-1.2, 0.7)
    const { gradient, slopes, hessian } = await differences(objective, x)
    expect(relativeError(gradient, slopes)).toBeLessThan(1e-8)
    for (const kind of kinds) {
      const [{ data, positiveSemidefinite }] = await objective.curvature(x, { scope: 'full', kind })
      const [bare] = await plain.curvature(x, { scope: 'full', kind })
      expect(positiveSemidefinite).toBe(bare.positiveSemidefinite)
      expect([...data]).toEqual([bare.data[0] + l2, bare.data[1], bare.data[2], bare.data[3] + l2])
      const product = await objective.products(x, kind)
      expect(relativeError((await product(matrix(2, 2, Float64Array.of(1, 0, 0, 1)))).data, data)).toBeLessThan(1e-14)
      if (kind === 'hessian') expect(relativeError(data, hessian)).toBeLessThan(1e-8)
    }
    expect(objective.inverseGradient).toBeUndefined()
  })
})
