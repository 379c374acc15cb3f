// Histograms of weights and gradients: one line an evaluation, every entry in exactly one bin, the figures those of a direct count.
import { describe, expect, test } from 'vitest'
import { histogramOf } from '../../../../src/engine/training/histograms'
import { initialState, train, type TrainingState } from '../../../../src/engine/training'
import { histogramLineSchema, type Histogram, type HistogramLine } from '../../../../src/shared/run/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink, smallData, smallSpec, startWeights } from './memory-sink'

/** Entries below each edge, counted one edge at a time: what the bins must hold. */
function directCounts(values: readonly number[], { from, to }: Pick<Histogram, 'from' | 'to'>): number[] {
  const edge = (i: number) => (i === 64 ? Infinity : from + (i * (to - from)) / 64)
  return Array.from({ length: 64 }, (_, i) => values.filter((value) => value >= edge(i) && value < edge(i + 1)).length)
}

function check(found: Histogram, values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  expect(found.count).toBe(values.length)
  expect(found.counts.reduce((sum, count) => sum + count, 0)).toBe(values.length)
  expect([found.min, found.max]).toEqual([Math.min(...values), Math.max(...values)])
  expect(found.counts).toEqual(directCounts(values, found))
  expect(found.mean).toBeCloseTo(mean, 14)
  expect(found.std).toBeCloseTo(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length), 13)
  expect(found.zeros).toBe(values.filter((value) => value === 0).length)
}

describe('a histogram', () => {
  test('of many numbers', () => {
    const values = [...startWeights(5000)]
    const found = histogramOf(Float64Array.from(values))
    expect([found.from, found.to]).toEqual([found.min, found.max])
    check(found, values)
  })
  test('has its ends in the first and the last bin', () => {
    const { counts } = histogramOf(Float64Array.of(-1, 3))
    expect([counts[0], counts[63]]).toEqual([1, 1])
  })
  test.each([
    [[0, 0, 0], -0.5, 0.5, 3],
    [[2, 2], 1, 3, 0],
    [[-4], -6, -2, 0],
    [[5e-324], -0.5, 0.5, 0]
  ])('of equal numbers %j lies around them', (values, from, to, zeros) => {
    const found = histogramOf(Float64Array.from(values))
    expect(found).toMatchObject({ from, to, zeros, std: 0, count: values.length })
    expect(found.counts[32]).toBe(values.length)
  })
  test.each([1e-300, 1e160, 1e300])('of numbers about %d has finite figures', (scale) => {
    const found = histogramOf(Float64Array.of(-scale, 0, 0.5 * scale, scale))
    expect(histogramLineSchema.safeParse({ step: 1, layers: { W1: { weights: found, gradients: null } } }).success).toBe(true)
    expect(found.counts.reduce((sum, count) => sum + count, 0)).toBe(4)
    // Deviations from the mean of 0.125: the mean of their squares is 0.546875.
    expect(found.std / scale).toBeCloseTo(Math.sqrt(0.546875), 12)
  })
})

const context = { linalg: openPlain() }
const spec = (steps = 8) => smallSpec({ budget: { steps }, evaluate: { everySteps: 3, everyEpochs: 2, histograms: true } })

async function run(steps = 8, from?: TrainingState) {
  const written: HistogramLine[] = []
  const sink = memorySink({ histograms: async (line) => void written.push(line) })
  await train(context, { spec: spec(steps), state: from ?? initialState(spec(), startWeights(26)), sink }, smallData())
  return { written, sink }
}

/** Where the arrays of a 3–4–2 net with biases lie in the parameter vector. */
const places = { W1: [0, 12], b1: [12, 16], W2: [16, 24], b2: [24, 26] } as const

describe('histograms of a run', () => {
  test('come with every evaluation, the start included, and hold the stored weights', async () => {
    const { written, sink } = await run()
    const evaluated = sink.lines.filter((line) => line.testLoss !== undefined).map((line) => line.step)
    expect(written.map((line) => line.step)).toEqual([0, ...evaluated])
    expect(evaluated).toEqual([3, 6])
    for (const line of written) {
      expect(Object.keys(line.layers)).toEqual(Object.keys(places))
      const weights = sink.checkpoints.find((state) => state.step === line.step)?.parameters ?? new Float64Array()
      for (const [name, [from, to]] of Object.entries(places)) check(line.layers[name].weights, [...weights.subarray(from, to)])
    }
  })

  test("hold the gradient of the step's batch: none at the start, then of the norm in the step's line", async () => {
    const { written, sink } = await run()
    expect(Object.values(written[0].layers).map(({ gradients }) => gradients)).toEqual([null, null, null, null])
    for (const line of written.slice(1)) {
      const squares = Object.values(line.layers).map(({ gradients }) =>
        gradients === null ? NaN : gradients.count * (gradients.mean ** 2 + gradients.std ** 2)
      )
      expect(Math.sqrt(squares.reduce((sum, part) => sum + part, 0))).toBeCloseTo(sink.lines[line.step - 1].gradNorm, 12)
    }
    // Gradient descent with rate 0.1: the update of step 3 is the gradient of its batch.
    const [before, after] = [2, 3].map((step) => sink.checkpoints.find((state) => state.step === step)?.parameters ?? new Float64Array())
    for (const [name, [from, to]] of Object.entries(places)) {
      const steps = Array.from({ length: to - from }, (_, i) => (before[from + i] - after[from + i]) / 0.1)
      expect(written[1].layers[name].gradients?.min).toBeCloseTo(Math.min(...steps), 12)
      expect(written[1].layers[name].gradients?.max).toBeCloseTo(Math.max(...steps), 12)
    }
  })

  test('are the same lines again after a resume from any step', async () => {
    const { written, sink } = await run()
    for (const state of sink.checkpoints) {
      const rest = await run(8, state)
      expect(rest.written).toEqual(written.filter((line) => (state.step === 0 ? true : line.step > state.step)))
    }
  })

  test('are not made unless the spec asks for them', async () => {
    const written: HistogramLine[] = []
    const sink = memorySink({ histograms: async (line) => void written.push(line) })
    const plain = smallSpec({ evaluate: { everySteps: 3 } })
    await train(context, { spec: plain, state: initialState(plain, startWeights(26)), sink }, smallData())
    expect(written).toEqual([])
  })
})
