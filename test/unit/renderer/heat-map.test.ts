// The geometry of a heat map: borders on the axes' own scales, which cell is where, colours by rank of goodness, neighbours.
import { describe, expect, it } from 'vitest'
import {
  barOf,
  bordersOf,
  cellAt,
  colourScale,
  isGrid,
  neighbour,
  readableOn,
  sideOf,
  strengthOf,
  suggestedColours,
  type HeatAxis,
  type HeatCell
} from '../../../src/renderer/charts/heat-map'

const x: HeatAxis = { label: 'x', kind: 'log', values: [0.01, 0.1, 1] }
const y: HeatAxis = { label: 'y', kind: 'linear', values: [5, 25, 50] }
const cells: HeatCell[] = y.values.flatMap((up, row) =>
  x.values.map((across, column) => ({ id: 3 * row + column, x: across, y: up, value: 1 + 3 * row + column, partial: false, failed: false }))
)

describe('places', () => {
  it('have borders halfway between neighbours, as far out at the ends', () => {
    expect(bordersOf([0, 2, 6])).toEqual([-1, 1, 4, 8])
    expect(bordersOf([3])).toEqual([2.5, 3.5])
    const side = sideOf(x, true)
    expect(side.borders.map((place) => Number(place.toFixed(6)))).toEqual([-2.5, -1.5, -0.5, 0.5])
  })
  it('are evenly spaced where to scale some cells could not be seen', () => {
    const side = sideOf({ label: 'x', kind: 'log', values: [0.05, 0.2, 1e200] }, true)
    expect(side).toMatchObject({ even: true, places: [0, 1, 2], borders: [-0.5, 0.5, 1.5, 2.5] })
    expect(sideOf(x, true).even).toBe(false)
    expect(sideOf(y, true).even).toBe(false)
  })
  it('belong to the cell whose borders are around them', () => {
    const sides = { x: sideOf(x, true), y: sideOf(y, true) }
    const at = (across: number, up: number) => cellAt(cells, { x: Math.log10(across), y: up }, sides, { x, y }, 0)?.id ?? null
    expect(at(0.01, 5)).toBe(0)
    expect(at(0.03, 14)).toBe(0)
    expect(at(0.04, 16)).toBe(4)
    expect(at(2.9, 60)).toBe(8)
    expect(at(4, 5)).toBeNull()
  })
  it('of points drawn at random belong to the nearest one within reach', () => {
    const drawn = [0.01, 0.1, 1].map((across, id) => ({ id, x: across, y: [5, 50, 25][id], value: 1, partial: false, failed: false }))
    expect(isGrid(cells, x, y)).toBe(true)
    expect(isGrid(drawn, x, y)).toBe(false)
    const sides = { x: sideOf(x, false), y: sideOf(y, false) }
    expect(cellAt(drawn, { x: -1.02, y: 49 }, sides, { x, y }, 0.05)?.id).toBe(1)
    expect(cellAt(drawn, { x: -1.5, y: 30 }, sides, { x, y }, 0.05)).toBeNull()
  })
  it('have neighbours along each axis, none beyond the edge', () => {
    const walk = (id: number, step: 'left' | 'right' | 'up' | 'down') => neighbour(cells, id, step, x, y)
    expect([walk(4, 'left'), walk(4, 'right'), walk(4, 'up'), walk(4, 'down')]).toEqual([3, 5, 7, 1])
    expect([walk(0, 'left'), walk(8, 'up'), walk(2, 'right')]).toEqual([0, 8, 2])
    expect(
      neighbour(
        cells.filter(({ id }) => id !== 4),
        3,
        'right',
        x,
        y
      )
    ).toBe(5)
  })
})

describe('colours', () => {
  it('are deepest for the best by either goal, and the same in between on a logarithmic scale', () => {
    const low = colourScale(cells, 'min', 'linear')
    const high = colourScale(cells, 'max', 'log')
    if (!low || !high) throw new Error('no scale')
    expect(strengthOf(low, 1)).toBe(1)
    expect(strengthOf(low, 9)).toBeCloseTo(0.07)
    expect(strengthOf(high, 9)).toBeCloseTo(1)
    expect(strengthOf(high, 3)).toBeCloseTo((0.07 + 1) / 2)
    const { from, to, ticks } = barOf(high)
    expect([from, to]).toEqual([strengthOf(high, 1), strengthOf(high, 9)])
    expect(ticks.map(({ value }) => Number(value.toFixed(4)))).toEqual([1, 1.7321, 3, 5.1962, 9])
  })
  it('are linear where a value is not above zero, or none is given', () => {
    expect(colourScale([{ ...cells[0], value: -1 }, cells[1]], 'min', 'log')?.kind).toBe('linear')
    expect(colourScale([{ ...cells[0], value: null }], 'min', 'log')).toBeNull()
    expect(
      suggestedColours([
        { ...cells[0], value: 1 },
        { ...cells[1], value: 11 }
      ])
    ).toBe('log')
    expect(
      suggestedColours([
        { ...cells[0], value: 1 },
        { ...cells[1], value: 9 }
      ])
    ).toBe('linear')
  })
  it('carry the text that stands out more', () => {
    expect(readableOn('rgb(20,30,60)', { text: '#171b22', surface: '#ffffff' })).toBe('#ffffff')
    expect(readableOn('#e0e8f8', { text: '#171b22', surface: '#ffffff' })).toBe('#171b22')
  })
})
