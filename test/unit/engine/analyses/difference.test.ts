// The difference of two matrices against its definition, summed the plain way; and what its own checks see.
import { describe, expect, it } from 'vitest'
import { differenceSums } from '../../../../src/engine/analyses/difference'

const symmetric = (n: number, of: (i: number, j: number) => number) =>
  Float64Array.from({ length: n * n }, (_, k) => of(Math.min(Math.floor(k / n), k % n), Math.max(Math.floor(k / n), k % n)))
const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values))

function subtract(a: Float64Array, b: Float64Array, size: number, units = 1, rowsAtOnce = 3) {
  const sums = differenceSums(size, units)
  const into = new Float64Array(a.length)
  for (let at = 0; at < a.length; at += rowsAtOnce * size) {
    const part = into.subarray(at, at + rowsAtOnce * size)
    sums.rows(a.subarray(at, at + part.length), b.subarray(at, at + part.length), part)
  }
  return { into, sums: sums.end() }
}

const n = 61
const a = symmetric(n, (i, j) => Math.sin(3 * i + j) * 10 ** ((i + j) % 5))
const b = symmetric(n, (i, j) => Math.cos(i * j) * 10 ** ((i + 2 * j) % 6))

describe('a difference', () => {
  it('has every entry and every sum', () => {
    const { into, sums } = subtract(a, b, n)
    expect([...into]).toEqual(Array.from(a, (value, k) => value - b[k]))
    expect(sums.normA).toBeCloseTo(norm(a), 8)
    expect(sums.normB).toBeCloseTo(norm(b), 7)
    expect(sums.norm / norm(into)).toBeCloseTo(1, 13)
    expect(sums.inner).toBeCloseTo(
      a.reduce((sum, value, k) => sum + value * b[k], 0),
      4
    )
    expect(sums.largest).toBe(Math.max(...Array.from(into, Math.abs)))
    expect(sums.largestA).toBe(Math.max(...Array.from(a, Math.abs)))
    expect(sums.trace).toBeCloseTo(
      Array.from({ length: n }, (_, i) => into[i * n + i]).reduce((sum, value) => sum + value, 0),
      6
    )
    expect(sums.identity).toBeLessThan(1e-14)
    expect(sums.symmetry).toBeLessThan(1e-14)
  })

  it('does not depend on how many rows come at once', () => {
    expect(subtract(a, b, n, 1, 1).sums).toEqual(subtract(a, b, n, 1, n).sums)
  })

  it('of a matrix that is not symmetric is found not to be', () => {
    const crooked = Float64Array.from(a)
    crooked[5 * n + 9] += 1
    const { sums } = subtract(crooked, a, n)
    // Of one entry that is off by 1, D − Dᵀ has norm √2 and D has norm 1.
    expect(sums.symmetry * Math.hypot(sums.normA, sums.normB)).toBeCloseTo(Math.SQRT2, 9)
    expect(sums.norm).toBeCloseTo(1, 12)
  })

  it('of blocks of units takes each by itself', () => {
    const [p, q] = [a.subarray(0, 2 * 4 * 4), b.subarray(0, 2 * 4 * 4)]
    const units = [0, 1].map((unit) => symmetric(4, (i, j) => unit + i + 2 * j))
    const together = Float64Array.from([...units[0], ...units[1]])
    const { sums } = subtract(together, new Float64Array(32), 4, 2)
    expect(sums.symmetry).toBe(0)
    expect(sums.trace).toBe(units.reduce((sum, unit) => sum + unit[0] + unit[5] + unit[10] + unit[15], 0))
    expect([...subtract(p, q, 4, 2).into]).toEqual(Array.from(p, (value, k) => value - q[k]))
  })

  it('names an entry that is not finite', () => {
    const bad = Float64Array.from(b)
    bad[7 * n + 3] = NaN
    expect(() => subtract(a, bad, n)).toThrow('entry (7, 3) of B is NaN, must be finite')
    const huge = Float64Array.from(a)
    huge[2 * n] = 1e200
    expect(() => subtract(huge, b, n)).toThrow('the squares of row 2 are larger than a double holds')
  })

  it('of equal matrices is exactly nothing', () => {
    expect(subtract(a, a, n).sums).toMatchObject({ norm: 0, largest: 0, symmetry: 0, trace: 0 })
  })
})
