// The wasm backend's products against plain loops: every transpose form, views, memory of its own and of others.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { block, matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { entry, product, random, randomMatrix } from './wasm-helpers'

let linalg: Linalg
beforeAll(async () => {
  linalg = await openLinalg({ backend: 'wasm', threads: 2 })
})
afterAll(() => linalg.dispose())

const maxDifference = (a: Matrix, b: Matrix) => {
  let most = 0
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++) most = Math.max(most, Math.abs(entry(a, i, j) - entry(b, i, j)))
  return most
}

describe('gemm', () => {
  for (const [m, n, k] of [
    [1, 1, 1],
    [3, 5, 7],
    [4, 4, 300],
    [97, 101, 259],
    [130, 1030, 33],
    [0, 3, 2],
    [3, 2, 0]
  ])
    for (const transposeA of ['none', 'transpose'] as const)
      for (const transposeB of ['none', 'transpose'] as const)
        it(`multiplies ${m} × ${k} by ${k} × ${n} (${transposeA}, ${transposeB})`, async () => {
          const a = transposeA === 'none' ? randomMatrix(m, k, 1) : randomMatrix(k, m, 1)
          const b = transposeB === 'none' ? randomMatrix(k, n, 2) : randomMatrix(n, k, 2)
          const c = randomMatrix(m, n, 3)
          const expected = product(a, b, transposeA === 'transpose', transposeB === 'transpose')
          for (let i = 0; i < m * n; i++) expected.data[i] = -0.5 * expected.data[i] + 2 * c.data[i]
          await linalg.gemm(a, b, c, { transposeA, transposeB, alpha: -0.5, beta: 2 })
          expect(maxDifference(c, expected)).toBeLessThan(1e-13 * (k + 1))
        })

  it('works on views in shared memory, overwrites NaN with beta 0, leaves the surroundings alone', async () => {
    const store = linalg.allocate(60 * 70)
    store.fill(NaN)
    const whole = matrix(60, 70, store)
    const c = block(whole, 5, 7, 31, 29)
    const a = block(randomMatrix(40, 50, 4), 3, 2, 31, 17)
    const b = block(randomMatrix(40, 50, 5), 1, 1, 17, 29)
    await linalg.gemm(a, b, c)
    expect(maxDifference(c, product(a, b))).toBeLessThan(1e-13)
    expect(store.filter((value) => Number.isNaN(value)).length).toBe(60 * 70 - 31 * 29)
    linalg.release(store)
  })

  it('gives the same bits for one and two threads', async () => {
    const single = await openLinalg({ backend: 'wasm', threads: 1 })
    const a = randomMatrix(300, 400, 6)
    const b = randomMatrix(400, 350, 7)
    const [one, two] = [matrix(300, 350), matrix(300, 350)]
    await single.gemm(a, b, one)
    await linalg.gemm(a, b, two)
    expect(one.data).toEqual(two.data)
    await single.dispose()
  })

  it('refuses shapes and overlaps by name', async () => {
    const a = randomMatrix(4, 3, 1)
    await expect(linalg.gemm(a, randomMatrix(4, 3, 2), matrix(4, 3))).rejects.toThrow(/gemm: rows of b must be 3, got 4/)
    await expect(linalg.gemm(a, randomMatrix(3, 3, 2), a)).rejects.toMatchObject({ code: 'aliasing' })
    await expect(linalg.gemm({ ...a, stride: 2 }, a, a)).rejects.toMatchObject({ code: 'shape' })
  })
})

describe('gemmOuterBatch', () => {
  for (const [accumulate, k, inside] of [
    [false, 7, true],
    [true, 300, false],
    [false, 50, false]
  ] as const)
    it(`multiplies every A with every B (depth ${k}, accumulate ${accumulate}, in shared memory ${inside})`, async () => {
      const [m, n, p, q] = [5, 6, 4, 9]
      const a = random(p * m * k, 1)
      const b = random(q * k * n, 2)
      const values = random(p * m * q * n, 3)
      const data = inside ? linalg.allocate(values.length) : values.slice()
      data.set(values)
      const c = { data, offset: 0, stride: q * n, stepA: m * q * n, stepB: n }
      await linalg.gemmOuterBatch({
        m,
        n,
        k,
        a: { data: a, offset: 0, stride: k, step: m * k, count: p },
        b: { data: b, offset: 0, stride: n, step: k * n, count: q },
        c,
        accumulate
      })
      for (let i = 0; i < p; i++)
        for (let j = 0; j < q; j++) {
          const expected = product(
            matrix(m, k, a.subarray(i * m * k, (i + 1) * m * k)),
            matrix(k, n, b.subarray(j * k * n, (j + 1) * k * n))
          )
          for (let r = 0; r < m; r++)
            for (let s = 0; s < n; s++) {
              const at = i * c.stepA + j * n + r * c.stride + s
              expect(Math.abs(data[at] - expected.data[r * n + s] - (accumulate ? values[at] : 0))).toBeLessThan(1e-12)
            }
        }
    })
})

describe('symmetric products', () => {
  for (const order of [1, 2, 3, 5, 64, 130, 401])
    it(`syrk, symv and mirror at order ${order}`, async () => {
      const a = randomMatrix(order, 37, order)
      const c = matrix(order, order)
      await linalg.syrk(a, c)
      expect(maxDifference(c, product(a, a, false, true))).toBeLessThan(1e-12)
      for (let i = 0; i < order; i++) for (let j = 0; j < i; j++) if (entry(c, i, j) !== entry(c, j, i)) throw new Error('not mirrored')
      const x = random(order, 9)
      const y = new Float64Array(order)
      await linalg.symv(c, x, y)
      expect(maxDifference(matrix(order, 1, y), product(c, matrix(order, 1, x)))).toBeLessThan(1e-11)
      const square = randomMatrix(order, order, 4)
      const mirrored = matrix(order, order, square.data.slice())
      await linalg.mirrorUpperInPlace(mirrored)
      for (let i = 0; i < order; i++)
        for (let j = 0; j < order; j++)
          if (entry(mirrored, i, j) !== entry(square, Math.min(i, j), Math.max(i, j))) throw new Error('wrong mirror')
      const gram = matrix(37, 37)
      await linalg.syrk(a, gram, { transposeA: 'transpose', alpha: 2 })
      const expected = product(a, a, true, false)
      expected.data.forEach((value, index) => (expected.data[index] = 2 * value))
      expect(maxDifference(gram, expected)).toBeLessThan(1e-11)
    })
})
