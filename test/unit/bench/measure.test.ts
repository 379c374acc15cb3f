// The line through logarithms, against exact powers and against one worked out by hand.
import { expect, test } from 'vitest'
import { powerLaw } from '../../../bench/measure'

test.each([2, 1, 0, -0.5])('powers of exponent %d are found to rounding, without error', (power) => {
  const { exponent, standardError } = powerLaw([10, 30, 100, 700].map((x) => [x, 3 * x ** power]))
  expect(exponent).toBeCloseTo(power, 13)
  expect(standardError).toBeLessThan(1e-13)
})

test('the standard error is that of the residuals', () => {
  // ln x = 0, 1, 2 and ln y = 0, 2, 1: slope ½, residuals −½, 1, −½, so √(1.5 / 1 / 2).
  const { exponent, standardError } = powerLaw([
    [1, 1],
    [Math.E, Math.E ** 2],
    [Math.E ** 2, Math.E]
  ])
  expect(exponent).toBeCloseTo(0.5, 14)
  expect(standardError).toBeCloseTo(Math.sqrt(0.75), 14)
})
