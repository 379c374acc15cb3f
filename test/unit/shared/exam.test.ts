// The exam's problems as they are claimed to be, what may be tried on them, and how attempts become a grade.
import { expect, test } from 'vitest'
import { functionDefinition } from '../../../src/engine/functions/list'
import { generateDataset } from '../../../src/engine/data/generators'
import { bestSetting, gradeOf, refusalOf, type Attempt } from '../../../src/shared/exam/grade'
import { examProblems } from '../../../src/shared/exam/problems'
import { atEdge, gradingSeeds, settingsEach, settingsOf, settingText, tuningSeeds } from '../../../src/shared/exam/settings'
import { checkSpec } from '../../../src/shared/spec/check'
import { optimizerKinds } from '../../../src/shared/spec/optimizers'

const problemOf = (id: string) => examProblems.find((one) => one.id === id)!
const seeds = [...tuningSeeds, ...gradingSeeds]

function functionOf(id: string, seed = 1) {
  const { spec, target } = problemOf(id).instance(seed)
  if (!('problem' in spec)) throw new Error(`${id} is no function`)
  const { function: name, variables = null, start = null } = spec.problem
  return { target, start: Float64Array.from(start!), definition: functionDefinition({ function: name, variables, start }) }
}

function gradientAt(id: string, point: readonly number[], seed = 1): Float64Array {
  const gradient = new Float64Array(point.length)
  functionOf(id, seed).definition.gradient(Float64Array.from(point), gradient)
  return gradient
}

/** Eigenvalues by Jacobi's rotations: another way than the engine's. */
function eigenvalues(h: Float64Array, n: number): number[] {
  const a = h.slice()
  for (let sweep = 0; sweep < 60; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]) < 1e-300) continue
        const theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q])
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
        const c = 1 / Math.hypot(t, 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k * n + p], a[k * n + q]]
          a[k * n + p] = c * x - s * y
          a[k * n + q] = s * x + c * y
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p * n + k], a[q * n + k]]
          a[p * n + k] = c * x - s * y
          a[q * n + k] = s * x + c * y
        }
      }
  return Array.from({ length: n }, (_, k) => a[k * n + k]).sort((x, y) => x - y)
}

function spectrumAt(id: string, point: readonly number[]): number[] {
  const h = new Float64Array(point.length ** 2)
  functionOf(id).definition.hessian(Float64Array.from(point), h)
  return eigenvalues(h, point.length)
}

/** Moves the point by Newton's step, solved by elimination. */
function newtonStep({ gradient, hessian }: ReturnType<typeof functionDefinition>, point: Float64Array) {
  const n = point.length
  const h = new Float64Array(n * n)
  const x = new Float64Array(n)
  gradient(point, x)
  hessian(point, h)
  for (let p = 0; p < n; p++)
    for (let row = p + 1; row < n; row++) {
      const factor = h[row * n + p] / h[p * n + p]
      for (let k = p; k < n; k++) h[row * n + k] -= factor * h[p * n + k]
      x[row] -= factor * x[p]
    }
  for (let p = n - 1; p >= 0; p--) {
    for (let k = p + 1; k < n; k++) x[p] -= h[p * n + k] * x[k]
    x[p] /= h[p * n + p]
  }
  for (let k = 0; k < n; k++) point[k] -= x[k]
}

const ones = Array.from({ length: 20 }, () => 1)
const minima: readonly (readonly [string, readonly number[]])[] = [
  ['ill-conditioned', [1, -2, 3, -4]],
  ['rosenbrock-2', [1, 1]],
  ['rosenbrock-20', ones],
  ['saddle-start', [Math.SQRT1_2, -Math.SQRT1_2]],
  ['saddle-start', [-Math.SQRT1_2, Math.SQRT1_2]],
  ['plateau', [1, 2]],
  ['scale-change', [1, -1, 2]]
]

test.each(minima)('%s has its minimum, 0, at %j', (id, point) => {
  const { definition, start, target } = functionOf(id)
  expect(Math.abs(definition.value(Float64Array.from(point)))).toBeLessThan(1e-28)
  expect(Math.max(...gradientAt(id, point).map(Math.abs))).toBeLessThan(1e-13)
  expect(spectrumAt(id, point)[0]).toBeGreaterThan(0)
  expect(definition.value(start)).toBeGreaterThan(1000 * target)
})

test('the quadratic has the curvatures that it is said to have, everywhere', () => {
  for (const point of [
    [0, 0, 0, 0],
    [5, -1, 2, 7]
  ])
    spectrumAt('ill-conditioned', point).forEach((value, k) => expect(value).toBeCloseTo([0.01, 0.2, 5, 100][k], 10))
})

test('Newton’s step ends in the minimum of the quadratic, from every start', () => {
  for (const seed of seeds) {
    const { definition, start } = functionOf('ill-conditioned', seed)
    newtonStep(definition, start)
    start.forEach((value, k) => expect(value).toBeCloseTo([1, -2, 3, -4][k], 9))
  }
})

test('the start beside the saddle is beside a saddle of index 1 and height 0.1, on every seed', () => {
  const spectrum = spectrumAt('saddle-start', [0, 0])
  expect(spectrum[0]).toBeCloseTo(-0.4, 12)
  expect(spectrum[1]).toBeCloseTo(100, 10)
  expect(gradientAt('saddle-start', [0, 0])).toEqual(Float64Array.of(0, 0))
  expect(functionOf('saddle-start').definition.value(Float64Array.of(0, 0))).toBe(0.1)
  for (const seed of seeds) {
    const [x, y] = functionOf('saddle-start', seed).start
    expect(Math.abs(x - y)).toBeLessThan(1e-5)
    expect(x).not.toBe(y)
  }
})

test('the chain of Rosenbrock has its second minimum, of height 3.99, near (−1, 1, …, 1)', () => {
  const { definition } = functionOf('rosenbrock-20')
  const point = Float64Array.from(ones, (value, k) => (k === 0 ? -1 : value))
  const gradient = new Float64Array(20)
  for (let step = 0; step < 30; step++) newtonStep(definition, point)
  definition.gradient(point, gradient)
  expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-10)
  expect(point[0]).toBeLessThan(-0.9)
  expect(definition.value(point)).toBeCloseTo(3.99, 2)
  const h = new Float64Array(400)
  definition.hessian(point, h)
  expect(eigenvalues(h, 20)[0]).toBeGreaterThan(0)
})

test('the plateau is flat and curved the wrong way where runs start', () => {
  for (const seed of seeds) {
    const { start } = functionOf('plateau', seed)
    expect(Math.hypot(...gradientAt('plateau', [...start], seed))).toBeLessThan(1e-5)
    expect(spectrumAt('plateau', [...start])[0]).toBeLessThan(0)
  }
})

test('scales differ by seed, and tuning and grading share none', () => {
  const targets = seeds.map((seed) => functionOf('scale-change', seed).target)
  expect(new Set(targets).size).toBe(seeds.length)
  expect(Math.max(...targets) / Math.min(...targets)).toBeGreaterThan(1e3)
})

/** Residual sum of squares of targets (columns) on inputs, by Gram–Schmidt on the columns: no normal equations. */
function leastSquares(x: Float64Array, y: Float64Array, rows: number, inputs: number, outputs: number): number {
  const basis: Float64Array[] = []
  const column = (from: Float64Array, width: number, k: number) => Float64Array.from({ length: rows }, (_, r) => from[r * width + k])
  const without = (v: Float64Array) => {
    for (let pass = 0; pass < 2; pass++)
      for (const b of basis) {
        const along = v.reduce((sum, value, r) => sum + value * b[r], 0)
        v.forEach((value, r) => (v[r] = value - along * b[r]))
      }
    return v
  }
  for (let k = 0; k < inputs; k++) {
    const v = without(column(x, inputs, k))
    const length = Math.hypot(...v)
    basis.push(v.map((value) => value / length))
  }
  let sum = 0
  for (let k = 0; k < outputs; k++) sum += without(column(y, outputs, k)).reduce((total, value) => total + value * value, 0)
  return sum
}

test('the least-squares solution meets the target of the deep linear net on every seed', () => {
  for (const seed of seeds) {
    const { train } = generateDataset(`linear-regression-5-5-seed-${seed}`)!
    const x = (train.x as Float64Array).subarray(0, 60 * 5)
    const y = train.targets!.subarray(0, 60 * 5) as Float64Array
    const { target } = problemOf('deep-linear').instance(seed)
    // mse is the mean over samples and outputs.
    expect(leastSquares(x, y, 60, 5, 5) / 300).toBeLessThan(target)
  }
})

test('the noise alone is below the target of the noisy problem, and sparse targets have no noise', () => {
  for (const seed of seeds) {
    const { test: noisy } = generateDataset(`linear-regression-10-1-seed-${seed}`)!
    const floor = leastSquares(noisy!.x as Float64Array, noisy!.targets as Float64Array, noisy!.count, 10, 1) / noisy!.count / 2
    expect(floor).toBeGreaterThan(0.003)
    expect(floor).toBeLessThan(problemOf('noisy-gradients').instance(seed).target)
    const { train: sparse } = generateDataset(`sparse-regression-20-1-seed-${seed}`)!
    expect(leastSquares(sparse.x as Float64Array, sparse.targets as Float64Array, sparse.count, 20, 1)).toBeLessThan(1e-20)
    const present = (k: number) => sparse.x.filter((value, place) => place % 20 === k && value !== 0).length
    expect(present(0)).toBe(sparse.count)
    expect(Math.abs(present(3) - sparse.count / 16)).toBeLessThan(60)
    expect(present(19)).toBeLessThan(20)
  }
})

test('every optimizer of the registry has as many settings, different ones, all of them sound', async () => {
  for (const kind of optimizerKinds) {
    const settings = settingsOf(kind)
    expect(settings).toHaveLength(settingsEach)
    expect(new Set(settings.map(settingText)).size).toBe(settingsEach)
    for (const optimizer of settings) {
      const { problems } = await checkSpec({
        schemaVersion: 1,
        name: '',
        problem: { kind: 'function', function: 'rosenbrock' },
        optimizer,
        budget: { steps: 1 }
      })
      expect(problems.filter(({ path }) => path !== 'optimizer.kind')).toEqual([])
    }
  }
  expect(settingsOf('adam')[4]).toMatchObject({ learningRate: 0.001 })
  expect([0, 4, 8].map((place) => atEdge('adam', place))).toEqual([true, false, true])
  // Rates of Newton's kind end at 1 on purpose; a middle damping with them is no edge.
  expect(settingText(settingsOf('sfn')[7])).toBe('rate 1, damping 0.1')
  expect([7, 8, 1].map((place) => atEdge('sfn', place))).toEqual([false, true, true])
})

const attempt = (evaluations: number | null, last: number | null = 1, more: Partial<Attempt> = {}): Attempt => ({
  seed: 1,
  evaluations,
  last,
  diverged: false,
  fault: null,
  ...more
})

test('the best setting passes most, then costs least, then ends lowest; of equals the first', () => {
  expect(
    bestSetting([
      [attempt(9), attempt(null)],
      [attempt(90), attempt(90)],
      [attempt(80), attempt(99)]
    ])
  ).toBe(2)
  expect(bestSetting([[attempt(null, 3)], [attempt(null, 2)], [attempt(null, 1, { diverged: true })]])).toBe(1)
  expect(bestSetting([[attempt(5, 1)], [attempt(5, 1)]])).toBe(0)
})

test('a grade is the passes and the median over all graded seeds', () => {
  expect(gradeOf({ graded: [attempt(5), attempt(null), attempt(7)] })).toEqual({ passed: 2, of: 3, evaluations: 7 })
  expect(gradeOf({ graded: [attempt(5), attempt(null), attempt(null)] })).toEqual({ passed: 1, of: 3, evaluations: null })
  expect(refusalOf([[attempt(null, null, { fault: 'no' })], [attempt(null)]])).toBeNull()
  expect(refusalOf([[attempt(null, null, { fault: 'no' })]])).toBe('no')
})
