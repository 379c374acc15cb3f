// Weight decay through a whole run: the steps NumPy takes (test/reference/regularization/make.py), curvature batches, exact solves, snapshots, strict minima, resumed bits, evaluations left alone.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { matrix } from '../../../../src/engine/linalg'
import { initialState, openProblem, train, type TrainingState } from '../../../../src/engine/training'
import { planBatches } from '../../../../src/engine/training/batches'
import { positionOf } from '../../../../src/engine/training/state'
import { curvatureObjective } from '../../../../src/engine/training/step'
import { functionSpecSchema, type NetworkSpec } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { relativeError } from '../nn/nets'
import { memorySink, smallData, smallSpec, startWeights } from './memory-sink'

const linalg = openPlain()
const data = smallData()
const P = 4 * 4 + 5 * 2
const l2 = 0.05
const decayed = { regularization: { l2 } }

async function run(changes: Record<string, unknown>, from?: TrainingState, on = data, parameters = startWeights(P)) {
  const spec = smallSpec(changes)
  const sink = memorySink({
    snapshot: async (snapshot) =>
      void sink.snapshots.push({
        ...snapshot,
        parameters: snapshot.parameters.slice(),
        blocks: snapshot.blocks.map((block) => ({
          ...block,
          eigenvalues: block.eigenvalues?.slice() ?? null
        }))
      })
  })
  const outcome = await train({ linalg }, { spec, state: from ?? initialState(spec, parameters), sink }, on)
  return { spec, sink, outcome }
}

describe('the steps of NumPy', () => {
  const golden = JSON.parse(readFileSync(new URL('../../../reference/regularization/numpy.json', import.meta.url), 'utf8')) as {
    l2: number
    inputs: number[]
    targets: number[]
    start: number[]
    runs: Record<string, { losses: number[]; smallest: number[]; weights: number[] }>
  }
  const train10 = { inputs: matrix(10, 3, Float64Array.from(golden.inputs)), targets: matrix(10, 2, Float64Array.from(golden.targets)) }
  const newton = { learningRate: 1, damping: { value: 0.01 } }
  test.each([
    ['gd', { kind: 'gd', learningRate: 0.5 }],
    ['adam', { kind: 'adam', learningRate: 0.1 }],
    ['newton', { kind: 'damped-newton', ...newton }],
    // A softmax layer's Hessian is its Gauss–Newton matrix and has no negative eigenvalue: four kinds, one step.
    ['newton', { kind: 'levenberg-marquardt', ...newton, damping: { value: 0.01, adapt: 'none' } }],
    ['newton', { kind: 'sfn', ...newton }],
    ['newton', { kind: 'sfn-krylov', vectors: 8, ...newton }]
  ])('%s: %j', async (name, optimizer) => {
    const { losses, smallest, weights } = golden.runs[name]
    const { sink, outcome } = await run(
      {
        regularization: { l2: golden.l2 },
        model: { layers: [null, 2], activation: { kind: 'identity' }, bias: true },
        loss: 'softmax-cross-entropy',
        batch: { size: null },
        optimizer,
        diagnostics: { everySteps: 1 },
        budget: { steps: 6 }
      },
      undefined,
      { train: { ...train10, labels: null }, validation: null, test: null },
      Float64Array.from(golden.start)
    )
    expect(
      relativeError(
        Float64Array.from(sink.lines, ({ loss }) => loss),
        losses
      )
    ).toBeLessThan(1e-12)
    expect(relativeError(outcome.state.parameters, weights)).toBeLessThan(1e-9)
    if ('damping' in optimizer && optimizer.kind !== 'sfn-krylov')
      expect(
        relativeError(
          Float64Array.from(sink.lines, ({ lambdaMin }) => Number(lambdaMin)),
          smallest
        )
      ).toBeLessThan(1e-10)
  })
})

test('curvature of a batch of another size is scaled for half-sse; weight decay is not', async () => {
  const context = { linalg }
  const optimizer = { kind: 'sfn', curvatureBatch: 9 }
  const of = async (changes: Record<string, unknown>) => {
    const spec: NetworkSpec = smallSpec({ optimizer, ...changes })
    const problem = openProblem(context, spec, data)
    const plan = planBatches(problem.samples, problem.batchSize, problem.shuffle)
    const position = positionOf(initialState(spec, startWeights(P)))
    const own = problem.objective(plan.at(position).batch, 'step')
    const objective = curvatureObjective({ spec, linalg, problem, plan }, position, own)
    expect([own.samples, objective.samples]).toEqual([4, 9])
    const [{ data: matrixOf }] = await objective.curvature(startWeights(P), { scope: 'full' })
    return {
      hessian: matrixOf.slice(),
      loss: await objective.loss(startWeights(P)),
      product: await objective.products(startWeights(P), 'hessian')
    }
  }
  for (const loss of ['half-sse', 'mse']) {
    const [plain, with2] = [await of({ loss }), await of({ loss, ...decayed })]
    const shifted = plain.hessian.map((x, e) => x + (e % (P + 1) === 0 ? l2 : 0))
    expect(relativeError(with2.hessian, shifted)).toBeLessThan(1e-15)
    expect(with2.loss - plain.loss).toBeCloseTo((l2 / 2) * startWeights(P).reduce((sum, x) => sum + x * x, 0), 12)
    const v = matrix(1, P, startWeights(P))
    const [bare, whole] = [await plain.product(v), await with2.product(v)]
    expect(
      relativeError(
        whole.data,
        bare.data.map((x, i) => x + l2 * v.data[i])
      )
    ).toBeLessThan(1e-15)
  }
})

describe('snapshots', () => {
  test.each(['full', 'layer-blocks', 'unit-blocks'])('%s: every eigenvalue is l2 larger, and the checks hold', async (scope) => {
    for (const loss of ['half-sse', 'softmax-cross-entropy']) {
      if (scope === 'unit-blocks' && loss === 'softmax-cross-entropy') continue
      for (const hessian of [true, false]) {
        const changes = {
          loss,
          optimizer: { kind: 'sfn', scope },
          snapshots: { everySteps: 10, eigenvectors: 4, hessian },
          budget: { steps: 1 }
        }
        const [plain, with2] = [(await run(changes)).sink.snapshots[0], (await run({ ...changes, ...decayed })).sink.snapshots[0]]
        for (const [k, block] of with2.blocks.entries()) {
          const before = plain.blocks[k].eigenvalues ?? []
          expect(block.eigenvalues?.length).toBeGreaterThan(0)
          expect(
            relativeError(
              block.eigenvalues ?? [],
              Float64Array.from(before, (x) => x + l2)
            )
          ).toBeLessThan(1e-12)
          const { trace, frobenius, residual, finiteDifference, symmetry } = block.checks
          for (const check of [trace, frobenius, residual, symmetry]) expect(check ?? 0).toBeLessThan(1e-12)
          expect(finiteDifference ?? 0).toBeLessThan(1e-6)
        }
      }
    }
  })
})

test('the minimum of a softmax layer becomes strict: λ_min ≥ l2 at every step, and 0 without', async () => {
  const changes = {
    model: { layers: [null, 2], activation: { kind: 'identity' }, bias: true },
    loss: 'softmax-cross-entropy',
    batch: { size: null },
    optimizer: { kind: 'damped-newton', learningRate: 1, damping: { value: 1e-10 } },
    diagnostics: { everySteps: 1 },
    budget: { steps: 12 }
  }
  const of = async (more: Record<string, unknown>) => (await run({ ...changes, ...more }, undefined, data, startWeights(8))).sink.lines
  const strict = await of(decayed)
  // The softmax does not change when all units' weights move together: directions of curvature l2 exactly.
  for (const { lambdaMin } of strict) expect(Number(lambdaMin)).toBeCloseTo(l2, 12)
  expect(strict.at(-1)?.gradNorm).toBeLessThan(1e-12)
  const flat = await of({ optimizer: { ...changes.optimizer, damping: { value: 0.1 } } })
  for (const { lambdaMin } of flat) expect(Math.abs(Number(lambdaMin))).toBeLessThan(1e-12)
})

test('evaluations leave it out, lines say how much of the loss it is, and Gauss–Newton blocks stay without negative eigenvalues', async () => {
  for (const loss of ['half-sse', 'mse', 'softmax-cross-entropy']) {
    const changes = { loss, evaluate: { everySteps: 1 }, optimizer: { kind: 'levenberg-marquardt' }, diagnostics: { everySteps: 1 } }
    const held = smallData(14)
    const on = { ...data, validation: held.train }
    const frozen = { ...changes, optimizer: { kind: 'gd', learningRate: 1e-300 }, budget: { steps: 3 } }
    const [plain, with2] = [await run(frozen, undefined, on), await run({ ...frozen, ...decayed }, undefined, on)]
    const starts = ({ starts }: typeof plain.sink) => starts
    expect(starts(with2.sink)).toEqual(starts(plain.sink))
    for (const [k, line] of with2.sink.lines.entries()) {
      const { testLoss, testAccuracy, valLoss, valAccuracy, loss: before, penalty } = plain.sink.lines[k]
      expect(penalty).toBeUndefined()
      expect(line).toMatchObject({ testLoss, testAccuracy, valLoss, valAccuracy })
      expect(line.penalty).toBeCloseTo((l2 / 2) * startWeights(P).reduce((sum, x) => sum + x * x, 0), 12)
      expect(line.loss - (line.penalty ?? 0)).toBeCloseTo(before, 12)
    }
    for (const { lambdaMin, index } of (await run({ ...changes, ...decayed, budget: { steps: 4 } })).sink.lines) {
      expect(Number(lambdaMin)).toBeGreaterThanOrEqual(l2 * (1 - 1e-9))
      expect(index).toBe(0)
    }
  }
})

test.each([
  { kind: 'gd' },
  { kind: 'adam' },
  { kind: 'l-bfgs', maxIterations: 3, lineSearch: 'strong-wolfe' },
  { kind: 'sfn', damping: { adapt: 'best-of' } },
  { kind: 'sfn', scope: 'layer-blocks', curvatureBatch: 7 },
  { kind: 'levenberg-marquardt', scope: 'unit-blocks' },
  { kind: 'sfn-krylov', vectors: 5 }
])('goes on with the same bits: %j', async (optimizer) => {
  const changes = { ...decayed, optimizer, budget: { steps: 6 } }
  const whole = await run(changes)
  expect(whole.outcome.reason).toBe('budget')
  const without = await run({ ...changes, regularization: { l2: 0 } })
  expect([...whole.outcome.state.parameters]).not.toEqual([...without.outcome.state.parameters])
  for (const state of whole.sink.checkpoints) {
    const rest = await run(changes, structuredClone(state))
    expect([...rest.outcome.state.parameters]).toEqual([...whole.outcome.state.parameters])
    expect(rest.sink.lines.map(({ loss }) => loss)).toEqual(whole.sink.lines.slice(state.step).map(({ loss }) => loss))
  }
})

test('of a function: sfn reaches the minimum of f + ½·l2·‖x‖², where its gradient vanishes', async () => {
  const spec = functionSpecSchema.parse({
    schemaVersion: 1,
    name: 'decayed',
    problem: { kind: 'function', function: 'x^2 - y^2', start: [1, 0.5] },
    regularization: { l2: 3 },
    optimizer: { kind: 'damped-newton', learningRate: 1, damping: { value: 1e-12 } },
    diagnostics: { everySteps: 1 },
    budget: { steps: 2 }
  })
  const sink = memorySink()
  const { state } = await train({ linalg }, { spec, state: initialState(spec, Float64Array.of(1, 0.5)), sink }, null)
  // x² − y² alone has a saddle there; the smaller of its curvatures, −2, becomes 1.
  expect(Math.max(...state.parameters.map(Math.abs))).toBeLessThan(1e-10)
  expect(sink.lines[0].loss).toBeCloseTo(0.75 + 1.5 * 1.25, 12)
  expect(sink.lines[0].lambdaMin).toBeCloseTo(1, 12)
})
