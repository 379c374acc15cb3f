// What the report on the landscape says of made rows: other rows, other sentences.
import { describe, expect, it } from 'vitest'
import {
  anisotropyFindings,
  anisotropyVerdict,
  controlFindings,
  evenFindings,
  evenVerdict
} from '../../../../src/workbench/reports/landscape/findings'
import type { Gathered, PlaceRow, ScaleRow } from '../../../../src/workbench/reports/landscape/gather'

const place = (more: Partial<PlaceRow> = {}): PlaceRow => ({
  place: 'a net',
  role: 'net',
  run: 'net',
  step: 4,
  parameters: 10,
  piecewise: false,
  flatTo: 0.02,
  kink: null,
  slope: -1.9,
  fractionalSlope: -1.5,
  directions: 8,
  odd: 0.07,
  oddDirections: 8,
  failedChecks: '',
  ...more
})
const controls = [
  place({ place: 'an even function', role: 'control', run: 'even', step: 0, directions: 3, oddDirections: 0, odd: 0 }),
  place({ place: 'the same with cubic terms', role: 'control', run: 'odd', step: 0, directions: 3, oddDirections: 3, odd: 0.5 })
]
const course = (run: string, group: string, values: number[]): ScaleRow[] =>
  values.map((anisotropy, i) => ({
    place: 'a net',
    role: 'net',
    run,
    step: 4,
    group,
    epsilon: 10 ** (i - 8),
    least: 0,
    low: 1,
    median: 1,
    high: 1,
    most: 2,
    anisotropy,
    crossings: 0
  }))
const rows = (own: number[], more: Partial<PlaceRow> = {}): Gathered => ({
  landau: [],
  scales: [...course('net', 'eigenvector', own), ...course('net', 'random', [0.3, 0.2])],
  places: [place(more), ...controls]
})

describe('the report on the landscape', () => {
  it('says whether directions keep apart at every scale', () => {
    expect(anisotropyFindings(rows([3, 2, 1]))).toEqual([
      'a net, step 4: κ of every direction is its limit uᵀHu, within one per cent, up to ε = 0.02; between eigenvectors it differs at every scale (interquartile range over median size 3 at the smallest, 1 at the largest, never below 1); between random directions 0.3 and 0.2.'
    ])
    expect(anisotropyFindings(rows([3, 0.1, 1], { kink: 0.5 }))[0]).toContain(
      'half the directions meet their first kink before ε = 0.5; between eigenvectors it differs at small scales (interquartile range over median size 3) but falls to 0.1 at larger ones'
    )
    expect(anisotropyVerdict(rows([3, 2, 1]))).toContain('In 1 of 1 places')
    expect(anisotropyVerdict(rows([3, 0.1, 1]))).toContain('In 0 of 1 places')
    expect(anisotropyVerdict(rows([3, 2, 1], { flatTo: null }))).toContain('1 of 1 places are flat at no scale')
    expect(
      anisotropyFindings(
        rows(
          [NaN, NaN].map(() => 1),
          { flatTo: null }
        )
      )[0]
    ).toContain('κ is flat at no scale that was looked at')
  })

  it('says whether there are odd terms, with controls', () => {
    expect(evenVerdict(rows([1]))).toBe(
      'Even terms only, as in Landau’s expansion? No: at every place most directions have odd terms. They are small: at the radius of the fourth order the cubic term is 7.0\u202f% to 7.0\u202f% of the even ones (medians of the places). The controls answer as they must: the even function has 0 odd directions of 3, with cubic terms 3 of 3.'
    )
    expect(evenVerdict(rows([1], { oddDirections: 2 }))).toContain('At no place have most directions odd terms.')
    expect(evenFindings(rows([1]))[0]).toBe(
      'a net, step 4: in 8 of 8 eigenvectors an odd coefficient is beyond its error; the third-order term is 7.0\u202f% of the even ones at the radius of the fourth order (median).'
    )
    expect(evenFindings(rows([1], { odd: null }))[0]).toContain('no finite radius of the fourth order')
  })

  it('does not say that controls answer as they must where they do not', () => {
    const wrong = { ...rows([1]), places: [place(), { ...controls[0], oddDirections: 1 }, controls[1]] }
    expect(evenVerdict(wrong)).toContain('The controls do not answer as they must')
    expect(controlFindings(rows([1], { failedChecks: 'scales agreement' }))[1]).toBe(
      'Checks that do not hold: a net, step 4: scales agreement.'
    )
    expect(controlFindings(rows([1]))[1]).toBe('All checks of all analyses hold.')
    const rough = { ...rows([1]), places: [place({ fractionalSlope: -0.9 })] }
    expect(controlFindings(rough)[0]).toContain('do not return their slope')
  })
})
