// The tensor of third derivatives: polynomials read off, differences of the Hessian, one basis against the other, its size and what refuses it.
import { describe, expect, it } from 'vitest'
import type { AnalysisOutcome, AnalysisSource } from '../../../../src/engine/analyses'
import { tensor } from '../../../../src/engine/analyses/tensor'
import { lineJets } from '../../../../src/engine/analyses/landau/coupling'
import { packedThirdDerivatives } from '../../../../src/engine/analyses/tensor/packed'
import { eigenpairsAt } from '../../../../src/engine/analyses/eigenpairs'
import { packedCount } from '../../../../src/shared/analyses/tensor'
import type { RunSpec } from '../../../../src/shared/spec/schema'
import { analysisKinds } from '../../../../src/shared/analyses/kinds'
import { openPlain } from '../../../reference/linalg/plain'
import { activations, centralDifference, losses, makeCase, relativeError } from '../nn/nets'
import { functionSource, networkSource, quiet, valuesOf } from './source'

const linalg = openPlain()
const options = (asked: Record<string, unknown> = {}) => analysisKinds.tensor.options.parse(asked)

/** Arrays taken as they are written, then what is known afterwards, all checks held. */
async function read(source: AnalysisSource, asked: Record<string, unknown>, call = quiet) {
  const outcome: AnalysisOutcome = await tensor.work(source, options(asked), call)
  const t3 = await valuesOf(outcome.arrays.t3)
  expect(outcome.arrays.t3.shape.reduce((product, n) => product * n, 1)).toBe(t3.length)
  const late = outcome.afterwards?.()
  const checks = { ...outcome.checks, ...late?.checks }
  for (const [name, { value, limit }] of Object.entries(checks)) expect([name, value !== null && value <= limit]).toEqual([name, true])
  return { outcome, t3, checks, figures: { ...outcome.figures, ...late?.figures } }
}

/** The entry with these indices in any order. */
function entry(t3: readonly number[], ...indices: number[]): number {
  const [a, b, c] = [...indices].sort((x, y) => y - x)
  return t3[(a * (a + 1) * (a + 2)) / 6 + (b * (b + 1)) / 2 + c]
}

describe('tensor of all parameters', () => {
  it('reads a polynomial as it is written, in the order that its facts say', async () => {
    const { t3, figures } = await read(functionSource(linalg, 'x^3 + 2*x^2*y + 5*x*y*z - z^3 + y^4', ['x', 'y', 'z'], [1, 2, 3]), {
      basis: 'parameters'
    })
    // (x x x), (y x x), (y y x), (y y y), (z x x), (z y x), (z y y), (z z x), (z z y), (z z z).
    expect(t3).toEqual([6, 4, 0, 48, 0, 5, 0, 0, 0, -6])
    expect(figures).toMatchObject({ size: 3, numbers: 10, jets: 6, largest: 48 })
    expect(figures.norm).toBeCloseTo(Math.sqrt(36 + 3 * 16 + 48 ** 2 + 6 * 25 + 36), 12)
  })

  for (const [place, loss] of losses.entries())
    it(`equals differences of the Hessian, symmetric and contracted like one jet: ${loss}`, async () => {
      for (const activation of activations.filter(({ kind }, i) => kind !== 'relu' && i % 3 === place)) {
        const one = makeCase(linalg, { layers: [3, 4, 3], activation, loss, bias: true, samples: 6, seed: 5 })
        const { t3, figures, checks } = await read(networkSource(linalg, one), { basis: 'parameters' })
        const size = one.parameters.length
        expect(t3.length).toBe(packedCount(size))
        expect(figures).toMatchObject({ size: 31, numbers: 5456, jets: 496 })
        expect(checks.contraction.value).toBeLessThan(1e-12)
        expect(checks.symmetry.value).toBeLessThan(1e-12)
        const hessianAt = async (w: Float64Array) => (await one.objective.curvature(w, { scope: 'full' }))[0].data.slice()
        let squares = 0
        for (let a = 0; a < size; a++) {
          const slope = await centralDifference(hessianAt, one.parameters, a, 1e-3)
          const row = Array.from({ length: size * size }, (_, i) => entry(t3, a, Math.floor(i / size), i % size))
          squares += row.reduce((sum, x) => sum + x * x, 0)
          expect(slope.reduce((most, x, i) => Math.max(most, Math.abs(x - row[i])), 0) / (figures.largest ?? 0)).toBeLessThan(1e-7)
        }
        expect(figures.norm).toBeCloseTo(Math.sqrt(squares), 9)
        expect(figures.largest).toBe(Math.max(...t3.map(Math.abs)))
      }
    })

  it('hears cancelling between pieces and says how far it is', async () => {
    const one = makeCase(linalg, { layers: [4, 6, 3], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 6 })
    const stop = new AbortController()
    const told: number[] = []
    const onProgress = (fraction: number) => {
      told.push(fraction)
      if (fraction > 0.3) stop.abort(new Error('enough'))
    }
    await expect(read(networkSource(linalg, one), { basis: 'parameters' }, { signal: stop.signal, onProgress })).rejects.toThrow('enough')
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(told.at(-1)).toBeLessThan(0.4)
  })

  it('goes on from what an interrupted one put aside, to the same bits, and does over what is damaged', async () => {
    const one = makeCase(linalg, { layers: [4, 6, 3], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 6 })
    const size = one.parameters.length
    const whole = await read(networkSource(linalg, one), { basis: 'parameters' })
    const kept = new Map<number, Float64Array>()
    let lines = 0
    const take = async (stopAt: number) => {
      const jetsOf = lineJets(one.objective, one.parameters, quiet.signal)
      const sums = { contraction: new Float64Array(size), squares: 0, largest: 0, asymmetry: 0, resumed: 0 }
      const counted: typeof jetsOf = (directions, order) => {
        lines += directions.length
        return jetsOf(directions, order)
      }
      const tiles = {
        read: async (index: number) => kept.get(index)?.slice() ?? null,
        write: async (index: number, values: Float64Array) => void kept.set(index, values.slice())
      }
      const v = new Float64Array(size).fill(0.1)
      const values: number[] = []
      let pieces = 0
      for await (const piece of packedThirdDerivatives(counted, size, v, sums, { tiles, onProgress: () => undefined })) {
        values.push(...piece)
        if (++pieces === stopAt) break
      }
      return { values, sums }
    }
    await take(30)
    expect(kept.size).toBe(30)
    kept.set(7, Float64Array.of(1, 2, 3))
    lines = 0
    const { values, sums } = await take(size)
    expect(values).toEqual(whole.t3)
    expect(sums.resumed).toBe(29)
    expect(sums.largest).toBe(whole.figures.largest)
    expect(Math.sqrt(sums.squares)).toBe(whole.figures.norm)
    expect(sums.asymmetry / sums.largest).toBe(whole.checks.symmetry.value)
    // One jet for each that was kept, all of the others.
    expect(lines).toBe((size * (size + 1)) / 2 - (30 * 31) / 2 + 29 + 8)
  })

  it('asks for its memory and names its size beforehand', async () => {
    const one = makeCase(linalg, { layers: [4, 6, 3], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 6 })
    const small = { ...linalg, availableBytes: 1000 }
    await expect(read(networkSource(small, one), { basis: 'parameters' })).rejects.toThrow(`two matrices of all parameters needs`)
    const cost = (parameterCount: number) =>
      tensor.cost({ parameterCount, samples: 100, outputs: 10, steps: 1 }, options({ basis: 'parameters' }), {} as RunSpec)
    expect(cost(101).diskBytes).toBe(8 * ((101 * 102 * 103) / 6))
    // Twice: the pieces are kept until the whole is written.
    expect(cost(565).diskBytes / 2e6).toBeCloseTo(242, 0)
    expect(cost(2785).diskBytes / 2e9).toBeCloseTo(28.8, 1)
    expect(cost(2785).memoryBytes).toBeLessThan(0.2e9)
  })
})

describe('tensor in eigenvectors', () => {
  it('is the tensor of all parameters in that basis', async () => {
    for (const loss of losses.slice(2)) {
      const one = makeCase(linalg, { layers: [2, 3, 2], activation: { kind: 'tanh' }, loss, bias: true, samples: 6, seed: 5 })
      const source = networkSource(linalg, one)
      const size = one.parameters.length
      const { t3: packed } = await read(source, { basis: 'parameters' })
      const { t3, outcome, figures } = await read(source, { k: 5 })
      const { vectors, values, indices } = await eigenpairsAt(await source.point(), { smallest: 3, largest: 2 }, quiet)
      expect(await valuesOf(outcome.arrays.eigenvalues)).toEqual([...values])
      expect(await valuesOf(outcome.arrays.indices)).toEqual([...indices])
      expect(outcome.arrays.t3.shape).toEqual([5, 5, 5])
      const q = (a: number, i: number) => vectors.data[a * size + i]
      const expected: number[] = []
      for (let a = 0; a < 5; a++)
        for (let b = 0; b < 5; b++)
          for (let c = 0; c < 5; c++) {
            let sum = 0
            for (let i = 0; i < size; i++)
              for (let j = 0; j < size; j++) for (let l = 0; l < size; l++) sum += entry(packed, i, j, l) * q(a, i) * q(b, j) * q(c, l)
            expected.push(sum)
          }
      expect(relativeError(t3, expected)).toBeLessThan(1e-11)
      expect(figures).toMatchObject({ size: 5, numbers: 125, jets: 30 })
    }
  })

  it('takes no more eigenvectors than there are parameters', async () => {
    const { t3, outcome } = await read(functionSource(linalg, 'x^2 + 3*y^2 + x^3', ['x', 'y'], [0, 0]), {})
    expect(outcome.arrays.t3.shape).toEqual([2, 2, 2])
    expect(t3).toEqual([6, 0, 0, 0, 0, 0, 0, 0])
    await expect(read(functionSource(linalg, 'x^2', ['x'], [0]), { k: 0 })).rejects.toThrow()
  })
})
