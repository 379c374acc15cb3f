// Damped inverses on the tridiagonal form: against 50-digit eigenpairs, against the eigenvector path over the gallery with clusters on every kink, and when they give way to it.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLinalg, resolventSum, LinalgError, type Linalg, type Matrix } from '../../../../src/engine/linalg'
import { blockSolver, type SolverOptions } from '../../../../src/engine/optimizers/block-solver'
import { dampedInverse, dampedInverseTerms, isSeparated } from '../../../../src/engine/optimizers/damped-inverse'
import type { DampingKind } from '../../../../src/engine/optimizers/interface'
import { gallery, uniform, withEigenvalues } from '../../../reference/linalg/gallery'

const rules: readonly DampingKind[] = ['abs-of-shifted', 'shifted-abs', 'clamp', 'shifted']
const length = (x: Float64Array) => Math.hypot(...x)
const distance = (x: Float64Array, y: ArrayLike<number>) => Math.hypot(...x.map((value, i) => value - y[i]))

interface Reference {
  readonly name: string
  readonly diagonal: readonly number[]
  readonly offDiagonal: readonly number[]
  readonly damping: number
  readonly vector: readonly number[]
  readonly eigenvalues: readonly number[]
  readonly results: Readonly<Record<DampingKind, { readonly result: readonly number[]; readonly largest: number }>>
}
const { functions } = JSON.parse(readFileSync('test/reference/matrix-function/reference.json', 'utf8')) as {
  functions: readonly Reference[]
}

describe('d(T) v of small tridiagonal matrices, against 50 digits', () => {
  for (const reference of functions)
    test.each(rules)(`${reference.name}, %s`, async (rule) => {
      const values = Float64Array.from(reference.eigenvalues)
      const [diagonal, offDiagonal] = [Float64Array.from(reference.diagonal), Float64Array.from(reference.offDiagonal)]
      const { result, largest } = reference.results[rule]
      const norm = Math.max(...values.map(Math.abs))
      expect(isSeparated(rule, values, reference.damping)).toBe(norm * largest < 1e6 || rule === 'shifted-abs' || rule === 'clamp')
      if (!isSeparated(rule, values, reference.damping)) return
      const terms = dampedInverseTerms(rule, values, reference.damping)
      const found = await resolventSum({ diagonal, offDiagonal }, Float64Array.from(reference.vector), terms)
      const bound = 50 * Number.EPSILON * Math.max(1, norm * largest)
      expect(distance(found, result) / Math.hypot(...result)).toBeLessThan(bound)
    })
})

/** Clusters on every kink of a rule with damping d: as far apart as the numbers say. */
const clusters: Record<string, (k: number, n: number, d: number) => number> = {
  'half zero': (k, n) => (k < n / 2 ? 0 : (k % 2 === 0 ? 1 : -1) * 10 ** ((-6 * k) / n)),
  'half rounding': (k, n) => (k < n / 2 ? 1e-17 * Math.cos(k) : (k % 2 === 0 ? 1 : -1) * 10 ** ((-6 * k) / n)),
  'half 1e-12': (k, n) => (k < n / 2 ? 1e-12 * Math.cos(k) : (k % 2 === 0 ? 1 : -1) * 10 ** ((-6 * k) / n)),
  'around δ': (k, n, d) => (k < n / 3 ? d * (1 + 1e-9 * Math.cos(k)) : k < n / 2 ? 0 : (k % 2 === 0 ? 1 : -1) * 10 ** ((-3 * k) / n)),
  'around −δ': (k, n, d) => (k < n / 3 ? -d * (1 + 1e-9 * Math.cos(k)) : k < n / 2 ? 0 : (k % 2 === 0 ? 1 : -1) * 10 ** ((-3 * k) / n)),
  'at ±δ to rounding': (k, n, d) => (k < n / 3 ? (k % 2 === 0 ? d : -d) * (1 + 1e-15 * (k % 3)) : k < n / 2 ? 0 : 10 ** ((-3 * k) / n)),
  '1e-5 beside −δ': (k, n, d) => (k < n / 2 ? -d + (k % 2 === 0 ? 1e-5 : -1e-5) * (1 + 0.1 * Math.sin(k)) : 1 - k / n),
  'exactly −δ, 0, δ, 1': (k, _, d) => [d, -d, 0, 1][k % 4]
}

const matrices = (n: number, d: number): readonly (readonly [string, Matrix])[] => [
  ...Object.entries(gallery).map(([name, make]) => [name, make(n)] as const),
  ...Object.entries(clusters).map(([name, value]) => [name, withEigenvalues(Array.from({ length: n }, (_, k) => value(k, n, d)))] as const)
]

describe.each(['wasm', 'auto'] as const)('the tridiagonal path on %s', (backend) => {
  let linalg: Linalg
  beforeAll(async () => {
    linalg = await openLinalg({ backend })
  })
  afterAll(() => linalg.dispose())

  const solver = (a: Matrix, g: Float64Array, options: Partial<SolverOptions> & Pick<SolverOptions, 'rule'>, over: Linalg = linalg) =>
    blockSolver(
      over,
      { name: 'full', offset: 0, size: a.rows, units: 1, data: a.data.slice(), positiveSemidefinite: false, asymmetry: 0 },
      g,
      { decompose: true, scratch: () => null, tridiagonalFrom: 1, ...options }
    )

  test.each(rules)('%s: the update is that of the eigenvectors, on every matrix and cluster', async (rule) => {
    const n = 40
    const g = Float64Array.from({ length: n }, uniform(5))
    let taken = 0
    for (const damping of [1, 1e-3, 1e-6])
      for (const [name, a] of matrices(n, damping)) {
        const size = Math.max(...a.data.map(Math.abs)) || 1
        const [ours, theirs] = [solver(a, g, { rule }), solver(a, g, { rule, tridiagonalFrom: Infinity })]
        const [x, y] = [await ours.solve(damping * size), await theirs.solve(damping * size)]
        const values = await theirs.eigenvalues()
        const norm = Math.max(...values.map(Math.abs))
        const steepest = Math.max(...values.map((value) => Math.abs(dampedInverse(rule, value, damping * size))))
        const where = `${name}, damping ${damping}`
        expect(y.path).toBe('eigen')
        // So small a damping would have zeros on the pole: eigenvectors are taken at once.
        const smallDamping = rule !== 'shifted-abs' && rule !== 'clamp' && damping * size <= 1.01e-6 * norm
        if (norm * steepest < 0.99e6 && !smallDamping) expect(x.path, where).toBe('tridiagonal')
        if (x.path === 'tridiagonal') {
          taken++
          // The demand allows max(1e-10, 10·n·ε·‖H‖·max d).
          const bound = 4 * n * Number.EPSILON * Math.max(1, norm * steepest)
          expect(distance(x.direction, y.direction) / length(y.direction), where).toBeLessThan(bound)
          // Of a matrix scaled by 1e-160 and less it overflows on either path.
          if (norm > 1e-100) expect(Math.abs(x.curvature - y.curvature) / (norm * length(y.direction) ** 2), where).toBeLessThan(bound)
          const spectrum = await ours.eigenvalues()
          expect(Math.max(...spectrum.map((value, i) => Math.abs(value - values[i]))), where).toBeLessThanOrEqual(1e-13 * norm)
        }
        ours.release()
        theirs.release()
      }
    expect(taken).toBeGreaterThan(rule === 'shifted-abs' || rule === 'clamp' ? 100 : 60)
  })

  test('several dampings share one reduction, and all memory comes back', async () => {
    let reductions = 0
    const counting: Linalg = { ...linalg, tridiagonalize: (...given) => (reductions++, linalg.tridiagonalize(...given)) }
    const before = linalg.memory.heldBytes
    const a = gallery.random(50)
    const g = Float64Array.from({ length: 50 }, uniform(6))
    const one = solver(a, g, { rule: 'clamp' }, counting)
    for (const damping of [10, 1, 0.1, 0.01]) {
      const alone = solver(a, g, { rule: 'clamp' })
      const [x, y] = [await one.solve(damping), await alone.solve(damping)]
      expect(x.direction).toEqual(y.direction)
      alone.release()
    }
    expect(reductions).toBe(1)
    one.release()
    expect(linalg.memory.heldBytes).toBe(before)
  })

  test('an eigenvalue on the pole takes the eigenvectors, at that damping', async () => {
    const n = 30
    const a = withEigenvalues(Array.from({ length: n }, (_, k) => (k === 3 ? -0.25 : 1 - (k % 7) / 5)))
    const g = Float64Array.from({ length: n }, uniform(7))
    for (const rule of ['abs-of-shifted', 'shifted'] as const) {
      const before = linalg.memory.heldBytes
      const mixed = solver(a, g, { rule })
      expect((await mixed.solve(0.26)).path).toBe('tridiagonal')
      expect((await mixed.solve(0.25 + 1e-8)).path).toBe('eigen')
      mixed.release()
      expect(linalg.memory.heldBytes).toBe(before)
    }
    const clamped = solver(a, g, { rule: 'clamp' })
    expect((await clamped.solve(0.25)).path).toBe('tridiagonal')
    clamped.release()
  })

  test('where zeros would lie on the pole no reduction is made in vain', async () => {
    const n = 40
    const a = withEigenvalues(Array.from({ length: n }, (_, k) => (k < 10 ? 0 : 1e4 * k)))
    const g = Float64Array.from({ length: n }, uniform(9))
    const reductions: string[] = []
    const counted: Linalg = {
      ...linalg,
      tridiagonalize(matrix, options) {
        reductions.push('one')
        return linalg.tridiagonalize(matrix, options)
      }
    }
    for (const rule of ['abs-of-shifted', 'shifted'] as const) {
      const one = solver(a, g, { rule }, counted)
      expect((await one.solve(1e-3)).path).toBe('eigen')
      expect(reductions).toEqual([])
      one.release()
    }
    const bounded = solver(a, g, { rule: 'shifted-abs' }, counted)
    expect((await bounded.solve(1e-3)).path).toBe('tridiagonal')
    expect(reductions).toEqual(['one'])
    bounded.release()
  })

  test('without memory for a copy the matrix itself is reduced; then a pole is refused in words', async () => {
    const n = 30
    const a = withEigenvalues(Array.from({ length: n }, (_, k) => (k === 3 ? -0.25 : 1 - (k % 7) / 5)))
    const g = Float64Array.from({ length: n }, uniform(7))
    const poor: Linalg = {
      ...linalg,
      tridiagonalize(matrix, options) {
        if (options?.overwrite !== true) return Promise.reject(new LinalgError('out-of-memory', 'tridiagonalize: too large'))
        return linalg.tridiagonalize(matrix, options)
      }
    }
    const [inside, beside] = [solver(a, g, { rule: 'abs-of-shifted' }, poor), solver(a, g, { rule: 'abs-of-shifted' })]
    const [x, y] = [await inside.solve(0.1), await beside.solve(0.1)]
    expect(x.path).toBe('tridiagonal')
    expect(distance(x.direction, y.direction) / length(y.direction)).toBeLessThan(1e-12)
    await expect(inside.solve(0.25)).rejects.toThrow(/^an eigenvalue lies on a pole of abs-of-shifted with damping 0.25: /)
    inside.release()
    beside.release()
  })

  test('from 1000 rows on it is the way of a solver that is told nothing, after a factorization that failed', async () => {
    const n = 1000
    const a = gallery.random(n)
    const g = Float64Array.from({ length: n }, uniform(8))
    const scratch = new Float64Array(n * n)
    const given = { tridiagonalFrom: undefined, decompose: false, scratch: () => scratch }
    const phases: string[] = []
    const large = solver(a, g, { rule: 'abs-of-shifted', ...given, onPhase: (phase) => void phases.push(phase) })
    const x = await large.solve(10)
    expect([x.path, ...phases]).toEqual(['tridiagonal', 'Cholesky factorization full', 'tridiagonalization full'])
    // (|H + δ|) x = g, and xᵀHx, by products alone: |H + δ|² = (H + δ)².
    const times = async (vector: Float64Array) => {
      const product = new Float64Array(n)
      await linalg.symv(a, vector, product)
      return product
    }
    const shifted = async (vector: Float64Array) => (await times(vector)).map((value, i) => value + 10 * vector[i])
    const twice = await shifted(await shifted(x.direction))
    const onG = solver(a, twice, { rule: 'abs-of-shifted', ...given })
    const back = (await onG.solve(10)).direction
    expect(distance(back, g) / length(g)).toBeLessThan(1e-9)
    const image = await times(x.direction)
    const curvature = image.reduce((sum, value, i) => sum + value * x.direction[i], 0)
    expect(Math.abs(x.curvature - curvature)).toBeLessThan(1e-11 * length(image) * length(x.direction))
    large.release()
    onG.release()
    const small = solver(gallery.random(40), g.slice(0, 40), { rule: 'clamp', tridiagonalFrom: undefined })
    expect((await small.solve(0.1)).path).toBe('eigen')
    small.release()
  })
})
