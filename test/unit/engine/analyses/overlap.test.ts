// Overlaps and participation ratios by their identities: the same subspace, a rotated one, random ones, basis vectors, constant vectors.
import { describe, expect, it } from 'vitest'
import { mostSteps, overlap, overlaps, participation, participationByBlock, thinned } from '../../../../src/engine/analyses/overlap'
import { leadingEigenpairs, leadingPlaces } from '../../../../src/engine/analyses/leading'
import { matrix, type Matrix } from '../../../../src/engine/linalg'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { build, openPlain, product } from '../../../reference/linalg/plain'
import { makeCase, relativeError } from '../nn/nets'
import { dataOf, faults, quadratic, quiet, runSource } from './source'

const linalg = openPlain()

/** k orthonormal rows of dimension n, uniform. */
async function frame(k: number, n: number, seed: number): Promise<Matrix> {
  const drawn = matrix(k, n, fillNormal(randomStream(seed, 'frame'), new Float64Array(k * n)))
  const { q, release } = await linalg.lq(drawn)
  const rows = matrix(k, n, q.data.slice(0, k * n))
  release()
  return rows
}
const stacked = (...frames: Matrix[]) =>
  matrix(frames.length * frames[0].rows, frames[0].columns, Float64Array.from(frames.flatMap(({ data }) => [...data])))

describe('overlaps', () => {
  it('are 1 with oneself and with the same subspace in another basis, 0 with its complement, symmetric', async () => {
    const q = await frame(6, 40, 1)
    const rotation = await frame(6, 6, 2)
    const all = await frame(12, 40, 3)
    const [upper, lower] = [0, 6].map((row) => matrix(6, 40, all.data.slice(row * 40, (row + 6) * 40)))
    const found = await overlaps(linalg, stacked(q, product(rotation, q), upper, lower), 6)
    for (let a = 0; a < 4; a++) expect(found[a * 5]).toBeCloseTo(1, 13)
    expect(found[1]).toBeCloseTo(1, 13)
    expect(found[2 * 4 + 3]).toBeLessThan(1e-28)
    for (let a = 0; a < 4; a++) for (let b = 0; b < 4; b++) expect(found[a * 4 + b]).toBe(found[b * 4 + a])
  })

  it('are ‖Q_aᵀQ_b‖²/k entry by entry', async () => {
    const [a, b] = [await frame(3, 17, 4), await frame(3, 17, 5)]
    let sum = 0
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        let along = 0
        for (let c = 0; c < 17; c++) along += a.data[i * 17 + c] * b.data[j * 17 + c]
        sum += along ** 2
      }
    expect((await overlaps(linalg, stacked(a, b), 3))[1]).toBeCloseTo(sum / 3, 14)
  })

  it('of random subspaces are k/P on the average', async () => {
    const [k, n, count] = [8, 200, 30]
    const frames = await Promise.all(Array.from({ length: count }, (_, seed) => frame(k, n, 100 + seed)))
    const found = await overlaps(linalg, stacked(...frames), k)
    let sum = 0
    for (let a = 0; a < count; a++) for (let b = 0; b < a; b++) sum += found[a * count + b]
    expect(sum / ((count * (count - 1)) / 2) / (k / n)).toBeCloseTo(1, 1)
  })
})

describe('the participation ratio', () => {
  it('is 1 of a basis vector, 1/P of a constant one, 3/(P + 2) of random ones', async () => {
    const n = 50
    const basis = build(1, n, (_, j) => (j === 7 ? -1 : 0))
    expect(participation(basis)[0]).toBe(1)
    const constant = build(1, n, () => 1 / Math.sqrt(n))
    expect(participation(constant)[0]).toBeCloseTo(1 / n, 15)
    const random = Array.from({ length: 400 }, (_, seed) => {
      const v = fillNormal(randomStream(seed, 'ipr'), new Float64Array(n))
      const length = Math.hypot(...v)
      return participation(
        matrix(
          1,
          n,
          v.map((x) => x / length)
        )
      )[0]
    })
    const mean = random.reduce((sum, x) => sum + x, 0) / random.length
    expect(mean * ((n + 2) / 3)).toBeCloseTo(1, 1)
  })

  it('within layers is that of the layer’s part at unit length, and the parts add up to 1', () => {
    const blocks = [
      { offset: 0, rows: 2, columns: 5 },
      { offset: 10, rows: 3, columns: 5 },
      { offset: 25, rows: 1, columns: 5 }
    ]
    const split = build(2, 30, (row, j) => {
      if (row === 0) return j < 10 ? Math.sqrt(0.3 / 10) : j === 12 ? Math.sqrt(0.7) : 0
      return j === 3 ? 1 : 0
    })
    const { ipr, shares } = participationByBlock(split, blocks)
    expect(ipr[0]).toBeCloseTo((1 / 10 + 1) / 2, 14)
    expect(ipr[1]).toBeCloseTo(1, 14)
    expect(ipr[2]).toBeNaN()
    expect([...shares]).toEqual([expect.closeTo((0.3 + 1) / 2, 14), expect.closeTo(0.35, 14), 0])
  })
})

describe('leading eigenvalues', () => {
  it('are those of largest magnitude, negative ones among them', () => {
    expect(leadingPlaces(Float64Array.of(-9, -2, 0.5, 2, 4), 4)).toEqual([0, 4, 3, 1])
  })

  it('by Lanczos are those of the whole spectrum, with their vectors', async () => {
    const eigenvalues = Array.from({ length: 2100 }, (_, i) => (i < 12 ? (i % 3 === 0 ? -1 : 1) * (40 - 3 * i) : Math.sin(i)))
    const objective = quadratic(linalg, eigenvalues)
    const point = await runSource(linalg, { objective, weights: new Map([[0, new Float64Array(2100)]]) }).point()
    const { values, vectors, residual } = await leadingEigenpairs(point, 10, quiet)
    expect(relativeError(values, eigenvalues.slice(0, 10))).toBeLessThan(1e-13)
    expect(residual).toBeLessThan(1e-9)
    for (let k = 0; k < 10; k++) expect(Math.abs(vectors.data[k * 2100 + k])).toBeCloseTo(1, 12)
    await expect(leadingEigenpairs(point, 10, { ...quiet, signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped')
  })
})

describe('steps', () => {
  it('beyond the most are thinned evenly, first and last kept', () => {
    const steps = Array.from({ length: 1001 }, (_, k) => 3 * k)
    const kept = thinned(steps, mostSteps)
    expect(kept).toHaveLength(mostSteps)
    expect([kept[0], kept[mostSteps - 1]]).toEqual([0, 3000])
    expect(new Set(kept).size).toBe(mostSteps)
    const gaps = kept.slice(1).map((step, k) => step - kept[k])
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(3)
    expect(thinned([4, 8], mostSteps)).toEqual([4, 8])
  })
})

describe('the analysis', () => {
  const made = makeCase(linalg, { layers: [3, 4, 2], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 20, seed: 6 })
  const shifted = (by: number) => made.parameters.map((w, i) => w + by * Math.sin(i + 1))
  const weights = new Map([0, 5, 10, 15].map((step) => [step, shifted(step / 15)]))
  const run = (against: 'previous' | 'first' | number) =>
    overlap.work(runSource(linalg, { ...made, weights }), { vectors: 5, against, data: 'all' }, quiet)

  it('has the eigenvalues, vectors and overlaps of dense decompositions', async () => {
    const found = await run('previous')
    expect(faults(found)).toEqual([])
    const frames: Matrix[] = []
    for (const [place, w] of [...weights.values()].entries()) {
      const [{ data, size }] = await made.objective.curvature(w, { scope: 'full' })
      const { values, vectors } = await linalg.eigenSymmetric(matrix(size, size, data))
      const order = Array.from(values, (_, i) => i).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]))
      const kept = dataOf(found, 'eigenvalues').slice(place * 5, place * 5 + 5)
      expect(
        relativeError(
          kept,
          order.slice(0, 5).map((i) => values[i])
        )
      ).toBeLessThan(1e-12)
      frames.push(build(5, size, (k, i) => vectors.data[i * size + order[k]]))
      const ipr = frames[place]
      expect(relativeError(dataOf(found, 'ipr').slice(place * 5, place * 5 + 5), participation(ipr))).toBeLessThan(1e-9)
    }
    const pairs = await overlaps(linalg, stacked(...frames), 5)
    expect(relativeError(dataOf(found, 'overlap'), pairs)).toBeLessThan(1e-10)
    expect([...dataOf(found, 'steps')]).toEqual([0, 5, 10, 15])
    expect([...dataOf(found, 'against')]).toEqual([
      Number.NaN,
      ...[1, 2, 3].map((place) => dataOf(found, 'overlap')[place * 4 + place - 1])
    ])
    const shares = dataOf(found, 'shares')
    for (let place = 0; place < 4; place++) expect(shares[2 * place] + shares[2 * place + 1]).toBeCloseTo(1, 12)
    expect(found.figures.chance).toBe(5 / made.parameters.length)
  })

  it('compares with the first step or a given one, and refuses one that is not stored', async () => {
    const pairs = dataOf(await run('first'), 'overlap')
    expect([...dataOf(await run('first'), 'against')]).toEqual([pairs[0], pairs[4], pairs[8], pairs[12]])
    expect([...dataOf(await run(10), 'against')]).toEqual([pairs[2], pairs[6], pairs[10], pairs[14]])
    await expect(run(7)).rejects.toThrow('overlap: the weights of step 7 are not stored; those of 0, 5, 10, 15 are')
    expect(
      overlap.refusal?.({} as never, { parameterCount: 9, samples: 1, outputs: 1, steps: 1 }, { vectors: 2, against: 'first', data: 'all' })
    ).toMatch(/compares steps/)
  })

  it('of a quadratic is 1 between all steps, with the directions as vectors', async () => {
    const objective = quadratic(linalg, [5, -4, 3, 0.1, 0.2, 0.3])
    const found = await overlap.work(
      runSource(linalg, { objective, weights: new Map([0, 1].map((step) => [step, new Float64Array(6).fill(step)])) }),
      { vectors: 3, against: 'previous', data: 'all' },
      quiet
    )
    expect([...dataOf(found, 'overlap')]).toEqual([1, 1, 1, 1])
    expect([...dataOf(found, 'eigenvalues')]).toEqual([5, -4, 3, 5, -4, 3])
    expect([...dataOf(found, 'ipr')]).toEqual([1, 1, 1, 1, 1, 1])
    expect(found.figures.mean).toBe(1)
  })
})
