// The strong Wolfe search where functions end: poles, logarithms, square roots, regions that are not a number.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { strongWolfe } from '../../../../src/engine/optimizers/line-search'

type Term = (x: number) => readonly [value: number, slope: number]

/** Evenly spread: fc.double would mostly draw numbers next to zero. */
const real = (min: number, max: number) => fc.integer({ min: Math.round(1000 * min), max: Math.round(1000 * max) }).map((k) => k / 1000)
const place = real(-3, 3)
const below = real(-3, -0.001)
const above = real(0.001, 3)
const weight = real(-2, 2)
const term: fc.Arbitrary<Term> = fc.oneof(
  fc.tuple(weight, place).map(([c, p]): Term => (x) => [c * (x - p) ** 2, 2 * c * (x - p)]),
  fc.tuple(weight, below).map(([c, p]): Term => (x) => [c * Math.log(x - p), c / (x - p)]),
  fc.tuple(weight, above).map(([c, p]): Term => (x) => [c * Math.log(p - x), c / (x - p)]),
  fc.tuple(weight, place).map(([c, p]): Term => (x) => [c / (x - p), -c / (x - p) ** 2]),
  fc.tuple(weight, below).map(([c, p]): Term => (x) => [c * Math.sqrt(x - p), c / (2 * Math.sqrt(x - p))]),
  fc.tuple(weight, place).map(([c, p]): Term => (x) => [c * Math.exp(9 * (x - p)), 9 * c * Math.exp(9 * (x - p))]),
  // A hole in which only the loss, or only the gradient, is not a number.
  fc.tuple(place, real(0, 2), fc.boolean(), fc.constantFrom(NaN, Infinity, -Infinity)).map(
    ([p, width, gradientOnly, value]): Term =>
      (x) =>
        x > p && x < p + width ? (gradientOnly ? [0, value] : [value, 0]) : [0, 0]
  )
)

function along(terms: readonly Term[]) {
  return async (x: number) => {
    let [loss, slope] = [0, 0]
    for (const [value, derivative] of terms.map((f) => f(x))) {
      loss += value
      slope += derivative
    }
    return { loss, gradient: Float64Array.of(slope) }
  }
}

async function search(f: ReturnType<typeof along>, t: number, most: number) {
  const origin = await f(0)
  const [g] = origin.gradient
  const direction = Float64Array.of(-g)
  const found = await strongWolfe((s) => f(-g * s), direction, { t, ...origin, slope: -g * g }, most)
  return { origin, found }
}

describe('whatever the function', () => {
  test('the point found is finite and never higher than the start', async () => {
    let searched = 0
    let moved = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(term, { minLength: 1, maxLength: 4 }),
        real(-4, 3),
        fc.integer({ min: 1, max: 24 }),
        async (terms, power, most) => {
          const f = along(terms)
          const { loss, gradient } = await f(0)
          if (!Number.isFinite(loss) || !Number.isFinite(gradient[0] ** 2) || Math.abs(gradient[0]) < 1e-5) return
          const { found } = await search(f, 10 ** power, most)
          searched++
          if (found.point.t > 0) moved++
          expect(Number.isFinite(found.point.t)).toBe(true)
          expect(Number.isFinite(found.point.loss)).toBe(true)
          expect(Number.isFinite(found.point.gradient[0])).toBe(true)
          expect(found.point.loss).toBeLessThanOrEqual(loss)
          expect(found.evaluations).toBeLessThanOrEqual(most + 1)
          // What is handed out is the function there, not a mixture.
          const there = await f(-gradient[0] * found.point.t)
          expect([there.loss, ...there.gradient]).toEqual([found.point.loss, ...found.point.gradient])
        }
      ),
      { numRuns: 1500, seed: 7 }
    )
    expect(searched).toBeGreaterThan(400)
    expect(moved).toBeGreaterThan(searched / 2)
  })

  test('a wall however near is approached by halving', async () => {
    await fc.assert(
      fc.asyncProperty(real(-5, 2), fc.constantFrom(NaN, Infinity, -Infinity), async (power, beyond) => {
        const wall = 10 ** power
        const { found } = await search(async (x) => ({ loss: x >= wall ? beyond : -x, gradient: Float64Array.of(-1) }), 10, 40)
        expect(found.point.t).toBeGreaterThan(0)
        expect(found.point.t).toBeLessThan(wall)
      })
    )
  })
})

test('no finite point beyond the start: it stays there, and the budget is kept', async () => {
  const f = async (x: number) => ({ loss: x === 0 ? 1 : NaN, gradient: Float64Array.of(-1) })
  const { found } = await search(f, 1, 24)
  expect(found.point.t).toBe(0)
  expect(found.point.loss).toBe(1)
  expect(found.evaluations).toBe(25)
})

test('a finite loss with a gradient that is not is too far as well', async () => {
  // √(1 − x) + x²/4 ends at 1 with loss ¼ and slope −∞, and beyond it is not a number.
  const f = async (x: number) => ({ loss: Math.sqrt(1 - x) + (x * x) / 4, gradient: Float64Array.of(-0.5 / Math.sqrt(1 - x) + x / 2) })
  const { found } = await search(f, 2, 24)
  expect(found.point.t).toBeGreaterThan(0)
  expect(found.point.t * 0.5).toBeLessThan(1)
  expect(found.point.loss).toBeLessThan(1)
})
