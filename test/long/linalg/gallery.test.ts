// The accuracy gallery at orders up to 3000, over every backend, and their eigenvalues against each other.
import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { LinalgError, matrix, openLinalg, type Linalg } from '../../../src/engine/linalg'
import { gallery, random } from '../../reference/linalg/gallery'
import { product } from '../../reference/linalg/plain'
import { distance, epsilon, largest } from '../../reference/linalg/suite/case'
import { librariesHere } from '../../reference/linalg/lapack-here'
import { checkEigen } from '../../reference/linalg/suite/eigen'
import { quality } from '../../reference/linalg/suite/quality'

const hard = ['random', 'rank-deficient', 'clustered', 'repeated', 'geometric', 'glued Wilkinson', 'RBF', 'layer Hessian', 'graded']

/** Order and names; Householder similarity makes the larger ones quickly, a Gram matrix by plain loops does not. */
const plan: readonly (readonly [number, readonly string[]])[] = [
  [600, Object.keys(gallery)],
  [1501, hard.filter((name) => name !== 'rank-deficient')],
  [3000, ['random', 'repeated', 'layer Hessian', 'RBF']]
]

const libraries = await librariesHere()
assert.ok(libraries.length > 0, 'no LAPACK library is here')
const kinds: readonly string[] = ['wasm', ...libraries.map(({ source }) => source)]
const open: Record<string, Linalg> = {}
beforeAll(async () => {
  open.wasm = await openLinalg({ backend: 'wasm' })
  for (const { source, file } of libraries) open[source] = await openLinalg({ backend: 'lapack', library: file })
})
afterAll(async () => {
  for (const linalg of Object.values(open)) await linalg.dispose()
})

describe('eigenproblems', () => {
  for (const [n, names] of plan)
    for (const name of names)
      it(`n = ${n}: ${name}`, async () => {
        const a = gallery[name](n)
        const found: Float64Array[] = []
        for (const kind of kinds) {
          const linalg = open[kind]
          const { values, vectors } = await checkEigen(linalg, `${kind} ${name}`, a)
          const alone = await linalg.eigenvalues(a)
          found.push(values, alone)
          linalg.release(vectors.data)
        }
        const norm = largest(found[0])
        for (const values of found) assert.ok(distance(values, found[0]) <= 30 * Math.sqrt(n) * epsilon * norm, `${name}: backends differ`)
      })

  for (const kind of kinds)
    it(`${kind}: the 8 smallest and 8 largest of n = 2500`, async () => {
      const linalg = open[kind]
      for (const name of ['random', 'layer Hessian']) {
        const a = gallery[name](2500)
        const { values, vectors } = await linalg.eigenSymmetric(a, { select: { smallest: 8, largest: 8 } })
        const of = Float64Array.from([...values.slice(0, 8), ...values.slice(-8)])
        const { residual, orthogonality } = await quality(linalg, a, of, vectors, largest(values))
        assert.ok(residual <= 30 && orthogonality <= 30, `${name}: residual ${residual}, orthogonality ${orthogonality}`)
        linalg.release(vectors.data)
      }
    })
})

describe.each(kinds)('%s', (kind) => {
  it('factorizes and solves at n = 3000', async () => {
    const linalg = open[kind]
    const n = 3000
    const g = random(n, n, 5)
    const a = matrix(n, n, linalg.allocate(n * n))
    await linalg.syrk(g, a)
    for (let i = 0; i < n; i++) a.data[i * n + i] += n
    const l = matrix(n, n, linalg.allocate(n * n))
    l.data.set(a.data)
    assert.deepEqual(await linalg.choleskyInPlace(l), { positiveDefinite: true, rank: n })
    const b = random(n, 7, 6)
    const x = matrix(n, 7, b.data.slice())
    await linalg.solveCholeskyInPlace(l, x)
    const back = matrix(n, 7)
    await linalg.gemm(a, x, back)
    assert.ok(distance(back.data, b.data) <= 8 * n * epsilon * largest(a.data) * largest(x.data) * Math.sqrt(n))
    for (const one of [a, l]) linalg.release(one.data)
  })

  it('solves least squares of 2500 × 1200 and 1200 × 2500, of full rank and of rank 400', async () => {
    const linalg = open[kind]
    for (const [m, n] of [
      [2500, 1200],
      [1200, 2500]
    ])
      for (const rank of [Math.min(m, n), 400]) {
        const a = rank === 400 ? product(random(m, rank, 7), random(rank, n, 8)) : random(m, n, 9)
        const b = random(m, 2, 10)
        const found = await linalg.leastSquares(a, b)
        assert.equal(found.rank, rank)
        // Normal equations: Aᵀ(AX − B) = 0; and X in the row space: the minimum-norm solution of A X = A X is X.
        const residual = matrix(m, 2, b.data.slice())
        await linalg.gemm(a, found.solution, residual, { alpha: -1, beta: 1 })
        const normal = matrix(n, 2)
        await linalg.gemm(a, residual, normal, { transposeA: 'transpose' })
        const allowed = 100 * Math.max(m, n) * epsilon * found.condition
        const scale = largest(a.data) * Math.sqrt(m * n)
        assert.ok(largest(normal.data) <= allowed * scale * largest(b.data), `${m} × ${n} rank ${rank}: ${largest(normal.data)}`)
        const image = matrix(m, 2)
        await linalg.gemm(a, found.solution, image)
        const again = await linalg.leastSquares(a, image)
        assert.ok(distance(again.solution.data, found.solution.data) <= allowed * largest(found.solution.data), 'not the shortest solution')
        for (const one of [found.solution, again.solution]) linalg.release(one.data)
      }
  })
})

describe('memory', () => {
  it('a decomposition that cannot fit the embedded memory is refused with its size, before anything is allocated', async () => {
    const linalg = await openLinalg({ backend: 'wasm', threads: 1 })
    try {
      const n = 14_000
      const a = matrix(n, n, linalg.allocate(n * n))
      const free = linalg.availableBytes
      await assert.rejects(linalg.eigenSymmetric(a), (error: unknown) => {
        assert.ok(error instanceof LinalgError && error.code === 'out-of-memory', String(error))
        assert.match(error.message, /\d{10} bytes/)
        return true
      })
      assert.equal(linalg.availableBytes, free)
    } finally {
      await linalg.dispose()
    }
  })
})
