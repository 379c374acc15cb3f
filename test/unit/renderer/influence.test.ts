// What the panels of influence and relaxation draw, from arrays whose answers are plain.
import { describe, expect, it } from 'vitest'
import { agreement, changeOf, errorSeries, ranked } from '../../../src/renderer/features/analyses/panels/influence-view'
import { predictedResiduals, residualSeries, spectrumSeries } from '../../../src/renderer/features/analyses/panels/relaxation-lines'

const colour = (place: number) => `colour ${place}`
const array = (shape: number[], data: number[]) => ({ shape, data: Float64Array.from(data) })
/** Four training samples on two test samples; samples 3 and 0 were left out for real. */
const arrays = {
  influence: array([4, 2], [-2, 1, 3, -1, -4, 0, 5, 2]),
  actual: array([2, 2], [4, 2.5, -1.5, Number.NaN]),
  retrained: array([2], [3, 0])
}

describe('influence', () => {
  it('a sample whose influence is negative helps: without it the loss rises by c times as much', () => {
    expect(changeOf(-2, 0.25)).toBe(0.5)
    expect(ranked(arrays, 0, 0.5, 3)).toEqual({
      helpful: [
        { sample: 2, change: 2, actual: null },
        { sample: 0, change: 1, actual: 0.75 }
      ],
      harmful: [
        { sample: 3, change: -2.5, actual: -2 },
        { sample: 1, change: -1.5, actual: null }
      ]
    })
    expect(ranked(arrays, 0, 0.5, 1)).toMatchObject({ helpful: [{ sample: 2 }], harmful: [{ sample: 3 }] })
    // What came to nothing is no number, and what changes nothing neither helps nor harms.
    expect(ranked(arrays, 1, 1, 4)).toEqual({
      helpful: [{ sample: 1, change: 1, actual: null }],
      harmful: [
        { sample: 3, change: -2, actual: -2.5 },
        { sample: 0, change: -1, actual: null }
      ]
    })
  })

  it('pairs predicted with actual, the chosen test sample apart, and spans the line where they agree', () => {
    const [equal, others, own] = agreement(arrays, 0, 1, { name: 'this one', colour })
    expect([others.x, others.y]).toEqual([[-2.5], [-2]])
    expect([own.name, own.x, own.y]).toEqual(['this one', [-4, 1.5], [-5, 2]])
    expect([equal.x, equal.y]).toEqual([
      [-5, 2],
      [-5, 2]
    ])
    expect(agreement({ influence: arrays.influence }, 0, 1, { name: '', colour })).toEqual([])
  })

  it('draws the errors of the orders there are, beside the change they are errors of', () => {
    const [errors, change] = errorSeries({ error1: 0.1, error2: 0.01, change: 2 }, colour)
    expect([errors.x, errors.y, change.y]).toEqual([
      [1, 2],
      [0.1, 0.01],
      [2, 2]
    ])
    expect(errorSeries({ order: 2 }, colour)).toEqual([])
  })
})

describe('relaxation', () => {
  it('predicts rateᵏ as long as that does not stretch the axis', () => {
    expect([...predictedResiduals([1, 0.5, 0.2], 0.5)]).toEqual([1, 0.5, 0.25])
    expect([...predictedResiduals([1, 0.9, 0.8], 0.1)]).toEqual([1, 0.1, NaN])
    expect([...predictedResiduals([1, 3, Infinity], 100)]).toEqual([1, NaN, NaN])
    expect(residualSeries([1, 2], null, false, colour)).toHaveLength(1)
    expect(residualSeries([1, 2], 0.9, true, colour)[1].name).toBe('bound: × 0.9')
  })

  it('tells eigenvalues within (0, 2) from the others, by their rank', () => {
    const [inside, outside] = spectrumSeries([-1, 0, 0.5, 1.9, 2], colour)
    expect([inside.x, inside.y]).toEqual([
      [3, 4],
      [0.5, 1.9]
    ])
    expect([outside.x, outside.y]).toEqual([
      [1, 2, 5],
      [-1, 0, 2]
    ])
    expect(spectrumSeries([1, 1.5], colour)).toHaveLength(1)
  })
})
