// What a map is made of: the box dimension of known boundaries, tiles, critical points gathered, axes, and the tight gradient against the objective's own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boxDimension } from '../../../../src/engine/analyses/map/box-dimension'
import { gathering, mostCentres } from '../../../../src/shared/analyses/gathering'
import { smallGradient } from '../../../../src/engine/analyses/map/small-gradient'
import { tileSide, tilesOf } from '../../../../src/engine/analyses/map/tiles'
import { openHere, openKernels, openLinalg, matrix, type KernelMemory, type Linalg } from '../../../../src/engine/linalg'
import { norm, plusScaled } from '../../../../src/engine/linalg/vectors'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { map } from '../../../../src/shared/analyses/map'
import { axisFault, axisValues, mapAxes, mapTarget } from '../../../../src/shared/analyses/map-axes'
import { functionSpecSchema, networkSpecSchema } from '../../../../src/shared/spec/schema'
import { activations, losses, makeCase } from '../nn/nets'

const size = 256
const picture = (holds: (x: number, y: number) => boolean) =>
  Float64Array.from({ length: size * size }, (_, i) => (holds(i % size, Math.floor(i / size)) ? 1 : 0))

describe('box dimension', () => {
  it('of a straight boundary is 1.00 ± 0.02 in every direction', () => {
    for (let degrees = 0; degrees < 180; degrees += 9) {
      const angle = (degrees * Math.PI) / 180
      for (const shift of [0, 17.3, -40.8]) {
        const outcome = picture((x, y) => Math.cos(angle) * (x - 127.5) + Math.sin(angle) * (y - 127.5) > shift)
        const { dimension, error, sides } = boxDimension(outcome, size, size)
        expect(Math.abs((dimension ?? NaN) - 1), `${degrees}°, ${shift}`).toBeLessThan(0.02)
        expect(error).toBeLessThan(0.02)
        expect([sides[0], sides[sides.length - 1]]).toEqual([1, 16])
      }
    }
  })
  it('of a circle is 1, of Cantor’s set times a line 1.63, of noise 2', () => {
    expect(
      boxDimension(
        picture((x, y) => Math.hypot(x - 127, y - 127) < 90),
        size,
        size
      ).dimension
    ).toBeCloseTo(1, 1)
    // Columns whose number has no digit 1 to base 3: ln 2/ln 3 of them, each as high as the picture.
    const cantor = Float64Array.from({ length: 243 * 243 }, (_, i) => ((i % 243).toString(3).includes('1') ? 0 : 1))
    const { dimension, error } = boxDimension(cantor, 243, 243)
    expect(Math.abs(dimension! - (1 + Math.log(2) / Math.log(3)))).toBeLessThan(Math.max(0.08, 3 * error!))
    const random = randomStream(1, 'noise')
    expect(
      boxDimension(
        picture(() => random.uniform() > 0.5),
        size,
        size
      ).dimension
    ).toBeGreaterThan(1.9)
  })
  it('is none without a boundary, and counts boxes as they are', () => {
    expect(boxDimension(new Float64Array(64 * 64), 64, 64)).toMatchObject({ dimension: null, error: null })
    // One pixel of another outcome within: of all windows of s + 1 pixels (s + 1)² hold it.
    const one = new Float64Array(64 * 64)
    one[30 * 64 + 30] = 1
    const { counts, sides } = boxDimension(one, 64, 64)
    for (const [k, side] of sides.entries()) expect(counts[k]).toBeCloseTo(((side + 1) ** 2 / side ** 2) * (63 / (64 - side)), 12)
  })
})

describe('tiles', () => {
  it.each([
    [64, 64, 16],
    [33, 50, 8],
    [3, 200, 16],
    [2, 2, 1]
  ])('of %d × %d pixels hold each once, coarse to fine', (columns, rows, side) => {
    const seen = tilesOf(columns, rows, side).flatMap(({ pixels }) => [...pixels])
    expect(seen.length).toBe(columns * rows)
    expect(new Set(seen).size).toBe(columns * rows)
    const coarse = seen.findIndex((pixel) => (pixel % columns) % 8 !== 0 || Math.floor(pixel / columns) % 8 !== 0)
    expect(coarse).toBe(Math.ceil(columns / 8) * Math.ceil(rows / 8))
  })
  it('are small where a pixel takes long', () => {
    expect([tileSide(256, 256, 1e-3), tileSide(2048, 2048, 1e-3), tileSide(64, 64, 0.5), tileSide(64, 64, 100)]).toEqual([16, 64, 2, 1])
  })
})

describe('critical points', () => {
  it('are gathered by nearness; the one with the smallest gradient stands for all', () => {
    const { add, centres } = gathering(1e-3)
    const end = (x: number, y: number, gradNorm: number) => ({ point: Float64Array.of(x, y), gradNorm })
    expect([end(3, 2, 1e-7), end(-3, 1, 1e-8), end(3.001, 2, 1e-9), end(3.01, 2, 1e-9)].map(add)).toEqual([1, 2, 1, 3])
    expect([...centres[0].point]).toEqual([3.001, 2])
    for (let k = 0; k < mostCentres; k++) add(end(10 * k + 100, 0, 1))
    expect(add(end(-1e5, 0, 1))).toBe(-3)
  })
})

const net = networkSpecSchema.parse({
  schemaVersion: 1,
  name: 'net',
  data: { dataset: 'xor' },
  model: { layers: [2, 3, 2], activation: { kind: 'tanh' }, init: { kind: 'fan-in-normal', gain: 2 } },
  loss: 'half-sse',
  optimizer: { kind: 'sfn', learningRate: 0.5, damping: { value: 0.1 } },
  budget: { steps: 10 }
})
const himmelblau = functionSpecSchema.parse({
  schemaVersion: 1,
  name: 'h',
  problem: { kind: 'function', function: 'himmelblau' },
  optimizer: { kind: 'gd' },
  budget: { steps: 10 }
})

describe('axes', () => {
  const options = (given: object) => map.options.parse(given)
  it('are chosen by the spec where they are not said', () => {
    expect(mapAxes(options({}), net, [], null)).toEqual([
      { path: 'optimizer.learningRate', scale: 'log', range: [0.005, 50], count: 128 },
      { path: 'optimizer.damping.value', scale: 'log', range: [0.001, 10], count: 128 }
    ])
    expect(mapAxes(options({ of: 'basin' }), net, [], null).map(({ path, range }) => [path, range])).toEqual([
      ['start.random', null],
      ['start.random', null]
    ])
    const view = [
      [-6, 6],
      [-5, 5]
    ] as const
    expect(mapAxes(options({ of: 'basin', x: { count: 9 } }), himmelblau, ['x', 'y'], view)).toEqual([
      { path: 'start.x', scale: 'linear', range: [-6, 6], count: 9 },
      { path: 'start.y', scale: 'linear', range: [-5, 5], count: 128 }
    ])
    const rates = { ...net, optimizer: { kind: 'gd' as const, learningRate: 1, layerRates: [1, 1] } }
    expect(mapAxes(options({ y: { from: 2 } }), rates, [], null)[1]).toEqual({
      path: 'optimizer.layerRates.1',
      scale: 'log',
      range: [2, 1e6],
      count: 128
    })
  })
  it('have values at equal factors or distances, ends included', () => {
    expect([...axisValues({ scale: 'log', count: 4 }, [1e-3, 1])].map((value) => value.toPrecision(12))).toEqual(
      [1e-3, 1e-2, 1e-1, 1].map((value) => value.toPrecision(12))
    )
    expect([...axisValues({ scale: 'linear', count: 3 }, [-1, 3])]).toEqual([-1, 1, 3])
  })
  it('lead to numbers of the spec or of the start', () => {
    expect(mapTarget('start.y', ['x', 'y'])).toEqual({ kind: 'coordinate', index: 1 })
    expect(mapTarget('start.7', [])).toEqual({ kind: 'coordinate', index: 7 })
    expect(mapTarget('start.eigenvector.largest', [])).toEqual({ kind: 'eigenvector', index: 'largest' })
    expect(mapTarget('model.init.gain', [])).toEqual({ kind: 'spec' })
    expect(mapTarget('data.trainLimit', [])).toBeNull()
    expect(mapTarget('start.nowhere', ['x'])).toBeNull()
  })
  it.each([
    [{ path: 'seed', scale: 'linear', range: [0, 1] }, /x\.path: "seed" must be a number of the spec that training depends on/],
    [{ path: 'optimizer.momentum', scale: 'linear', range: [0, 1] }, /optimizer\.momentum = 0 cannot be/],
    [{ path: 'optimizer.learningRate', scale: 'log', range: [0, 1] }, /from must be above 0 on a logarithmic axis, got 0/],
    [{ path: 'optimizer.learningRate', scale: 'log', range: [2, 1] }, /from must be below to, got 2 and 1/],
    [{ path: 'model.init.gain', scale: 'linear', range: null }, /from and to must be given for model\.init\.gain/],
    [{ path: 'model.init.gain', scale: 'linear', range: [-1, 1] }, /model\.init\.gain = -1 cannot be/]
  ] as const)('%o is refused', (axis, sentence) => {
    expect(axisFault('x', { ...axis, count: 8 }, net, [])).toMatch(sentence)
  })
  it('that are right are not', () => {
    for (const axis of mapAxes(options({}), net, [], null)) expect(axisFault('x', axis, net, [])).toBeNull()
  })
})

describe('the tight gradient', () => {
  let linalg: Linalg
  let kernels: KernelMemory
  beforeAll(async () => {
    linalg = await openLinalg({ backend: 'wasm', threads: 2 })
    kernels = await openKernels()
  })
  afterAll(() => linalg.dispose())

  it.each(activations.flatMap((activation) => losses.map((loss) => ({ activation, loss }))))(
    'is the objective’s own within 1e-12: $activation.kind, $loss',
    async ({ activation, loss }) => {
      for (const bias of [false, true])
        for (const samples of [9, 12]) {
          const { network, batch, objective, parameters } = makeCase(linalg, { layers: [5, 6, 3, 2], activation, loss, bias, samples })
          const small = smallGradient(kernels, network, loss, batch, 0.3)
          small.parameters.set(parameters)
          const found = small.compute()
          const gradient = new Float64Array(parameters.length)
          const penalty = 0.15 * norm(parameters) ** 2
          const expected = (await objective.gradient(parameters, gradient)) + penalty
          const whole = plusScaled(gradient, 0.3, parameters)
          expect(Math.abs(found - expected)).toBeLessThan(1e-12 * Math.abs(expected))
          expect(norm(plusScaled(small.gradient, -1, whole))).toBeLessThan(1e-12 * norm(whole))
        }
    }
  )
  it('has tanh and its slope right from 1e-9 to 1e4, and NaN for NaN', () => {
    const count = 4000
    const [net0, slope] = [kernels.allocate(count), kernels.allocate(count)]
    const x = Float64Array.from({ length: count }, (_, i) => (i % 2 ? 1 : -1) * 10 ** (-9 + (13 * i) / count))
    x.set([NaN, 0, Infinity, -Infinity])
    net0.data.set(x)
    kernels.kernels.tanhSlopes(count, net0.address, slope.address)
    expect([...net0.data.subarray(0, 4)]).toEqual([NaN, 0, 1, -1])
    expect([...slope.data.subarray(0, 4)]).toEqual([NaN, 1, 0, 0])
    for (let i = 4; i < count; i++) {
      expect(Math.abs(net0.data[i] - Math.tanh(x[i]))).toBeLessThanOrEqual(1e-14 * Math.abs(Math.tanh(x[i])))
      const e = Math.exp(-2 * Math.abs(x[i]))
      const expected = (4 * e) / (1 + e) ** 2
      expect(Math.abs(slope.data[i] - expected)).toBeLessThanOrEqual(2e-15 * expected + 1e-280)
    }
  })
  it('runs beside linear algebra on the calling thread, which has the bits of a pool of one', async () => {
    const [here, pool] = [await openHere(), await openLinalg({ backend: 'wasm', threads: 1 })]
    const n = 150
    const a = fillNormal(randomStream(3, 'a'), new Float64Array(n * n))
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i]
    const bits = async (which: Linalg) => {
      const { values, vectors } = await which.eigenSymmetric(matrix(n, n, a.slice()))
      const product = matrix(n, n)
      await which.gemm(matrix(n, n, a), matrix(n, n, a), product)
      return [values.slice(), vectors.data.slice(), product.data]
    }
    expect(await bits(here)).toEqual(await bits(pool))
    expect(here.info).toMatchObject({ kind: 'wasm', threads: 1 })
    await Promise.all([here.dispose(), pool.dispose()])
  })
})
