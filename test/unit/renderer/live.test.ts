// The live line: phase, pace and end of a run from the events heard of it; nothing stale, nothing invented.
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/shared/api/contract'
import type { RunSummary } from '../../../src/shared/run/summary'
import { hear, liveFigures, liveTexts, nothingHeard, recall, type LiveRun } from '../../../src/renderer/app/live'
import { budgetedSteps } from '../../../src/shared/run/time-left'

const run: LiveRun = {
  state: 'running',
  step: 0,
  seconds: 0,
  wallSeconds: null,
  budgetSteps: 100,
  budgetEpochs: null,
  budgetSeconds: null,
  batchSize: 20,
  trainingSamples: 103,
  loss: 'half-sse'
}
const step = (number: number, seconds: number, wallSeconds?: number): RunEvent => ({
  kind: 'step',
  line: { step: number, epoch: 0, seconds, loss: 1, gradNorm: 1, stepNorm: 1, ...(wallSeconds === undefined ? {} : { wallSeconds }) }
})
const phase = (number: number, fraction = 0.4): RunEvent => ({
  kind: 'phase',
  step: number,
  phase: 'eigendecomposition W1',
  fraction,
  etaSeconds: 12
})
const state = (to: RunSummary['state']): RunEvent => ({ kind: 'state', summary: { state: to } as RunSummary })
const heard = (events: readonly RunEvent[], at = 0) => events.reduce((before, event) => hear(before, event, at), nothingHeard(0))

describe('pace and end of the run', () => {
  it('are those of the last steps, not of the whole run', () => {
    // Ten steps of 10 s, then forty of 1 s.
    const slow = Array.from({ length: 10 }, (_, k) => step(k + 1, 10 * (k + 1), 10 * (k + 1)))
    const quick = Array.from({ length: 40 }, (_, k) => step(11 + k, 101 + k, 101 + k))
    const figures = liveFigures({ ...run, step: 50, seconds: 140 }, heard([...slow, ...quick]), 0)
    expect(figures.pace).toBeCloseTo(1, 10)
    expect(figures.secondsLeft).toBeCloseTo(50, 10)
    expect(figures.fraction).toBe(0.5)
    expect(figures.stepTimeOnly).toBe(false)
  })

  it('take in what is between the steps where wall time is counted', () => {
    // A step takes 1 s of work; every tenth is followed by a snapshot of 5 s.
    const events = Array.from({ length: 40 }, (_, k) => step(k + 1, k + 1, k + 1 + 5 * Math.floor((k + 1) / 10)))
    const figures = liveFigures({ ...run, step: 40, seconds: 40 }, heard(events), 0)
    expect(figures.pace).toBeGreaterThan(1.4)
    expect(figures.pace).toBeLessThan(1.6)
    expect(figures.secondsLeft).toBeCloseTo(60 * (figures.pace ?? 0), 8)
  })

  it('say so where it is not', () => {
    const figures = liveFigures({ ...run, step: 3, seconds: 6 }, heard([step(1, 2), step(2, 4), step(3, 6)]), 0)
    expect(figures).toMatchObject({ pace: 2, secondsLeft: 194, stepTimeOnly: true })
    expect(liveTexts(figures, 3, 0).left).toMatch(/^about 3.min 14.s of step time left$/)
  })

  it('are known at once by the steps that ended before', () => {
    const before = recall(nothingHeard(0), [1, 2, 3], { seconds: [2, 4, 6], wallSeconds: [3, 6, 9] })
    expect(liveFigures({ ...run, step: 3, seconds: 6 }, before, 0)).toMatchObject({ pace: 3, secondsLeft: 291, stepTimeOnly: false })
    // What was heard meanwhile stays, on top.
    const meanwhile = recall(heard([step(3, 6, 9), step(4, 8, 12)]), [1, 2, 3], { seconds: [2, 4, 6], wallSeconds: [3, 6, 9] })
    expect(meanwhile.recent.map((mark) => mark.step)).toEqual([1, 2, 3, 4])
    expect(meanwhile.first?.step).toBe(1)
  })

  it('are those of the run as a whole before anything was heard', () => {
    expect(liveFigures({ ...run, step: 10, seconds: 20, wallSeconds: 30 }, nothingHeard(0), 0)).toMatchObject({
      pace: 3,
      secondsLeft: 270,
      stepTimeOnly: false
    })
    expect(liveFigures(run, nothingHeard(0), 0)).toMatchObject({ pace: null, secondsLeft: null, fraction: 0 })
  })

  it('begin anew when the run is set back', () => {
    const { recent, first } = heard([step(8, 8), step(9, 9), step(6, 6)])
    expect(recent.map((mark) => mark.step)).toEqual([6])
    expect(first?.step).toBe(6)
  })

  it('follow a budget in epochs, seconds, or several, whichever ends first', () => {
    // 103 samples in batches of 20: six steps an epoch, the last of them shorter.
    expect(budgetedSteps({ ...run, budgetSteps: null, budgetEpochs: 3 })).toBe(18)
    expect(budgetedSteps({ ...run, budgetSteps: null, budgetEpochs: 1.5 })).toBe(9)
    expect(budgetedSteps({ ...run, budgetSteps: null, budgetEpochs: 1.01 })).toBe(7)
    expect(budgetedSteps({ ...run, budgetSteps: 10, budgetEpochs: 3 })).toBe(10)
    expect(budgetedSteps({ ...run, budgetSteps: null, budgetEpochs: 7, loss: null, trainingSamples: null, batchSize: null })).toBe(7)
    const marks = heard([step(8, 16, 32), step(9, 18, 36)])
    const at = { ...run, step: 9, seconds: 18, budgetSteps: null }
    expect(liveFigures({ ...at, budgetEpochs: 3 }, marks, 0)).toMatchObject({ pace: 4, secondsLeft: 36, fraction: 0.5 })
    // Seconds of the budget are those of the steps: the wall has twice as many.
    expect(liveFigures({ ...at, budgetSeconds: 28 }, marks, 0)).toMatchObject({ secondsLeft: 20, fraction: 18 / 28 })
    expect(liveFigures({ ...at, budgetSeconds: 28, budgetEpochs: 2 }, marks, 0)).toMatchObject({ secondsLeft: 12, fraction: 0.75 })
    const unknown = { ...at, budgetEpochs: 3, trainingSamples: null }
    expect(liveFigures(unknown, marks, 0)).toMatchObject({ secondsLeft: null, fraction: null, pace: 4 })
  })

  it('keep few marks of many steps', () => {
    const many = heard(Array.from({ length: 5000 }, (_, k) => step(k + 1, (k + 1) / 1000)))
    expect(many.recent.length).toBeLessThan(200)
    expect(liveFigures({ ...run, step: 5000, seconds: 5, budgetSteps: 10_000 }, many, 0).pace).toBeCloseTo(0.001, 8)
  })
})

describe('what the step is doing', () => {
  const doing = (events: readonly RunEvent[], change: Partial<LiveRun> = {}, now = 0) => {
    const figures = liveFigures({ ...run, step: 56, ...change }, heard(events), now)
    return liveTexts(figures, 56, now).doing
  }
  it('is phase, progress and end of the step', () => {
    expect(doing([phase(57)])).toMatch(/^Step 57: eigendecomposition W1 40.%, 12.s left$/)
    expect(doing([phase(56)])).toMatch(/^Snapshot after step 56: eigendecomposition W1 40.%, 12.s left$/)
    expect(doing([{ kind: 'phase', step: 0, phase: 'reading data', fraction: 0.5, etaSeconds: null }])).toMatch(/^reading data 50.%$/)
  })
  it('is gone when its step ends, its snapshot is made, another step is known of, the run pauses or ends', () => {
    const plain = 'Working on step 57'
    expect(doing([])).toBe(plain)
    expect(doing([phase(56), step(56, 1)])).toBe(plain)
    expect(doing([phase(56), { kind: 'snapshot', step: 56 }])).toBe(plain)
    expect(doing([phase(55)])).toBe(plain)
    for (const to of ['paused', 'done', 'failed', 'interrupted', 'diverged'] as const) {
      expect(heard([phase(57), state(to)]).phase).toBeNull()
      expect(liveFigures({ ...run, state: to }, heard([phase(57)]), 0)).toMatchObject({
        phase: null,
        pace: null,
        secondsLeft: null,
        silentSince: null
      })
    }
    expect(heard([phase(57), state('running')]).phase).not.toBeNull()
  })
  it('says since when nothing was heard, once that is longer than usual', () => {
    expect(doing([phase(57)], {}, 10_000)).not.toContain('nothing heard')
    const at = new Date(2026, 0, 1, 12, 30, 0).getTime()
    const quiet = liveFigures({ ...run, step: 56 }, heard([phase(57)], at), at + 45_000)
    expect(quiet.silentSince).toBe(at)
    expect(liveTexts(quiet, 56, at + 45_000).doing).toMatch(/left · nothing heard for 45.s, since 12:30:00$/)
    // Steps of a minute: silence of a minute is nothing unusual.
    const long = heard([step(1, 60), step(2, 120)], at)
    expect(liveFigures({ ...run, step: 2, seconds: 120 }, long, at + 100_000).silentSince).toBeNull()
    expect(liveFigures({ ...run, step: 2, seconds: 120 }, long, at + 250_000).silentSince).toBe(at)
  })
  it('gives the pace in the unit that is read best', () => {
    const rate = (pace: number) => liveTexts({ ...liveFigures(run, nothingHeard(0), 0), pace }, 1, 0).rate
    expect(rate(0.25)).toBe('4 steps/s')
    expect(rate(0.0004)).toBe('2500 steps/s')
    expect(rate(12)).toMatch(/^12.s a step$/)
  })
})
