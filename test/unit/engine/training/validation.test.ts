// Validation figures: equal to the loss and accuracy recomputed by plain loops on the rows split off; training and test figures know nothing of them.
import { describe, expect, test } from 'vitest'
import { splitOff, validationRows } from '../../../../src/engine/data/split'
import { initialState, train, type TrainingData } from '../../../../src/engine/training'
import { openPlain } from '../../../reference/linalg/plain'
import { memorySink, smallData, smallSpec, startWeights } from './memory-sink'

const context = { linalg: openPlain() }
const [inputs, hidden, outputs] = [3, 4, 2]
const start = startWeights((inputs + 1) * hidden + (hidden + 1) * outputs)

/** Outputs of tanh(tanh(x W1 + b1) W2 + b2), from the parameter vector by hand. */
function outputsOf(w: Float64Array, x: readonly number[]): number[] {
  const layer = (from: readonly number[], width: number, offset: number) =>
    Array.from({ length: width }, (_, j) =>
      Math.tanh(from.reduce((sum, value, i) => sum + value * w[offset + i * width + j], w[offset + from.length * width + j]))
    )
  return layer(layer(x, hidden, 0), outputs, (inputs + 1) * hidden)
}

/** Mean over the rows of ½ Σ (output − target)², and the fraction of rows whose largest output is at their label. */
function recomputed(w: Float64Array, data: TrainingData['train'], rows: readonly number[]) {
  let [sum, right] = [0, 0]
  for (const row of rows) {
    const x = [...data.inputs.data.subarray(row * inputs, (row + 1) * inputs)]
    const y = outputsOf(w, x)
    sum += y.reduce((part, value, k) => part + (value - data.targets.data[row * outputs + k]) ** 2 / 2, 0)
    if (y.indexOf(Math.max(...y)) === data.labels?.[row]) right++
  }
  return { loss: sum / rows.length, accuracy: right / rows.length }
}

const rows = [...validationRows(40, 9, 3)]
const split = (): TrainingData => ({ ...splitOff(smallData(40).train, Uint32Array.from(rows)), test: smallData().test })
const spec = smallSpec({ evaluate: { everySteps: 2 } })
const run = async (data: TrainingData) => {
  const sink = memorySink()
  await train(context, { spec, state: initialState(spec, start), sink }, data)
  return sink
}

describe('validation figures', () => {
  test('are the loss and the accuracy of the stored weights on the rows split off, at the start and after every evaluation', async () => {
    const sink = await run(split())
    const whole = smallData(40).train
    const figures = [sink.starts[0], ...sink.lines.filter((line) => line.step % 2 === 0)]
    const weights = sink.checkpoints.filter((state) => state.step % 2 === 0)
    expect(figures).toHaveLength(5)
    expect(weights.map((state) => state.step)).toEqual([0, 2, 4, 6, 8])
    figures.forEach(({ valLoss, valAccuracy }, k) => {
      const { loss, accuracy } = recomputed(weights[k].parameters, whole, rows)
      expect(valLoss).toBeCloseTo(loss, 12)
      expect(valAccuracy).toBe(accuracy)
      const tested = recomputed(weights[k].parameters, smallData().test as TrainingData['train'], [0, 1, 2, 3, 4, 5, 6])
      expect(figures[k].testLoss).toBeCloseTo(tested.loss, 12)
      expect(figures[k].testAccuracy).toBe(tested.accuracy)
    })
    expect(sink.lines.filter((line) => line.step % 2 === 1).every((line) => !('valLoss' in line))).toBe(true)
  })

  test('move no bit of the training, which sees the other rows only', async () => {
    const [watched, unwatched] = [await run(split()), await run({ ...split(), validation: null })]
    expect(watched.lines.map(({ loss, gradNorm }) => [loss, gradNorm])).toEqual(
      unwatched.lines.map(({ loss, gradNorm }) => [loss, gradNorm])
    )
    expect([...(watched.checkpoints.at(-1)?.parameters ?? [])]).toEqual([...(unwatched.checkpoints.at(-1)?.parameters ?? [])])
    expect(watched.lines.map(({ testLoss }) => testLoss)).toEqual(unwatched.lines.map(({ testLoss }) => testLoss))
    expect(unwatched.starts[0]).not.toHaveProperty('valLoss')
    // 31 samples in batches of 4: an epoch is eight steps.
    expect(watched.lines[7].epoch).toBe(1)
    // Rows split off may be anything: nothing is trained on them.
    const spoilt = split()
    spoilt.validation?.inputs.data.fill(1e6)
    const other = await run(spoilt)
    expect(other.lines.map(({ loss }) => loss)).toEqual(watched.lines.map(({ loss }) => loss))
    expect(other.lines[7].valLoss).not.toBe(watched.lines[7].valLoss)
  })

  test('come without a test set too', async () => {
    const sink = await run({ ...split(), test: null })
    expect(sink.starts[0]).toMatchObject({ testLoss: null, testAccuracy: null })
    expect(sink.starts[0].valLoss).toBeGreaterThan(0)
  })

  test('are null where the loss is not finite, and the accuracy where there are no labels', async () => {
    const data = split()
    if (data.validation === null) throw new Error('nothing is split off')
    const unlabelled = await run({ ...data, validation: { ...data.validation, labels: null } })
    expect(unlabelled.lines[1]).toMatchObject({ valAccuracy: null })
    data.validation.targets.data.fill(1e200)
    expect((await run(data)).lines[1].valLoss).toBeNull()
  })
})
