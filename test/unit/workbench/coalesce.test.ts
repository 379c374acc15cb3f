// Of many events that say the same kind of thing only the newest goes out, and the last one always does.
import { afterEach, expect, test, vi } from 'vitest'
import { coalesce } from '../../../src/workbench/runs/coalesce'

afterEach(() => void vi.useRealTimers())

test('the first at once, then at most one a period, the newest', () => {
  vi.useFakeTimers()
  const sent: number[] = []
  const limited = coalesce<number>(100, (value) => sent.push(value))
  for (let value = 0; value < 1000; value++) {
    limited.offer(value)
    vi.advanceTimersByTime(1)
  }
  vi.advanceTimersByTime(200)
  expect(sent.length).toBeLessThanOrEqual(12)
  expect(sent[0]).toBe(0)
  expect(sent.at(-1)).toBe(999)
  limited.offer(1)
  limited.offer(2)
  limited.flush()
  expect(sent.at(-1)).toBe(2)
  limited.offer(3)
  limited.drop()
  vi.advanceTimersByTime(500)
  expect(sent.at(-1)).toBe(2)
})
