// The reduction A = Q T Qᵀ over the whole gallery: Qᵀ A Q against T, Q orthogonal, its two applications inverse to each other, eigenvalues, memory.
import assert from 'node:assert/strict'
import { LinalgError, type Linalg } from '../../../../src/engine/linalg/interface'
import { matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { gallery, randomSymmetric } from '../gallery'
import { copy, identity, product, transposed } from '../plain'
import { asView, distance, epsilon, frobenius, largest, numbers, type LinalgCase } from './case'

type Reduced = Awaited<ReturnType<Linalg['tridiagonalize']>>

/** Q with its columns made by `apply` of unit vectors. */
async function whole(n: number, apply: Reduced['apply']): Promise<Matrix> {
  const columns = matrix(n, n)
  for (let j = 0; j < n; j++) {
    const unit = columns.data.subarray(j * n, (j + 1) * n)
    unit[j] = 1
    await apply(unit)
  }
  return transposed(columns)
}

function full({ diagonal, offDiagonal }: Reduced): Matrix {
  const n = diagonal.length
  const t = matrix(n, n)
  for (let i = 0; i < n; i++) t.data[i * (n + 1)] = diagonal[i]
  for (let i = 0; i + 1 < n; i++) t.data[i * n + i + 1] = t.data[(i + 1) * n + i] = offDiagonal[i]
  return t
}

const difference = (a: Matrix, b: Matrix) => a.data.map((value, at) => value - b.data[at])

/** Of a matrix that may be as large as 1e150 or as small as 1e-300: divided by its largest entry, so that products stay in range. */
async function checkReduction(linalg: Linalg, name: string, a: Matrix): Promise<void> {
  const n = a.rows
  const before = a.data.slice()
  const reduced = await linalg.tridiagonalize(a)
  assert.deepEqual(a.data, before, `${name}: the input was changed`)
  assert.deepEqual([reduced.diagonal.length, reduced.offDiagonal.length], [n, Math.max(0, n - 1)])
  const q = await whole(n, reduced.apply)
  const size = largest(a.data) || 1
  const scaled = (m: Matrix) =>
    matrix(
      n,
      n,
      m.data.map((value) => value / size)
    )
  const unit = scaled(a)
  const bound = 30 * Math.sqrt(Math.max(1, n)) * epsilon
  const norm = Math.max(frobenius(unit.data), Number.MIN_VALUE)
  const off = frobenius(difference(product(transposed(q), product(unit, q)), scaled(full(reduced)))) / norm
  assert.ok(off <= bound, `${name}, n = ${n}: QᵀAQ is ${off} from T`)
  const skew = frobenius(difference(product(transposed(q), q), identity(n)))
  assert.ok(skew <= bound * Math.sqrt(Math.max(1, n)), `${name}, n = ${n}: QᵀQ is ${skew} from I`)
  const back = await whole(n, reduced.applyTransposed)
  assert.ok(distance(back.data, transposed(q).data) <= bound, `${name}: the transposed application is not Qᵀ`)
  const values = await reduced.eigenvalues()
  const alone = await linalg.eigenvalues(a)
  assert.ok(distance(values, alone) <= bound * largest(alone), `${name}, n = ${n}: eigenvalues of T`)
  reduced.release()
}

export const tridiagonalCases: readonly LinalgCase[] = [
  ...Object.entries(gallery).map(([name, make]) => ({
    name: `reduction to tridiagonal form: ${name}`,
    run: async (linalg: Linalg) => {
      for (const n of [0, 1, 2, 3, 40, 101]) await checkReduction(linalg, name, make(n))
    }
  })),
  {
    name: 'reduction of a matrix large enough for panels and threads: lengths, traces and eigenvalues',
    run: async (linalg) => {
      for (const n of [530, 733]) {
        const a = randomSymmetric(n, 7)
        const { diagonal, offDiagonal, apply, applyTransposed, eigenvalues, release } = await linalg.tridiagonalize(a)
        const x = Float64Array.from({ length: n }, (_, i) => Math.cos(3 * i))
        const image = x.slice()
        await applyTransposed(image)
        // Q T Qᵀ x against A x.
        const through = image.map(
          (value, i) =>
            diagonal[i] * value + (i > 0 ? offDiagonal[i - 1] * image[i - 1] : 0) + (i + 1 < n ? offDiagonal[i] * image[i + 1] : 0)
        )
        await apply(through)
        const straight = new Float64Array(n)
        await linalg.symv(a, x, straight)
        assert.ok(distance(through, straight) <= 1e-12 * largest(straight), `n = ${n}: Q T Qᵀ x`)
        await apply(image)
        assert.ok(distance(image, x) <= 1e-13, `n = ${n}: Q Qᵀ x`)
        const alone = await linalg.eigenvalues(a)
        assert.ok(distance(await eigenvalues(), alone) <= 30 * Math.sqrt(n) * epsilon * largest(alone))
        release()
      }
    }
  },
  {
    name: 'reduction takes views, and work space inside the input only when told to',
    run: async (linalg) => {
      const a = randomSymmetric(60, 3)
      const x = Float64Array.from({ length: 60 }, (_, i) => 1 / (1 + i))
      const expected = product(a, matrix(60, 1, x)).data
      const view = asView(a, linalg)
      const own = matrix(60, 60, linalg.allocate(3600))
      own.data.set(a.data)
      for (const [given, overwrite] of [
        [view, false],
        [copy(a), true],
        [own, true]
      ] as const) {
        const { diagonal, offDiagonal, apply, applyTransposed, release } = await linalg.tridiagonalize(given, { overwrite })
        const y = x.slice()
        await applyTransposed(y)
        const z = y.map(
          (value, i) => diagonal[i] * value + (i > 0 ? offDiagonal[i - 1] * y[i - 1] : 0) + (i < 59 ? offDiagonal[i] * y[i + 1] : 0)
        )
        await apply(z)
        assert.ok(distance(z, expected) <= 1e-13 * largest(expected) + 1e-14)
        release()
      }
      assert.deepEqual(numbers(view), a.data)
      linalg.release(view.data)
      linalg.release(own.data)
    }
  },
  {
    name: 'a reduction gives its memory back, refuses work afterwards, and stops when it is told to',
    run: async (linalg) => {
      const before = linalg.memory
      const reason = new Error('enough')
      const reduced = await linalg.tridiagonalize(randomSymmetric(50, 5))
      await assert.rejects(reduced.eigenvalues({ signal: AbortSignal.abort(reason) }), (error) => error === reason)
      await assert.rejects(reduced.apply(new Float64Array(50), { signal: AbortSignal.abort(reason) }), (error) => error === reason)
      reduced.release()
      reduced.release()
      const refused = (error: unknown) => error instanceof LinalgError && error.code === 'backend' && error.message.includes('released')
      await assert.rejects(reduced.apply(new Float64Array(50)), refused)
      await assert.rejects(reduced.applyTransposed(new Float64Array(50)), refused)
      await assert.rejects(reduced.eigenvalues(), refused)
      assert.equal(linalg.memory.heldBytes, before.heldBytes)
      assert.equal(linalg.memory.allocations - before.allocations, linalg.memory.releases - before.releases)
    }
  }
]
