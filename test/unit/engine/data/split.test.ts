// Samples split off for validation: which, in what order, and that no row is lost, doubled or changed.
import { describe, expect, test } from 'vitest'
import { splitOff, splitState, validationRows } from '../../../../src/engine/data/split'
import { matrix } from '../../../../src/engine/linalg'
import { randomStream } from '../../../../src/engine/random'

describe('the rows split off', () => {
  test('are the first of an order shuffled by the stream `validation` of the seed, ascending', () => {
    for (const [samples, count, seed] of [
      [20, 5, 3],
      [1000, 1, 0],
      [7, 6, 12]
    ]) {
      // Durstenfeld's shuffle once more, from the last place down.
      const stream = randomStream(seed, 'validation')
      const order = Array.from({ length: samples }, (_, i) => i)
      for (let i = samples - 1; i > 0; i--) {
        const j = stream.below(i + 1)
        ;[order[i], order[j]] = [order[j], order[i]]
      }
      expect([...validationRows(samples, count, seed)]).toEqual(order.slice(0, count).sort((a, b) => a - b))
    }
  })
  test('are those that another implementation draws (test/reference/validation/make.py)', () => {
    expect([...validationRows(20, 5, 3)]).toEqual([0, 8, 11, 13, 18])
    expect([...validationRows(20, 5, 4)]).toEqual([2, 3, 4, 9, 19])
  })
  test('grow by adding: more samples contain fewer', () => {
    const few = new Set(validationRows(50, 10, 1))
    const more = new Set(validationRows(50, 20, 1))
    expect([...few].every((row) => more.has(row))).toBe(true)
  })
  test('come from a stream of their own', () => {
    expect(splitState(3)).toEqual(randomStream(3, 'validation').save())
    for (const other of ['batches', 'init', 'projection']) expect(splitState(3)).not.toEqual(randomStream(3, other).save())
  })
})

const samples = (count: number) => ({
  inputs: matrix(
    count,
    3,
    Float64Array.from({ length: count * 3 }, (_, k) => k + 0.5)
  ),
  targets: matrix(
    count,
    2,
    Float64Array.from({ length: count * 2 }, (_, k) => -k)
  ),
  labels: Int32Array.from({ length: count }, (_, row) => row % 4)
})
const rowOf = ({ data, columns }: { data: Float64Array; columns: number }, row: number) => [
  ...data.subarray(row * columns, (row + 1) * columns)
]

test.each([[[0]], [[9]], [[0, 1, 2]], [[2, 5, 9]], [[0, 1, 2, 3, 4, 5, 6, 8, 9]]])(
  '%j of ten: both sides keep rows and order',
  (places) => {
    const whole = samples(10)
    const { train, validation } = splitOff(samples(10), Uint32Array.from(places))
    const rest = Array.from({ length: 10 }, (_, row) => row).filter((row) => !places.includes(row))
    for (const [part, rows] of [
      [train, rest],
      [validation, places]
    ] as const) {
      expect([part.inputs.rows, part.inputs.columns, part.targets.rows, part.targets.columns]).toEqual([rows.length, 3, rows.length, 2])
      rows.forEach((row, k) => {
        expect(rowOf(part.inputs, k)).toEqual(rowOf(whole.inputs, row))
        expect(rowOf(part.targets, k)).toEqual(rowOf(whole.targets, row))
        expect(part.labels?.[k]).toBe(whole.labels[row])
      })
    }
  }
)

test('targets that are the inputs stay the same matrix on both sides', () => {
  const { inputs } = samples(6)
  const { train, validation } = splitOff({ inputs, targets: inputs, labels: null }, Uint32Array.of(1, 4))
  expect(train.targets).toBe(train.inputs)
  expect(validation.targets).toBe(validation.inputs)
  expect([train.labels, validation.labels]).toEqual([null, null])
  expect(rowOf(train.inputs, 1)).toEqual([6.5, 7.5, 8.5])
})
