// Snapshots: when they are due, on which batch and scope, and an output layer taken apart by unit giving the whole layer's spectrum.
import { describe, expect, test } from 'vitest'
import { initialState, train } from '../../../../src/engine/training'
import { type SnapshotBlock, takeSnapshot } from '../../../../src/engine/curvature/snapshot'
import { takeSplitSnapshot } from '../../../../src/engine/training/split-snapshot'
import { LinalgError } from '../../../../src/engine/linalg'
import { functionSpecSchema } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { makeCase } from '../nn/nets'
import { memorySink, smallData, smallSpec, startWeights, type MemorySink } from './memory-sink'

const linalg = openPlain()
const data = smallData()

async function run(changes: Record<string, unknown>, sink: MemorySink = memorySink()) {
  const spec = smallSpec(changes)
  return { sink, outcome: await train({ linalg }, { spec, state: initialState(spec, startWeights(26)), sink }, data) }
}

describe('when and of what', () => {
  test('weights after k steps, curvature on the batch of step k + 1', async () => {
    const optimizer = { kind: 'damped-newton', scope: 'full', damping: { value: 1 } }
    const { sink } = await run({ optimizer, snapshots: { everySteps: 2 }, diagnostics: { everySteps: 1 }, budget: { steps: 5 } })
    expect(sink.snapshots.map(({ step }) => step)).toEqual([0, 2, 4])
    for (const { step, parameters, blocks } of sink.snapshots) {
      const [block] = blocks
      expect(block.name).toBe('full')
      expect([...parameters]).toEqual([...(sink.checkpoints.find((state) => state.step === step)?.parameters ?? [])])
      // The next step's own spectrum, from the optimizer's side, is the same.
      const line = sink.lines[step]
      expect(block.eigenvalues?.[0]).toBeCloseTo(Number(line.lambdaMin), 10)
      expect(block.eigenvalues?.[25]).toBeCloseTo(Number(line.lambdaMax), 10)
      expect(block.indices).toHaveLength(16)
      expect(block.checks.residual).toBeLessThan(1e-10)
    }
  })

  test.each([
    [{ kind: 'sfn', scope: 'layer-blocks' }, ['W1', 'W2'], [1, 1]],
    [{ kind: 'sfn', scope: 'unit-blocks' }, ['W1', 'W2'], [1, 2]],
    [{ kind: 'sfn', scope: 'full' }, ['full'], [1]],
    [{ kind: 'adam' }, ['full'], [1]]
  ])('scope of %j', async (optimizer, names, units) => {
    const { sink } = await run({ optimizer, snapshots: { everySteps: 3 }, budget: { steps: 3 } })
    for (const { blocks } of sink.snapshots) {
      expect(blocks.map(({ name }) => name)).toEqual(names)
      expect(blocks.map((block) => block.units)).toEqual(units)
    }
  })

  test('without memory for the whole matrix, layers are taken', async () => {
    const poor: typeof linalg = Object.create(linalg, { availableBytes: { value: 8 * 26 * 26 } })
    const spec = smallSpec({ snapshots: { everySteps: 3 }, budget: { steps: 1 } })
    const sink = memorySink()
    await train({ linalg: poor }, { spec, state: initialState(spec, startWeights(26)), sink }, data)
    // Even those do not fit here: the run goes on and its log says so.
    expect(sink.snapshots).toEqual([])
    expect(sink.messages[0]).toMatch(/^step 0: no snapshot: .*(layer|unit)-blocks.* needs .* available/)
    expect(sink.lines).toHaveLength(1)
  })

  test('a sink that refuses the size gets none; one that fails ends the run', async () => {
    const refused = await run({ snapshots: { everySteps: 2 } }, { ...memorySink(), admitsSnapshot: async () => false })
    expect(refused.sink.snapshots).toEqual([])
    expect(refused.outcome.reason).toBe('budget')
    const failing = memorySink({
      snapshot: async () => {
        throw new Error('disk full')
      }
    })
    await expect(run({ snapshots: { everySteps: 2 } }, failing)).rejects.toThrow('disk full')
  })

  test('matrices go before the rest; one that cannot be decomposed is dropped, and the run goes on', async () => {
    const changes = { optimizer: { kind: 'sfn', scope: 'layer-blocks' }, snapshots: { everySteps: 4, hessian: true }, budget: { steps: 4 } }
    const { sink } = await run(changes)
    expect(sink.matrices.map(({ step, name }) => [step, name])).toEqual([
      [0, 'W1'],
      [0, 'W2'],
      [4, 'W1'],
      [4, 'W2']
    ])
    expect([sink.snapshots.length, sink.drops.length]).toEqual([2, 0])

    for (const code of ['out-of-memory', 'backend'] as const) {
      let calls = 0
      const failing: typeof linalg = Object.create(linalg, {
        eigenSymmetric: {
          value: (...asked: Parameters<typeof linalg.eigenSymmetric>) =>
            ++calls === 2 ? Promise.reject(new LinalgError(code, 'no room')) : linalg.eigenSymmetric(...asked)
        }
      })
      const spec = smallSpec({ ...changes, optimizer: { kind: 'gd' }, snapshots: { everySteps: 2, hessian: true } })
      const other = memorySink()
      const work = train({ linalg: failing }, { spec, state: initialState(spec, startWeights(26)), sink: other }, data)
      if (code === 'backend') await expect(work).rejects.toThrow('no room')
      else await work
      // The matrices of steps 0 and 2 were given when step 2 could not be decomposed.
      expect(other.drops).toEqual([2])
      expect(other.snapshots.map(({ step }) => step)).toEqual(code === 'backend' ? [0] : [0, 4])
      if (code !== 'backend') expect(other.messages).toEqual(['step 2: no snapshot: no room'])
    }
  })

  test('a snapshot that an interruption prevented is made up for on resume', async () => {
    const whole = await run({ snapshots: { everySteps: 4 } })
    const state = whole.sink.checkpoints.find(({ step }) => step === 4)
    if (state === undefined) throw new Error('no checkpoint')
    const spec = smallSpec({ snapshots: { everySteps: 4 } })
    for (const [has, steps] of [
      [false, [4, 8]],
      [true, [8]]
    ] as const) {
      const sink = memorySink({ hasSnapshot: async () => has })
      await train({ linalg }, { spec, state, sink }, data)
      expect(sink.snapshots.map(({ step }) => step)).toEqual(steps)
    }
  })

  test('functions have snapshots too', async () => {
    const spec = functionSpecSchema.parse({
      schemaVersion: 1,
      name: 'saddle',
      problem: { kind: 'function', function: 'saddle' },
      optimizer: { kind: 'gd' },
      budget: { steps: 2 },
      snapshots: { everySteps: 1 }
    })
    const sink = memorySink()
    await train({ linalg }, { spec, state: initialState(spec, Float64Array.of(1, 0.01)), sink }, null)
    expect(sink.snapshots).toHaveLength(3)
    expect([...(sink.snapshots[0].blocks[0].eigenvalues ?? [])]).toEqual([-2, 10])
  })
})

describe('an output layer taken apart by unit', () => {
  test('gives the eigenvalues, vectors and checks of the whole layer', async () => {
    const { objective, parameters } = makeCase(linalg, {
      layers: [4, 5, 3],
      activation: { kind: 'tanh' },
      loss: 'half-sse',
      bias: true,
      samples: 9
    })
    const contents = { eigenvalues: true, eigenvectors: 5 } as const
    const split = await takeSplitSnapshot(objective, parameters, contents, linalg, { step: 0 })
    const whole = await takeSnapshot(objective, parameters, contents, 'layer-blocks', linalg, { step: 0 })
    expect(split.blocks.map(({ name, size, units }) => [name, size, units])).toEqual(
      whole.blocks.map(({ name, size, units }) => [name, size, units])
    )
    split.blocks.forEach((block, place) => {
      const other: SnapshotBlock = whole.blocks[place]
      const scale = Math.max(...(other.eigenvalues ?? []).map(Math.abs))
      block.eigenvalues?.forEach((value, i) => expect(Math.abs(value - (other.eigenvalues?.[i] ?? NaN))).toBeLessThan(1e-12 * scale))
      expect(block.indices).toEqual(other.indices)
      const [a, b] = [block.eigenvectors, other.eigenvectors]
      if (a === null || b === null) throw new Error('no vectors')
      for (let k = 0; k < 5; k++) {
        let dot = 0
        for (let i = 0; i < a.rows; i++) dot += a.data[i * 5 + k] * b.data[b.offset + i * b.stride + k]
        expect(Math.abs(dot)).toBeCloseTo(1, 8)
      }
      for (const value of Object.values(block.checks)) expect(value ?? 0).toBeLessThan(1e-7)
    })
    expect(split.blocks[1].checks.residual).not.toBeNull()
  })

  test('out of memory is told as such', async () => {
    const { objective, parameters } = makeCase(linalg, {
      layers: [4, 5, 3],
      activation: { kind: 'tanh' },
      loss: 'half-sse',
      bias: true,
      samples: 9
    })
    const poor: typeof linalg = Object.create(linalg, { availableBytes: { value: 100 } })
    const contents = { eigenvalues: true, eigenvectors: 5 } as const
    await expect(takeSplitSnapshot(objective, parameters, contents, poor, { step: 0 })).rejects.toThrow(LinalgError)
  })
})
