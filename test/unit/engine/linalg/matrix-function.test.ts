// 1/|x| as a rational function and sums of resolvents of a tridiagonal matrix: against mpmath's elliptic functions, by their error on the interval, by residuals.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { inverseRoot, resolventSum, type Resolvent } from '../../../../src/engine/linalg'
import { uniform } from '../../../reference/linalg/gallery'

interface Root {
  readonly smallest: number
  readonly largest: number
  readonly poles: readonly number[]
  readonly weights: readonly number[]
}
const { inverseRoots } = JSON.parse(readFileSync('test/reference/matrix-function/reference.json', 'utf8')) as {
  inverseRoots: readonly Root[]
}

const at = (x: number, { poles, weights }: { poles: ArrayLike<number>; weights: ArrayLike<number> }) => {
  let sum = 0
  for (let j = 0; j < poles.length; j++) sum += weights[j] / (x * x + poles[j] * poles[j])
  return sum
}

describe('1/|x| on two intervals', () => {
  test.each(inverseRoots)('poles and weights on $smallest … $largest are those of mpmath', ({ smallest, largest, poles, weights }) => {
    // The accuracy whose number of terms is the reference's.
    const terms = (accuracy: number) => inverseRoot(smallest, largest, accuracy).poles.length
    let exponent = -1
    while (terms(10 ** exponent) < poles.length) exponent -= 0.05
    const found = inverseRoot(smallest, largest, 10 ** exponent)
    expect(found.poles.length).toBe(poles.length)
    for (const [j, pole] of poles.entries()) {
      expect(Math.abs(found.poles[j] / pole - 1), `pole ${j}`).toBeLessThan(3e-14)
      expect(Math.abs(found.weights[j] / weights[j] - 1), `weight ${j}`).toBeLessThan(3e-14)
    }
  })

  test.each([
    [1, 1],
    [3, 12],
    [1e-3, 1e3],
    [1e-16, 1],
    [2e-200, 5e-190]
  ])('the error on %d … %d is what was asked for, and no more terms are spent on it than it takes', (smallest, largest) => {
    for (const accuracy of [1e-2, 1e-6, 1e-12, Number.EPSILON]) {
      const root = inverseRoot(smallest, largest, accuracy)
      const errors = Array.from({ length: 1000 }, (_, i) => {
        const x = smallest * (largest / smallest) ** (i / 999)
        return Math.abs(
          at(x / smallest, { poles: root.poles.map((c) => c / smallest), weights: root.weights.map((w) => w / smallest) }) *
            (x / smallest) -
            1
        )
      })
      expect(Math.max(...errors)).toBeLessThan(2 * accuracy + 3e-15)
      if (largest > 100 * smallest && accuracy > 1e-13) expect(Math.max(...errors)).toBeGreaterThan(accuracy / 200)
      // Below the interval |x|·Σ rises from 0 without passing 1.
      for (const part of [0, 1e-8, 0.1, 0.5, 0.9]) {
        const x = part
        const value = x * at(x, { poles: root.poles.map((c) => c / smallest), weights: root.weights.map((w) => w / smallest) })
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(1 + 2 * accuracy + 3e-15)
      }
    }
  })

  test('poles mirror each other about the middle of the interval', () => {
    const { poles } = inverseRoot(1e-5, 7)
    for (let j = 0; j < poles.length; j++) expect(poles[j] * poles[poles.length - 1 - j]).toBeCloseTo(7e-5, 17)
  })

  test('an interval that holds zero is refused', () => {
    expect(() => inverseRoot(0, 1)).toThrow('inverseRoot: needs 0 < smallest')
    expect(() => inverseRoot(1, Infinity)).toThrow('largest < ∞')
  })
})

describe('resolvents of a tridiagonal matrix', () => {
  const n = 60
  const next = uniform(3)
  const matrices: Record<string, readonly [Float64Array, Float64Array]> = {
    random: [Float64Array.from({ length: n }, next), Float64Array.from({ length: n - 1 }, next)],
    'zero diagonal': [new Float64Array(n), Float64Array.from({ length: n - 1 }, (_, i) => 1 + (i % 3))],
    'tiny couplings': [Float64Array.from({ length: n }, next), new Float64Array(n - 1).fill(1e-200)],
    'huge entries': [Float64Array.from({ length: n }, (_, i) => 1e200 * Math.sin(i)), new Float64Array(n - 1).fill(3e200)],
    zero: [new Float64Array(n), new Float64Array(n - 1)]
  }
  for (const [name, [diagonal, offDiagonal]] of Object.entries(matrices))
    test(`${name}: (T − z) x = v holds to rounding, far from the spectrum and next to it`, async () => {
      const size = Math.max(...diagonal.map(Math.abs), ...offDiagonal.map(Math.abs)) || 1
      const v = Float64Array.from({ length: n }, (_, i) => Math.cos(i))
      const times = (x: Float64Array, re: number, scale: number) =>
        x.map(
          (value, i) =>
            (diagonal[i] / scale - re) * value +
            ((offDiagonal[i - 1] ?? 0) / scale) * (x[i - 1] ?? 0) +
            ((offDiagonal[i] ?? 0) / scale) * (x[i + 1] ?? 0)
        )
      for (const [re, im] of [
        [0.3, 1],
        [0.3, 1e-3],
        [0, 1e-9],
        [5, 0],
        [diagonal[7] / size, 1e-12]
      ]) {
        const solve = (factor: Resolvent['factor']) =>
          resolventSum({ diagonal, offDiagonal }, v, [{ shift: [re * size, im * size], factor: [factor[0] * size, factor[1] * size] }])
        const [real, imaginary] = [await solve([1, 0]), await solve([0, -1])]
        const [one, other] = [times(real, re, size), times(imaginary, re, size)]
        const length = Math.hypot(...real, ...imaginary)
        const residual = Math.hypot(
          ...one.map((value, i) => value + im * imaginary[i] - v[i]),
          ...other.map((value, i) => value - im * real[i])
        )
        expect(residual).toBeLessThan(1e-14 * (length * 10 + Math.hypot(...v)))
      }
    })

  test('terms add up, progress ends at 1, and a signal ends the work', async () => {
    const [diagonal, offDiagonal] = matrices.random
    const v = new Float64Array(n).fill(1)
    const terms: Resolvent[] = [
      { shift: [0, 1], factor: [1, 2] },
      { shift: [-4, 0], factor: [-1, 0] }
    ]
    const seen: number[] = []
    const both = await resolventSum({ diagonal, offDiagonal }, v, terms, { onProgress: (fraction) => void seen.push(fraction) })
    const [one, other] = await Promise.all(terms.map((term) => resolventSum({ diagonal, offDiagonal }, v, [term])))
    for (let i = 0; i < n; i++) expect(both[i]).toBeCloseTo(one[i] + other[i], 13)
    expect(seen).toEqual([0.5, 1])
    const reason = new Error('enough')
    await expect(resolventSum({ diagonal, offDiagonal }, v, terms, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
