// The loss on a plane against the loss itself, point by point; axes, shares and path by their identities.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { landscape } from '../../../../src/engine/analyses/landscape'
import { orthonormal, principalAxes, randomAxes } from '../../../../src/engine/analyses/landscape/axes'
import { planeLoss, pointOf, type Plane } from '../../../../src/engine/analyses/landscape/plane-loss'
import { matrix, openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { dot, norm } from '../../../../src/engine/linalg/vectors'
import { regularizedObjective } from '../../../../src/engine/objectives/regularized'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { landscape as facts } from '../../../../src/shared/analyses/landscape'
import { openPlain } from '../../../reference/linalg/plain'
import { activations, losses, makeCase, type CaseOptions } from '../nn/nets'
import { dataOf, faults, quadratic, quiet, runSource } from './source'

const plain = openPlain()
let linalg: Linalg
beforeAll(async () => {
  linalg = await openLinalg({ backend: 'wasm', threads: 2 })
})
afterAll(() => linalg?.dispose())

const net = (changes: Partial<CaseOptions> = {}) =>
  makeCase(plain, { layers: [3, 5, 2], activation: { kind: 'tanh' }, loss: 'half-sse', bias: true, samples: 12, seed: 3, ...changes })
type Given = Parameters<typeof runSource>[1]
const analyse = (given: Given, options: Partial<Parameters<typeof landscape.work>[1]> = {}) =>
  landscape.work(runSource(plain, given), { ...facts.options.parse({ size: 11, data: 'all' }), ...options }, quiet)
const random = (size: number, seed = 1) => fillNormal(randomStream(seed, 'landscape test'), new Float64Array(size))
const signal = new AbortController().signal

describe('the loss at the points of a plane', () => {
  it('is the objective’s own at every one, for every activation and loss, with biases and without, of one layer to three, with weight decay', async () => {
    for (const activation of activations)
      for (const loss of losses)
        for (const layers of [
          [3, 4],
          [3, 5, 2],
          [3, 4, 3, 2]
        ]) {
          const made = net({ activation, loss, layers, bias: layers.length !== 3 })
          const objective = regularizedObjective(made.objective, layers.length === 3 ? 0.3 : 0)
          const size = made.parameters.length
          const plane: Plane = { center: made.parameters, axes: [random(size, 5), random(size, 6)] }
          const [us, vs] = [Float64Array.of(-0.7, 0, 0.2, 1.1), Float64Array.of(-0.4, 0, 0.9)]
          const network = { network: made.network, batch: made.batch, loss }
          const found = await planeLoss({ objective, network, linalg: plain }, plane)(us, vs, { signal })
          for (const [row, v] of vs.entries())
            for (const [column, u] of us.entries()) {
              const own = await objective.loss(pointOf(plane, u, v))
              expect(Math.abs(found[row * 4 + column] - own)).toBeLessThanOrEqual(1e-13 * Math.abs(own))
            }
        }
  })

  it('comes out the same where a row is worked on in several parts and where the samples are', async () => {
    for (const [samples, layers] of [
      [40, [6, 900, 3]],
      [1500, [4, 500, 2]]
    ] as const) {
      const made = makeCase(linalg, {
        layers: [...layers],
        activation: { kind: 'leaky-relu', slope: 0.5 },
        loss: 'softmax-cross-entropy',
        bias: true,
        samples
      })
      const plane: Plane = { center: made.parameters, axes: randomAxes(made.parameters.length, 3) }
      const us = Float64Array.from({ length: 15 }, (_, k) => (k - 7) / 7)
      const point = { objective: made.objective, network: { network: made.network, batch: made.batch, loss: made.loss }, linalg }
      let told = 0
      const found = await planeLoss(point, plane)(us, Float64Array.of(0.5), { signal, onProgress: (fraction) => (told = fraction) })
      for (const [k, u] of us.entries()) expect(found[k] / (await made.objective.loss(pointOf(plane, u, 0.5)))).toBeCloseTo(1, 12)
      expect(told).toBe(1)
    }
  })

  it('stops when it is told to', async () => {
    const made = net()
    const plane: Plane = { center: made.parameters, axes: randomAxes(made.parameters.length, 3) }
    const network = { network: made.network, batch: made.batch, loss: made.loss }
    for (const given of [network, null])
      await expect(
        planeLoss({ objective: made.objective, network: given, linalg: plain }, plane)(Float64Array.of(1), Float64Array.of(1), {
          signal: AbortSignal.abort(new Error('stopped'))
        })
      ).rejects.toThrow('stopped')
  })
})

describe('axes', () => {
  it('are orthonormal, and span what they were made of', () => {
    const [a, b] = orthonormal([random(30, 1), random(30, 2).map((x, i) => 1e6 * random(30, 1)[i] + x)])
    expect(Math.abs(dot(a, a) - 1) + Math.abs(dot(b, b) - 1) + Math.abs(dot(a, b))).toBeLessThan(1e-14)
    const other = random(30, 1)
    const rest = other.map((x, i) => x - dot(other, a) * a[i] - dot(other, b) * b[i])
    expect(norm(rest)).toBeLessThan(1e-13 * norm(other))
    expect(randomAxes(30, 4)).toEqual(randomAxes(30, 4))
    expect(randomAxes(30, 4)).not.toEqual(randomAxes(30, 5))
  })

  it('of a trajectory are the principal components of its points, with their shares', async () => {
    const [size, count] = [25, 9]
    const center = random(size, 7)
    const points = Array.from({ length: count }, (_, k) => random(size, 20 + k).map((x, i) => center[i] + x * (i < 3 ? 5 : 1)))
    const found = await principalAxes(plain, center, count, async (place) => points[place], { signal })
    // Independently: all eigenpairs of the P × P matrix of second moments.
    const moments = matrix(size, size)
    for (const point of points)
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) moments.data[i * size + j] += (point[i] - center[i]) * (point[j] - center[j])
    const { values, vectors } = await plain.eigenSymmetric(moments)
    const total = values.reduce((sum, value) => sum + value, 0)
    expect(found?.shares[0]).toBeCloseTo(values[size - 1] / total, 12)
    expect(found?.shares[1]).toBeCloseTo(values[size - 2] / total, 12)
    found?.axes.forEach((axis, a) => {
      const own = Float64Array.from({ length: size }, (_, i) => vectors.data[i * size + size - 1 - a])
      expect(Math.abs(dot(axis, own))).toBeCloseTo(1, 12)
      const along = points.map((point) =>
        dot(
          axis,
          point.map((x, i) => x - center[i])
        )
      )
      expect(Math.max(...along)).toBeGreaterThan(-Math.min(...along))
    })
  })

  it('of points on a line, of one point and of none are not there', async () => {
    const center = random(10, 1)
    const line = (place: number) => Promise.resolve(center.map((x) => x * (1 + place)))
    for (const count of [1, 2, 5]) expect(await principalAxes(plain, center, count, line, { signal })).toBeNull()
  })
})

describe('the analysis', () => {
  const made = net({ samples: 20 })
  const size = made.parameters.length
  const path = new Map([0, 3, 6, 9].map((step) => [step, made.parameters.map((w, i) => w + 0.3 * (9 - step) * Math.sin(i * (step + 1)))]))
  const given: Given = { ...made, weights: path }

  it('in the plane of eigenvectors has their curvatures, the loss at its centre and passes every check', async () => {
    const found = await analyse(given)
    expect(faults(found)).toEqual([])
    const [{ data }] = await made.objective.curvature(made.parameters, { scope: 'full' })
    const { values } = await plain.eigenSymmetric(matrix(size, size, data))
    expect(found.figures.curvatureU).toBeCloseTo(values[size - 1], 10)
    expect(found.figures.curvatureV).toBeCloseTo(values[0], 10)
    const own = await made.objective.loss(made.parameters)
    expect(found.figures.centerLoss).toBe(own)
    expect(dataOf(found, 'loss')[60]).toBeCloseTo(own, 12)
    const [u, v] = [dataOf(found, 'u'), dataOf(found, 'v')]
    expect([u[5], v[5]]).toEqual([0, 0])
    // Where the parabola alone has changed the loss by its own size.
    expect(0.5 * values[size - 1] * u[10] ** 2).toBeCloseTo(own, 10)
    const axes = dataOf(found, 'axes')
    for (const [row, column] of [
      [0, 0],
      [2, 9],
      [10, 4]
    ]) {
      const at = made.parameters.map((w, i) => w + u[column] * axes[i] + v[row] * axes[size + i])
      expect(dataOf(found, 'loss')[row * 11 + column]).toBeCloseTo(await made.objective.loss(at), 11)
    }
  })

  it('has the path: each checkpoint projected, its loss, its distance from the plane', async () => {
    const found = await analyse(given, { plane: 'trajectory' })
    expect(faults(found)).toEqual([])
    const axes = dataOf(found, 'axes')
    expect([...dataOf(found, 'pathSteps')]).toEqual([0, 3, 6, 9])
    for (const [k, w] of [...path.values()].entries()) {
      const center = dataOf(found, 'center')
      const from = w.map((x, i) => x - center[i])
      const [along, across] = [0, 1].map((a) => dot(from, axes.subarray(a * size, (a + 1) * size)))
      expect(dataOf(found, 'path')[2 * k]).toBeCloseTo(along, 12)
      expect(dataOf(found, 'path')[2 * k + 1]).toBeCloseTo(across, 12)
      expect(dataOf(found, 'pathDistance')[k] ** 2).toBeCloseTo(norm(from) ** 2 - along ** 2 - across ** 2, 10)
      expect(dataOf(found, 'pathLoss')[k]).toBe(await made.objective.loss(w))
    }
    const { shareU, shareV, extentU, extentV } = found.figures
    expect((shareU ?? 0) >= (shareV ?? 0) && (shareU ?? 0) + (shareV ?? 0) <= 1 + 1e-12).toBe(true)
    expect(extentU).toBe(extentV)
    expect(extentU).toBeCloseTo(1.25 * Math.max(...dataOf(found, 'path').map(Math.abs)), 12)
    await expect(analyse({ ...made, weights: new Map([[4, made.parameters]]) }, { plane: 'trajectory' })).rejects.toThrow(
      'plane=trajectory needs checkpoints in two directions from step 4; those of steps 4 lie on one line through it'
    )
  })

  it('takes the eigenvectors that are asked for, and refuses one that is not there', async () => {
    const found = await analyse(given, { vectors: [1, size - 2], extent: 0.25 })
    expect(faults(found)).toEqual([])
    const [{ data }] = await made.objective.curvature(made.parameters, { scope: 'full' })
    const { values } = await plain.eigenSymmetric(matrix(size, size, data))
    expect(found.figures.curvatureU).toBeCloseTo(values[1], 10)
    expect(found.figures.curvatureV).toBeCloseTo(values[size - 2], 10)
    expect([found.figures.extentU, found.figures.extentV]).toEqual([0.25, 0.25])
    const shape = { parameterCount: size, samples: 20, outputs: 2, steps: 1 }
    const asked = { ...facts.options.parse({}), vectors: [0, size] as [number, number] }
    expect(landscape.refusal?.({} as never, shape, asked)).toBe(`vectors: there are ${size} eigenvectors, 0 to ${size - 1}; got ${size}`)
  })

  it('compares its centre with what the run wrote down, on its batch only', async () => {
    const own = await made.objective.loss(made.parameters)
    const last = new Map([[9, made.parameters]])
    const right = await analyse({ ...made, weights: last, recorded: own }, { data: 'batch' })
    expect(right.checks.recorded).toEqual({ value: 0, limit: 1e-11 })
    const wrong = await analyse({ ...made, weights: last, recorded: own * 1.001 }, { data: 'batch' })
    expect(faults(wrong)).toEqual([expect.stringMatching(/^recorded: 0.000999/)])
    expect((await analyse({ ...made, weights: last, recorded: own * 2 }, { data: 'all' })).checks).not.toHaveProperty('recorded')
  })

  it('of a quadratic is the quadratic', async () => {
    const eigenvalues = [-1, 2, 5, 0.5]
    const x = Float64Array.of(0.3, -0.2, 0.1, 0.7)
    const found = await analyse({ objective: quadratic(plain, eigenvalues), weights: new Map([[0, x]]) }, { extent: 2 })
    expect(faults(found)).toEqual([])
    const [u, v, loss] = [dataOf(found, 'u'), dataOf(found, 'v'), dataOf(found, 'loss')]
    const value = (at: Float64Array) => at.reduce((sum, xi, i) => sum + 0.5 * eigenvalues[i] * xi * xi, 0)
    // Axis 1 is the third variable, axis 2 the first.
    for (let row = 0; row < 11; row++)
      for (let column = 0; column < 11; column++)
        expect(loss[row * 11 + column]).toBeCloseTo(value(Float64Array.of(x[0] + v[row], x[1], x[2] + u[column], x[3])), 12)
    expect(found.checks.curvature.value).toBeLessThan(1e-8)
  })

  it('counts the points where the loss is not finite, and leaves them NaN', async () => {
    const objective = { ...quadratic(plain, [1, 2]), loss: async ([a, b]: Float64Array) => (a > 0.5 ? Infinity : a * a + b * b) }
    const found = await analyse({ objective, weights: new Map([[0, Float64Array.of(0, 0)]]) }, { extent: 1 })
    const loss = dataOf(found, 'loss')
    expect(found.figures.notFinite).toBe(loss.filter(Number.isNaN).length)
    expect(found.figures.notFinite).toBeGreaterThan(20)
    expect(loss.some((x) => x === Infinity)).toBe(false)
    expect(found.notes.join(' ')).toContain(`At ${found.figures.notFinite} of 121 points the loss is not finite`)
  })

  it('of a net with kinks leaves second differences out, and says so', async () => {
    const kinked = net({ activation: { kind: 'leaky-relu', slope: 0.5 } })
    const found = await analyse({ ...kinked, weights: new Map([[0, kinked.parameters]]) }, { plane: 'random' })
    expect(faults(found)).toEqual([])
    expect(Object.keys(found.checks)).toEqual(['centre', 'corners', 'axes'])
    expect(found.notes.join(' ')).toContain('kinks')
  })

  it('takes an odd size only', () => {
    expect(facts.options.safeParse({ size: 100 }).error?.issues[0].message).toBe('must be odd: the centre is on the grid')
    expect(facts.options.safeParse({ vectors: [3, 3] }).error?.issues[0].message).toBe('must be two different ones')
  })
})
