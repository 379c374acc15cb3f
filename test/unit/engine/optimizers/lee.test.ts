// One step of each of the demonstration's programs against NumPy (test/reference/optimizers/make_lee.py), through the training loop.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { matrix, type Matrix } from '../../../../src/engine/linalg'
import { initialState, train, type TrainingData } from '../../../../src/engine/training'
import { networkSpecSchema } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink } from '../training/memory-sink'

interface Layer {
  readonly gradient: number[]
  readonly update: number[]
  readonly smallest: number
  readonly largest: number
}
interface Golden {
  readonly samples: number
  readonly pixels: number
  readonly inputs: number
  readonly hidden: number
  readonly outputs: number
  readonly slow: { readonly loss: number; readonly W1: Layer; readonly W2: Layer }
  readonly fast: {
    readonly norm: number
    readonly entries: number[]
    readonly limit: number[]
    readonly difference: number[]
    readonly columnSums: number[]
  }
}
const golden: Golden = JSON.parse(readFileSync(new URL('../../../reference/optimizers/lee.json', import.meta.url), 'utf8'))
const { samples, pixels: pixelCount, inputs, hidden, outputs } = golden

/** The generator's hash: numbers in [0, 1). */
function hashed(count: number, salt: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let mixed = Math.imul(i + 1 + 1_000_003 * salt, 2654435761) >>> 0
    mixed = Math.imul(mixed ^ (mixed >>> 15), 2246822519) >>> 0
    mixed = Math.imul(mixed ^ (mixed >>> 13), 3266489917) >>> 0
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  })
}
const centred = (count: number, salt: number, scale: number) => hashed(count, salt).map((value) => (value - 0.5) * scale)

const context = { linalg: openPlain() }
const pixels = matrix(
  samples,
  pixelCount,
  hashed(samples * pixelCount, 1).map((value) => Math.floor(value * 256) / 256 - 0.5)
)
const labels = Int32Array.from(hashed(samples, 2), (value) => Math.floor(value * outputs))
const targets = matrix(samples, outputs)
labels.forEach((label, n) => (targets.data[n * outputs + label] = 1))
const dataOf = (x: Matrix): TrainingData => ({ train: { inputs: x, targets, labels }, validation: null, test: null })

const specOf = (layers: number[], optimizer: Record<string, unknown>) =>
  networkSpecSchema.parse({
    schemaVersion: 1,
    name: 'demonstration',
    data: { dataset: 'synthetic' },
    model: { layers, activation: { kind: 'leaky-relu', slope: 0.5 } },
    loss: 'half-sse',
    batch: { size: samples },
    optimizer,
    budget: { steps: 1 },
    diagnostics: { everySteps: 1 }
  })

async function oneStep(layers: number[], optimizer: Record<string, unknown>, x: Matrix, weights: Float64Array) {
  const spec = specOf(layers, optimizer)
  const sink = memorySink()
  const { state } = await train(context, { spec, state: initialState(spec, weights), sink }, dataOf(x))
  return { update: state.parameters.map((value, i) => value - weights[i]), line: sink.lines[0] }
}

describe('the slow net: saddle-free Newton layer by layer', () => {
  const projection = matrix(pixelCount, inputs, centred(pixelCount * inputs, 3, 2 / Math.sqrt(pixelCount)))
  const weights = Float64Array.from([...centred(inputs * hidden, 4, 1), ...centred(hidden * outputs, 5, 1)])

  test.each([
    ['layer-blocks', 'cholesky'],
    ['unit-blocks', 'cholesky']
  ])('scope %s', async (scope, path) => {
    const x = matrix(samples, inputs)
    await context.linalg.gemm(pixels, projection, x)
    const { update, line } = await oneStep(
      [inputs, hidden, outputs],
      { kind: 'sfn', scope, damping: { kind: 'abs-of-shifted', value: 0.1 }, learningRate: 0.1 },
      x,
      weights
    )
    const expected = [...golden.slow.W1.update, ...golden.slow.W2.update]
    const norm = Math.hypot(...expected)
    expect(Math.hypot(...update.map((value, i) => value - expected[i]))).toBeLessThan(1e-6 * norm)
    // Far closer in fact: both are exact.
    expect(Math.hypot(...update.map((value, i) => value - expected[i]))).toBeLessThan(1e-11 * norm)
    expect(line.loss).toBeCloseTo(golden.slow.loss, 10)
    expect(line.gradNorm).toBeCloseTo(Math.hypot(...golden.slow.W1.gradient, ...golden.slow.W2.gradient), 10)
    expect(line.path).toEqual({ W1: path, W2: path })
    expect(line.flipped).toEqual({ W1: 0, W2: 0 })
    const largest: unknown = line.lambdaMax
    if (typeof largest !== 'object' || largest === null || !('W1' in largest) || !('W2' in largest)) throw new Error('no spectrum')
    expect(largest.W1).toBeCloseTo(golden.slow.W1.largest, 9)
    expect(largest.W2).toBeCloseTo(golden.slow.W2.largest, 9)
    // Positive semidefinite and of low rank: nothing is negative, with the tolerance.
    expect(line.index).toEqual({ W1: 0, W2: 0 })
  })
})

describe('the fast net: finite-difference Newton on a perceptron', () => {
  const weights = centred(pixelCount * outputs, 6, 0.1)
  const run = (options: Record<string, unknown>) =>
    oneStep([pixelCount, outputs], { kind: 'fd-newton', learningRate: 1, ...options }, pixels, weights)

  test('the limit, to 1e-8', async () => {
    const { update } = await run({ mode: 'limit' })
    const { entries, limit, norm, columnSums } = golden.fast
    const scale = norm / Math.sqrt(pixelCount * outputs)
    entries.forEach((place, i) => expect(Math.abs(update[place] + limit[i])).toBeLessThan(1e-8 * scale))
    expect(Math.hypot(...update) / norm).toBeCloseTo(1, 10)
    columnSums.forEach((expected, j) => {
      let sum = 0
      for (let i = 0; i < pixelCount; i++) sum -= update[i * outputs + j]
      expect(Math.abs(sum - expected)).toBeLessThan(1e-9 * norm)
    })
  })

  test('finite differences with r = 1e-6, to 1e-5', async () => {
    const { update, line } = await run({ mode: 'finite-difference', r: 1e-6 })
    const { entries, limit, difference, norm } = golden.fast
    const scale = norm / Math.sqrt(pixelCount * outputs)
    for (const reference of [limit, difference])
      entries.forEach((place, i) => expect(Math.abs(update[place] + reference[i])).toBeLessThan(1e-5 * scale))
    expect(line.figures).toMatchObject({ rank: samples, r: 1e-6 })
    expect(line.path).toBe('inverse-gradient')
  })
})
