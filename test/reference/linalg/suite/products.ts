// Products against three plain loops: every transpose, scale, view and awkward size.
import assert from 'node:assert/strict'
import type { Linalg } from '../../../../src/engine/linalg/interface'
import { matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { random, randomSymmetric } from '../gallery'
import { build, copy, openPlain, product, transposed } from '../plain'
import { asView, distance, epsilon, numbers, type LinalgCase } from './case'

const plain = openPlain()
const sizes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [2, 3, 1],
  [3, 2, 5],
  [5, 7, 4],
  [8, 8, 8],
  [17, 1, 33],
  [1, 40, 9],
  [31, 33, 35],
  [64, 48, 100],
  [97, 130, 61],
  [130, 67, 300]
]

/** |computed − exact| of an inner product of k terms of size ≤ 1. */
const bound = (k: number): number => 4 * (k + 2) * epsilon

async function checkGemm(linalg: Linalg, m: number, n: number, k: number, viewed: boolean): Promise<void> {
  for (const transposeA of ['none', 'transpose'] as const)
    for (const transposeB of ['none', 'transpose'] as const) {
      const a = transposeA === 'none' ? random(m, k, 1) : random(k, m, 1)
      const b = transposeB === 'none' ? random(k, n, 2) : random(n, k, 2)
      const expected = product(transposeA === 'none' ? a : transposed(a), transposeB === 'none' ? b : transposed(b))
      const shaped = (given: Matrix): Matrix => (viewed ? asView(given) : given)
      const c = shaped(build(m, n, () => NaN))
      await linalg.gemm(shaped(a), shaped(b), c, { transposeA, transposeB })
      assert.ok(distance(numbers(c), expected.data) <= bound(k), `${m} × ${n} × ${k} ${transposeA} ${transposeB}`)
      const old = random(m, n, 3)
      const d = shaped(copy(old))
      await linalg.gemm(shaped(a), shaped(b), d, { transposeA, transposeB, alpha: -0.5, beta: 2 })
      const mixed = expected.data.map((value, at) => -0.5 * value + 2 * old.data[at])
      assert.ok(distance(numbers(d), mixed) <= bound(k) + 4 * epsilon, `alpha and beta, ${m} × ${n} × ${k} ${transposeA} ${transposeB}`)
    }
}

export const productCases: readonly LinalgCase[] = [
  {
    name: 'gemm equals three loops in all transpose forms, with alpha and beta',
    run: async (linalg) => {
      for (const [m, n, k] of sizes) await checkGemm(linalg, m, n, k, false)
    }
  },
  {
    name: 'gemm works on views inside larger arrays and leaves the rest alone',
    run: async (linalg) => {
      for (const [m, n, k] of sizes.slice(0, 9)) await checkGemm(linalg, m, n, k, true)
      const c = asView(matrix(5, 6))
      await linalg.gemm(random(5, 4, 1), random(4, 6, 2), c)
      const around = c.data.filter((_, at) => Number.isNaN(c.data[at])).length
      assert.equal(around, c.data.length - 30, 'entries outside of the view changed')
    }
  },
  {
    name: 'gemm with nothing to do: empty shapes, and depth 0 gives beta C',
    run: async (linalg) => {
      await linalg.gemm(matrix(0, 3), matrix(3, 2), matrix(0, 2))
      const c = build(2, 2, () => 3)
      await linalg.gemm(matrix(2, 0), matrix(0, 2), c, { beta: 2 })
      assert.deepEqual([...c.data], [6, 6, 6, 6])
      await linalg.gemm(matrix(2, 0), matrix(0, 2), c)
      assert.deepEqual([...c.data], [0, 0, 0, 0])
    }
  },
  {
    name: 'gemm of odd sizes beside the blocks of the kernels, 63 to 257',
    run: async (linalg) => {
      const lengths = [63, 65, 95, 97, 127, 129, 191, 193, 255, 257]
      for (const m of lengths)
        for (const [n, k] of [
          [m, m],
          [lengths[(lengths.indexOf(m) + 3) % 10], lengths[(lengths.indexOf(m) + 7) % 10]]
        ]) {
          const [a, b, c] = [random(m, k, m), random(k, n, n), build(m, n, () => NaN)]
          await linalg.gemm(a, b, c)
          assert.ok(distance(c.data, product(a, b).data) <= bound(k), `${m} × ${n} × ${k}`)
          const gram = build(m, m, () => NaN)
          await linalg.syrk(a, gram)
          assert.ok(distance(gram.data, product(a, transposed(a)).data) <= bound(k), `A Aᵀ of ${m} × ${k}`)
        }
    }
  },
  {
    name: 'gemm of a size that is cut into many pieces',
    run: async (linalg) => {
      const [m, n, k] = [421, 317, 530]
      const [a, b] = [random(m, k, 5), random(k, n, 6)]
      const c = matrix(m, n, linalg.allocate(m * n))
      await linalg.gemm(a, b, c)
      assert.ok(distance(c.data, product(a, b).data) <= bound(k))
      linalg.release(c.data)
    }
  },
  {
    name: 'syrk equals a product with the transpose, exactly symmetric, also on views and with beta',
    run: async (linalg) => {
      for (const [n, k] of [
        [1, 1],
        [3, 5],
        [17, 2],
        [40, 64],
        [131, 77],
        [300, 210]
      ])
        for (const transposeA of ['none', 'transpose'] as const) {
          const a = transposeA === 'none' ? random(n, k, 8) : random(k, n, 8)
          const expected = transposeA === 'none' ? product(a, transposed(a)) : product(transposed(a), a)
          const c = asView(build(n, n, () => NaN))
          await linalg.syrk(asView(a), c, { transposeA })
          const values = numbers(c)
          assert.ok(distance(values, expected.data) <= bound(k), `${n} × ${k} ${transposeA}`)
          const old = randomSymmetric(n, 9)
          const d = copy(old)
          await linalg.syrk(a, d, { transposeA, alpha: -2, beta: 0.5 })
          const mixed = expected.data.map((value, at) => -2 * value + 0.5 * old.data[at])
          assert.ok(distance(d.data, mixed) <= 2 * bound(k) + 4 * epsilon, `alpha and beta, ${n} × ${k} ${transposeA}`)
          for (const full of [values, d.data])
            for (let i = 0; i < n; i++)
              for (let j = 0; j < i; j++) assert.ok(Object.is(full[i * n + j], full[j * n + i]), 'mirrored entries differ')
        }
    }
  },
  {
    name: 'symv equals a plain product with a vector',
    run: async (linalg) => {
      for (const n of [0, 1, 2, 3, 5, 64, 131, 260]) {
        const a = randomSymmetric(n, 10)
        const x = random(n, 1, 11).data
        const y = new Float64Array(n).fill(NaN)
        await linalg.symv(a, x, y)
        assert.ok(distance(y, product(a, matrix(n, 1, x)).data) <= bound(n), `n = ${n}`)
      }
    }
  },
  {
    name: 'mirrorUpperInPlace copies the upper triangle exactly, all of it or of the first rows',
    run: async (linalg) => {
      for (const n of [0, 1, 2, 3, 33, 150]) {
        const a = random(n, n, 12)
        const whole = copy(a)
        await linalg.mirrorUpperInPlace(whole)
        assert.deepEqual(
          whole,
          build(n, n, (i, j) => a.data[Math.min(i, j) * n + Math.max(i, j)])
        )
        const half = copy(a)
        const rows = n >> 1
        await linalg.mirrorUpperInPlace(half, { rows })
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            const value = half.data[i * n + j]
            const mirrored = a.data[Math.min(i, j) * n + Math.max(i, j)]
            assert.ok(Object.is(value, mirrored) || (i > j && j >= rows && Object.is(value, a.data[i * n + j])), `n = ${n} (${i}, ${j})`)
          }
      }
    }
  },
  {
    name: 'gemmOuterBatch equals the plain products, with strides, steps and accumulation',
    run: async (linalg) => {
      for (const [m, n, k, p, q] of [
        [1, 1, 1, 1, 1],
        [3, 4, 5, 2, 3],
        [51, 10, 50, 4, 6],
        [50, 50, 50, 3, 1],
        [7, 101, 33, 1, 5]
      ])
        for (const accumulate of [false, true]) {
          const a = random(p * m, k, 13)
          const b = random(k, q * n, 14)
          const start = random(p * m, q * n + 2, 15)
          const run = async (by: Linalg): Promise<Float64Array> => {
            const c = copy(start)
            await by.gemmOuterBatch({
              m,
              n,
              k,
              a: { data: a.data, offset: 0, stride: k, step: m * k, count: p },
              b: { data: b.data, offset: 0, stride: q * n, step: n, count: q },
              c: { data: c.data, offset: 1, stride: q * n + 2, stepA: m * (q * n + 2), stepB: n },
              accumulate
            })
            return c.data
          }
          assert.ok(distance(await run(linalg), await run(plain)) <= bound(k) + epsilon * 4, `${m} × ${n} × ${k}, ${p} × ${q}`)
        }
    }
  },
  {
    name: "gemmOuterBatch in the backend's own memory: rows as runs, upper squares, accumulation, the rest untouched",
    run: async (linalg) => {
      for (const [m, n, k, p, q] of [
        [41, 53, 30, 13, 7],
        [9, 200, 60, 12, 10],
        [4, 6, 5, 6, 3]
      ])
        for (const [upper, accumulate] of [
          [false, false],
          [true, false],
          [true, true]
        ]) {
          const stride = m * n + 3
          const [a, b, start] = [random(p * m, k, 16), random(k, q * n, 17), random(p * q, stride, 18)]
          const run = async (by: Linalg): Promise<Float64Array> => {
            const inside = [a, b, start].map(({ data }) => {
              const own = by.allocate(data.length)
              own.set(data)
              return own
            })
            await by.gemmOuterBatch({
              m,
              n,
              k,
              upper,
              accumulate,
              a: { data: inside[0], offset: 0, stride: k, step: m * k, count: p },
              b: { data: inside[1], offset: 0, stride: q * n, step: n, count: q },
              c: { data: inside[2], offset: 1, stride: n, stepA: q * stride, stepB: stride }
            })
            const result = inside[2].slice()
            inside.forEach((array) => by.release(array))
            return result
          }
          const [got, expected] = [await run(linalg), await run(plain)]
          assert.ok(distance(got, expected) <= bound(k) + epsilon * 4, `${m} × ${n} × ${k}, ${p} × ${q}, upper ${upper}`)
          // Without `upper` every entry but those between the runs is written; rows above p keep their bits.
          for (let i = 0; i < p; i++)
            for (let r = 0; r < (upper ? Math.min(i, m) : 0); r++)
              for (let x = 0; x < n; x++) {
                const at = 1 + i * q * stride + r * n + x
                assert.equal(got[at], start.data[at], 'a row that was not asked for has changed')
              }
          for (let row = 0; row < p * q; row++)
            assert.equal(got[row * stride], start.data[row * stride], 'an entry beside the runs has changed')
        }
    }
  },
  {
    name: 'spread puts a direct sum out over rows, with zeros around it',
    run: async (linalg) => {
      for (const [order, count, before, after] of [
        [1, 1, 0, 0],
        [3, 5, 2, 1],
        [20, 17, 100, 0]
      ]) {
        const rows = order * count
        const { data: units } = random(count, order * order, 19)
        for (const shaped of [(m: Matrix): Matrix => m, asView]) {
          const fill = () => shaped(build(rows, before + rows + after, () => NaN))
          const [c, expected] = [fill(), fill()]
          await linalg.spread({ units, count, order, c, column: before })
          await plain.spread({ units, count, order, c: expected, column: before })
          assert.deepEqual(c.data, expected.data)
        }
        const own = linalg.allocate(rows * rows).fill(NaN)
        await linalg.spread({ units, count, order, c: matrix(rows, rows, own), column: 0 })
        const expected = matrix(rows, rows)
        await plain.spread({ units, count, order, c: expected, column: 0 })
        assert.deepEqual(own.slice(), expected.data)
        linalg.release(own)
      }
    }
  }
]
