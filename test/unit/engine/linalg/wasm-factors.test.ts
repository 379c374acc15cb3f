// The wasm backend's factorizations against reconstruction, residuals and each other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { block, matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { entry, product, randomMatrix, randomSymmetric } from './wasm-helpers'

let linalg: Linalg
beforeAll(async () => {
  linalg = await openLinalg({ backend: 'wasm', threads: 2 })
})
afterAll(() => linalg.dispose())

const largest = (values: ArrayLike<number>) => Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
const copy = (a: Matrix) => matrix(a.rows, a.columns, a.data.slice())

function positiveDefinite(order: number, seed: number): Matrix {
  const g = randomMatrix(order, order + 3, seed)
  const a = product(g, g, false, true)
  for (let i = 0; i < order; i++) a.data[i * (order + 1)] += 1
  return a
}

describe('Cholesky', () => {
  for (const order of [0, 1, 2, 3, 31, 33, 128, 131, 300])
    it(`reconstructs and solves at order ${order}`, async () => {
      const a = positiveDefinite(order, order + 1)
      const l = copy(a)
      expect(await linalg.choleskyInPlace(l)).toEqual({ positiveDefinite: true, rank: order })
      expect(l.data.every((value, index) => value === 0 || index % order <= index / order)).toBe(true)
      const back = product(l, l, false, true)
      expect(largest(back.data.map((value, index) => value - a.data[index]))).toBeLessThanOrEqual(1e-14 * (order + 1) * largest(a.data))
      const x = randomMatrix(order, 7, 5)
      const b = product(a, x)
      await linalg.solveCholeskyInPlace(l, b)
      expect(largest(b.data.map((value, index) => value - x.data[index]))).toBeLessThan(1e-9)
      for (const transpose of ['none', 'transpose'] as const) {
        const side = product(l, x, transpose === 'transpose')
        await linalg.solveTriangularInPlace(l, side, { transpose })
        expect(largest(side.data.map((value, index) => value - x.data[index]))).toBeLessThan(1e-9)
      }
    })

  it('says where it stopped and works on a view', async () => {
    const whole = matrix(200, 210)
    const a = block(whole, 3, 5, 150, 150)
    for (let i = 0; i < 150; i++) whole.data[a.offset + i * (a.stride + 1)] = i === 140 ? -1 : 2
    expect(await linalg.choleskyInPlace(a)).toEqual({ positiveDefinite: false, rank: 140 })
  })

  it('names NaN and refuses a singular triangle', async () => {
    const a = positiveDefinite(5, 1)
    a.data[3 * 5 + 1] = NaN
    await expect(linalg.choleskyInPlace(a)).rejects.toThrow(/choleskyInPlace: entry \(3, 1\) of a is NaN/)
    await expect(linalg.solveTriangularInPlace(matrix(2, 2), matrix(2, 1))).rejects.toMatchObject({ code: 'not-positive-definite' })
  })
})

describe('eigen', () => {
  const epsilon = 2 ** -52

  async function check(a: Matrix): Promise<void> {
    const order = a.rows
    const size = largest(a.data) || 1
    const norm = Math.sqrt(a.data.reduce((sum, value) => sum + (value / size) ** 2, 0)) * size
    const { values, vectors } = await linalg.eigenSymmetric(a)
    const bound = 30 * Math.sqrt(order) * epsilon
    const residual = product(a, vectors)
    for (let i = 0; i < order; i++) for (let j = 0; j < order; j++) residual.data[i * order + j] -= values[j] * entry(vectors, i, j)
    expect(largest(residual.data)).toBeLessThanOrEqual(bound * norm)
    const gram = product(vectors, vectors, true)
    for (let i = 0; i < order; i++) gram.data[i * (order + 1)] -= 1
    expect(largest(gram.data)).toBeLessThanOrEqual(bound)
    const alone = await linalg.eigenvalues(a)
    expect(largest(alone.map((value, index) => value - values[index]))).toBeLessThanOrEqual(bound * norm)
    expect(values).toEqual(values.slice().sort())
    linalg.release(vectors.data)
  }

  for (const order of [0, 1, 2, 3, 4, 33, 34, 65, 100, 257]) it(`random of order ${order}`, () => check(randomSymmetric(order, order + 2)))
  for (const scale of [1e-300, 1e-160, 1e150])
    it(`random scaled by ${scale}`, () => {
      const a = randomSymmetric(50, 3)
      a.data.forEach((value, index) => (a.data[index] = value * scale))
      return check(a)
    })
  it('returns the range and the selection asked for', async () => {
    const a = randomSymmetric(40, 7)
    const all = await linalg.eigenSymmetric(a)
    const some = await linalg.eigenSymmetric(a, { range: { from: 3, to: 9 } })
    expect(some.values).toEqual(all.values.slice(3, 10))
    for (let i = 0; i < 40; i++)
      for (let j = 0; j < 7; j++) expect(Math.abs(entry(some.vectors, i, j))).toBeCloseTo(Math.abs(entry(all.vectors, i, j + 3)), 10)
    const ends = await linalg.eigenSymmetric(a, { select: { smallest: 2, largest: 1 } })
    expect(ends.values).toEqual(all.values)
    expect(ends.vectors.columns).toBe(3)
    for (let i = 0; i < 40; i++) expect(Math.abs(entry(ends.vectors, i, 2))).toBeCloseTo(Math.abs(entry(all.vectors, i, 39)), 10)
  })
  for (const [name, order, make] of [
    ['random', 200, (n: number) => randomSymmetric(n, 12)],
    ['random', 333, (n: number) => randomSymmetric(n, 13)],
    ['rank-deficient', 210, (n: number) => product(randomMatrix(n, 40, 14), randomMatrix(n, 40, 14), false, true)],
    [
      'diagonal',
      160,
      (n: number) =>
        matrix(
          n,
          n,
          Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? (i * 7) % 31 : 0))
        )
    ]
  ] as const)
    it(`finds the few vectors at both ends of a ${name} matrix of order ${order}`, async () => {
      const a = make(order)
      const { values, vectors } = await linalg.eigenSymmetric(a, { select: { smallest: 8, largest: 8 } })
      const all = await linalg.eigenSymmetric(a)
      expect(values).toEqual(all.values)
      const residual = product(a, vectors)
      const bound = 30 * Math.sqrt(order) * epsilon
      for (let i = 0; i < order; i++)
        for (let j = 0; j < 16; j++) residual.data[i * 16 + j] -= values[j < 8 ? j : order - 16 + j] * entry(vectors, i, j)
      expect(largest(residual.data)).toBeLessThanOrEqual(bound * Math.max(largest([values[0], values[order - 1]]), 1e-300))
      const gram = product(vectors, vectors, true)
      for (let i = 0; i < 16; i++) gram.data[i * 17] -= 1
      expect(largest(gram.data)).toBeLessThanOrEqual(bound)
    })
  it('names NaN and leaves the input alone', async () => {
    const a = randomSymmetric(20, 4)
    const before = a.data.slice()
    await linalg.eigenvalues(a)
    expect(a.data).toEqual(before)
    a.data[7 * 20 + 2] = -Infinity
    await expect(linalg.eigenvalues(a)).rejects.toThrow(/eigenvalues: entry \(7, 2\) of a is -Infinity/)
  })
})
