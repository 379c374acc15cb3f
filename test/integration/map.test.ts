// Whole maps on the built threads: Sohl-Dickstein's setting against NumPy, pixels against the run's own metrics, basins, cancelling.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basinPass } from '../../src/engine/analyses/map/basins'
import { analyse } from '../../src/engine-process/analyses'
import { executeRun } from '../../src/engine-process/execute-run'
import { parseNpy } from '../../src/shared/npy'
import { presetInfo } from '../../src/shared/spec/preset-list'
import { functionSpecSchema, networkSpecSchema, optimizerSchema, type RunSpec } from '../../src/shared/spec/schema'
import { createRun, metricsService, type Workspace } from '../../src/store'
import { temporaryWorkspace } from '../unit/store/fake-run'

let workspace: Workspace
let remove: () => Promise<void>
let made = 0
beforeAll(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
})
afterAll(() => remove())

const quiet = { signal: new AbortController().signal, onProgress: () => undefined }

async function mapOf(spec: RunSpec, options: object, call: Parameters<typeof analyse>[2] = quiet) {
  const out = join(workspace.folder, `map-${made++}`)
  const { manifest } = await analyse(workspace, { kind: 'map', spec, options: options as Record<string, unknown> }, call, { out })
  const array = async (name: string) =>
    new Float64Array((parseNpy(await readFile(join(out, `${name}.npy`)), name) as { data: Float64Array }).data)
  return { manifest, array }
}

const allHold = (checks: Readonly<Record<string, { readonly ok: boolean }>>) => Object.entries(checks).filter(([, { ok }]) => !ok)

describe('trainability', () => {
  it('in Sohl-Dickstein’s setting agrees in sign with NumPy everywhere but on the boundary', async () => {
    const golden = JSON.parse(await readFile('test/reference/trainability/quick.json', 'utf8')) as {
      signs: string[]
      every: number
      value: number[][]
    }
    const preset = await presetInfo('trainability-quick')
    const { manifest, array } = await mapOf(preset!.specs[0], { x: { count: 64 }, y: { count: 64 } })
    expect(allHold(manifest.checks)).toEqual([])
    const value = await array('value')
    const sign = (row: number, column: number) => golden.signs[row]?.[column]
    let apart = 0
    for (let row = 0; row < 64; row++)
      for (let column = 0; column < 64; column++) {
        const own = value[row * 64 + column] > 0 ? '+' : '-'
        if (own === sign(row, column)) continue
        apart++
        const near = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => sign(row + dy, column + dx)))
        expect(near, `row ${row}, column ${column}`).toContain(own)
      }
    expect(apart).toBeLessThan(12)
    // Where training is stable the values are the same numbers.
    const relative = golden.value.flatMap((line, j) =>
      line.map((one, i) => Math.abs(value[64 * golden.every * j + golden.every * i] - one) / Math.abs(one))
    )
    expect(relative.filter((one) => one < 1e-9).length).toBeGreaterThan(relative.length * 0.8)
    const { converged, notYet, diverged, stuck, boxDimension } = manifest.figures
    expect(converged! + notYet! + diverged! + stuck!).toBe(4096)
    expect(converged).toBe(value.filter((one) => one < 0).length)
    expect(boxDimension).toBeGreaterThan(1)
  })

  it.each([
    ['momentum', { kind: 'momentum', learningRate: 0.1, momentum: 0.9 }, 1e-10],
    ['adam', { kind: 'adam', learningRate: 0.05 }, 1e-10],
    ['sfn', { kind: 'sfn', learningRate: 0.5, damping: { kind: 'shifted-abs', value: 0.1 } }, 1e-7],
    ['gd on batches', { kind: 'gd', learningRate: 0.3 }, 1e-10]
  ])('a pixel is the run with its numbers: %s', async (name, optimizer, limit) => {
    const spec = networkSpecSchema.parse({
      schemaVersion: 1,
      name,
      data: { dataset: 'mnist10', trainLimit: 30 },
      model: { layers: [100, 2, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal' } },
      loss: 'softmax-cross-entropy',
      regularization: { l2: 0.01 },
      batch: name === 'gd on batches' ? { size: 10, shuffle: true } : {},
      optimizer,
      budget: { steps: 5 },
      snapshots: { everySteps: null }
    })
    const rate = optimizer.learningRate
    const axes = {
      x: { path: 'optimizer.learningRate', from: rate / 10, to: rate, count: 2 },
      y: { path: 'model.init.gain', from: 1, to: 2, count: 2 }
    }
    const { manifest, array } = await mapOf(spec, axes)
    expect(allHold(manifest.checks)).toEqual([])
    const id = name.replaceAll(' ', '-')
    await createRun(workspace, { ...spec, model: { ...spec.model, init: { kind: 'fan-in-normal', gain: 2 } } }, { id })
    expect(await executeRun(workspace, id)).toMatchObject({ state: 'done' })
    const { columns } = await metricsService(workspace).read(id, { columns: ['loss'] })
    const losses = [...columns.loss!]
    const value = (await array('value'))[3]
    const relative = losses.map((loss) => loss / losses[0])
    const below = relative.reduce((sum, one) => sum + one, 0) < relative.length
    const expected = below ? -relative.reduce((sum, one) => sum + one, 0) : relative.reduce((sum, one) => sum + 1 / one, 0)
    expect(Math.abs(value - expected) / Math.abs(expected)).toBeLessThan(limit)
  })

  it('of gradient descent on x² ends at 2/h, to the pixel', async () => {
    const spec = functionSpecSchema.parse({
      schemaVersion: 1,
      name: 'parabola',
      problem: { kind: 'function', function: '0.5 * (x^2 + 0.1 * y^2)', start: [1, 1] },
      optimizer: { kind: 'momentum', learningRate: 1, momentum: 0.5 },
      budget: { steps: 60 }
    })
    const { array } = await mapOf(spec, {
      x: { path: 'optimizer.learningRate', from: 0.1, to: 5, count: 33, scale: 'linear' },
      y: { count: 9 }
    })
    const [outcome, x, y] = [await array('outcome'), await array('x'), await array('y')]
    // Heavy ball bears 2(1 + μ)/η; within 3 % of it 60 steps do not tell.
    for (const [row, momentum] of y.entries())
      for (const [column, rate] of x.entries()) {
        const bound = 2 * (1 + momentum)
        if (Math.abs(rate / bound - 1) < 0.03 || momentum > 0.9) continue
        expect(outcome[row * x.length + column] === 1, `η ${rate}, μ ${momentum}`).toBe(rate < bound)
      }
  })
})

describe('basins', () => {
  const spec = (optimizer: object, steps = 60) =>
    functionSpecSchema.parse({
      schemaVersion: 1,
      name: 'h',
      problem: { kind: 'function', function: 'himmelblau' },
      optimizer,
      budget: { steps }
    })

  it('of Newton on Himmelblau’s function are those of all nine critical points; of SFN of the four minima', async () => {
    const axes = { x: { count: 32 }, y: { count: 32 } }
    const newton = await mapOf(spec({ kind: 'damped-newton', learningRate: 1, damping: { value: 1e-9 } }), { of: 'basin', ...axes })
    expect(newton.manifest.figures).toMatchObject({ pixels: 1024, centres: 9, converged: 1024, diverged: 0 })
    expect(allHold(newton.manifest.checks)).toEqual([])
    const [negative, loss, centres, pixels] = await Promise.all(
      ['centreNegative', 'centreLoss', 'centres', 'centrePixels'].map(newton.array)
    )
    expect([...negative].sort()).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2])
    for (const [k, one] of loss.entries()) {
      const [a, b] = [centres[2 * k], centres[2 * k + 1]]
      expect(one).toBeCloseTo((a * a + b - 11) ** 2 + (a + b * b - 7) ** 2, 9)
      expect(Math.hypot(4 * a * (a * a + b - 11) + 2 * (a + b * b - 7), 2 * (a * a + b - 11) + 4 * b * (a + b * b - 7))).toBeLessThan(1e-6)
    }
    expect(pixels.reduce((sum, one) => sum + one, 0)).toBe(1024)
    const sfn = await mapOf(spec({ kind: 'sfn', learningRate: 1, damping: { kind: 'shifted-abs', value: 1e-3 } }, 200), {
      of: 'basin',
      ...axes
    })
    const found = await sfn.array('centreNegative')
    expect(found.filter((one) => one === 0)).toHaveLength(4)
    expect(sfn.manifest.figures.converged).toBeGreaterThan(1000)
    // The minimum that a pixel beside it reaches is that one.
    const [outcome, x, y, ends] = await Promise.all(['outcome', 'x', 'y', 'centres'].map(sfn.array))
    const nearest = (values: Float64Array, at: number) =>
      values.reduce((best, one, k) => (Math.abs(one - at) < Math.abs(values[best] - at) ? k : best), 0)
    for (const [a, b] of [
      [3, 2],
      [-2.805118, 3.131313],
      [-3.77931, -3.283186],
      [3.584428, -1.848126]
    ]) {
      const code = outcome[nearest(y, b) * 32 + nearest(x, a)]
      expect(ends[2 * (code - 1)]).toBeCloseTo(a, 4)
      expect(ends[2 * (code - 1) + 1]).toBeCloseTo(b, 4)
    }
  })

  it('of series Newton and of a plane of random directions of a net are drawn too', async () => {
    const series = await mapOf(spec({ kind: 'series-newton', order: 3 }), { of: 'basin', x: { count: 8 }, y: { count: 8 } })
    expect(series.manifest.figures).toMatchObject({ converged: 64, stuck: 0 })
    const net = networkSpecSchema.parse({
      schemaVersion: 1,
      name: 'xor',
      data: { dataset: 'xor' },
      model: { layers: [2, 2, 2], activation: { kind: 'tanh' }, init: { kind: 'fan-in-normal' } },
      loss: 'half-sse',
      regularization: { l2: 0.1 },
      optimizer: { kind: 'sfn', learningRate: 1 },
      budget: { steps: 100 }
    })
    const plane = await mapOf(net, { of: 'basin', x: { count: 5 }, y: { path: 'start.eigenvector.smallest', from: -2, to: 2, count: 5 } })
    const [axes, center] = [await plane.array('axes'), await plane.array('center')]
    const [u, v] = [axes.subarray(0, 8), axes.subarray(8)]
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, one, i) => sum + one * b[i], 0)
    expect([dot(u, u), dot(v, v), dot(u, v)].map((one) => Math.abs(Number(one.toFixed(12))))).toEqual([1, 1, 0])
    expect(center).toHaveLength(8)
    expect(plane.manifest.figures.converged).toBeGreaterThan(20)
  })

  it('show what is known early, and end at once when they are cancelled', async () => {
    const controller = new AbortController()
    let seen = { known: 0, of: 0 }
    let cancelled = 0
    const call = {
      signal: controller.signal,
      onProgress: () => undefined,
      onPreview: ({ value }: Record<string, { data: Float64Array }>) => {
        seen = { known: value.data.filter((one) => !Number.isNaN(one)).length, of: value.data.length }
        if (cancelled === 0) {
          cancelled = performance.now()
          controller.abort(new Error('enough'))
        }
      }
    }
    const slow = spec({ kind: 'gd', learningRate: 1e-7 }, 3000)
    await expect(mapOf(slow, { of: 'basin', x: { count: 96 }, y: { count: 96 } }, call)).rejects.toThrow('enough')
    expect(performance.now() - cancelled).toBeLessThan(3000)
    expect(seen).toMatchObject({ of: 9216 })
    expect(seen.known).toBeLessThan(600)
    expect(seen.known).toBeGreaterThan(0)
  })

  it.each([
    [{ x: { path: 'data.trainLimit', from: 1, to: 2 } }, /map: x\.path: "data\.trainLimit" must be a number of the spec/],
    [{ x: { path: 'start.7', from: -1, to: 1 } }, /x\.path: start\.7 must be a number below 2/],
    [{ x: { path: 'start.x', from: -1, to: 1 }, y: { path: 'start.x', from: 0, to: 1 } }, /x and y are both start\.x/]
  ])('%o is refused', async (options, sentence) => {
    await expect(mapOf(spec({ kind: 'gd' }), { of: 'basin', ...options })).rejects.toThrow(sentence)
  })
})

describe('basins in passes', () => {
  const wish = {
    function: 'x^4 - 2 x^2 + y^2',
    optimizer: optimizerSchema.parse({ kind: 'gd', learningRate: 0.02 }),
    view: [-2, 2, -1, 1] as [number, number, number, number],
    columns: 20,
    rows: 10,
    steps: 600,
    signal: quiet.signal
  }
  it('have every pixel once, and the minimum on its own side', async () => {
    const seen = new Map<number, string>()
    for (const stride of [8, 4, 2, 1]) {
      const { pixels, outcomes, centres, steps } = await basinPass({ ...wish, stride })
      for (const [k, pixel] of pixels.entries()) {
        expect(seen.has(pixel)).toBe(false)
        expect(outcomes[k]).toBeGreaterThan(0)
        expect(steps[k]).toBeLessThan(600)
        const at = 3 * (outcomes[k] - 1)
        expect(Math.abs(centres[at + 1])).toBeLessThan(1e-5)
        seen.set(pixel, centres[at].toFixed(4))
      }
    }
    expect(seen.size).toBe(200)
    for (const [pixel, x] of seen) expect(x).toBe(pixel % 20 < 10 ? '-1.0000' : '1.0000')
  })
  it('are refused for another number of variables, and end when they are cancelled', async () => {
    await expect(basinPass({ ...wish, function: 'x1 + x2 + x3', stride: 8 })).rejects.toThrow(
      'functions of two variables; x1 + x2 + x3 has 3'
    )
    const controller = new AbortController()
    const asked = basinPass({
      ...wish,
      optimizer: optimizerSchema.parse({ kind: 'gd', learningRate: 1e-9 }),
      columns: 500,
      rows: 500,
      stride: 1,
      signal: controller.signal
    })
    setTimeout(() => controller.abort(new Error('another view')), 100)
    await expect(asked).rejects.toThrow('another view')
  })
})
