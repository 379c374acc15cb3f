// The loop: what falls due when, budgets, divergence, stopping, and runs resumed at every step with the same bits.
import { describe, expect, test } from 'vitest'
import { initialState, train, type TrainingEvent, type TrainingState } from '../../../../src/engine/training'
import { layerArrays, layerBlocks } from '../../../../src/shared/model/layout'
import { factsOf, optimizerKinds } from '../../../../src/shared/spec/optimizers'
import { functionSpecSchema, optimizerSchema, type OptimizerKind, type RunSpec } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink, smallData, smallSpec, startWeights } from './memory-sink'

const context = { linalg: openPlain() }
const data = smallData()
const parameterCount = 4 * 4 + 5 * 2

async function runSmall(changes: Record<string, unknown> = {}, from?: TrainingState, stop?: AbortSignal) {
  const spec = smallSpec(changes)
  const sink = memorySink()
  const events: TrainingEvent[] = []
  const state = from ?? initialState(spec, startWeights(parameterCount))
  const outcome = await train(context, { spec, state, sink, stop, onEvent: (event) => events.push(event) }, data)
  return { outcome, sink, events }
}

describe('what falls due when', () => {
  test('one line a step, checkpoints at 0, every n and at the end, the epoch counted in samples', async () => {
    const { outcome, sink, events } = await runSmall({ checkpoints: { everySteps: 3 } })
    expect(outcome.reason).toBe('budget')
    expect(sink.lines.map((line) => line.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    // 10 samples in batches of 4, 4 and 2.
    expect(sink.lines.map((line) => line.epoch)).toEqual([0.4, 0.8, 1, 1.4, 1.8, 2, 2.4, 2.8])
    expect(sink.checkpoints.map((state) => state.step)).toEqual([0, 3, 6, 8])
    expect(sink.checkpoints[3]).toBe(outcome.state)
    expect(sink.lines.map((line) => line.gradientEvaluations)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(events.filter((event) => event.kind === 'step')).toHaveLength(8)
    for (let i = 1; i < 8; i++) expect(sink.lines[i].seconds).toBeGreaterThan(sink.lines[i - 1].seconds)
  })

  test('evaluations of the start, every n steps and every n epochs', async () => {
    const { sink } = await runSmall({ evaluate: { everySteps: 4, everyEpochs: 2 } })
    expect(sink.starts).toHaveLength(1)
    expect(sink.lines.filter((line) => line.testLoss !== undefined).map((line) => line.step)).toEqual([4, 6, 8])
    const { testLoss, testAccuracy } = sink.lines[3]
    expect(testLoss).toBeGreaterThan(0)
    expect((testAccuracy ?? NaN) * 7).toBeCloseTo(Math.round((testAccuracy ?? NaN) * 7), 12)
  })

  test.each([
    [{ epochs: 2, steps: null }, 6],
    [{ epochs: 1.4, steps: null }, 4],
    [{ epochs: 2, steps: 4 }, 4],
    [{ steps: 100, targetLoss: 1e9 }, 1],
    [{ steps: 100, seconds: 1e-9 }, 1]
  ])('budget %j ends after step %d', async (budget, steps) => {
    const { outcome, sink } = await runSmall({ budget })
    expect(sink.lines).toHaveLength(steps)
    expect(outcome.reason).toBe('targetLoss' in budget ? 'target-loss' : 'budget')
  })

  test('a run whose budget is spent does nothing', async () => {
    const { outcome } = await runSmall()
    const again = await runSmall({}, outcome.state)
    expect(again.outcome.state).toBe(outcome.state)
    expect(again.sink.lines).toEqual([])
    expect(again.sink.checkpoints).toEqual([])
  })

  test('schedules see t from 1 and epoch from 0', async () => {
    const { sink } = await runSmall({ optimizer: { kind: 'gd', learningRate: '0.1 * 0.5^epoch + 0.001 t' } })
    sink.lines.forEach((line, i) => expect(line.learningRate).toBeCloseTo(0.1 * 0.5 ** Math.floor(i / 3) + 0.001 * (i + 1), 14))
  })

  test('without shuffling, batches come in file order with the shorter last one', async () => {
    const { sink } = await runSmall({
      batch: { size: 4, shuffle: false },
      optimizer: { kind: 'gd', learningRate: 1e-300 },
      budget: { epochs: 2 }
    })
    const losses = sink.lines.map((line) => line.loss)
    expect(losses.slice(3)).toEqual(losses.slice(0, 3))
    const full = await runSmall({ batch: { size: null }, budget: { steps: 1 } })
    expect(losses[0] + losses[1] + losses[2]).toBeCloseTo(full.sink.lines[0].loss, 12)
  })
})

describe('divergence', () => {
  const functionRun = async (source: string, start: number[], optimizer: Record<string, unknown>) => {
    const spec = functionSpecSchema.parse({
      schemaVersion: 1,
      name: source,
      problem: { kind: 'function', function: source, start },
      optimizer,
      budget: { steps: 50 }
    })
    const sink = memorySink()
    return { sink, outcome: await train(context, { spec, state: initialState(spec, Float64Array.from(start)), sink }, null) }
  }

  test.each([
    ['1/x', [0], 'step 1: the loss is infinite at x = 0'],
    ['log(x) + y', [-1, 2], 'step 1: the loss is not a number at x = -1, y = 2'],
    ['sqrt(x)', [0], 'step 1: the gradient is infinite (x, row 1, column 1) at x = 0']
  ])('%s at %j', async (source, start, message) => {
    const { outcome, sink } = await functionRun(source, start, { kind: 'gd' })
    expect(outcome).toMatchObject({ reason: 'diverged', message })
    expect(sink.lines).toEqual([])
    expect([...outcome.state.parameters]).toEqual(start)
  })

  test('the last good weights are kept and checkpointed', async () => {
    const { outcome, sink } = await functionRun('x^4', [10], { kind: 'gd', learningRate: 1 })
    expect(outcome.reason).toBe('diverged')
    expect(outcome.message).toMatch(/^step \d: the (loss|gradient|update) is/)
    expect(Number.isFinite(outcome.state.parameters[0])).toBe(true)
    expect(sink.checkpoints[sink.checkpoints.length - 1]).toBe(outcome.state)
    expect(sink.lines).toHaveLength(outcome.state.step)
  })

  test('a singular Newton matrix without damping', async () => {
    const { outcome } = await functionRun('x^3', [0], { kind: 'damped-newton', damping: { value: 0 } })
    expect(outcome).toMatchObject({ reason: 'diverged', message: 'step 1: the update is not a number (x, row 1, column 1) at x = 0' })
  })
})

const leakyModel = { layers: [null, 4, 2], activation: { kind: 'leaky-relu', slope: 0.5 }, bias: true }
/** Options that make a kind keep more from step to step than its defaults do, each list a run; a kind that is not here is resumed with its defaults. */
const telling: Partial<Record<OptimizerKind, readonly Record<string, unknown>[]>> = {
  rmsprop: [{ centered: true, momentum: 0.5 }],
  'l-bfgs': [{ maxIterations: 3, history: 2, lineSearch: 'strong-wolfe' }],
  'damped-newton': [{ damping: { value: 1 } }],
  sfn: [
    {},
    { scope: 'layer-blocks', damping: { kind: 'abs-of-shifted' }, curvatureBatch: 6 },
    { scope: 'unit-blocks', damping: { kind: 'clamp', adapt: 'levenberg' } },
    { damping: { adapt: 'best-of' }, curvatureBatch: 2 }
  ],
  'sfn-krylov': [{ vectors: 4, damping: { adapt: 'levenberg' } }],
  'series-newton': [
    { order: 5, guard: 0.3 },
    { order: 4, summation: 'pade', damping: { value: 0.5, adapt: 'levenberg' } }
  ],
  muon: [{}, { nesterov: false, adjustLrFn: 'match-rms-adamw' }],
  shampoo: [{}, { momentum: 0.5, preconditioningComputeSteps: 3, weightDecay: 0.1, weightDecouple: true }],
  soap: [{ preconditionFrequency: 2 }, { precondition1d: true, maxPreconditionDim: 3, preconditionFrequency: 2 }],
  'k-fac': [{}, { damping: { kind: 'exact' }, factorDecay: 0, curvatureBatch: 6 }],
  'schedule-free-adamw': [{ warmupSteps: 3, weightDecay: 0.1 }]
}
const everyOptimizer = optimizerKinds.flatMap((kind) =>
  (telling[kind] ?? [{}]).map((options) => {
    const optimizer = optimizerSchema.parse({ kind, learningRate: '0.1 * 0.9^epoch', ...options })
    return { kind, options, part: { optimizer, ...(factsOf(optimizer).needs === 'inverse-gradient' ? { model: leakyModel } : {}) } }
  })
)

describe('resume', () => {
  test('every kind of optimizer is among those resumed', () => {
    const kinds = optimizerSchema.options.map((option) => option.shape.kind.value)
    expect(new Set(everyOptimizer.map(({ kind }) => kind))).toEqual(new Set(kinds))
  })

  test.each(everyOptimizer)('$kind $options goes on with the same bits from every step', async ({ part }) => {
    const changes = { ...part, budget: { steps: 7 } }
    const whole = await runSmall(changes)
    expect(whole.outcome.reason).toBe('budget')
    const kept = Object.values(whole.outcome.state.optimizer.arrays).reduce((sum, { length }) => sum + length, 0)
    const layers = layerBlocks([3, 4, 2], true)
    const arrays = layerArrays(layers, true).map(({ shape }) => shape)
    expect(factsOf(part.optimizer).state(part.optimizer, { parameters: parameterCount, batch: 4, blocks: [], layers, arrays })).toBe(kept)
    for (const state of whole.sink.checkpoints) {
      // Through JSON and bytes, as a checkpoint on disk does it.
      const stored: TrainingState = {
        ...state,
        parameters: state.parameters.slice(),
        optimizer: {
          arrays: Object.fromEntries(Object.entries(state.optimizer.arrays).map(([name, array]) => [name, array.slice()])),
          numbers: JSON.parse(JSON.stringify(state.optimizer.numbers))
        },
        random: JSON.parse(JSON.stringify(state.random))
      }
      const rest = await runSmall(changes, stored)
      expect([...rest.outcome.state.parameters]).toEqual([...whole.outcome.state.parameters])
      expect(rest.outcome.state.optimizer).toEqual(whole.outcome.state.optimizer)
      expect(rest.outcome.state.random).toEqual(whole.outcome.state.random)
      expect(rest.outcome.state.gradientEvaluations).toBe(whole.outcome.state.gradientEvaluations)
      expect(rest.sink.lines.map((line) => line.loss)).toEqual(whole.sink.lines.slice(state.step).map((line) => line.loss))
    }
  })
})

describe('stopping', () => {
  test('the step in hand is finished and checkpointed', async () => {
    const controller = new AbortController()
    const spec: RunSpec = smallSpec({ budget: { steps: 1000 }, checkpoints: { everySteps: null } })
    const sink = memorySink({
      metrics: async (line) => {
        if (line.step === 5) controller.abort()
      }
    })
    const outcome = await train(
      context,
      { spec, state: initialState(spec, startWeights(parameterCount)), sink, stop: controller.signal },
      data
    )
    expect(outcome.reason).toBe('stopped')
    expect(outcome.state.step).toBe(5)
    expect(sink.checkpoints.map((state) => state.step)).toEqual([0, 5])
  })

  test('a long step is cancelled and the last finished state kept', async () => {
    const slow = openPlain()
    let calls = 0
    const controller = new AbortController()
    const linalg: typeof slow = {
      ...slow,
      // From the third step on a decomposition never ends by itself.
      eigenSymmetric: async (a, options) => {
        if (++calls < 3) return slow.eigenSymmetric(a, options)
        return new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new Error('cancelled')), { once: true })
          controller.abort()
        })
      }
    }
    const spec = smallSpec({
      optimizer: { kind: 'sfn', damping: { adapt: 'best-of' } },
      budget: { steps: 10 },
      checkpoints: { everySteps: null }
    })
    const sink = memorySink()
    const outcome = await train(
      { linalg },
      { spec, state: initialState(spec, startWeights(parameterCount)), sink, stop: controller.signal },
      data
    )
    expect(outcome.reason).toBe('stopped')
    expect(outcome.state.step).toBe(2)
    expect(sink.lines).toHaveLength(2)
    expect(sink.checkpoints.map((state) => state.step)).toEqual([0, 2])
    // The cancelled step left no trace: going on gives the bits of a run that was never stopped.
    const rest = await train(context, { spec, state: outcome.state, sink: memorySink() }, data)
    const whole = await train(context, { spec, state: initialState(spec, startWeights(parameterCount)), sink: memorySink() }, data)
    expect([...rest.state.parameters]).toEqual([...whole.state.parameters])
  })

  test('another failure is passed on after the last finished step was checkpointed', async () => {
    const linalg = {
      ...context.linalg,
      eigenSymmetric: async () => {
        throw new Error('no convergence')
      }
    }
    const spec = smallSpec({ optimizer: { kind: 'sfn', damping: { adapt: 'best-of' } } })
    const sink = memorySink()
    await expect(train({ linalg }, { spec, state: initialState(spec, startWeights(parameterCount)), sink }, data)).rejects.toThrow(
      'no convergence'
    )
    expect(sink.checkpoints.map((state) => state.step)).toEqual([0])
  })
})
