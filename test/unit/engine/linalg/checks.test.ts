// What all backends refuse alike: matrices beyond their data, overlaps (against a set of addresses), entries that are not finite.
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { checkMatrix, overlaps } from '../../../../src/engine/linalg/front/checks'
import { norm } from '../../../../src/engine/linalg/vectors'
import { matrix, normInfinity, type Matrix } from '../../../../src/engine/linalg/matrix'
import { checkFinite } from '../../../../src/engine/linalg/passes'
import { jacobiSvd, norm1, normMax } from '../../../reference/linalg/plain'
import { random } from '../../../reference/linalg/gallery'

function places(m: Matrix): Set<number> {
  const found = new Set<number>()
  for (let i = 0; i < m.rows; i++) for (let j = 0; j < m.columns; j++) found.add(m.offset + i * m.stride + j)
  return found
}

describe('overlaps', () => {
  const data = new Float64Array(400)
  const view = (stride: fc.Arbitrary<number>): fc.Arbitrary<Matrix> =>
    fc
      .record({
        rows: fc.integer({ min: 0, max: 6 }),
        columns: fc.integer({ min: 0, max: 6 }),
        offset: fc.integer({ min: 0, max: 120 }),
        stride
      })
      .map((shape) => ({ ...shape, stride: Math.max(shape.stride, shape.columns), data }))

  it('is exactly sharing an entry for views with the same stride', () => {
    fc.assert(
      fc.property(view(fc.constant(10)), view(fc.constant(10)), (a, b) => {
        const shared = [...places(a)].some((place) => places(b).has(place))
        // A single row is judged by its extent, which is exact as well.
        expect(overlaps(a, b)).toBe(shared)
      }),
      { numRuns: 2000 }
    )
  })

  it('never misses a shared entry whatever the strides', () => {
    fc.assert(
      fc.property(view(fc.integer({ min: 1, max: 12 })), view(fc.integer({ min: 1, max: 12 })), (a, b) => {
        if ([...places(a)].some((place) => places(b).has(place))) expect(overlaps(a, b)).toBe(true)
      }),
      { numRuns: 2000 }
    )
  })

  it('sees through typed arrays over one buffer, and not between buffers', () => {
    expect(overlaps(matrix(2, 2, data.subarray(0, 4)), matrix(2, 2, data.subarray(3, 7)))).toBe(true)
    expect(overlaps(matrix(2, 2, data.subarray(0, 4)), matrix(2, 2, data.subarray(4, 8)))).toBe(false)
    expect(overlaps(matrix(2, 2), matrix(2, 2))).toBe(false)
  })
})

describe('checks', () => {
  it('says why a matrix does not fit its data', () => {
    expect(() => checkMatrix('gemm', 'a', { data: new Float64Array(8), rows: 3, columns: 3, offset: 0, stride: 3 })).toThrow(
      'gemm: a is 3 × 3 with row stride 3 at offset 0, which does not fit its 8 numbers'
    )
    expect(() => checkMatrix('gemm', 'a', { data: new Float64Array(8), rows: 2, columns: 3, offset: 0, stride: 2 })).toThrow('row stride 2')
    expect(() => checkMatrix('gemm', 'a', { data: new Float64Array(0), rows: 0, columns: 3, offset: 0, stride: 3 })).not.toThrow()
  })

  it('finds the first entry that is not finite in row order, and the largest magnitude', async () => {
    const a = matrix(3, 4)
    a.data.set([1, -9, 3], 0)
    expect(await checkFinite('qr', 'a', a)).toBe(9)
    a.data[11] = NaN
    a.data[6] = -Infinity
    await expect(checkFinite('qr', 'a', a)).rejects.toThrow('qr: entry (1, 2) of a is -Infinity; every entry must be a finite number')
    expect(await checkFinite('qr', 'a', { ...a, rows: 1 })).toBe(9)
  })
})

describe('norms', () => {
  it('are those of the definitions', () => {
    const a = matrix(2, 3, Float64Array.of(1, -2, 3, -4, 5, -6))
    expect([norm1(a), normInfinity(a), normMax(a)]).toEqual([9, 15, 6])
    expect(norm(a.data)).toBeCloseTo(Math.sqrt(91), 14)
  })

  it('neither overflow nor underflow in between', () => {
    expect(norm(new Float64Array(4).fill(1e200))).toBeCloseTo(2e200, -186)
    expect(norm(new Float64Array(4).fill(1e-200)) / 2e-200).toBeCloseTo(1, 14)
    expect(norm(new Float64Array(4))).toBe(0)
  })

  it('bound the largest singular value as they should', () => {
    const a = random(9, 7, 3)
    const [largest] = jacobiSvd(a).values
    expect(largest).toBeLessThanOrEqual(norm(a.data))
    expect(largest ** 2).toBeLessThanOrEqual(norm1(a) * normInfinity(a))
    expect(largest).toBeGreaterThanOrEqual(normMax(a))
  })
})
