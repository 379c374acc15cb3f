// Kronecker factors: exactly the Gauss–Newton blocks where their assumption holds, and nowhere else; the same by chunks; weight decay beside them.
import { describe, expect, test } from 'vitest'
import type { CurvatureBlock, KroneckerFactors } from '../../../../src/engine/objective'
import { regularizedObjective } from '../../../../src/engine/objectives/regularized'
import { scaledObjective } from '../../../../src/engine/objectives/scaled'
import type { LossKind } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { makeCase, type CaseOptions } from '../nn/nets'

const linalg = openPlain()
const deep: CaseOptions = { layers: [3, 4, 3, 2], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 7 }
const linear: CaseOptions = { ...deep, activation: { kind: 'identity' } }

/** ‖A ⊗ B − G‖ / ‖G‖; parameter (i, j) of a layer is row i · columns + j. */
function distance({ inputs, outputs }: KroneckerFactors, { data, size }: CurvatureBlock): number {
  let error = 0
  let whole = 0
  const columns = outputs.rows
  for (let p = 0; p < size; p++)
    for (let q = 0; q < size; q++) {
      const [i, j, k, l] = [Math.floor(p / columns), p % columns, Math.floor(q / columns), q % columns]
      const g = data[p * size + q]
      error += (inputs.data[i * inputs.rows + k] * outputs.data[j * columns + l] - g) ** 2
      whole += g * g
    }
  return Math.sqrt(error / whole)
}

async function distances(options: CaseOptions): Promise<number[]> {
  const { objective, parameters } = makeCase(linalg, options)
  const { factors, shift } = (await objective.kroneckerFactors?.(parameters)) ?? { factors: [], shift: -1 }
  expect(shift).toBe(0)
  const blocks = await objective.curvature(parameters, { scope: 'layer-blocks', kind: 'ggn' })
  expect(factors).toHaveLength(blocks.length)
  return blocks.map((block, l) => distance(factors[l], block))
}

describe('exact', () => {
  test.each<[string, CaseOptions]>([
    ['for a deep linear net with squared error', linear],
    ['the same with half the sum of squares, without biases', { ...linear, loss: 'half-sse', bias: false }],
    ['for one sample, squared error', { ...deep, samples: 1 }],
    ['for one sample, softmax and cross-entropy', { ...deep, loss: 'softmax-cross-entropy', samples: 1 }]
  ])('%s', async (_, options) => {
    for (const found of await distances(options)) expect(found).toBeLessThan(1e-13)
  })

  test('in the last layer alone of a net whose last layer is linear, with squared error', async () => {
    const found = await distances({ ...deep, outputActivation: { kind: 'identity' } })
    expect(found[2]).toBeLessThan(1e-13)
    expect(found[0]).toBeGreaterThan(0.01)
    expect(found[1]).toBeGreaterThan(0.01)
  })

  test.each<[string, LossKind]>([
    ['not with tanh', 'mse'],
    ['nor with softmax and cross-entropy', 'softmax-cross-entropy']
  ])('%s and several samples', async (_, loss) => {
    for (const found of await distances({ ...deep, loss })) expect(found).toBeGreaterThan(1e-3)
  })
})

test('chunks of samples add up, weight decay is a shift, a factor multiplies one side', async () => {
  const whole = makeCase(linalg, deep)
  const chunked = makeCase(linalg, { ...deep, chunkSamples: 3 })
  const expected = await whole.objective.kroneckerFactors?.(whole.parameters)
  const found = await chunked.objective.kroneckerFactors?.(whole.parameters)
  expect(expected?.factors).toHaveLength(3)
  expected?.factors.forEach((factors, l) => {
    for (const side of ['inputs', 'outputs'] as const)
      factors[side].data.forEach((value, i) => expect(found?.factors[l][side].data[i]).toBeCloseTo(value, 13))
  })
  const changed = await scaledObjective(regularizedObjective(whole.objective, 0.25), 2).kroneckerFactors?.(whole.parameters)
  expect(changed?.shift).toBe(0.5)
  expect(changed?.factors[1].inputs.data).toEqual(expected?.factors[1].inputs.data)
  expect(changed?.factors[1].outputs.data).toEqual(expected?.factors[1].outputs.data.map((value) => 2 * value))
})
