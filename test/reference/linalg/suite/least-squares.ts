// Minimum-norm least squares, pseudoinverse and singular values: Penrose's conditions, known ranks, the plain reference, SciPy.
import assert from 'node:assert/strict'
import { LinalgError, type Linalg } from '../../../../src/engine/linalg/interface'
import { matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { gallery, random } from '../gallery'
import { goldens } from '../goldens'
import { build, openPlain, product, transposed } from '../plain'
import { asView, distance, epsilon, frobenius, largest, numbers, type LinalgCase } from './case'

const plain = openPlain()

const lowRank = (m: number, n: number, rank: number, seed: number): Matrix => product(random(m, rank, seed), random(rank, n, seed + 1))
const times = (a: Matrix, factor: number): Matrix => build(a.rows, a.columns, (i, j) => a.data[i * a.columns + j] * factor)

/** Matrices with their numerical rank. */
const problems: readonly { readonly name: string; readonly a: Matrix; readonly rank: number }[] = [
  { name: '1 × 1', a: build(1, 1, () => -3), rank: 1 },
  { name: 'one row', a: random(1, 6, 71), rank: 1 },
  { name: 'one column', a: random(6, 1, 72), rank: 1 },
  { name: 'square', a: random(30, 30, 73), rank: 30 },
  { name: 'tall', a: random(50, 20, 74), rank: 20 },
  { name: 'wide', a: random(20, 50, 75), rank: 20 },
  { name: 'tall of rank 5', a: lowRank(50, 20, 5, 76), rank: 5 },
  { name: 'wide of rank 5', a: lowRank(20, 50, 5, 78), rank: 5 },
  { name: 'square of rank 1', a: lowRank(24, 24, 1, 80), rank: 1 },
  { name: 'zero', a: matrix(7, 4), rank: 0 },
  { name: 'ones', a: build(12, 9, () => 1), rank: 1 },
  { name: 'repeated columns', a: build(25, 12, (i, j) => Math.sin((i + 1) * ((j % 4) + 1))), rank: 4 },
  { name: 'zero columns between', a: build(18, 9, (i, j) => (j % 2 === 0 ? 0 : Math.cos((i + 1) * (j + 2)))), rank: 4 },
  { name: 'badly scaled columns', a: build(30, 6, (i, j) => Math.sin((i + 1) * (j + 1)) * 10 ** (-2 * j)), rank: 6 },
  { name: 'scaled by 1e-290', a: times(random(20, 10, 82), 1e-290), rank: 10 },
  { name: 'scaled by 1e150', a: times(lowRank(20, 10, 4, 84), 1e150), rank: 4 }
]

/** The four conditions of Penrose (1955), relative to what rounding allows. */
function checkPenrose(name: string, a: Matrix, x: Matrix, condition: number): void {
  const scale = 2 ** Math.floor(Math.log2(largest(a.data) || 1))
  const [unit, inverse] = [
    times(a, 1 / scale),
    matrix(
      x.rows,
      x.columns,
      numbers(x).map((value) => value * scale)
    )
  ]
  const [ax, xa] = [product(unit, inverse), product(inverse, unit)]
  const size = Math.max(a.rows, a.columns)
  const allowed = 30 * size * epsilon * Math.max(1, condition)
  const relative = (got: Float64Array, expected: Float64Array): number =>
    frobenius(got.map((value, at) => value - expected[at])) / (frobenius(expected) || 1)
  assert.ok(relative(product(ax, unit).data, unit.data) <= allowed, `${name}: A X A = A`)
  assert.ok(relative(product(xa, inverse).data, inverse.data) <= allowed, `${name}: X A X = X`)
  assert.ok(relative(transposed(ax).data, ax.data) <= allowed, `${name}: A X symmetric`)
  assert.ok(relative(transposed(xa).data, xa.data) <= allowed, `${name}: X A symmetric`)
}

async function checkProblem(linalg: Linalg, name: string, a: Matrix, rank: number): Promise<void> {
  const view = asView(a)
  const found = await linalg.pseudoinverse(view)
  assert.deepEqual([found.inverse.rows, found.inverse.columns], [a.columns, a.rows])
  assert.equal(found.rank, rank, `${name}: rank`)
  checkPenrose(name, a, found.inverse, found.condition)
  const b = random(a.rows, 3, 90)
  const solved = await linalg.leastSquares(view, asView(b))
  assert.equal(solved.rank, rank, `${name}: rank`)
  const expected = product(matrix(a.columns, a.rows, numbers(found.inverse)), b)
  const gap = distance(numbers(solved.solution), expected.data)
  assert.ok(
    gap <= 30 * Math.max(a.rows, a.columns) * epsilon * found.condition * (largest(expected.data) || 1),
    `${name}: solution is ${gap} from A⁺B`
  )
  linalg.release(found.inverse.data)
  linalg.release(solved.solution.data)
}

export const leastSquaresCases: readonly LinalgCase[] = [
  ...problems.map(({ name, a, rank }) => ({
    name: `least squares, pseudoinverse, singular values: ${name}`,
    run: async (linalg: Linalg) => {
      await checkProblem(linalg, name, a, rank)
      const [values, expected] = [await linalg.singularValues(asView(a)), await plain.singularValues(a)]
      assert.equal(values.length, Math.min(a.rows, a.columns))
      assert.ok(
        values.every((value, at) => value >= 0 && (at === 0 || values[at - 1] >= value)),
        `${name}: values must descend`
      )
      assert.ok(
        distance(values, expected) <= 30 * Math.sqrt(Math.max(a.rows, a.columns)) * epsilon * (expected[0] ?? 0),
        `${name}: singular values`
      )
      const { condition } = await linalg.pseudoinverse(a)
      const exact = rank === 0 ? 1 : expected[0] / expected[rank - 1]
      assert.ok(condition <= exact * 1.001 && condition >= exact / 10, `${name}: condition ${condition} of ${exact}`)
    }
  })),
  {
    name: 'least squares equal SciPy’s (gelsd)',
    run: async (linalg) => {
      const side = random(30, 2, 55)
      const cases = { tall: random(30, 20, 53), wide: random(12, 25, 54), low: product(random(30, 6, 51), random(6, 20, 52)) }
      for (const name of ['tall', 'wide', 'low'] as const) {
        const a = cases[name]
        const b = matrix(a.rows, 2, side.data.slice(0, a.rows * 2))
        const { solution, rank } = await linalg.leastSquares(a, b)
        const golden = goldens.leastSquares[name]
        assert.equal(rank, golden.rank, name)
        assert.ok(distance(numbers(solution), Float64Array.from(golden.solution)) <= 1e-12, name)
        const values = Float64Array.from(goldens.singularValues[name])
        assert.ok(distance(await linalg.singularValues(a), values) <= 1e-13 * values[0], name)
      }
    }
  },
  {
    name: 'least squares obey the tolerance they are given',
    run: async (linalg) => {
      const a = build(12, 5, (i, j) => (i === j ? 10 ** (-2 * j) : 0))
      for (const [tolerance, rank] of [
        [1e-12, 5],
        [1e-7, 4],
        [1e-5, 3],
        [1e-3, 2],
        [0.5, 1]
      ]) {
        const { solution, rank: found } = await linalg.leastSquares(
          a,
          build(12, 1, () => 1),
          { tolerance }
        )
        assert.equal(found, rank, `tolerance ${tolerance}`)
        for (let j = 0; j < 5; j++) {
          const expected = j < rank ? 10 ** (2 * j) : 0
          assert.ok(Math.abs(solution.data[j] - expected) <= 1e-12 * expected + 1e-14, `tolerance ${tolerance}, entry ${j}`)
        }
        assert.equal((await linalg.pseudoinverse(a, { tolerance })).rank, rank)
      }
    }
  },
  {
    name: 'least squares of matrices that are pivoted by panels: full rank, deficient, exponentially decaying',
    run: async (linalg) => {
      await checkProblem(linalg, '420 × 310', random(420, 310, 91), 310)
      await checkProblem(linalg, '300 × 430 of rank 120', lowRank(300, 430, 120, 92), 120)
      const rbf = gallery.RBF(330)
      const expected = await plain.eigenvalues(gallery.RBF(60))
      assert.ok(expected[0] < 1e-10)
      const tolerance = 1e-9
      const { rank, inverse } = await linalg.pseudoinverse(rbf, { tolerance })
      const values = await linalg.singularValues(rbf)
      const exact = values.filter((value) => value > tolerance * values[0]).length
      assert.ok(rank <= exact && rank >= exact - 2, `RBF: rank ${rank}, singular values say ${exact}`)
      assert.ok(largest(inverse.data) <= 1.1 / (tolerance * values[0]), 'RBF: nothing below the tolerance was inverted')
    }
  },
  {
    name: 'least squares of deficient ranks: minimum norm and residual orthogonal to the range, for many right-hand sides, tall and wide',
    run: async (linalg) => {
      for (const [m, n, rank] of [
        [180, 130, 60],
        [130, 180, 60],
        [150, 150, 149],
        [300, 40, 39],
        [40, 300, 1]
      ]) {
        const a = lowRank(m, n, rank, 95 + m)
        const b = random(m, 7, 96)
        const found = await linalg.leastSquares(asView(a), asView(b))
        assert.equal(found.rank, rank, `${m} × ${n}: rank`)
        const x = matrix(n, 7, numbers(found.solution))
        const residual = product(a, x)
        residual.data.forEach((value, at) => (residual.data[at] = value - b.data[at]))
        const allowed = 30 * Math.max(m, n) * epsilon
        const normal = frobenius(product(transposed(a), residual).data)
        assert.ok(
          normal <= allowed * frobenius(a.data) * (frobenius(b.data) + frobenius(a.data) * frobenius(x.data)),
          `${m} × ${n}: Aᵀr ${normal}`
        )
        // In the row space: x = A⁺A x, whose defect is what a shorter solution would leave out.
        const inverse = await linalg.pseudoinverse(a)
        const projected = product(matrix(n, m, numbers(inverse.inverse)), product(a, x))
        const gap = distance(projected.data, x.data)
        assert.ok(gap <= allowed * found.condition * largest(x.data), `${m} × ${n}: ${gap} from the row space`)
        linalg.release(found.solution.data)
        linalg.release(inverse.inverse.data)
      }
    }
  },
  {
    name: 'least squares that do not fit the memory: refused with their size before anything is allocated, or in memory of the system’s for a native library',
    run: async (linalg) => {
      const all = Math.floor(linalg.availableBytes / 8)
      const blocker = linalg.allocate(all - 100_000)
      try {
        const a = random(250, 240, 93)
        if (linalg.info.kind === 'lapack') return await checkProblem(linalg, 'beside a full memory', a, 240)
        const refused = (error: unknown): boolean =>
          error instanceof LinalgError && error.code === 'out-of-memory' && /\d{7} bytes/.test(error.message)
        await assert.rejects(linalg.leastSquares(a, random(250, 1, 94)), refused)
        await assert.rejects(linalg.pseudoinverse(a), refused)
      } finally {
        linalg.release(blocker)
      }
      assert.ok(linalg.availableBytes >= (all - 1) * 8)
    }
  },
  {
    name: 'least squares of empty shapes',
    run: async (linalg) => {
      for (const [m, n] of [
        [0, 0],
        [0, 3],
        [3, 0]
      ]) {
        const { solution, rank } = await linalg.leastSquares(matrix(m, n), matrix(m, 2))
        assert.deepEqual([solution.rows, solution.columns, rank, largest(solution.data)], [n, 2, 0, 0])
        const { inverse } = await linalg.pseudoinverse(matrix(m, n))
        assert.deepEqual([inverse.rows, inverse.columns], [n, m])
        assert.equal((await linalg.singularValues(matrix(m, n))).length, 0)
      }
      assert.deepEqual((await linalg.leastSquares(random(4, 3), matrix(4, 0))).solution.columns, 0)
    }
  }
]
