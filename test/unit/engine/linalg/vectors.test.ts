// Norms and cosines over the whole range of doubles: the plain sum's bits where it will do, Math.hypot as an independent reader elsewhere.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cosineBetween, cosineToDescent, dot, norm, powerOfTwo, scaled, sumOfSquares } from '../../../../src/engine/linalg/vectors'

const entries = fc
  .array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((list) => Float64Array.from(list))
/** Entries of one size, at a magnitude anywhere in the range where neither they nor their norm overflow. */
const anywhere = fc
  .tuple(fc.array(fc.double({ min: 0.5, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }), fc.integer({ min: -1000, max: 1019 }))
  .map(([list, power]) => Float64Array.from(list, (x, i) => (i % 2 === 0 ? x : -x) * 2 ** power))

describe('norm', () => {
  test('has the bits of the plain sum wherever that neither overflows nor underflows', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: -440, max: 490 }), (a, power) => {
        const x = scaled(2 ** power, a)
        const plain = dot(x, x)
        if (!(plain >= 2 ** -960 && plain < Infinity)) return
        expect(norm(x)).toBe(Math.sqrt(plain))
        expect(sumOfSquares(x)).toEqual({ scale: 1, sum: plain })
      })
    )
  })

  test('agrees with Math.hypot at every magnitude', () => {
    fc.assert(fc.property(anywhere, (x) => void expect(Math.abs(norm(x) / Math.hypot(...x) - 1)).toBeLessThan(1e-14)))
  })

  test('of numbers whose squares leave the range', () => {
    expect(norm(Float64Array.of(3e200, -4e200)) / 5e200).toBeCloseTo(1, 15)
    expect(norm(Float64Array.of(3 * 2 ** 700, -4 * 2 ** 700))).toBe(5 * 2 ** 700)
    expect(norm(Float64Array.of(3e-200, 4e-200)) / 5e-200).toBeCloseTo(1, 15)
    expect(norm(Float64Array.of(Number.MAX_VALUE))).toBe(Number.MAX_VALUE)
    expect(norm(Float64Array.of(0, Number.MIN_VALUE))).toBe(Number.MIN_VALUE)
    // 1e200 beside 1e-200: the small one has no share, the large one all of it.
    expect(norm(Float64Array.of(1e-200, 1e200))).toBe(1e200)
  })

  test('is what it must be for zeros, infinities and NaN', () => {
    expect(norm(new Float64Array(3))).toBe(0)
    expect(norm(new Float64Array(0))).toBe(0)
    expect(norm(Float64Array.of(1, -Infinity))).toBe(Infinity)
    expect(norm(Float64Array.of(1, NaN, 1e200))).toBeNaN()
    // The norm itself is beyond the largest double.
    expect(norm(Float64Array.of(Number.MAX_VALUE, Number.MAX_VALUE))).toBe(Infinity)
  })
})

describe('cosine', () => {
  test('does not depend on the scale of either vector', () => {
    const power = fc.integer({ min: -1000, max: 1010 })
    fc.assert(
      fc.property(entries, power, power, (a, p, q) => {
        if (norm(a) < 1e-3) return
        const b = a.map((x, i) => x * Math.cos(i) + 1)
        const expected = cosineBetween(a, b)
        expect(Math.abs(cosineBetween(scaled(2 ** p, a), scaled(2 ** q, b)) - expected)).toBeLessThan(1e-12)
        expect(Math.abs(expected)).toBeLessThanOrEqual(1 + 1e-15)
      })
    )
  })

  test('is 1 for steepest descent and 0 where a vector vanishes', () => {
    for (const size of [1e-300, 1, 1e200])
      expect(cosineToDescent(Float64Array.of(-size, -size), Float64Array.of(size, size))).toBeCloseTo(1, 14)
    expect(cosineToDescent(new Float64Array(2), Float64Array.of(1e200, 1))).toBe(0)
  })
})

test('powers of two stay inside the range of doubles', () => {
  expect([0, NaN, 1, 1.5, 0.3].map(powerOfTwo)).toEqual([1, 1, 1, 1, 0.25])
  expect(powerOfTwo(Number.MAX_VALUE)).toBe(2 ** 1023)
  expect(powerOfTwo(Number.MIN_VALUE)).toBe(2 ** -1000)
})
