// Which tiles a view needs, and how views move.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  coarsestLevel,
  entryAt,
  fitView,
  levelOf,
  levelSize,
  tileKey,
  tilesInView,
  tileSize,
  zoomAt
} from '../../../src/renderer/charts/tiles'

describe('levels', () => {
  it('halve until one tile holds everything', () => {
    expect(coarsestLevel(512)).toBe(0)
    expect(coarsestLevel(513)).toBe(1)
    expect(coarsestLevel(8000)).toBe(4)
    expect(levelSize(8000, 4)).toBe(500)
  })

  it('give every canvas pixel its own entry, until the coarsest', () => {
    expect(levelOf(1, 8000)).toBe(0)
    expect(levelOf(3, 8000)).toBe(0)
    expect(levelOf(0.5, 8000)).toBe(1)
    expect(levelOf(0.26, 8000)).toBe(1)
    expect(levelOf(0.001, 8000)).toBe(4)
  })
})

describe('tilesInView', () => {
  it('covers exactly the entries in view, each tile once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9000 }),
        fc.double({ min: -200, max: 9200, noNaN: true }),
        fc.double({ min: -200, max: 9200, noNaN: true }),
        fc.double({ min: 0.05, max: 40, noNaN: true }),
        (size, x, y, scale) => {
          const [width, height] = [700, 500]
          const level = levelOf(scale, size)
          const places = tilesInView({ x, y, scale }, width, height, size, level)
          expect(new Set(places.map(tileKey)).size).toBe(places.length)
          const count = Math.ceil(levelSize(size, level) / tileSize)
          for (const { row, column } of places) {
            expect(row).toBeLessThan(count)
            expect(column).toBeLessThan(count)
          }
          for (const [px, py] of [
            [0, 0],
            [width - 1, height - 1],
            [width / 2, height / 2]
          ]) {
            const entry = entryAt({ x, y, scale }, px, py, size)
            if (!entry) continue
            const span = tileSize * 2 ** level
            expect(
              places.some((place) => place.row === Math.floor(entry.row / span) && place.column === Math.floor(entry.column / span))
            ).toBe(true)
          }
        }
      )
    )
  })
})

describe('views', () => {
  it('fit the whole matrix', () => {
    const view = fitView(1000, 600, 400)
    expect(view.scale).toBe(0.4)
    expect(entryAt(view, 300, 200, 1000)).toEqual({ row: 500, column: 500 })
    expect(entryAt(view, 10, 200, 1000)).toBeNull()
  })

  it('zoom about the entry under the pointer, within bounds', () => {
    const view = fitView(1000, 600, 400)
    const closer = zoomAt(view, 7, 250, 120, 1000, 600, 400)
    expect(closer.x + 250 / closer.scale).toBeCloseTo(view.x + 250 / view.scale, 9)
    expect(closer.y + 120 / closer.scale).toBeCloseTo(view.y + 120 / view.scale, 9)
    expect(zoomAt(view, 1e9, 0, 0, 1000, 600, 400).scale).toBe(48)
    expect(zoomAt(view, 1e-9, 0, 0, 1000, 600, 400).scale).toBeCloseTo(0.32, 12)
  })
})
