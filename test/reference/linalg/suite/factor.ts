// Cholesky, triangular solves, QR, LQ, condition estimates: reconstruction, residuals, and the plain reference's figures.
import assert from 'node:assert/strict'
import { LinalgError, type Linalg } from '../../../../src/engine/linalg/interface'
import { matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { gallery, random } from '../gallery'
import { goldens } from '../goldens'
import { build, copy, identity, norm1, openPlain, product, transposed } from '../plain'
import { asView, distance, epsilon, frobenius, largest, numbers, type LinalgCase } from './case'

const plain = openPlain()

/** Positive definite matrices: a Gram matrix or a gallery matrix with its diagonal raised. */
function positiveDefinite(n: number): Record<string, Matrix> {
  const g = random(n, n, 61)
  const raised = (a: Matrix, by: number): Matrix => build(n, n, (i, j) => a.data[i * n + j] + (i === j ? by : 0))
  return {
    'Gram matrix': product(g, transposed(g)),
    'RBF and a little': raised(gallery.RBF(n), 1e-6),
    'layer Hessian and damping': raised(gallery['layer Hessian'](n), 0.1),
    'second differences': gallery['second differences'](n),
    identity: identity(n),
    'graded, scaled to a unit diagonal and back': build(n, n, (i, j) => (i === j ? 2 : 2 ** -Math.abs(i - j)) * 2 ** -(i + j)),
    'scaled by 1e-300': build(n, n, (i, j) => (i === j ? 3e-300 : i === j + 1 || j === i + 1 ? 1e-300 : 0)),
    'scaled by 1e150': build(n, n, (i, j) => (i === j ? 3e150 : i === j + 1 || j === i + 1 ? 1e150 : 0))
  }
}

async function checkCholesky(linalg: Linalg, name: string, a: Matrix): Promise<Matrix> {
  const n = a.rows
  const l = copy(a)
  assert.deepEqual(await linalg.choleskyInPlace(l), { positiveDefinite: true, rank: n }, `${name}, n = ${n}`)
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) assert.equal(l.data[i * n + j], 0, `${name}: upper triangle`)
  const again = product(l, transposed(l))
  // |A − L Lᵀ| ≤ (n + 1) ε |L| |Lᵀ| ≤ (n + 1) ε max aᵢᵢ (Higham 2002, theorem 10.3).
  assert.ok(distance(again.data, a.data) <= 2 * (n + 2) * epsilon * largest(a.data), `${name}, n = ${n}: ${distance(again.data, a.data)}`)
  return l
}

const shapes: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 1],
  [3, 3],
  [7, 4],
  [40, 40],
  [65, 33],
  [300, 40],
  [330, 190]
]

export const factorCases: readonly LinalgCase[] = [
  {
    name: 'Cholesky factors multiply back, at every order and condition',
    run: async (linalg) => {
      for (const n of [0, 1, 2, 3, 17, 64, 131, 290])
        for (const [name, a] of Object.entries(positiveDefinite(n)))
          if (n < 200 || name.startsWith('G') || name.startsWith('R')) await checkCholesky(linalg, name, a)
    }
  },
  {
    name: 'Cholesky reads the lower triangle only and works on views',
    run: async (linalg) => {
      const a = positiveDefinite(50)['Gram matrix']
      const expected = await checkCholesky(linalg, 'whole', a)
      const view = asView(build(50, 50, (i, j) => (j > i ? 1e3 : a.data[i * 50 + j])))
      await linalg.choleskyInPlace(view)
      assert.ok(distance(numbers(view), expected.data) <= 1e-12 * largest(expected.data))
      assert.equal(view.data.filter((value) => Number.isNaN(value)).length, view.data.length - 2500)
    }
  },
  {
    name: 'Cholesky says at which pivot a matrix stops being positive definite',
    run: async (linalg) => {
      for (const [n, at] of [
        [1, 0],
        [5, 3],
        [70, 0],
        [70, 33],
        [70, 69],
        [300, 257]
      ]) {
        const a = build(n, n, (i, j) => (i === j ? (i === at ? 0 : 4) : i === at || j === at ? 0 : Math.abs(i - j) === 1 ? 1 : 0))
        assert.deepEqual(await linalg.choleskyInPlace(a), { positiveDefinite: false, rank: at }, `n = ${n}, pivot ${at}`)
      }
      assert.equal((await linalg.choleskyInPlace(build(6, 6, () => 1))).rank, 1)
      assert.equal((await linalg.choleskyInPlace(matrix(4, 4))).rank, 0)
      assert.equal((await linalg.choleskyInPlace(gallery['indefinite'](40))).positiveDefinite, false)
    }
  },
  {
    name: 'triangular and Cholesky solves have small residuals for one and many right-hand sides, also on views',
    run: async (linalg) => {
      for (const n of [1, 2, 3, 17, 64, 131])
        for (const sides of [1, 2, 5, 70])
          for (const [name, a] of Object.entries(positiveDefinite(n))) {
            if (name.startsWith('scaled') && sides > 2) continue
            const l = await checkCholesky(linalg, name, a)
            const b = random(n, sides, 62)
            for (const transpose of ['none', 'transpose'] as const) {
              const x = asView(b)
              await linalg.solveTriangularInPlace(l, x, { transpose })
              const solved = matrix(n, sides, numbers(x))
              const back = product(transpose === 'none' ? l : transposed(l), solved)
              const allowed = 4 * (n + 2) * epsilon * n * largest(l.data) * largest(solved.data)
              assert.ok(distance(back.data, b.data) <= allowed + 4 * epsilon, `${name}, n = ${n}, ${sides} sides, ${transpose}`)
            }
            const y = copy(b)
            await linalg.solveCholeskyInPlace(asView(l), y)
            const allowed = 8 * (n + 2) * epsilon * n * largest(a.data) * largest(y.data)
            assert.ok(distance(product(a, y).data, b.data) <= allowed + 4 * epsilon, `${name}, n = ${n}, ${sides} sides`)
          }
      const nothing = matrix(3, 0)
      await linalg.solveTriangularInPlace(identity(3), nothing)
      await linalg.solveCholeskyInPlace(matrix(0, 0), matrix(0, 2))
    }
  },
  {
    name: 'a triangular matrix without inverse is refused by its entry',
    run: async (linalg) => {
      const l = build(4, 4, (i, j) => (i === j ? (i === 2 ? 0 : 1) : i > j ? 1 : 0))
      await assert.rejects(
        linalg.solveTriangularInPlace(l, matrix(4, 1)),
        (error: unknown) => error instanceof LinalgError && error.code === 'not-positive-definite' && error.message.includes('(2, 2)')
      )
    }
  },
  {
    name: 'the condition estimate is at most the condition number and at least a tenth of it',
    run: async (linalg) => {
      for (const n of [1, 2, 3, 17, 64, 131])
        for (const [name, a] of Object.entries(positiveDefinite(n))) {
          const l = await checkCholesky(linalg, name, a)
          const [estimate, exact] = [await linalg.choleskyCondition(l, norm1(a)), await plain.choleskyCondition(l, norm1(a))]
          assert.ok(estimate <= exact * (1 + 1e-6) && estimate >= exact / 10, `${name}, n = ${n}: ${estimate} of ${exact}`)
        }
      assert.equal(await linalg.choleskyCondition(matrix(0, 0), 0), 0)
      const tall = random(30, 20, 53)
      const a = product(transposed(tall), tall)
      for (let i = 0; i < 20; i++) a.data[i * 21] += 1
      const norm = norm1(a)
      await linalg.choleskyInPlace(a)
      const estimate = await linalg.choleskyCondition(a, norm)
      assert.ok(
        estimate <= goldens.choleskyCondition * (1 + 1e-9) && estimate >= goldens.choleskyCondition / 3,
        `SciPy: ${goldens.choleskyCondition}, got ${estimate}`
      )
    }
  },
  {
    name: 'QR and LQ: orthonormal, triangular with a non-negative diagonal, and multiply back',
    run: async (linalg) => {
      for (const [m, n] of [...shapes, [5, 0] as const])
        for (const kind of ['random', 'deficient', 'zero', 'tiny'] as const) {
          if (m === 330 && kind !== 'random') continue
          const full = random(m, n, 63)
          const low = product(random(m, 1, 64), random(1, n, 65))
          const a =
            kind === 'random'
              ? full
              : kind === 'deficient'
                ? low
                : kind === 'zero'
                  ? matrix(m, n)
                  : build(m, n, (i, j) => full.data[i * n + j] * 1e-290)
          const view = asView(a)
          const { q, r } = await linalg.qr(view)
          const flipped = await linalg.lq(transposed(a))
          const label = `${m} × ${n} ${kind}`
          checkOrthogonalFactor(label, a, q, r)
          checkOrthogonalFactor(`${label} LQ`, a, transposed(flipped.q), transposed(flipped.l))
          if (kind === 'random' && m < 100) {
            const expected = await plain.qr(a)
            assert.ok(distance(numbers(r), expected.r.data) <= 1e-11, `${label}: R differs from Gram–Schmidt's`)
          }
          for (const one of [q, r, flipped.q, flipped.l]) linalg.release(one.data)
        }
      await assert.rejects(linalg.qr(matrix(2, 3)), (error: unknown) => error instanceof LinalgError && error.code === 'shape')
      await assert.rejects(linalg.lq(matrix(3, 2)), (error: unknown) => error instanceof LinalgError && error.code === 'shape')
    }
  }
]

function checkOrthogonalFactor(label: string, a: Matrix, q: Matrix, r: Matrix): void {
  const [m, n] = [a.rows, a.columns]
  assert.deepEqual([q.rows, q.columns, r.rows, r.columns], [m, n, n, n], label)
  for (let i = 0; i < n; i++) {
    assert.ok(r.data[r.offset + i * r.stride + i] >= 0, `${label}: the diagonal must not be negative`)
    for (let j = 0; j < i; j++) assert.equal(r.data[r.offset + i * r.stride + j] + 0, 0, `${label}: below the diagonal`)
  }
  const gram = product(transposed(q), q)
  for (let i = 0; i < n; i++) gram.data[i * n + i] -= 1
  assert.ok(frobenius(gram.data) <= 30 * Math.sqrt(Math.max(1, m)) * epsilon, `${label}: orthogonality ${frobenius(gram.data)}`)
  const norm = frobenius(a.data)
  const gap = frobenius(product(q, r).data.map((value, at) => value - a.data[at]))
  assert.ok(gap <= 30 * Math.sqrt(Math.max(1, m)) * epsilon * norm, `${label}: reconstruction ${gap / norm}`)
}
