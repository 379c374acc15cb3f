// Maps as the page draws them: colours, pixels that are known early, legends, ends of a part in view, basins put together, axes as words in a field.
import { describe, expect, test } from 'vitest'
import { fittedLine } from '../../../src/renderer/features/analyses/panels/box-line'
import {
  axisTitle,
  centreKind,
  edgesOf,
  knownAt,
  mapLegend,
  mapPixels,
  mapTable,
  outcomeName,
  pixelAt,
  shortEnds,
  type MapData,
  type MapPalette
} from '../../../src/renderer/features/analyses/panels/map-picture'
import { optionText } from '../../../src/renderer/features/analyses/facts'
import { optionFields, optionProblems, readOption } from '../../../src/renderer/features/analyses/options'
import { basinsOf, countOf } from '../../../src/renderer/features/playground/basin-picture'

const palette: MapPalette = {
  ground: [255, 255, 255],
  text: [0, 0, 0],
  converged: [0, 0, 200],
  other: [200, 0, 0],
  series: [
    [10, 20, 30],
    [40, 50, 60]
  ]
}
const axes = [
  { path: 'optimizer.learningRate', scale: 'log', range: null, count: 3 },
  { path: 'optimizer.momentum', scale: 'linear', range: null, count: 2 }
] as const
const data = (of: MapData['of'], outcome: number[], value: number[]): MapData => ({
  of,
  outcome: { shape: [2, 3], data: Float64Array.from(outcome) },
  value: { shape: [2, 3], data: Float64Array.from(value) },
  x: Float64Array.of(0.01, 0.1, 1),
  y: Float64Array.of(0, 0.5)
})
const at = (bytes: Uint8ClampedArray, column: number, rowFromTop: number) => [
  ...bytes.subarray(4 * (rowFromTop * 3 + column), 4 * (rowFromTop * 3 + column) + 4)
]

describe('the picture', () => {
  const picture = data('trainability', [1, 1, -1, 1, 0, -2], [-5, -9, 3, -7, 1, 2])
  test('has the last row on top, the sooner the stronger, one hue for each side, and what could not go on in grey', () => {
    const bytes = mapPixels(picture, palette)
    expect(at(bytes, 0, 1)).toEqual([0, 0, 200, 255])
    // The slowest of three that converged: three tenths of the colour over the ground.
    expect(at(bytes, 1, 1)).toEqual([178, 178, 238, 255])
    const [red, green, blue] = at(bytes, 1, 0)
    expect([red > blue, green === blue]).toEqual([true, true])
    const grey = at(bytes, 2, 0)
    expect(new Set(grey.slice(0, 3)).size).toBe(1)
  })
  test('shows a coarse pixel in place of those that are not known, and nothing where there is none', () => {
    const outcome = new Float64Array(9 * 9).fill(NaN)
    for (const i of [0, 4 * 9, 4]) outcome[i] = 1
    expect([knownAt(outcome, 9, 3, 3), knownAt(outcome, 9, 7, 1), knownAt(outcome, 9, 2, 5), knownAt(outcome, 9, 8, 8)]).toEqual([
      0, 4, 36, -1
    ])
    const nothing = mapPixels(
      data(
        'trainability',
        Array.from({ length: 6 }, () => NaN),
        Array.from({ length: 6 }, () => NaN)
      ),
      palette
    )
    expect([...nothing].every((byte) => byte === 0)).toBe(true)
  })
  test('counts its outcomes: those that did not converge together, critical points one by one', () => {
    expect(mapLegend(picture, palette, []).map(({ name }) => name)).toEqual([
      'converged: 3',
      'not converged: 2, 1 of them diverged',
      'the optimizer could not go on: 1'
    ])
    const point = { number: 1, point: Float64Array.of(3, 2), loss: 0, gradNorm: 0, negative: 0, zero: 0, pixels: 2 }
    const basins = data('basin', [1, 1, 2, 0, -1, -3], [1, 2, 3, 4, 5, 6])
    expect(mapLegend(basins, palette, [point]).map(({ name }) => name)).toEqual([
      'minimum (3, 2): 2',
      'critical point 2: 1',
      'none reached yet: 1',
      'diverged: 1',
      'another critical point: 1'
    ])
    expect(outcomeName('basin', 1, [point])).toBe('minimum (3, 2)')
    expect([1, 2].map((negative) => centreKind({ ...point, negative }))).toEqual(['saddle', 'maximum'])
    expect(centreKind({ ...point, zero: 1 })).toBe('flat minimum')
  })
  test('as a table has every pixel with its two numbers', () => {
    const { header, columns } = mapTable(picture, axes, [])
    expect(header.slice(0, 3)).toEqual(['optimizer.learningRate', 'optimizer.momentum', 'outcome'])
    expect([columns[0][4], columns[1][4], columns[2][4], columns[4][4]]).toEqual([0.1, 0.5, 0, 1])
  })
})

describe('its axes', () => {
  test('reach half a pixel beyond the first and the last', () => {
    expect(edgesOf('log', Float64Array.of(0.01, 0.1, 1)).map((one) => Number(one.toFixed(12)))).toEqual([-2.5, 0.5])
    expect([-2.51, -2.49, -1.49, 0.49, 0.51].map((place) => pixelAt('log', Float64Array.of(0.01, 0.1, 1), place))).toEqual([
      null,
      0,
      1,
      2,
      null
    ])
  })
  test('are named for people', () => {
    expect(axisTitle('optimizer.layerRates.1')).toBe('learning rate of layer 2 (optimizer.layerRates.1)')
    expect(['start.x', 'start.7', 'start.random', 'start.eigenvector.3'].map(axisTitle)).toEqual([
      'x',
      'weight 7 of the start',
      'distance along a random direction, weight',
      'distance along eigenvector 3, weight'
    ])
  })
  test('of a part in view are as short as no pixel moves by, however deep', () => {
    for (const [from, to] of [
      [0.1766386652, 3.2109381],
      [-1.23456789, 4.987654321],
      [0.123456789012345, 0.123456789012945]
    ] as const) {
      const short = shortEnds([from, to], 128)
      const pixel = (to - from) / 128
      expect(Math.abs(short[0] - from)).toBeLessThan(pixel * 1e-3)
      expect(Math.abs(short[1] - to)).toBeLessThan(pixel * 1e-3)
    }
    expect(shortEnds([0.1766386652, 3.2109381], 128)).toEqual([0.17663867, 3.2109381])
  })
  test('are written in words, and read as they are written', () => {
    const field = optionFields('map').find(({ field: { key } }) => key === 'x')!.field
    const value = { path: 'optimizer.learningRate', from: 0.1, to: 100, count: 64 }
    expect(optionText({ ...value, scale: null })).toBe('path optimizer.learningRate from 0.1 to 100 count 64')
    expect(readOption(field, optionText(value))).toEqual(value)
    expect(readOption(field, '{"count": 9}')).toEqual({ count: 9 })
    expect(optionProblems('map', { x: readOption(field, 'from 0.1 to') }).x).toHaveLength(1)
    expect(optionProblems('map', { x: readOption(field, 'colour red') }).x).toHaveLength(1)
  })
})

test('the line of box counting has the dimension as its slope', () => {
  const sides = Float64Array.of(1, 2, 4, 8)
  const counts = sides.map((side) => 100 * side ** -1.25)
  fittedLine(sides, counts, 1.25).forEach((value, k) => expect(value).toBeCloseTo(counts[k], 10))
})

test('basins are put together from passes whose critical points have numbers of their own', () => {
  const add = basinsOf(4, 2)
  const pass = (pixels: number[], outcomes: number[], centres: number[]) => ({
    pixels: Float64Array.from(pixels),
    outcomes: Float64Array.from(outcomes),
    steps: Float64Array.from(pixels, (_, k) => k),
    centres: Float64Array.from(centres)
  })
  add(pass([0, 4], [1, 2], [3, 2, 1e-8, -1, 5, 1e-9]))
  const found = add(pass([1, 2, 3], [1, 2, -1], [-1, 5.0001, 1e-7, 7, 7, 1e-7]))
  expect([...found.outcome]).toEqual([1, 2, 3, -1, 2, NaN, NaN, NaN])
  expect(found.centres.map(({ point }) => [...point])).toEqual([
    [3, 2],
    [-1, 5],
    [7, 7]
  ])
  expect([countOf(found, 2), countOf(found, -1)]).toEqual([2, 1])
})
