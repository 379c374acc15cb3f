// The kind `influence`: closed forms of linear regression, a NumPy program's Taylor coefficients, samples left out for real, and what is said where it cannot be.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { influence } from '../../../../src/engine/analyses/influence'
import { rowsToRetrain } from '../../../../src/engine/analyses/influence/retrain'
import { matrix, openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { createNetwork } from '../../../../src/engine/nn/network'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { analysisKinds } from '../../../../src/shared/analyses/kinds'
import { functionSpecSchema, type LossKind } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { makeCase, relativeError } from '../nn/nets'
import { dataOf, dataSource, faults, quiet } from './source'

const linalg = openPlain()
const optionsOf = (given: object = {}) => analysisKinds.influence.options.parse(given)

/** Linear regression y ≈ xᵀw of one output at its minimum, with δ, by the normal equations. */
async function regression(loss: Extract<LossKind, 'half-sse' | 'mse'>, { samples = 9, inputs = 3, l2 = 0.4 } = {}) {
  const network = createNetwork({ layers: [inputs, 1], activation: { kind: 'identity' }, outputActivation: null, bias: false }, loss)
  const random = randomStream(4, 'regression')
  const normal = (rows: number, columns: number) => matrix(rows, columns, fillNormal(random, new Float64Array(rows * columns)))
  const batch = { inputs: normal(samples, inputs), targets: normal(samples, 1) }
  const test = { inputs: normal(4, inputs), targets: normal(4, 1) }
  // f = weight · ½ Σ (xᵀw − y)² + ½ l2 ‖w‖².
  const weight = loss === 'half-sse' ? 1 : 2 / samples
  const hessian = matrix(inputs, inputs)
  const right = matrix(inputs, 1)
  for (let n = 0; n < samples; n++)
    for (let i = 0; i < inputs; i++) {
      const x = batch.inputs.data.subarray(n * inputs, (n + 1) * inputs)
      right.data[i] += weight * x[i] * batch.targets.data[n]
      for (let j = 0; j < inputs; j++) hessian.data[i * inputs + j] += weight * x[i] * x[j]
    }
  for (let i = 0; i < inputs; i++) hessian.data[i * (inputs + 1)] += l2
  const parameters = (await linalg.leastSquares(hessian, right)).solution.data.slice()
  const objective = networkObjective({ linalg }, network, loss, batch)
  return { case: { network, batch, objective, parameters, loss }, test, l2, hessian, weight }
}

interface Golden {
  readonly layers: number[]
  readonly l2: number
  readonly inputs: number[][]
  readonly targets: number[][]
  readonly testInputs: number[][]
  readonly testTargets: number[][]
  readonly weights: number[]
  readonly leave: number[]
  /** Sample left out × order × test. */
  readonly orders: number[][][]
  readonly actual: number[][]
}
const goldens = JSON.parse(readFileSync('test/reference/influence/influence.json', 'utf8')) as Golden[]

const rows = (values: readonly (readonly number[])[]) => matrix(values.length, values[0].length, Float64Array.from(values.flat()))

function sourceOf(on: Linalg, golden: Golden, from: 'test' | 'training' = 'test') {
  const network = createNetwork(
    { layers: golden.layers, activation: { kind: 'tanh' }, outputActivation: null, bias: true },
    'softmax-cross-entropy'
  )
  const batch = { inputs: rows(golden.inputs), targets: rows(golden.targets) }
  const objective = networkObjective({ linalg: on }, network, 'softmax-cross-entropy', batch)
  return dataSource(on, {
    network,
    batch,
    objective,
    parameters: Float64Array.from(golden.weights),
    loss: 'softmax-cross-entropy',
    l2: golden.l2,
    test: from === 'test' ? { inputs: rows(golden.testInputs), targets: rows(golden.testTargets) } : null
  })
}

describe('linear regression, where leaving a sample out has a closed form', () => {
  it.each([
    ['half-sse', 0],
    ['mse', 0],
    ['half-sse', 0.7]
  ] as const)('%s, δ = %d: every order and the sample left out for real', async (loss, damping) => {
    const { case: given, test, l2, hessian, weight } = await regression(loss)
    const size = hessian.rows
    const samples = given.batch.inputs.rows
    const own = loss === 'half-sse' ? 1 : 2
    const c = weight / own
    const found = await influence.work(
      dataSource(linalg, { ...given, l2, test }),
      optionsOf({ order: 3, retrain: samples, damping }),
      quiet
    )
    expect(faults(found)).toEqual([])
    expect(found.figures).toMatchObject({ weight: c, onTest: 1, order: 3, negative: null })
    const solve = async (x: Float64Array) => {
      const damped = matrix(
        size,
        size,
        hessian.data.map((value, i) => value + (i % (size + 1) === 0 ? damping : 0))
      )
      return (await linalg.leastSquares(damped, matrix(size, 1, x))).solution.data.slice()
    }
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0)
    const error = ({ inputs, targets }: typeof test, n: number) =>
      dot(inputs.data.subarray(n * size, (n + 1) * size), given.parameters) - targets.data[n]
    const orders: number[] = Array<number>(3 * samples * 4)
    const actual: number[] = []
    for (let n = 0; n < samples; n++) {
      const x = given.batch.inputs.data.slice(n * size, (n + 1) * size)
      const [e, z] = [error(given.batch, n), await solve(x)]
      // ∇ℓ_n = own (xᵀw − y) x, so w(ε) − w = ε own e z / (1 − ε own h) with the leverage h = xᵀz.
      const h = own * dot(x, z)
      for (let m = 0; m < 4; m++) {
        const along = dot(test.inputs.data.subarray(m * size, (m + 1) * size), z) * own * e
        const [a, em] = [along, error(test, m)]
        // own/2 [(em + a s)² − em²] with s = ε/(1 − εh): a power series in ε.
        const s = [0, 1, h, h * h]
        const squares = [0, 0, 1, 2 * h]
        const coefficient = (k: number) => own * (em * a * s[k] + 0.5 * a * a * squares[k])
        for (let k = 1, sum = 0; k <= 3; k++) {
          sum -= coefficient(k) * c ** (k - 1)
          orders[((k - 1) * samples + n) * 4 + m] = sum
        }
        const real = c / (1 - c * h)
        actual.push((-own * (em * a * real + 0.5 * a * a * real * real)) / c)
      }
    }
    expect(relativeError(dataOf(found, 'orders'), orders)).toBeLessThan(1e-11)
    expect(relativeError(dataOf(found, 'influence'), orders.slice(2 * samples * 4))).toBeLessThan(1e-11)
    expect(relativeError(dataOf(found, 'actual'), actual)).toBeLessThan(1e-10)
    expect([...dataOf(found, 'retrained')]).toEqual(Array.from({ length: samples }, (_, n) => n))
  })
})

describe('softmax nets, against the NumPy program', () => {
  it.each(goldens.map((golden) => [golden.layers.join(' → '), golden] as const))(
    '%s: Taylor coefficients and samples left out',
    async (_, golden) => {
      const source = sourceOf(linalg, golden)
      const found = await influence.work(source, optionsOf({ order: 3, train: golden.leave, retrain: golden.leave.length }), quiet)
      expect(faults(found)).toEqual([])
      const { orders, actual } = golden
      expect(
        relativeError(
          dataOf(found, 'orders'),
          [0, 1, 2].flatMap((k) => orders.flatMap((one) => one[k]))
        )
      ).toBeLessThan(1e-9)
      expect(relativeError(dataOf(found, 'actual'), actual.flat())).toBeLessThan(1e-9)
      expect(found.figures.weight).toBe(1 / golden.inputs.length)
      // Errors in the change of a test loss, by sums of their own.
      const c = 1 / golden.inputs.length
      for (const k of [0, 1, 2]) {
        const errors = orders.flatMap((one, n) => one[k].map((value, m) => Math.abs(c * (value - actual[n][m]))))
        const mean = errors.reduce((sum, value) => sum + value, 0) / errors.length
        expect(Math.abs((found.figures[`error${k + 1}`] ?? 0) / mean - 1)).toBeLessThan(1e-6)
      }
      expect(found.figures.error3 ?? 1).toBeLessThan(found.figures.error1 ?? 0)
      expect(found.figures.spearman ?? 0).toBeGreaterThan(0.98)
    }
  )

  it('order 1 is the same for all rows at once, on the embedded kernels too, and symmetric on the training samples themselves', async () => {
    const wasm = await openLinalg({ backend: 'wasm', threads: 1 })
    try {
      const golden = goldens[0]
      const whole = dataOf(await influence.work(sourceOf(wasm, golden), optionsOf(), quiet), 'influence')
      for (const [place, n] of golden.leave.entries())
        expect(relativeError(whole.subarray(n * 5, (n + 1) * 5), golden.orders[place][0])).toBeLessThan(1e-9)
      const found = await influence.work(sourceOf(wasm, golden, 'training'), optionsOf(), quiet)
      expect(found.figures.onTest).toBe(0)
      expect(found.arrays.influence.shape).toEqual([40, 40])
      const own = dataOf(found, 'influence')
      for (let n = 0; n < 40; n++) for (let m = 0; m < n; m++) expect(own[n * 40 + m]).toBeCloseTo(own[m * 40 + n], 9)
      // Leaving a sample out can only raise its own loss.
      for (let n = 0; n < 40; n++) expect(own[n * 41]).toBeLessThan(0)
    } finally {
      await wasm.dispose()
    }
  })
})

describe('what is not as it should be', () => {
  it('weights that are no stationary point fail a check and are told', async () => {
    const golden = { ...goldens[0], weights: goldens[0].weights.map((w, i) => w + 0.01 * ((i % 3) - 1)) }
    const found = await influence.work(sourceOf(linalg, golden), optionsOf(), quiet)
    expect(found.checks.stationary.value ?? 0).toBeGreaterThan(found.checks.stationary.limit)
    expect(faults(found)).toHaveLength(1)
    expect(found.said).toMatch(/the weights are no stationary point \(‖∇f‖ is \S+ of what one sample moves\)$/)
  })

  it('a saddle is solved by its eigenpairs, its negative eigenvalues counted and noted', async () => {
    const given = makeCase(linalg, { layers: [3, 3, 2], activation: { kind: 'tanh' }, loss: 'mse', bias: false, samples: 8, seed: 3 })
    const found = await influence.work(dataSource(linalg, { ...given, l2: 0, test: null }), optionsOf(), quiet)
    expect(found.figures.negative ?? 0).toBeGreaterThan(0)
    expect(found.checks.solve.value ?? 1).toBeLessThanOrEqual(found.checks.solve.limit)
    expect(found.notes.join(' ')).toMatch(/H \+ δ has \d+ negative eigenvalues: the point is no minimum/)
  })

  it('a singular Hessian is refused, with what would do; damping does', async () => {
    const source = sourceOf(linalg, { ...goldens[0], l2: 0 })
    await expect(influence.work(source, optionsOf(), quiet)).rejects.toThrow(
      'influence: the Hessian without damping is singular to rounding, so nothing says how the weights would move; set damping to a number > 0, or train with regularization.l2'
    )
    expect((await influence.work(source, optionsOf({ damping: 0.01 }), quiet)).checks.solve.value ?? 1).toBeLessThan(1e-10)
  })

  it.each([
    [{ train: [40] }, 'influence: train has row 40, which is not among the 40 training rows of the loss'],
    [{ test: [1, 5] }, 'influence: test has row 5, and there are 5 test samples, counted from 0']
  ])('rows that are none: %j', async (given, message) => {
    await expect(influence.work(sourceOf(linalg, goldens[0]), optionsOf(given), quiet)).rejects.toThrow(message)
  })

  it('a function has no samples', () => {
    const spec = functionSpecSchema.parse({
      schemaVersion: 1,
      name: 'f',
      problem: { kind: 'function', function: 'rosenbrock' },
      optimizer: { kind: 'gd', learningRate: 0.1 },
      budget: { steps: 1 }
    })
    const shape = { parameterCount: 2, samples: 1, outputs: 1, steps: 1 }
    expect(influence.refusal?.(spec, shape, optionsOf())).toMatch(/^a function has no samples to leave out/)
  })
})

describe('which are left out for real', () => {
  it('half the largest, half spread evenly over the ranks of the rest, in order', () => {
    const lengths = [5, 1, 9, 3, 7, 2, 8, 4, 6, 0]
    // Largest first: places 2, 6, 4, 8, 0, 7, 3, 5, 1, 9.
    expect(rowsToRetrain(lengths, 4)).toEqual([0, 1, 2, 6])
    expect(rowsToRetrain(lengths, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(rowsToRetrain(lengths, 99)).toHaveLength(10)
    expect(rowsToRetrain(lengths, 1)).toEqual([2])
  })
})
