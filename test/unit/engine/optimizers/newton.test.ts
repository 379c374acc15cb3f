// Second-order steps against the dense formula from an independent eigendecomposition; paths, damping rules, adaptation, Krylov subspaces, diagnostics.
import { describe, expect, test } from 'vitest'
import { matrix } from '../../../../src/engine/linalg'
import { createOptimizer, type StepInput, type StepResult } from '../../../../src/engine/optimizers'
import type { Objective } from '../../../../src/engine/objective'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { initialState, train } from '../../../../src/engine/training'
import { optimizerSchema, type Scope } from '../../../../src/shared/spec/schema'
import { jacobi, openPlain } from '../../../reference/linalg/plain'
import { makeCase, type Case } from '../nn/nets'
import { memorySink, smallData, smallSpec, startWeights } from '../training/memory-sink'

const linalg = openPlain()

const tanhNet = () => makeCase(linalg, { layers: [4, 5, 3], activation: { kind: 'tanh' }, loss: 'half-sse', bias: true, samples: 9 })
const leakyNet = () =>
  makeCase(linalg, { layers: [4, 5, 3], activation: { kind: 'leaky-relu', slope: 0.5 }, loss: 'half-sse', bias: false, samples: 9 })
const softmaxNet = () =>
  makeCase(linalg, { layers: [4, 5, 3], activation: { kind: 'tanh' }, loss: 'softmax-cross-entropy', bias: true, samples: 9 })

async function stepOf(
  { objective, parameters }: Pick<Case, 'objective' | 'parameters'>,
  spec: Record<string, unknown>,
  overrides: Partial<StepInput> = {}
): Promise<StepResult & { gradient: Float64Array; loss: number }> {
  const gradient = new Float64Array(parameters.length)
  const loss = await objective.gradient(parameters, gradient)
  const optimizer = createOptimizer(optimizerSchema.parse(spec))
  const result = await optimizer.step(optimizer.init(parameters.length), {
    linalg,
    parameters,
    objective,
    curvatureObjective: objective,
    gradient,
    loss,
    step: 1,
    epoch: 0,
    learningRate: 1,
    damping: 0.1,
    wantSpectrum: false,
    ...overrides
  })
  optimizer.dispose?.()
  return { ...result, gradient, loss }
}

/** −f(H_b) g_b block by block, from Jacobi's eigendecomposition of the objective's own blocks without any splitting. */
async function reference(
  { objective, parameters }: Pick<Case, 'objective' | 'parameters'>,
  scope: Scope,
  kind: 'hessian' | 'ggn',
  f: (lambda: number) => number
) {
  const gradient = new Float64Array(parameters.length)
  await objective.gradient(parameters, gradient)
  const update = new Float64Array(parameters.length)
  const spectra: Record<string, Float64Array> = {}
  let curvature = 0
  for (const block of await objective.curvature(parameters, { scope, kind })) {
    const { values, vectors } = jacobi(matrix(block.size, block.size, block.data.slice()))
    spectra[block.name] = values
    for (let k = 0; k < block.size; k++) {
      let c = 0
      for (let i = 0; i < block.size; i++) c += vectors.data[i * block.size + k] * gradient[block.offset + i]
      for (let i = 0; i < block.size; i++) update[block.offset + i] -= f(values[k]) * c * vectors.data[i * block.size + k]
      curvature += values[k] * (f(values[k]) * c) ** 2
    }
  }
  return { update, spectra, curvature, gradient }
}

function expectClose(found: Float64Array, expected: Float64Array, tolerance: number) {
  expect(Math.hypot(...found.map((value, i) => value - expected[i])) / Math.hypot(...expected)).toBeLessThan(tolerance)
}

const rules = {
  'abs-of-shifted': (lambda: number) => 1 / Math.abs(lambda + 0.1),
  'shifted-abs': (lambda: number) => 1 / (Math.abs(lambda) + 0.1),
  clamp: (lambda: number) => 1 / Math.max(Math.abs(lambda), 0.1)
}

describe('saddle-free Newton', () => {
  for (const [kind, f] of Object.entries(rules))
    for (const scope of ['full', 'layer-blocks'] as const)
      for (const [name, net] of Object.entries({ tanh: tanhNet, leaky: leakyNet, softmax: softmaxNet }))
        test(`${kind}, ${scope}, ${name}`, async () => {
          const problem = net()
          const expected = await reference(problem, scope, 'hessian', f)
          const plain = await stepOf(problem, { kind: 'sfn', scope, damping: { kind } })
          expectClose(plain.update, expected.update, 1e-9)
          // Asking for the spectrum changes no bit of the step.
          const watched = await stepOf(problem, { kind: 'sfn', scope, damping: { kind } }, { wantSpectrum: true })
          expect([...watched.update]).toEqual([...plain.update])
          for (const [block, values] of Object.entries(expected.spectra)) {
            const figures = watched.diagnostics.spectrum?.[block]
            const scale = Math.max(...values.map(Math.abs))
            expect(Math.abs((figures?.lambdaMin ?? NaN) - values[0])).toBeLessThan(1e-10 * scale)
            expect(Math.abs((figures?.lambdaMax ?? NaN) - values[values.length - 1])).toBeLessThan(1e-10 * scale)
            expect(figures?.trace).toBeCloseTo(
              values.reduce((sum, value) => sum + value, 0),
              9
            )
            const tolerance = values.length * Number.EPSILON * scale
            expect(figures?.index).toBe(values.filter((value) => value < -tolerance).length / values.length)
            const flipped =
              kind === 'abs-of-shifted' ? values.filter((value) => value + 0.1 < 0) : values.filter((value) => value < -tolerance)
            expect(figures?.flipped).toBe(flipped.length)
            expect(watched.diagnostics.flipped?.[block]).toBe(flipped.length)
          }
          const { gradient, update } = expected
          const slope = -gradient.reduce((sum, g, i) => sum + g * update[i], 0)
          expect(plain.diagnostics.predictedDecrease).toBeCloseTo(slope - expected.curvature / 2, 9)
          expect(plain.diagnostics.cosine).toBeCloseTo(slope / (Math.hypot(...gradient) * Math.hypot(...update)), 10)
        })

  test('Cholesky is taken exactly where it gives the rule, and decompositions only where it does not', async () => {
    const path = async (net: Case, spec: Record<string, unknown>, damping = 0.1) =>
      (await stepOf(net, { kind: 'sfn', ...spec }, { damping })).diagnostics.path
    // Piecewise-linear layers are positive semidefinite; the whole matrix of two layers is not.
    expect(await path(leakyNet(), { scope: 'layer-blocks' })).toEqual({ W1: 'cholesky', W2: 'cholesky' })
    expect(await path(leakyNet(), { scope: 'full' })).toEqual({ full: 'eigen' })
    // A shift beyond the smallest eigenvalue makes |λ + δ| = λ + δ, which the factorization proves; |λ| + δ stays another thing.
    expect(await path(leakyNet(), { scope: 'full', damping: { kind: 'abs-of-shifted' } }, 100)).toEqual({ full: 'cholesky' })
    expect(await path(leakyNet(), { scope: 'full', damping: { kind: 'shifted-abs' } }, 100)).toEqual({ full: 'eigen' })
    // clamp needs every λ ≥ δ.
    expect(await path(leakyNet(), { scope: 'layer-blocks', damping: { kind: 'clamp' } }, 100)).toEqual({ W1: 'eigen', W2: 'eigen' })
  })

  test('a step that needs no decomposition makes none', async () => {
    let decompositions = 0
    const counting = {
      ...linalg,
      eigenSymmetric: (...args: Parameters<typeof linalg.eigenSymmetric>) => (decompositions++, linalg.eigenSymmetric(...args)),
      eigenvalues: (...args: Parameters<typeof linalg.eigenvalues>) => (decompositions++, linalg.eigenvalues(...args))
    }
    await stepOf(leakyNet(), { kind: 'sfn', scope: 'layer-blocks' }, { linalg: counting })
    expect(decompositions).toBe(0)
    // Only the asked-for spectrum: one matrix for W1, one an output unit for W2.
    await stepOf(leakyNet(), { kind: 'sfn', scope: 'layer-blocks' }, { linalg: counting, wantSpectrum: true })
    expect(decompositions).toBe(1 + 3)
  })

  test('best-of takes the candidate with the lowest loss after the step', async () => {
    const problem = tanhNet()
    const candidates = [10, 1, 0.1, 0.01]
    const best = await stepOf(problem, { kind: 'sfn', damping: { adapt: 'best-of', candidates } })
    const after = async (update: Float64Array) => problem.objective.loss(problem.parameters.map((w, i) => w + update[i]))
    const losses = []
    for (const value of candidates) losses.push(await after((await stepOf(problem, { kind: 'sfn' }, { damping: value })).update))
    expect(await after(best.update)).toBeCloseTo(Math.min(...losses), 9)
    expect(best.diagnostics.damping).toBe(candidates[losses.indexOf(Math.min(...losses))])
  })
})

describe('damped Newton and Levenberg–Marquardt', () => {
  test.each(['full', 'layer-blocks'] as const)('scope %s solve (H + δ) x = g and (GGN + δ) x = g', async (scope) => {
    const problem = tanhNet()
    const shifted = (lambda: number) => 1 / (lambda + 0.1)
    const newton = await stepOf(problem, { kind: 'damped-newton', scope })
    expectClose(newton.update, (await reference(problem, scope, 'hessian', shifted)).update, 1e-8)
    const gauss = await stepOf(problem, { kind: 'levenberg-marquardt', scope, damping: { adapt: 'none' } })
    expectClose(gauss.update, (await reference(problem, scope, 'ggn', shifted)).update, 1e-9)
    expect(Object.values(gauss.diagnostics.path ?? {}).every((path) => path === 'cholesky')).toBe(true)
  })

  test('the adapted damping never lets the loss rise and follows the gain ratio', async () => {
    const spec = smallSpec({
      optimizer: { kind: 'levenberg-marquardt', damping: { value: 1e-3 } },
      batch: { size: null },
      budget: { steps: 12 }
    })
    const sink = memorySink()
    await train({ linalg }, { spec, state: initialState(spec, startWeights(26)), sink }, smallData())
    for (let i = 1; i < sink.lines.length; i++) expect(sink.lines[i].loss).toBeLessThanOrEqual(sink.lines[i - 1].loss)
    for (const [i, line] of sink.lines.slice(0, -1).entries()) {
      const ratio = (line.actualDecrease ?? NaN) / (line.predictedDecrease ?? NaN)
      const expected = (line.damping ?? NaN) * (ratio > 0.75 ? 1 / 3 : ratio < 0.25 ? 2 : 1)
      const next = sink.lines[i + 1].damping ?? NaN
      // Later trials multiply by four.
      const tries = Math.log(next / expected) / Math.log(4)
      expect(tries).toBeCloseTo(Math.round(tries), 6)
      expect(tries).toBeGreaterThan(-1e-9)
    }
  })

  test('predicted and actual decrease agree for short steps', async () => {
    const spec = smallSpec({ optimizer: { kind: 'sfn', learningRate: 1e-3 }, batch: { size: null }, budget: { steps: 3 } })
    const sink = memorySink()
    await train({ linalg }, { spec, state: initialState(spec, startWeights(26)), sink }, smallData())
    for (const { predictedDecrease, actualDecrease = NaN } of sink.lines)
      expect(actualDecrease / (predictedDecrease ?? NaN)).toBeCloseTo(1, 3)
  })
})

describe('the curvature batch', () => {
  test('half-sse curvature of more or fewer samples is brought to the scale of the gradient', async () => {
    // Twice the same six samples: curvature of the first six is half that of all twelve.
    const base = smallData(6)
    const twice = (m: (typeof base.train)['inputs']) => matrix(12, m.columns, Float64Array.from([...m.data, ...m.data]))
    const train12 = { inputs: twice(base.train.inputs), targets: twice(base.train.targets), labels: null }
    const run = async (curvatureBatch: number | null) => {
      const spec = smallSpec({ optimizer: { kind: 'sfn', curvatureBatch }, batch: { size: null }, budget: { steps: 1 } })
      return (
        await train(
          { linalg },
          { spec, state: initialState(spec, startWeights(26)), sink: memorySink() },
          { train: train12, validation: null, test: null }
        )
      ).state.parameters
    }
    expectClose(await run(6), await run(null), 1e-11)
  })
})

describe('Krylov saddle-free Newton', () => {
  test.each(Object.entries(rules))('%s: as many vectors as parameters give the exact step to 1e-8', async (kind, f) => {
    for (const problem of [tanhNet(), leakyNet(), softmaxNet()]) {
      const expected = await reference(problem, 'full', 'hessian', f)
      const krylov = await stepOf(problem, { kind: 'sfn-krylov', vectors: problem.parameters.length, damping: { kind } })
      expectClose(krylov.update, expected.update, 1e-8)
      expect(krylov.diagnostics.path).toEqual({ full: 'krylov' })
    }
  })

  test('two vectors span the gradient and its image; the step is exact saddle-free Newton there', async () => {
    const problem = tanhNet()
    const { update, gradient } = await stepOf(problem, { kind: 'sfn-krylov', vectors: 2 })
    const [block] = await problem.objective.curvature(problem.parameters, { scope: 'full' })
    const image = gradient.map((_, i) => gradient.reduce((sum, g, j) => sum + block.data[i * block.size + j] * g, 0))
    // Least-squares rest of the update after g and Hg are taken out.
    const gg = gradient.reduce((sum, g) => sum + g * g, 0)
    const rest = image.map((value, i) => value - (image.reduce((sum, v, j) => sum + v * gradient[j], 0) / gg) * gradient[i])
    const rr = rest.reduce((sum, r) => sum + r * r, 0)
    const a = update.reduce((sum, u, i) => sum + u * gradient[i], 0) / gg
    const b = update.reduce((sum, u, i) => sum + u * rest[i], 0) / rr
    expect(Math.hypot(...update.map((u, i) => u - a * gradient[i] - b * rest[i]))).toBeLessThan(1e-10 * Math.hypot(...update))
  })

  test('few vectors leave a saddle where gradient descent stands still', async () => {
    const net: Record<string, unknown> = {
      model: { layers: [null, 6, 6, 2], activation: { kind: 'tanh' }, bias: true },
      loss: 'softmax-cross-entropy',
      batch: { size: null },
      budget: { steps: 25 }
    }
    const lossAfter = async (optimizer: Record<string, unknown>) => {
      const spec = smallSpec({ ...net, optimizer })
      const sink = memorySink()
      const count = 4 * 6 + 7 * 6 + 7 * 2
      const weights = fillNormal(randomStream(7, 'weights'), new Float64Array(count), 0.03)
      await train({ linalg }, { spec, state: initialState(spec, weights), sink }, smallData(60))
      return sink.lines[sink.lines.length - 1].loss
    }
    // Both start at log 2, the loss of a net that knows nothing.
    expect(await lossAfter({ kind: 'gd', learningRate: 0.5 })).toBeGreaterThan(0.98 * Math.log(2))
    expect(await lossAfter({ kind: 'sfn-krylov', vectors: 5, damping: { value: 0.02 } })).toBeLessThan(0.5 * Math.log(2))
  })

  test('a vanishing gradient gives no step', async () => {
    const flat: Objective = { ...tanhNet().objective, gradient: async (_, gradient) => (gradient.fill(0), 1) }
    const { update } = await stepOf({ objective: flat, parameters: tanhNet().parameters }, { kind: 'sfn-krylov' })
    expect(update.every((value) => value === 0)).toBe(true)
  })
})

describe('a single layer', () => {
  test('its full matrix is taken apart by output unit, under its own name and with the same step', async () => {
    const problem = makeCase(linalg, { layers: [6, 4], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 9 })
    const sizes: number[] = []
    const watching: typeof linalg = {
      ...linalg,
      choleskyInPlace: (a, ...rest) => (sizes.push(a.rows), linalg.choleskyInPlace(a, ...rest)),
      eigenSymmetric: (a, ...rest) => (sizes.push(a.rows), linalg.eigenSymmetric(a, ...rest))
    }
    const { update, diagnostics } = await stepOf(problem, { kind: 'sfn', scope: 'full' }, { linalg: watching })
    expectClose(update, (await reference(problem, 'full', 'hessian', rules['shifted-abs'])).update, 1e-9)
    expect(Object.keys(diagnostics.path ?? {})).toEqual(['full'])
    expect(Math.max(...sizes)).toBe(7)
  })
})
