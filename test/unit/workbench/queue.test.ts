// Who may start next: in order, one at a time unless told otherwise, never more than memory holds.
import { expect, test } from 'vitest'
import { admit, startTimes, threadsEach, type Waiting } from '../../../src/workbench/runs/queue'

const run = (id: string, peak: number, fullHessian = false): Waiting => ({ id, peakBytes: peak * 1e9, fullHessian })
const machine = (most: number, free = 16) => ({ totalBytes: 16e9, freeBytes: free * 1e9, most })

test('one at a time, first come first served', () => {
  expect(admit([], [], machine(1))).toEqual({ kind: 'wait' })
  expect(admit([run('a', 1), run('b', 1)], [], machine(1))).toEqual({ kind: 'start', id: 'a' })
  expect(admit([run('b', 1)], [run('a', 1)], machine(1))).toEqual({ kind: 'wait' })
})
test('several at once while memory lasts, and nothing overtakes', () => {
  expect(admit([run('b', 4)], [run('a', 4)], machine(3))).toEqual({ kind: 'start', id: 'b' })
  expect(admit([run('b', 12), run('c', 1)], [run('a', 4)], machine(3))).toEqual({ kind: 'wait' })
  expect(admit([run('b', 4)], [run('a', 4)], machine(3, 2))).toEqual({ kind: 'wait' })
})
test('two full Hessians never start together', () => {
  expect(admit([run('b', 1, true)], [run('a', 1, true)], machine(3))).toEqual({ kind: 'wait' })
  expect(admit([run('b', 1, true)], [run('a', 1)], machine(3))).toEqual({ kind: 'start', id: 'b' })
})
test('what can never fit is refused with both figures; what is only tight may try alone', () => {
  expect(admit([run('a', 40)], [], machine(1))).toMatchObject({
    kind: 'refuse',
    id: 'a',
    message: expect.stringMatching(/40\.0 GB.*16\.0 GB/)
  })
  expect(admit([{ ...run('a', 40), confirmed: true }], [], machine(1))).toEqual({ kind: 'start', id: 'a' })
  expect(admit([run('a', 10)], [], machine(1, 4))).toEqual({ kind: 'start', id: 'a' })
})
test('threads are split', () => {
  expect(threadsEach(8, 1)).toBe(null)
  expect(threadsEach(8, 3)).toBe(2)
  expect(threadsEach(2, 4)).toBe(1)
})

test('starts are expected when a place comes free', () => {
  expect(startTimes([30], [10, 20, 5], 1)).toEqual([30, 40, 60])
  expect(startTimes([30, 50], [10, 20, 5], 2)).toEqual([30, 40, 50])
  expect(startTimes([], [10, 20, 5], 2)).toEqual([0, 0, 10])
  // Three run, two may: the first end frees no place.
  expect(startTimes([30, 50, 70], [1], 2)).toEqual([50])
})
test('nothing is expected behind what is not known', () => {
  expect(startTimes([null], [10], 1)).toEqual([null])
  expect(startTimes([30], [null, 10], 1)).toEqual([30, null])
  expect(startTimes([30, 40], [null, 10, 10], 2)).toEqual([30, 40, 50])
})
