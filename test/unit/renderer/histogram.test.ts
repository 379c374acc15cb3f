// The exact histogram: counts add up, every value is within its bin's edges, whatever the values.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { histogram } from '../../../src/renderer/charts/histogram'
import { logTicks, niceStep, roundNumbers, symlog, symlogConstant, symlogInverse, symlogTicks } from '../../../src/renderer/charts/scale'

const values = fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { minLength: 1, maxLength: 400 })

describe('histogram', () => {
  it('puts every value into exactly one bin, on both scales', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 200 }), fc.constantFrom('linear' as const, 'symlog' as const), (list, bins, scale) => {
        const { counts, edges, outside } = histogram(list, bins, scale, symlogConstant(list))
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(list.length)
        expect(outside).toBe(0)
        const again = new Uint32Array(counts.length)
        for (const value of list) {
          // Found by the edges alone: the last bin also holds its right edge.
          let bin = counts.length - 1
          while (bin > 0 && value < edges[bin]) bin--
          again[bin]++
        }
        expect([...counts]).toEqual([...again])
      })
    )
  })

  it('counts by hand', () => {
    const { counts, edges } = histogram([0, 0.5, 1, 1.5, 2, 2], 2, 'linear')
    expect([...edges]).toEqual([0, 1, 2])
    // [0, 1) holds 0 and 0.5; [1, 2] holds 1, 1.5, 2, 2.
    expect([...counts]).toEqual([2, 4])
  })

  it('leaves what is not finite out and says so; equal values and none at all are no trouble', () => {
    expect(histogram([1, Number.NaN, Infinity], 4, 'linear').outside).toBe(2)
    expect([...histogram([3, 3, 3], 3, 'linear').counts]).toEqual([0, 3, 0])
    expect([...histogram([0, 0], 3, 'symlog').counts]).toEqual([0, 2, 0])
    expect([...histogram([], 3, 'linear').counts]).toEqual([0])
  })
})

describe('symlog', () => {
  it('is undone by its inverse, keeps order and is odd', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.double({ noNaN: true, min: 1e-9, max: 1e3 }), (value, constant) => {
        expect(symlogInverse(symlog(value, constant), constant)).toBeCloseTo(value, 12 - Math.ceil(Math.log10(Math.abs(value) + 1)) - 1)
        expect(symlog(-value, constant)).toBe(-symlog(value, constant))
        if (value > 1e-9) expect(symlog(value, constant)).toBeGreaterThan(symlog(value / 2, constant))
      })
    )
    // log10(1 + 99) = 2.
    expect(symlog(99, 1)).toBeCloseTo(2, 14)
  })

  it('chooses a linear part below the bulk but not further than eight decades below the largest', () => {
    expect(symlogConstant([-1, 0.01, 0.01, 0.01, 100])).toBeCloseTo(0.01, 12)
    expect(symlogConstant([1e-30, 1e-30, 1])).toBeCloseTo(1e-8, 15)
    expect(symlogConstant([0, 0])).toBe(1)
    // Within the tolerance is rounding and does not count.
    expect(symlogConstant([1e-6, 1e-6, 1e-6, 0.1, 1], 1e-5)).toBeCloseTo(0.1, 12)
  })
})

describe('ticks', () => {
  it('are round and within the range', () => {
    expect(roundNumbers(0, 10, niceStep(10 / 5))).toEqual([0, 2, 4, 6, 8, 10])
    expect(roundNumbers(-0.3, 0.3, niceStep(0.6 / 6))).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3])
    expect(logTicks(0.01, 100)).toEqual([0.01, 0.1, 1, 10, 100])
    expect(symlogTicks(-1, 100, 0.01)).toContain(0)
    for (const tick of symlogTicks(-1, 100, 0.01)) expect(tick).toBeGreaterThanOrEqual(-1)
  })
})
