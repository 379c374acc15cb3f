// Axes: limits fit the data, ticks are round, told apart and inside, on all three scales.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeOf, planAxis, tickLabel, valueAt, type AxisPlan } from '../../../src/renderer/charts/axis'

const values = ({ ticks }: AxisPlan) => ticks.map(({ value }) => value)
const labels = ({ ticks }: AxisPlan) => ticks.map(({ label }) => label)
const shareUsed = (plan: AxisPlan, [low, high]: readonly [number, number]) =>
  (placeOf(plan, high) - placeOf(plan, low)) / (placeOf(plan, plan.high) - placeOf(plan, plan.low))

describe('logarithmic axes', () => {
  it('of a loss from 2.3 to 0.3 lie close around it, labelled 1-2-5', () => {
    const plan = planAxis({ kind: 'log', range: [0.3, 2.3] })
    expect([plan.low, plan.high]).toEqual([0.2, 3])
    expect(labels(plan)).toEqual(['0.2', '0.5', '1', '2'])
    expect(plan.minor).toEqual([0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 3])
  })
  it('of less than a factor of four have evenly spaced round numbers', () => {
    const plan = planAxis({ kind: 'log', range: [0.31, 0.36] })
    expect(plan.low).toBeGreaterThan(0.3)
    expect(plan.high).toBeLessThan(0.37)
    expect(values(plan)).toEqual([0.31, 0.32, 0.33, 0.34, 0.35, 0.36])
  })
  it('of little more than that end close to the data too', () => {
    const plan = planAxis({ kind: 'log', range: [186261103859, 967583981744], count: 2 })
    expect([plan.low, plan.high]).toEqual([1.5e11, 1e12])
  })
  it('of many decades are thinned to whole powers, the others being minor', () => {
    const plan = planAxis({ kind: 'log', range: [1e-17, 3], count: 6 })
    expect(values(plan)).toEqual([1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1])
    expect(plan.low).toBeGreaterThanOrEqual(1e-18)
    expect(plan.minor).toContain(1e-14)
  })
})

describe('linear axes', () => {
  it('end at a minor tick beyond the data, and at zero rather than below it', () => {
    const plan = planAxis({ kind: 'linear', range: [0.3, 2.3] })
    expect(plan.low).toBeCloseTo(0.2, 12)
    expect(plan.high).toBeCloseTo(2.4, 12)
    expect(labels(plan)).toEqual(['0.5', '1.0', '1.5', '2.0'])
    expect(planAxis({ kind: 'linear', range: [0.001, 1] }).low).toBe(0)
    expect(planAxis({ kind: 'linear', range: [-1, -0.001] }).high).toBe(0)
  })
  it('tell close numbers apart', () => {
    const plan = planAxis({ kind: 'linear', range: [1234.5671, 1234.5674] })
    expect(new Set(labels(plan)).size).toBe(plan.ticks.length)
    expect(tickLabel(1234.5672, 0.0001)).toBe('1234.5672')
    expect(tickLabel(120_000, 20_000)).toBe('120\u202f000')
    expect(tickLabel(-2.5e-9, 5e-10)).toBe('−2.5e-9'.replaceAll('-', '−'))
  })
  it('of counts have whole ticks only', () => {
    expect(values(planAxis({ kind: 'linear', range: [0, 2], whole: true }))).toEqual([0, 1, 2])
    expect(values(planAxis({ kind: 'log', range: [0.5, 130], exact: true, whole: true }))).toEqual([1, 10, 100])
  })
})

describe('symlog axes', () => {
  it('have zero, powers on both sides, and room', () => {
    const plan = planAxis({ kind: 'symlog', range: [-0.02, 30], constant: 1e-3 })
    expect(values(plan)).toContain(0)
    expect(values(plan).some((value) => value < 0)).toBe(true)
    expect(values(plan)).toContain(1)
    expect(plan.low).toBeLessThan(-0.02)
    expect(plan.high).toBeGreaterThan(30)
  })
})

describe('every axis', () => {
  const wish = fc.record({
    kind: fc.constantFrom('linear' as const, 'log' as const, 'symlog' as const),
    a: fc.double({ noNaN: true, min: -1e12, max: 1e12 }),
    b: fc.double({ noNaN: true, min: -1e12, max: 1e12 }),
    small: fc.boolean(),
    count: fc.integer({ min: 2, max: 12 })
  })
  it('holds the data, does not waste room, and has its ticks inside in order, no two alike', () => {
    fc.assert(
      fc.property(wish, ({ kind, a, b, small, count }) => {
        const size = small ? 1e-9 : 1
        const ends = [a * size, b * size].map((value) => (kind === 'log' ? Math.abs(value) + 1e-30 : value)).sort((x, y) => x - y)
        const range = [ends[0], ends[1]] as const
        const plan = planAxis({ kind, range, count, constant: 1e-3 })
        expect(plan.low).toBeLessThanOrEqual(range[0])
        expect(plan.high).toBeGreaterThanOrEqual(range[1])
        expect(plan.high).toBeGreaterThan(plan.low)
        if (range[1] - range[0] > Math.max(Math.abs(range[0]), Math.abs(range[1]), 1e-200) * 1e-6)
          expect(shareUsed(plan, range)).toBeGreaterThan(0.55)
        const list = values(plan)
        expect(list).toEqual([...list].sort((x, y) => x - y))
        expect(new Set(labels(plan)).size).toBe(list.length)
        const span = plan.high - plan.low + Math.max(Math.abs(plan.low), Math.abs(plan.high)) * 1e-9
        for (const value of [...list, ...plan.minor]) {
          expect(value).toBeGreaterThanOrEqual(plan.low - span * 1e-6)
          expect(value).toBeLessThanOrEqual(plan.high + span * 1e-6)
        }
        expect(list.length).toBeLessThanOrEqual(4 * count + 4)
      }),
      { numRuns: 2000 }
    )
  })
  it('comes back from places', () => {
    fc.assert(
      fc.property(wish, ({ kind, a, count }) => {
        const value = kind === 'log' ? Math.abs(a) + 1e-3 : a
        const plan = planAxis({ kind, range: [value, value], count, constant: 0.1 })
        expect(valueAt(plan, placeOf(plan, value))).toBeCloseTo(value, -Math.floor(Math.log10(Math.abs(value) + 1)) + 6)
        expect(plan.low).toBeLessThan(plan.high)
      })
    )
  })
})
