// Fast finite-difference Newton: against pseudoinverses from the singular values, against the GGN blocks' own solutions, and where it must refuse.
import { describe, expect, test } from 'vitest'
import {
  applyPseudoinverse,
  factorizeBatch,
  fdSweep,
  memoryFactorizations,
  networkInverseGradient
} from '../../../../../src/engine/curvature/inverse-gradient'
import { matrix, type Matrix } from '../../../../../src/engine/linalg'
import type { Batch } from '../../../../../src/engine/nn/forward'
import { createNetwork, type Network } from '../../../../../src/engine/nn/network'
import { drawParameters } from '../../../../../src/engine/nn/parameters'
import { networkObjective } from '../../../../../src/engine/objectives/network'
import { fillNormal, randomStream } from '../../../../../src/engine/random'
import { initialState, train } from '../../../../../src/engine/training'
import type { Activation, LossKind } from '../../../../../src/shared/spec/schema'
import { jacobi, jacobiSvd, openPlain, product, transposed } from '../../../../reference/linalg/plain'
import { memorySink, smallSpec } from '../../training/memory-sink'

const linalg = openPlain()
const context = { linalg }

function normalMatrix(rows: number, columns: number, seed: number): Matrix {
  return matrix(rows, columns, fillNormal(randomStream(seed, 'matrix'), new Float64Array(rows * columns)))
}

/** Rows × columns with the singular values 1 … 1/condition, evenly spaced in the logarithm. */
function conditioned(rows: number, columns: number, condition: number, seed: number): Matrix {
  const { u, v } = jacobiSvd(normalMatrix(rows, columns, seed))
  const count = Math.min(rows, columns)
  const scaledU = matrix(rows, count)
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < count; k++) scaledU.data[i * count + k] = u.data[u.offset + i * u.stride + k] * condition ** (-k / (count - 1))
  const thinV = matrix(columns, count)
  for (let i = 0; i < columns; i++) for (let k = 0; k < count; k++) thinV.data[i * count + k] = v.data[v.offset + i * v.stride + k]
  return product(scaledU, transposed(thinV))
}

/** X⁺ from the singular values. */
function pseudoinverse(x: Matrix, tolerance = 1e-12): Matrix {
  const { u, values, v } = jacobiSvd(x)
  const result = matrix(x.columns, x.rows)
  for (let k = 0; k < values.length; k++) {
    if (values[k] <= tolerance * values[0]) continue
    for (let i = 0; i < x.columns; i++)
      for (let j = 0; j < x.rows; j++)
        result.data[i * x.rows + j] += (v.data[v.offset + i * v.stride + k] * u.data[u.offset + j * u.stride + k]) / values[k]
  }
  return result
}

function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let sum = 0
  let size = 0
  for (let i = 0; i < expected.length; i++) {
    sum += (found[i] - expected[i]) ** 2
    size += expected[i] ** 2
  }
  return Math.sqrt(sum / size)
}

const leaky: Activation = { kind: 'leaky-relu', slope: 0.5 }

interface Net {
  readonly network: Network
  readonly batch: Batch
  readonly parameters: Float64Array
  readonly loss: LossKind
}

function net(
  layers: number[],
  samples: number,
  options: { activation?: Activation; output?: Activation; bias?: boolean; loss?: LossKind; inputs?: Matrix; gain?: number } = {}
): Net {
  const { activation = leaky, output = null, bias = false, loss = 'half-sse', gain = 1 } = options
  const network = createNetwork({ layers, activation, outputActivation: output, bias }, loss)
  const inputs = options.inputs ?? normalMatrix(samples, layers[0], 1)
  const targets = matrix(
    samples,
    layers[layers.length - 1],
    fillNormal(randomStream(2, 'targets'), new Float64Array(samples * layers[layers.length - 1]), 0.3)
  )
  const parameters = drawParameters(network, { kind: 'fan-in-normal', gain }, randomStream(3, 'weights'))
  return { network, batch: { inputs, targets }, parameters, loss }
}

const invert = ({ network, batch, parameters, loss }: Net, mode: 'limit' | 'finite-difference' = 'limit', r = 1e-6) =>
  networkInverseGradient(context, network, loss, batch)(parameters, { mode, r })

/** Pseudoinverse of each layer's GGN (or exact) block times the gradient: by Jacobi's eigenvalues, far from the code under test. */
async function blockSolutions(
  { network, batch, parameters, loss }: Net,
  kind: 'ggn' | 'hessian',
  tolerance = 1e-11
): Promise<Float64Array> {
  const objective = networkObjective(context, network, loss, batch)
  const gradient = new Float64Array(parameters.length)
  await objective.gradient(parameters, gradient)
  const solution = new Float64Array(parameters.length)
  for (const block of await objective.curvature(parameters, { scope: 'layer-blocks', kind })) {
    const { values, vectors } = jacobi(matrix(block.size, block.size, block.data.slice()))
    const largest = Math.max(...values.map(Math.abs))
    for (let k = 0; k < block.size; k++) {
      if (Math.abs(values[k]) <= tolerance * largest) continue
      let c = 0
      for (let i = 0; i < block.size; i++) c += vectors.data[i * block.size + k] * gradient[block.offset + i]
      for (let i = 0; i < block.size; i++) solution[block.offset + i] += (c / values[k]) * vectors.data[i * block.size + k]
    }
  }
  return solution
}

describe('the factorization of a batch', () => {
  test.each([
    ['wide', 8, 20, 10, 'rows'],
    ['wide, badly conditioned', 8, 20, 5e3, 'rows'],
    ['wide, very badly conditioned', 8, 20, 1e7, 'rows-lq'],
    ['square', 10, 10, 300, 'rows'],
    ['tall', 20, 8, 10, 'columns'],
    ['tall, badly conditioned', 20, 8, 5e3, 'columns'],
    ['tall, very badly conditioned', 20, 8, 1e7, 'pseudoinverse']
  ] as const)('%s: within 1e-8 of an SVD pseudoinverse', async (_, rows, columns, condition, kind) => {
    const x = conditioned(rows, columns, condition, rows)
    const b = normalMatrix(rows, 3, 9)
    const factorization = await factorizeBatch(linalg, x)
    expect(factorization.kind).toBe(kind)
    expect(factorization.rank).toBe(Math.min(rows, columns))
    // An estimate in the 1-norm: right within a small factor.
    expect(factorization.condition / condition).toBeGreaterThan(0.3)
    expect(factorization.condition / condition).toBeLessThan(10)
    const found = await applyPseudoinverse(linalg, x, factorization, b)
    expect(distance(found.data, product(pseudoinverse(x), b).data)).toBeLessThan(1e-8)
  })

  test.each([
    [6, 15],
    [15, 6]
  ])('%d × %d of rank 4: the minimum-norm solution, rank reported', async (rows, columns) => {
    const x = product(normalMatrix(rows, 4, 5), normalMatrix(4, columns, 6))
    const b = normalMatrix(rows, 2, 7)
    const factorization = await factorizeBatch(linalg, x)
    expect(factorization).toMatchObject({ kind: 'pseudoinverse', rank: 4 })
    expect(distance((await applyPseudoinverse(linalg, x, factorization, b)).data, product(pseudoinverse(x), b).data)).toBeLessThan(1e-10)
  })
})

describe('the perceptron', () => {
  const shapes: [string, number, number][] = [
    ['wide', 7, 12],
    ['square', 9, 9],
    ['tall', 20, 6]
  ]
  for (const [name, samples, inputs] of shapes)
    for (const bias of [false, true])
      for (const activation of [leaky, { kind: 'tanh' }, { kind: 'sigmoid' }, { kind: 'identity' }] as Activation[])
        test(`${name}, ${activation.kind}${bias ? ', bias' : ''}: the limit is GGN⁺ g`, async () => {
          const problem = net([inputs, 4], samples, { activation, bias, gain: 0.5 })
          const { direction, figures } = await invert(problem)
          expect(distance(direction, await blockSolutions(problem, 'ggn'))).toBeLessThan(1e-8)
          expect(figures.rank).toBe(Math.min(samples, inputs + (bias ? 1 : 0)))
          if (activation.kind === 'leaky-relu' || activation.kind === 'identity')
            expect(distance(direction, await blockSolutions(problem, 'hessian'))).toBeLessThan(1e-8)
        })

  test('the loss weight does not matter', async () => {
    const [a, b] = [await invert(net([12, 4], 7)), await invert(net([12, 4], 7, { loss: 'mse' }))]
    expect(distance(a.direction, b.direction)).toBeLessThan(1e-14)
  })

  test.each([
    [leaky, 1e-9],
    [{ kind: 'tanh' } as Activation, 1e-6]
  ])('%j: finite differences with r = 1e-6 agree with the limit', async (activation, tolerance) => {
    const problem = net([12, 4], 7, { activation, gain: 0.5, loss: 'mse' })
    const [limit, difference] = [await invert(problem), await invert(problem, 'finite-difference', 1e-6)]
    expect(distance(difference.direction, limit.direction)).toBeLessThan(tolerance)
  })

  test('a tall batch has no functional inverse: differences refuse, the limit says what it does', async () => {
    const problem = net([6, 4], 20)
    await expect(invert(problem, 'finite-difference')).rejects.toThrow(
      'the batch (20 × 6, rank 6) has more samples than its rank, so the gradient does not determine the outputs and its map has no functional inverse; use mode limit, or batches of at most 6 independent samples'
    )
    expect((await invert(problem)).notes[0]).toContain('least squares of smallest norm')
  })

  test('a rank-deficient wide batch is told apart from one of full rank', async () => {
    const inputs = product(normalMatrix(6, 3, 5), normalMatrix(3, 10, 6))
    const problem = net([10, 4], 6, { inputs })
    await expect(invert(problem, 'finite-difference')).rejects.toThrow('(6 × 10, rank 3)')
    const { direction, figures } = await invert(problem)
    expect(figures.rank).toBe(3)
    expect(distance(direction, await blockSolutions(problem, 'ggn'))).toBeLessThan(1e-8)
  })

  test('a batch is factorized once for all epochs', async () => {
    let factorizations = 0
    const counting = {
      ...linalg,
      choleskyInPlace: (...args: Parameters<typeof linalg.choleskyInPlace>) => (factorizations++, linalg.choleskyInPlace(...args))
    }
    const data = { train: { inputs: normalMatrix(12, 8, 1), targets: normalMatrix(12, 2, 2), labels: null }, validation: null, test: null }
    const spec = smallSpec({
      model: { layers: [8, 2], activation: leaky },
      batch: { size: 4, shuffle: false },
      optimizer: { kind: 'fd-newton' },
      budget: { epochs: 5 }
    })
    const weights = fillNormal(randomStream(4, 'w'), new Float64Array(16))
    const sink = memorySink()
    await train({ linalg: counting }, { spec, state: initialState(spec, weights), sink }, data)
    expect(sink.lines).toHaveLength(15)
    expect(factorizations).toBe(3)

    // A cache that outlives the run serves the next one, with the same bits.
    const factorizationCache = memoryFactorizations(linalg, 1e6)
    const again = async () =>
      (
        await train(
          { linalg: counting },
          { spec, state: initialState(spec, weights), sink: memorySink(), factorizations: factorizationCache },
          data
        )
      ).state
    const [first, second] = [await again(), await again()]
    expect(factorizations).toBe(6)
    expect(await factorizationCache.get('4+4')).not.toBeNull()
    expect([...second.parameters]).toEqual([...first.parameters])
  })

  test('a cache takes in what fits its budget, and no more', async () => {
    const cache = memoryFactorizations(linalg, 8 * 16 * 2)
    const make = () => factorizeBatch(linalg, normalMatrix(4, 9, 1))
    const [a, b, c] = [await make(), await make(), await make()]
    await cache.put('a', a)
    await cache.put('b', b)
    await cache.put('c', c)
    expect(await cache.get('a')).toBe(a)
    expect(await cache.get('b')).toBe(b)
    expect(await cache.get('c')).toBeNull()
    expect([a, b, c].map((f) => cache.owns(f))).toEqual([true, true, false])
    cache.release()
    expect(await cache.get('a')).toBeNull()
  })
})

describe('deep nets, layer by layer', () => {
  test.each([
    [[6, 6, 6], leaky],
    [[6, 6, 6, 6], leaky],
    [[6, 6, 6], { kind: 'tanh' }],
    [[6, 6, 6, 6], { kind: 'sigmoid' }]
  ] as [number[], Activation][])('%j %j: square and of full rank, equal to the GGN blocks’ solution', async (layers, activation) => {
    const problem = net(layers, 6, { activation, gain: 0.8 })
    const { direction, notes, figures } = await invert(problem)
    expect(notes).toEqual([])
    expect(figures.exact).toBe(1)
    expect(figures.condition).toBeLessThan(1e4)
    const tolerance = 1e-6
    expect(distance(direction, await blockSolutions(problem, 'ggn', 1e-15))).toBeLessThan(tolerance)
    const exact = distance(direction, await blockSolutions(problem, 'hessian', 1e-15))
    if (activation.kind === 'leaky-relu') expect(exact).toBeLessThan(tolerance)
    else expect(exact).toBeGreaterThan(1e-3)
  })

  test('with biases the activations carry a column of ones', async () => {
    const problem = net([5, 5], 6, { activation: leaky, bias: true })
    const deep = net([5, 5, 6], 6, { activation: leaky, bias: true })
    expect(distance((await invert(problem)).direction, await blockSolutions(problem, 'ggn', 1e-15))).toBeLessThan(1e-6)
    // 5 → 6 weights are not square, so the first layer is approximate, the last one is not.
    const { direction } = await invert(deep)
    const expected = await blockSolutions(deep, 'ggn', 1e-15)
    const { offset } = deep.network.layers[1]
    expect(distance(direction.subarray(offset), expected.subarray(offset))).toBeLessThan(1e-6)
  })

  test('finite differences agree with the limit to what r allows', async () => {
    const problem = net([6, 6, 6], 6, { activation: { kind: 'tanh' }, gain: 0.8 })
    const limit = await invert(problem)
    const errors = []
    for (const r of [1e-3, 1e-4, 1e-6]) errors.push(distance((await invert(problem, 'finite-difference', r)).direction, limit.direction))
    expect(errors[2]).toBeLessThan(1e-5)
    // Two-sided: the error falls as r².
    expect(errors[0] / errors[1]).toBeGreaterThan(50)
  })

  test('one-sided layers are called approximate, with the distance from the blocks’ own solutions', async () => {
    const problem = net([8, 6, 4], 5)
    const { direction, notes, figures } = await invert(problem)
    expect(notes[0]).toContain('approximate')
    expect(figures.exact).toBe(0)
    const expected = await blockSolutions(problem, 'ggn')
    for (const { name, offset, rows, columns } of problem.network.layers) {
      const size = rows * columns
      const error = distance(direction.subarray(offset, offset + size), expected.subarray(offset, offset + size))
      expect(figures[`distance ${name}`]).toBeCloseTo(error, 6)
    }
    expect(figures['distance W1']).toBeGreaterThan(1e-3)
  })

  test.each([
    [net([6, 6, 6], 6, { activation: { kind: 'relu' } }), 'limit', 'relu of W1 is not one-to-one'],
    [net([6, 6, 6], 9), 'finite-difference', 'the batch of inputs X (9 × 6) has more samples than columns'],
    [net([6, 4, 6], 4), 'finite-difference', 'W2 (4 × 6) has more columns than rows'],
    [net([6, 6, 6], 6, { loss: 'softmax-cross-entropy' }), 'limit', 'softmax-cross-entropy mixes the outputs'],
    [
      net([6, 6, 6], 6, { inputs: product(normalMatrix(6, 2, 1), normalMatrix(2, 6, 2)) }),
      'limit',
      'the batch of inputs X (6 × 6) has rank 2, so it has no one-sided inverse; rank 6 would do'
    ]
  ] as [Net, 'limit' | 'finite-difference', string][])('refuses %#', async (problem, mode, message) => {
    await expect(invert(problem, mode)).rejects.toThrow(message)
  })

  test('a singular weight matrix is named, before the run starts', async () => {
    const problem = net([6, 6, 6], 6)
    const weights = problem.parameters.slice()
    // Two equal columns of W2.
    for (let i = 0; i < 6; i++) weights[36 + i * 6 + 1] = weights[36 + i * 6]
    await expect(invert({ ...problem, parameters: weights })).rejects.toThrow('W2 (6 × 6) has rank 5')
    const spec = smallSpec({ model: { layers: [6, 6, 6], activation: leaky }, batch: { size: null }, optimizer: { kind: 'fd-newton' } })
    const sink = memorySink()
    const { inputs, targets } = problem.batch
    await expect(
      train(
        context,
        { spec, state: initialState(spec, weights), sink },
        { train: { inputs, targets, labels: null }, validation: null, test: null }
      )
    ).rejects.toThrow('W2 (6 × 6) has rank 5')
    expect(sink.lines).toEqual([])
  })
})

const sweepOf = ({ network, batch, parameters, loss }: Net, options?: { differences: number[] }) =>
  fdSweep(networkObjective(context, network, loss, batch), parameters, options)

describe('the sweep over r', () => {
  test('tanh: a V with slope 2 (two-sided) and 1 (one-sided) on the right, rounding on the left', async () => {
    const problem = net([12, 4], 7, { activation: { kind: 'tanh' }, gain: 0.3 })
    const rows = await sweepOf(problem)
    expect(rows).toHaveLength(27)
    expect(rows[0].r).toBeCloseTo(0.1, 15)
    expect(rows[26].r).toBeCloseTo(1e-14, 25)
    const at = (r: number) => rows.find((row) => Math.abs(Math.log10(row.r / r)) < 0.01)
    const slope = (side: 'twoSided' | 'oneSided', from: number, to: number) =>
      Math.log10((at(from)?.[side] ?? NaN) / (at(to)?.[side] ?? NaN)) / Math.log10(from / to)
    expect(slope('twoSided', 1e-2, 1e-3)).toBeCloseTo(2, 1)
    expect(slope('oneSided', 1e-2, 1e-4)).toBeCloseTo(1, 1)
    expect(slope('twoSided', 1e-8, 1e-12)).toBeLessThan(-0.7)
    expect(slope('oneSided', 1e-9, 1e-13)).toBeLessThan(-0.7)
    expect(Math.min(...rows.map((row) => row.twoSided ?? Infinity))).toBeLessThan(1e-8)
    expect(Math.min(...rows.map((row) => row.twoSided ?? Infinity))).toBeLessThan(Math.min(...rows.map((row) => row.oneSided ?? Infinity)))
  })

  test('leaky ReLU: no truncation, rounding only', async () => {
    const problem = net([12, 4], 7)
    const rows = await sweepOf(problem, {
      differences: [1e-4, 1e-8, 1e-12]
    })
    for (const { r, twoSided } of rows) expect(twoSided).toBeLessThan(1e-13 / r)
  })

  test('deep nets have one too', async () => {
    const problem = net([5, 5, 5], 5, { activation: { kind: 'tanh' }, gain: 0.7 })
    const rows = await sweepOf(problem, {
      differences: [1e-3, 1e-5, 1e-13]
    })
    expect(rows[1].twoSided ?? NaN).toBeLessThan(rows[0].twoSided ?? NaN)
    expect(rows[2].twoSided ?? NaN).toBeGreaterThan(rows[1].twoSided ?? NaN)
  })
})
