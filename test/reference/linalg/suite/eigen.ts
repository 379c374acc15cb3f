// Symmetric eigenproblems over the whole gallery: residual, orthogonality, eigenvalues against cyclic Jacobi and SciPy, ranges and selections.
import assert from 'node:assert/strict'
import { LinalgError, type Linalg, type SymmetricEigen } from '../../../../src/engine/linalg/interface'
import { matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { gallery, randomSymmetric } from '../gallery'
import { goldens } from '../goldens'
import { copy, jacobi } from '../plain'
import { asView, distance, epsilon, largest, numbers, type LinalgCase } from './case'
import { quality } from './quality'

const ascending = (values: Float64Array): boolean => values.every((value, at) => at === 0 || values[at - 1] <= value)

/** Decomposes a copy, checks the result against the bound and the input for change, and returns it. */
export async function checkEigen(linalg: Linalg, name: string, a: Matrix): Promise<SymmetricEigen> {
  const before = a.data.slice()
  const found = await linalg.eigenSymmetric(a)
  assert.ok(
    Buffer.from(before.buffer).equals(Buffer.from(a.data.buffer, a.data.byteOffset, a.data.byteLength)),
    `${name}: the input was changed`
  )
  assert.equal(found.values.length, a.rows)
  assert.deepEqual([found.vectors.rows, found.vectors.columns], [a.rows, a.rows])
  assert.ok(ascending(found.values), `${name}: values must ascend`)
  const { residual, orthogonality } = await quality(linalg, a, found.values, found.vectors, largest(found.values))
  assert.ok(residual <= 30, `${name}, n = ${a.rows}: residual ${residual.toFixed(1)} √n·ε·‖A‖`)
  assert.ok(orthogonality <= 30, `${name}, n = ${a.rows}: orthogonality ${orthogonality.toFixed(1)} √n·ε`)
  return found
}

/** All cases of one order; `others` bounds the distance of values-only results from those with vectors. */
function gallerySizes(label: string, orders: readonly number[], reference: boolean): LinalgCase[] {
  return Object.entries(gallery).map(([name, make]) => ({
    name: `eigen ${label}: ${name}`,
    run: async (linalg) => {
      for (const n of orders) {
        const a = make(n)
        const found = await checkEigen(linalg, name, a)
        const alone = await linalg.eigenvalues(a)
        const norm = largest(found.values)
        const allowed = 30 * Math.sqrt(Math.max(1, n)) * epsilon * norm
        assert.ok(ascending(alone), `${name}: values alone must ascend`)
        assert.ok(
          distance(alone, found.values) <= allowed,
          `${name}, n = ${n}: values alone are ${distance(alone, found.values) / norm} off`
        )
        if (reference) {
          const expected = jacobi(a).values
          assert.ok(distance(alone, expected) <= allowed, `${name}, n = ${n}: ${distance(alone, expected) / norm} from Jacobi`)
        }
        linalg.release(found.vectors.data)
      }
    }
  }))
}

async function checkSome(linalg: Linalg, name: string, a: Matrix, from: number, to: number): Promise<void> {
  const all = await linalg.eigenvalues(a)
  const norm = largest(all)
  const found = await linalg.eigenSymmetric(a, { range: { from, to } })
  const expected = all.slice(from, to + 1)
  assert.deepEqual([found.vectors.rows, found.vectors.columns, found.values.length], [a.rows, to - from + 1, to - from + 1])
  assert.ok(distance(found.values, expected) <= 30 * Math.sqrt(a.rows) * epsilon * norm, `${name} ${from}…${to}: values`)
  const { residual, orthogonality } = await quality(linalg, a, found.values, found.vectors, norm)
  assert.ok(residual <= 30 && orthogonality <= 30, `${name} ${from}…${to}: residual ${residual}, orthogonality ${orthogonality}`)
  linalg.release(found.vectors.data)
}

export const eigenCases: readonly LinalgCase[] = [
  ...gallerySizes('of the smallest orders', [0, 1, 2, 3], true),
  ...gallerySizes('beside Jacobi', [21, 40], true),
  ...gallerySizes('of odd order', [101], false),
  ...Object.entries(gallery).map(([name, make]) => ({
    name: `eigen ranges: ${name}`,
    run: async (linalg: Linalg) => {
      const a = make(90)
      for (const [from, to] of [
        [0, 0],
        [0, 7],
        [82, 89],
        [40, 44],
        [10, 80]
      ])
        await checkSome(linalg, name, a, from, to)
    }
  })),
  {
    name: 'eigen selection: all values, vectors of both ends',
    run: async (linalg) => {
      for (const name of ['random', 'layer Hessian', 'repeated', 'zero', 'graded']) {
        const a = gallery[name](120)
        const all = await linalg.eigenvalues(a)
        const norm = largest(all)
        for (const [smallest, count] of [
          [8, 8],
          [0, 3],
          [5, 0]
        ]) {
          const found = await linalg.eigenSymmetric(a, { select: { smallest, largest: count } })
          assert.equal(found.values.length, 120)
          assert.deepEqual([found.vectors.rows, found.vectors.columns], [120, smallest + count])
          assert.ok(distance(found.values, all) <= 30 * Math.sqrt(120) * epsilon * norm, name)
          const of = Float64Array.from([...found.values.slice(0, smallest), ...(count > 0 ? found.values.slice(-count) : [])])
          const { residual, orthogonality } = await quality(linalg, a, of, found.vectors, norm)
          assert.ok(residual <= 30 && orthogonality <= 30, `${name}: residual ${residual}, orthogonality ${orthogonality}`)
          linalg.release(found.vectors.data)
        }
      }
    }
  },
  {
    name: 'eigen of matrices large enough for panels, threads and divide and conquer',
    run: async (linalg) => {
      for (const [name, n] of [
        ['random', 733],
        ['layer Hessian', 720],
        ['glued Wilkinson', 357]
      ] as const) {
        const found = await checkEigen(linalg, name, gallery[name](n))
        linalg.release(found.vectors.data)
      }
    }
  },
  {
    name: 'eigenvalues equal LAPACK’s (SciPy goldens)',
    run: async (linalg) => {
      for (const [name, { n, eigenvalues }] of Object.entries(goldens.symmetric)) {
        const expected = Float64Array.from(eigenvalues)
        const found = await linalg.eigenvalues(gallery[name](n))
        assert.ok(distance(found, expected) <= 30 * Math.sqrt(n) * epsilon * largest(expected), name)
      }
    }
  },
  {
    name: 'eigen takes views, and work space inside the input only when told to',
    run: async (linalg) => {
      const a = randomSymmetric(60, 3)
      const expected = jacobi(a)
      const view = asView(a, linalg)
      const outside = view.data.filter((value) => Number.isNaN(value)).length
      const found = await linalg.eigenSymmetric(view)
      assert.ok(distance(found.values, expected.values) <= 1e-12)
      assert.ok(distance(await linalg.eigenvalues(view), expected.values) <= 1e-12)
      assert.deepEqual(numbers(view), a.data)
      assert.equal(view.data.filter((value) => Number.isNaN(value)).length, outside)
      const spare = copy(a)
      const over = await linalg.eigenSymmetric(spare, { overwrite: true })
      const { residual, orthogonality } = await quality(linalg, a, over.values, over.vectors, largest(over.values))
      assert.ok(residual <= 30 && orthogonality <= 30)
      const own = matrix(60, 60, linalg.allocate(3600))
      own.data.set(a.data)
      const inside = await linalg.eigenSymmetric(own, { overwrite: true })
      const second = await quality(linalg, a, inside.values, inside.vectors, largest(inside.values))
      assert.ok(second.residual <= 30 && second.orthogonality <= 30)
      assert.ok(distance(await linalg.eigenvalues(copy(a), { overwrite: true }), expected.values) <= 1e-12)
    }
  },
  {
    name: 'eigen refuses ranges outside of the spectrum and matrices that are not square',
    run: async (linalg) => {
      const refused = (code: string) => (error: unknown) => error instanceof LinalgError && error.code === code
      await assert.rejects(linalg.eigenSymmetric(randomSymmetric(4), { range: { from: 2, to: 4 } }), refused('shape'))
      await assert.rejects(linalg.eigenSymmetric(randomSymmetric(4), { range: { from: 3, to: 2 } }), refused('shape'))
      await assert.rejects(linalg.eigenvalues(matrix(3, 4)), refused('shape'))
    }
  }
]
