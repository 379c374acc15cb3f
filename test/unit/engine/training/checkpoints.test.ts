// Checkpoints that come faster than a sink rests: what waits, what is written when, and that the same are there in the end.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { initialState, positionOf, train, type TrainingState } from '../../../../src/engine/training'
import { checkpoints } from '../../../../src/engine/training/checkpoints'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink, smallData, smallSpec, startWeights } from './memory-sink'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const start = initialState(smallSpec(), startWeights(26))
const state = (step: number, length = 26): TrainingState => ({ ...start, step, parameters: new Float64Array(length) })

/** A sink whose writings take so many milliseconds. */
function slowSink(milliseconds: number, rests = true) {
  const written: number[] = []
  const sink = memorySink({
    ...(rests ? { rests: true } : {}),
    checkpoint: async ({ step }) => {
      vi.advanceTimersByTime(milliseconds)
      written.push(step)
    }
  })
  return { sink, written }
}

/** Steps of so many milliseconds with a checkpoint due after each `every`, as the loop goes. */
async function walk(made: ReturnType<typeof checkpoints>, steps: number, every: number, milliseconds: number) {
  await made.now(state(0))
  for (let step = 1; step <= steps; step++) {
    await made.beforeStep(milliseconds / 1000)
    vi.advanceTimersByTime(milliseconds)
    if (step % every === 0) await made.due(state(step))
  }
}

describe('checkpoints of cheap steps', () => {
  test('take a twentieth of the time, and the newest stand in the end', async () => {
    const { sink, written } = slowSink(25)
    const told: number[] = []
    const made = checkpoints(sink, 3, -1, (step) => told.push(step))
    const began = performance.now()
    await walk(made, 20_000, 50, 1)
    const writing = written.length * 25
    expect(written.length).toBeGreaterThan(20)
    expect(writing / (performance.now() - began)).toBeLessThan(1 / 20)
    await made.now(state(20_010))
    expect(written.slice(-5)).toEqual([19_850, 19_900, 19_950, 20_000, 20_010])
    expect(written).toEqual([...written].sort((a, b) => a - b))
    expect(told).toEqual(written)
    // A second call has nothing left to write.
    await made.now(state(20_010))
    expect(told).toEqual(written)
  })

  test('of steps that take their time are written at once', async () => {
    const { sink, written } = slowSink(25)
    const made = checkpoints(sink, 3, -1, () => undefined)
    await walk(made, 40, 2, 600)
    expect(written).toEqual(Array.from({ length: 21 }, (_, i) => 2 * i))
  })

  test('are written before a step that would keep them waiting too long', async () => {
    const { sink, written } = slowSink(5)
    const made = checkpoints(sink, 3, -1, () => undefined)
    await made.now(state(0))
    await made.due(state(1))
    expect(made.beforeStep(0.5)).toBeUndefined()
    await made.beforeStep(2)
    expect(written).toEqual([0, 1])
  })

  test('wait in little memory only', async () => {
    const { sink, written } = slowSink(5)
    const made = checkpoints(sink, 3, -1, () => undefined)
    await made.now(state(0, 1.5e6))
    await made.due(state(1, 1.5e6))
    expect(written).toEqual([0])
    await made.due(state(2, 1.5e6))
    expect(written).toEqual([0, 1, 2])
  })

  test('that could not be written are kept and written when asked again, none twice', async () => {
    let broken = true
    const written: number[] = []
    const sink = memorySink({
      rests: true,
      checkpoint: async ({ step }) => {
        if (step === 2 && broken) throw new Error('the disk is full')
        written.push(step)
      }
    })
    const made = checkpoints(sink, 3, -1, () => undefined)
    await made.now(state(0))
    for (const step of [1, 2, 3]) await made.due(state(step))
    await expect(made.now(state(4))).rejects.toThrow('the disk is full')
    broken = false
    await made.now(state(4))
    expect(written).toEqual([0, 1, 2, 3, 4])
  })

  test('all are written, at once, by a sink that does not rest', async () => {
    const { sink, written } = slowSink(0, false)
    await walk(
      checkpoints(sink, 1, -1, () => undefined),
      10,
      1,
      0
    )
    expect(written).toEqual(Array.from({ length: 11 }, (_, i) => i))
  })
})

test('a run whose sink rests ends with the states of one whose sink does not', async () => {
  const spec = smallSpec({ budget: { steps: 23 }, checkpoints: { everySteps: 2, keep: 2 } })
  const [resting, eager] = [memorySink({ rests: true }), memorySink()]
  for (const sink of [resting, eager]) await train({ linalg: openPlain() }, { spec, state: start, sink }, smallData())
  expect(resting.checkpoints.map(({ step }) => step)).toEqual([0, 18, 20, 22, 23])
  for (const kept of resting.checkpoints) {
    const same = eager.checkpoints.find(({ step }) => step === kept.step)
    expect(kept.parameters).toEqual(same?.parameters)
    expect(kept.random).toEqual(same?.random)
  }
})

test('the order of an epoch is drawn once: its steps stand on one saved state of the stream', async () => {
  const sink = memorySink()
  await train({ linalg: openPlain() }, { spec: smallSpec(), state: start, sink }, smallData())
  // 10 samples in batches of 4: three steps an epoch.
  const [zero, one, two, three] = sink.checkpoints.map((each) => positionOf(each).random)
  expect(one).toBe(zero)
  expect(two).toBe(zero)
  expect(three).not.toBe(zero)
  expect(positionOf(sink.checkpoints[5]).random).toBe(three)
})
