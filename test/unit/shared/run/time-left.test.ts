// How long a run still takes.
import { expect, test } from 'vitest'
import { secondsLeft } from '../../../../src/shared/run/time-left'

const budget = { epochs: null, steps: 100, seconds: null, targetLoss: null }
const expected = { steps: 100, secondsPerStep: 2 }

test('goes by the own pace once there is one, before that by the estimate', () => {
  expect(secondsLeft({ step: 0, seconds: 0, wallSeconds: null }, budget, expected)).toBe(200)
  expect(secondsLeft({ step: 20, seconds: 10, wallSeconds: null }, budget, expected)).toBe(40)
  expect(secondsLeft({ step: 120, seconds: 10, wallSeconds: null }, budget, expected)).toBe(0)
})
test('a budget of seconds may end it sooner, and is all there is where steps are not known', () => {
  expect(secondsLeft({ step: 20, seconds: 10, wallSeconds: null }, { ...budget, seconds: 25 }, expected)).toBe(15)
  expect(secondsLeft({ step: 20, seconds: 10, wallSeconds: null }, { ...budget, seconds: 25 }, { steps: null, secondsPerStep: null })).toBe(
    15
  )
  expect(secondsLeft({ step: 0, seconds: 0, wallSeconds: null }, budget, { steps: 100, secondsPerStep: null })).toBe(null)
})
test('counts what passes beside the steps', () => {
  expect(secondsLeft({ step: 20, seconds: 10, wallSeconds: 30 }, budget, expected)).toBe(120)
})
