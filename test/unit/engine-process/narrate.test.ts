// What the log tells of a training: each thing once, frequent things together, the end with its reason and totals.
import { describe, expect, test } from 'vitest'
import { narrate } from '../../../src/engine-process/narrate'
import type { TrainingOutcome } from '../../../src/engine/training'
import { smallSpec } from '../engine/training/memory-sink'

const lineOf = (step: number, more = {}) => ({ step, epoch: 1, seconds: step * 2, loss: 1 / step, gradNorm: 1, stepNorm: 1, ...more })
const outcome = (reason: TrainingOutcome['reason'], step: number, message: string | null = null) =>
  ({ reason, state: { step }, message }) as TrainingOutcome

function told(startStep = 0, spec = smallSpec({ budget: { steps: 10, targetLoss: 0.5 } })) {
  const lines: string[] = []
  const clock = { now: 0 }
  return {
    lines,
    clock,
    narrator: narrate(
      spec,
      startStep,
      (line) => void lines.push(line),
      () => clock.now
    )
  }
}

describe('a training', () => {
  test('from its first step to the end of its budget', () => {
    const { lines, clock, narrator } = told()
    clock.now = 1500
    narrator.onEvent({ kind: 'checkpoint', step: 0 })
    for (let step = 1; step <= 10; step++) {
      narrator.onEvent({ kind: 'step', line: lineOf(step, step % 5 === 0 ? { testLoss: 0.2, testAccuracy: step / 20 } : {}) })
      if (step % 2 === 0) narrator.onEvent({ kind: 'snapshot', step })
    }
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^first step done after 1\.5 s: loss 1\.0000 \(/)
    clock.now = 3000
    narrator.ended(outcome('budget', 10), 'interrupted')
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^step 10, loss 0\.10000 .*: checkpoint of 0; snapshots of 2, 4, 6, 8, 10; 2 evaluations$/),
      expect.stringMatching(
        /^done at step 10: the budget is spent; 10 steps in 3\.0 s, 20 s of steps, 2 evaluations, test accuracy 50\.00 % after the last; last step's loss 0\.10000/
      )
    ])
  })

  test('tells of checkpoints and snapshots together once a minute', () => {
    const { lines, clock, narrator } = told()
    for (let step = 1; step <= 300; step++) {
      clock.now = step * 1000
      narrator.onEvent({ kind: 'step', line: lineOf(step) })
      narrator.onEvent({ kind: 'checkpoint', step })
    }
    expect(lines).toHaveLength(6)
    expect(lines[1]).toMatch(/^step 60, .*: checkpoints of 1, 2, … 59 \(59\)$/)
  })

  test('says why it ended', () => {
    for (const [reason, as, message, wanted] of [
      ['stopped', 'paused', null, /^paused after step 4: it can go on from there; 0 steps/],
      ['stopped', 'interrupted', null, /^stopped after step 4/],
      ['target-loss', 'interrupted', null, /^done at step 4: the loss is at or below budget\.targetLoss = 0\.5/],
      ['diverged', 'interrupted', 'step 5: the loss is not finite', /^diverged: step 5: the loss is not finite/]
    ] as const) {
      const { lines, narrator } = told(4)
      narrator.ended(outcome(reason, 4, message), as)
      expect(lines.at(-1)).toMatch(wanted)
    }
    const { lines, narrator } = told(4)
    narrator.onEvent({ kind: 'step', line: lineOf(5) })
    narrator.failed('out of memory: …')
    expect(lines).toEqual([expect.stringMatching(/^ends: out of memory: …; 1 step in/)])
  })
})
