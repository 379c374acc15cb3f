// Wall time: everything counts but pauses, from what it was when work began here; a run that did not count it from its start never has it.
import { describe, expect, test } from 'vitest'
import { initialState, train, type TrainingState } from '../../../../src/engine/training'
import { wallClock, wallTime } from '../../../../src/engine/training/wall-clock'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink, smallData, smallSpec, startWeights } from './memory-sink'

/** A clock that only moves when told to, in seconds. */
function still() {
  let now = 0
  return { clock: wallClock(() => 1000 * now), pass: (seconds: number) => void (now += seconds) }
}

describe('the clock', () => {
  test('stands still in pauses, also in those that overlap', async () => {
    const { clock, pass } = still()
    pass(3)
    let [endFirst, endSecond]: (() => void)[] = []
    const first = clock.paused(() => new Promise<void>((end) => (endFirst = end)))
    pass(10)
    expect(clock.elapsed()).toBe(3)
    const second = clock.paused(() => new Promise<void>((end) => (endSecond = end)))
    endFirst()
    await first
    pass(10)
    expect(clock.elapsed()).toBe(3)
    endSecond()
    await second
    pass(4)
    expect(clock.elapsed()).toBe(7)
  })
  test('goes on after a pause that failed, and passes its failure on', async () => {
    const { clock, pass } = still()
    await expect(
      clock.paused(async () => {
        pass(5)
        throw new Error('given up')
      })
    ).rejects.toThrow('given up')
    pass(1)
    expect(clock.elapsed()).toBe(1)
  })
  test('adds to what there was; of a run that has none there is never any', () => {
    const { clock, pass } = still()
    pass(2)
    expect(wallTime(40, clock)()).toBe(42)
    expect(wallTime(null, clock)()).toBeNull()
  })
})

const context = { linalg: openPlain() }

/** A run in which loading takes 100 s, a metrics line 1 s, a checkpoint 2 s, a snapshot 10 s, and nothing else any time. */
async function slowRun(steps: number, from?: TrainingState) {
  const { clock, pass } = still()
  const spec = smallSpec({ budget: { steps }, snapshots: { everySteps: 2 }, checkpoints: { everySteps: 2 } })
  const memory = memorySink()
  const sink: typeof memory = {
    ...memory,
    metrics: async (line) => (pass(1), memory.metrics(line)),
    checkpoint: async (state) => (pass(2), memory.checkpoint(state)),
    snapshot: async (snapshot) => (pass(10), memory.snapshot(snapshot))
  }
  pass(100)
  const state = from ?? initialState(spec, startWeights(4 * 4 + 5 * 2))
  await train(context, { spec, state, sink, clock }, smallData())
  return { lines: memory.lines.map((line) => line.wallSeconds), states: memory.checkpoints, clock }
}

test('a line has the time up to it, a checkpoint that of the snapshot before it too; a resume goes on from its checkpoint', async () => {
  const { lines, states, clock } = await slowRun(4)
  // Loading 100, checkpoint 0 (2 s) and snapshot 0 (10 s); step 1; step 2, its snapshot and checkpoint; step 3; step 4.
  expect(lines).toEqual([112, 113, 126, 127])
  expect(states.map(({ step, wallSeconds }) => [step, wallSeconds])).toEqual([
    [0, 100],
    [2, 124],
    [4, 138]
  ])
  expect(clock.elapsed()).toBe(140)
  const rest = await slowRun(4, states[1])
  expect(rest.lines).toEqual([124 + 100, 124 + 101])
})

test('a run that began before wall time was counted has none in its lines and checkpoints', async () => {
  const { states } = await slowRun(2)
  const rest = await slowRun(4, { ...states[1], wallSeconds: null })
  expect(rest.lines).toEqual([undefined, undefined])
  expect(rest.states.map(({ wallSeconds }) => wallSeconds)).toEqual([null])
})
