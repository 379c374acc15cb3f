// Small products: the plain loops against the definition, and which products the backend gets to see.
import { describe, expect, it } from 'vitest'
import { block, matrix, multiply, productsFor, type GemmOuterBatch, type Linalg, type Matrix } from '../../../../src/engine/linalg'
import { random } from '../../../reference/linalg/gallery'
import { build, openPlain, product, transposed } from '../../../reference/linalg/plain'
import { asView, distance, numbers } from '../../../reference/linalg/suite/case'

/** The plain backend, and how often its products were called. */
function counted(): { linalg: Linalg; calls: string[] } {
  const linalg = openPlain()
  const calls: string[] = []
  const note =
    <Given extends unknown[], Result>(name: string, call: (...given: Given) => Result) =>
    (...given: Given): Result => {
      calls.push(name)
      return call(...given)
    }
  return {
    linalg: {
      ...linalg,
      gemm: note('gemm', linalg.gemm),
      gemmOuterBatch: note('gemmOuterBatch', linalg.gemmOuterBatch),
      spread: note('spread', linalg.spread),
      mirrorUpperInPlace: note('mirrorUpperInPlace', linalg.mirrorUpperInPlace),
      allocate: note('allocate', linalg.allocate)
    },
    calls
  }
}

describe('multiply', () => {
  const words = ['none', 'transpose'] as const
  for (const [m, n, k] of [
    [1, 1, 1],
    [3, 5, 7],
    [9, 4, 8],
    [2, 3, 0],
    [0, 4, 2],
    [40, 33, 21]
  ])
    for (const transposeA of words)
      for (const transposeB of words)
        for (const accumulate of [false, true])
          it(`${m} × ${k} times ${k} × ${n} (${transposeA}, ${transposeB})${accumulate ? ' added' : ''} is done at once`, () => {
            const { linalg, calls } = counted()
            const [a, b, c] = [random(m, k, 1), random(k, n, 2), random(m, n, 3)]
            const into = asView(c)
            const done = multiply(
              linalg,
              asView(transposeA === 'none' ? a : transposed(a)),
              asView(transposeB === 'none' ? b : transposed(b)),
              into,
              { transposeA, transposeB, accumulate }
            )
            expect(done).toBeUndefined()
            expect(calls).toEqual([])
            const expected = product(a, b).data.map((value, index) => value + (accumulate ? c.data[index] : 0))
            expect(distance(numbers(into), expected)).toBeLessThan(1e-13)
            expect(into.data.filter(Number.isNaN)).toHaveLength(into.data.length - m * n)
          })

  it('leaves more than 1.5 MFlop to the backend', async () => {
    const { linalg, calls } = counted()
    const [a, b] = [random(100, 75, 4), random(75, 100, 5)]
    expect(multiply(linalg, a, b, matrix(100, 100))).toBeUndefined()
    const [longer, c] = [random(101, 75, 4), random(101, 100, 6)]
    const before = c.data.slice()
    await multiply(linalg, longer, b, c, { accumulate: true })
    expect(calls).toEqual(['gemm'])
    const sum = product(longer, b).data.map((value, index) => value + before[index])
    expect(distance(c.data, sum)).toBeLessThan(1e-12)
  })

  it('refuses shapes that do not meet in the words of gemm', () => {
    const { linalg } = counted()
    expect(() => multiply(linalg, matrix(2, 3), matrix(2, 3), matrix(2, 3))).toThrow('multiply: rows of b must be 3, got 2')
    expect(() => multiply(linalg, matrix(2, 3), matrix(3, 2), matrix(3, 2))).toThrow('multiply: rows of c must be 2, got 3')
  })
})

describe('products that belong together', () => {
  const batch = (c: Float64Array, accumulate: boolean): GemmOuterBatch => ({
    m: 3,
    n: 4,
    k: 6,
    a: { data: random(2, 18, 7).data, offset: 0, stride: 6, step: 18, count: 2 },
    b: { data: random(3, 24, 8).data, offset: 0, stride: 4, step: 24, count: 3 },
    c: { data: c, offset: 1, stride: 5, stepA: 45, stepB: 15 },
    accumulate
  })

  it('go through the backend from 4 MFlop on, or from where the caller says', () => {
    const { linalg } = counted()
    expect(productsFor(linalg, 4e6)).toBe(linalg)
    expect(productsFor(linalg, 4e6 - 1)).not.toBe(linalg)
    expect(productsFor(linalg, 10, 10)).toBe(linalg)
    expect(productsFor(linalg, 4e6, 1e9)).not.toBe(linalg)
  })

  it('are the same in plain loops, without a call of the backend', async () => {
    const { linalg, calls } = counted()
    const results = await Promise.all(
      [productsFor(linalg, 0), openPlain()].map(async (products) => {
        const over = products.allocate(100).fill(2)
        await products.gemmOuterBatch(batch(over, false))
        const added = products.allocate(100).fill(2)
        await products.gemmOuterBatch(batch(added, true))
        const square: Matrix = build(7, 7, (i, j) => (i <= j ? 10 * i + j : -1))
        await products.mirrorUpperInPlace(block(square, 1, 1, 5, 5))
        const [a, c] = [random(6, 9, 9), random(6, 6, 10)]
        await products.gemm(a, a, c, { transposeB: 'transpose', beta: 1 })
        const wide = build(6, 9, () => NaN)
        await products.spread({ units: random(2, 9, 11).data, count: 2, order: 3, c: wide, column: 2 })
        products.release(over)
        return [over, added, square.data, c.data, wide.data]
      })
    )
    expect(calls).toEqual([])
    for (const [at, values] of results[0].entries()) expect(distance(values, results[1][at])).toBeLessThan(1e-13)
  })

  it('are never wrong for want of a factor that the loops do not know', async () => {
    const { linalg, calls } = counted()
    const [a, c] = [random(4, 4, 11), random(4, 4, 12)]
    const expected = product(a, a).data.map((value, index) => 3 * value - 2 * c.data[index])
    await productsFor(linalg, 0).gemm(a, a, c, { alpha: 3, beta: -2 })
    expect(distance(c.data, expected)).toBeLessThan(1e-13)
    expect(calls).toEqual(['gemm'])
  })
})
