// Several runs as one curve, against direct computation: mean, sample deviation, extremes, unequal lengths, gaps, other axes, thinning.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aggregate, thinned } from '../../../../src/store'

const steps = (count: number) => Float64Array.from({ length: count }, (_, k) => k + 1)

/** The textbook formulas, in two passes. */
function direct(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
  return { mean, deviation, low: Math.min(...values), high: Math.max(...values), count: values.length }
}

describe('aggregate over steps', () => {
  it('three seeds of unequal lengths: those present take part, and how many is said', () => {
    const { x, mean, deviation, low, high, count, interpolated } = aggregate(
      [
        { x: steps(4), y: [1, 2, 3, 4] },
        { x: steps(3), y: [2, 4, 9] },
        { x: steps(2), y: [6, 0] }
      ],
      true
    )
    expect([...x]).toEqual([1, 2, 3, 4])
    expect([...mean]).toEqual([3, 2, 6, 4])
    expect([...deviation]).toEqual([Math.sqrt(7), 2, Math.sqrt(18), NaN])
    expect([...low]).toEqual([1, 0, 3, 4])
    expect([...high]).toEqual([6, 4, 9, 4])
    expect([...count]).toEqual([3, 3, 2, 1])
    expect(interpolated).toBe(false)
  })

  it('a figure that comes now and then, or is not finite, is taken where it is and nowhere else', () => {
    const { x, mean, count } = aggregate(
      [
        { x: steps(5), y: [NaN, 1, NaN, 3, NaN] },
        { x: steps(5), y: [NaN, 3, NaN, Infinity, NaN] }
      ],
      true
    )
    expect([...x]).toEqual([2, 4])
    expect([...mean]).toEqual([2, 3])
    expect([...count]).toEqual([2, 1])
  })

  it('agrees with direct computation for any runs, also of large offset', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(0, 1e6),
        (runs, offset) => {
          const shifted = runs.map((y) => y.map((value) => value + offset))
          const result = aggregate(
            shifted.map((y) => ({ x: steps(y.length), y })),
            true
          )
          result.x.forEach((step, i) => {
            const expected = direct(shifted.filter((y) => y.length >= step).map((y) => y[step - 1]))
            expect(result.count[i]).toBe(expected.count)
            expect(result.mean[i]).toBeCloseTo(expected.mean, 8)
            expect(result.low[i]).toBe(expected.low)
            expect(result.high[i]).toBe(expected.high)
            if (expected.count > 1) expect(result.deviation[i]).toBeCloseTo(expected.deviation, 8)
            else expect(result.deviation[i]).toBeNaN()
          })
        }
      )
    )
  })
})

describe('aggregate over another axis', () => {
  it('interpolates each run between its own points, never beyond its ends', () => {
    const { x, mean, count, interpolated } = aggregate(
      [
        { x: [0, 2, 4], y: [0, 2, 4] },
        { x: [1, 3], y: [10, 30] }
      ],
      false
    )
    expect([...x]).toEqual([0, 1, 2, 3, 4])
    expect([...mean]).toEqual([0, 5.5, 11, 16.5, 4])
    expect([...count]).toEqual([1, 2, 2, 2, 1])
    expect(interpolated).toBe(true)
  })

  it('does not when the runs share their places, and takes the last of points at one place', () => {
    const result = aggregate(
      [
        { x: [1, 1, 2], y: [5, 7, 1] },
        { x: [1, 2], y: [1, 3] }
      ],
      false
    )
    expect([...result.x]).toEqual([1, 2])
    expect([...result.mean]).toEqual([4, 2])
    expect(result.interpolated).toBe(false)
  })

  it('is linear: the mean of straight lines over any places is their straight mean', () => {
    const places = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 20 })
    fc.assert(
      fc.property(places, places, (a, b) => {
        const line = (all: number[], slope: number) => {
          const x = [...all].sort((p, q) => p - q)
          return { x, y: x.map((value) => slope * value) }
        }
        const result = aggregate([line(a, 1), line(b, 3)], false)
        result.x.forEach((place, i) => {
          if (result.count[i] === 2) expect(result.mean[i]).toBeCloseTo(2 * place, 8)
        })
      })
    )
  })
})

it('thinning takes places of the whole: extremes stay, no mean is made anew', () => {
  const y = Float64Array.from({ length: 5000 }, (_, k) => (k === 2345 ? 100 : Math.sin(k / 100)))
  const whole = aggregate(
    [
      { x: steps(5000), y },
      { x: steps(5000), y: y.map((value) => value + 1) }
    ],
    true
  )
  const few = thinned(whole, 100)
  expect(few.x.length).toBeLessThan(1300)
  expect(Math.max(...few.mean)).toBe(100.5)
  few.x.forEach((step, i) => {
    expect(few.mean[i]).toBe(whole.mean[step - 1])
    expect(few.deviation[i]).toBe(whole.deviation[step - 1])
  })
})
