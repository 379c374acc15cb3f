// Stopping in good manners and progress inside long work, on a fake clock.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { graceful } from '../../../../src/engine/training/grace'
import { phaseReporter } from '../../../../src/engine/training/progress'
import type { TrainingEvent } from '../../../../src/engine/training'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

describe('graceful', () => {
  test('work of unknown length is cancelled two seconds after the stop', () => {
    const stop = new AbortController()
    const grace = graceful(stop.signal)
    grace.begin(0)
    vi.advanceTimersByTime(10_000)
    expect(grace.stopping()).toBe(false)
    stop.abort()
    expect(grace.stopping()).toBe(true)
    vi.advanceTimersByTime(1999)
    expect(grace.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(grace.signal.aborted).toBe(true)
  })

  test('work known to need longer is cancelled at once, work nearly done is let finish', () => {
    const [stopA, stopB] = [new AbortController(), new AbortController()]
    const [long, nearlyDone] = [graceful(stopA.signal), graceful(stopB.signal)]
    long.begin(10)
    nearlyDone.begin(10)
    vi.advanceTimersByTime(5000)
    stopA.abort()
    expect(long.signal.aborted).toBe(true)
    vi.advanceTimersByTime(4000)
    stopB.abort()
    vi.advanceTimersByTime(1000)
    expect(nearlyDone.signal.aborted).toBe(false)
  })

  test('a stop from before counts, and a disposed one does nothing', () => {
    const stop = new AbortController()
    const disposed = graceful(stop.signal)
    disposed.dispose()
    stop.abort()
    vi.advanceTimersByTime(5000)
    expect(disposed.signal.aborted).toBe(false)
    expect(graceful(stop.signal).signal.aborted).toBe(true)
  })
})

describe('phaseReporter', () => {
  test('nothing in the first second, then at most four events a second with what is left', () => {
    const events: TrainingEvent[] = []
    const report = phaseReporter(7, (event) => events.push(event))
    report.onPhase('curvature')
    vi.advanceTimersByTime(900)
    report.onProgress(1)
    expect(events).toEqual([])
    report.onPhase('eigendecomposition W2')
    for (let i = 1; i <= 40; i++) {
      vi.advanceTimersByTime(100)
      report.onProgress(i / 100)
    }
    expect(events.length).toBeGreaterThan(10)
    expect(events.length).toBeLessThanOrEqual(16)
    for (const event of events) {
      if (event.kind !== 'phase') throw new Error('another event')
      expect(event).toMatchObject({ step: 7, phase: 'eigendecomposition W2' })
      // 1 % each tenth of a second: ten seconds in all, counted from the phase's beginning.
      if (event.fraction > 0.02) expect(event.etaSeconds).toBeCloseTo(10 * (1 - event.fraction), 6)
      else expect(event.etaSeconds).toBeNull()
    }
  })
})
