// Which tiles a matrix' view needs, how views move, and what rows and columns are called.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matrixSides } from '../../../src/renderer/charts/tile-sides'
import {
  clampView,
  coarsestLevel,
  entryAt,
  fitView,
  halved,
  levelOf,
  levelSize,
  panBy,
  revealView,
  tileKey,
  tilesInView,
  tileSize,
  wheelMeaning,
  zoomAt
} from '../../../src/renderer/charts/tiles'

const square = (size: number) => ({ rows: size, columns: size })

describe('levels', () => {
  it('halve until one tile holds everything', () => {
    expect(coarsestLevel(square(512))).toBe(0)
    expect(coarsestLevel(square(513))).toBe(1)
    expect(coarsestLevel(square(8000))).toBe(4)
    expect(coarsestLevel({ rows: 2100, columns: 210 })).toBe(3)
    expect(levelSize(8000, 4)).toBe(500)
  })

  it('give every cell a device pixel of its own, so that none is averaged away', () => {
    expect(levelOf(1, 1, square(8000))).toBe(0)
    expect(levelOf(3, 1, square(8000))).toBe(0)
    expect(levelOf(0.5, 1, square(8000))).toBe(1)
    expect(levelOf(0.5, 2, square(8000))).toBe(0)
    expect(levelOf(0.26, 1, square(8000))).toBe(2)
    fc.assert(
      fc.property(fc.double({ min: 0.02, max: 60, noNaN: true }), fc.constantFrom(1, 1.25, 2), (scale, ratio) => {
        expect(2 ** levelOf(scale, ratio, square(20_000)) * scale * ratio).toBeGreaterThanOrEqual(1 - 1e-6)
      })
    )
  })

  it('beyond the stored ones keep the entry of largest magnitude, a NaN before all', () => {
    const tile = { rows: 3, columns: 3, values: Float32Array.of(1, -2, 3, 0.5, 1, -9, 4, NaN, -1) }
    expect(halved(tile)).toEqual({ rows: 2, columns: 2, values: Float32Array.of(-2, -9, NaN, -1) })
  })
})

describe('tilesInView', () => {
  it('covers exactly the entries in view, each tile once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9000 }),
        fc.integer({ min: 1, max: 9000 }),
        fc.double({ min: -200, max: 9200, noNaN: true }),
        fc.double({ min: -200, max: 9200, noNaN: true }),
        fc.double({ min: 0.05, max: 40, noNaN: true }),
        (rows, columns, x, y, scale) => {
          const room = { width: 700, height: 500 }
          const extent = { rows, columns }
          const level = levelOf(scale, 1, extent)
          const places = tilesInView({ x, y, scale }, room, extent, level)
          expect(new Set(places.map(tileKey)).size).toBe(places.length)
          for (const { row, column } of places) {
            expect(row).toBeLessThan(Math.ceil(levelSize(rows, level) / tileSize))
            expect(column).toBeLessThan(Math.ceil(levelSize(columns, level) / tileSize))
          }
          for (const [px, py] of [
            [0, 0],
            [room.width - 1, room.height - 1],
            [room.width / 2, room.height / 2]
          ]) {
            const entry = entryAt({ x, y, scale }, px, py, extent)
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
  const extent = square(1000)
  const room = { width: 600, height: 400 }
  it('fit the whole matrix', () => {
    const view = fitView(extent, room)
    expect(view.scale).toBe(0.4)
    expect(entryAt(view, 300, 200, extent)).toEqual({ row: 500, column: 500 })
    expect(entryAt(view, 10, 200, extent)).toBeNull()
  })

  it('zoom about the entry under the pointer, from the whole to single entries', () => {
    const view = fitView(extent, room)
    const closer = zoomAt(view, 7, [250, 120], extent, room)
    expect(closer.x + 250 / closer.scale).toBeCloseTo(view.x + 250 / view.scale, 9)
    expect(closer.y + 120 / closer.scale).toBeCloseTo(view.y + 120 / view.scale, 9)
    expect(zoomAt(view, 1e9, [300, 200], extent, room).scale).toBe(48)
    expect(zoomAt(closer, 1e-9, [0, 0], extent, room)).toEqual(view)
    // A matrix of few entries is not made smaller than the canvas.
    expect(fitView(square(2), room).scale).toBe(200)
  })

  it('never leave the matrix, however they are moved', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: -1e5, max: 1e5, noNaN: true }),
        fc.double({ min: -1e5, max: 1e5, noNaN: true }),
        fc.double({ min: 1e-3, max: 100, noNaN: true }),
        (rows, columns, dx, dy, scale) => {
          const any = { rows, columns }
          const { x, y, scale: now } = panBy({ x: 0, y: 0, scale }, dx, dy, any, room)
          for (const [at, size, pixels] of [
            [x, columns, room.width],
            [y, rows, room.height]
          ]) {
            const seen = pixels / now
            if (seen >= size) expect(at).toBeCloseTo((size - seen) / 2, 6)
            else {
              expect(at).toBeGreaterThanOrEqual(0)
              expect(at + seen).toBeLessThanOrEqual(size + 1e-6)
            }
          }
          expect(clampView({ x, y, scale: now }, any, room)).toEqual({ x, y, scale: now })
        }
      )
    )
  })

  it('bring an entry to the middle, or as near as the edge allows', () => {
    const shown = revealView(fitView(extent, room), { row: 500, column: 3 }, extent, room)
    expect(entryAt(shown, shown.scale * 3.5, 200, extent)).toEqual({ row: 500, column: 3 })
    expect(shown.x).toBe(0)
  })
})

describe('a turn of the wheel', () => {
  const plain = { deltaX: 0, deltaY: 100, deltaMode: 0, ctrlKey: false, metaKey: false, shiftKey: false }
  it('of a mouse zooms, two fingers move, pinching zooms', () => {
    expect(wheelMeaning({ ...plain, wheelDeltaY: -120 })).toBe('zoom')
    expect(wheelMeaning({ ...plain, deltaY: 3, deltaMode: 1 })).toBe('zoom')
    expect(wheelMeaning({ ...plain, deltaY: 7, wheelDeltaY: -21 })).toBe('pan')
    expect(wheelMeaning({ ...plain, deltaX: 2, deltaY: 0, wheelDeltaY: 0 })).toBe('pan')
    expect(wheelMeaning({ ...plain, deltaY: 7, wheelDeltaY: -21, ctrlKey: true })).toBe('zoom')
    expect(wheelMeaning({ ...plain, shiftKey: true, wheelDeltaY: -120 })).toBe('pan')
  })
})

describe('rows and columns', () => {
  const model = { layers: [2, 3, 2], bias: true }
  const whole = { rows: 17, columns: 17, units: 1, model, block: 'full' }
  it('are found by number or name, wrong ones in one sentence', () => {
    const sides = matrixSides(whole, 'stored')
    expect(sides.find('row', ' 16 ')).toBe(16)
    expect(sides.find('row', 'W1[1, 2]')).toBe(5)
    expect(sides.find('column', 'b1[0]')).toBe(6)
    expect(sides.find('column', 'w2[3,1]')).toMatchObject({ fault: 'The inputs of W2 are 0 to 2.' })
    expect(sides.find('row', '17')).toEqual({ fault: 'There is no row 17: they are 0 to 16.' })
    expect(sides.find('row', '-1')).toEqual({ fault: 'There is no row -1: they are 0 to 16.' })
    expect(sides.find('row', '1.5')).toEqual({ fault: '1.5 is no whole number: rows are 0 to 16.' })
    expect(sides.find('row', 'W7[0, 0]')).toEqual({ fault: 'There is no W7 here: there are W1, b1, W2, b2.' })
    expect(sides.find('row', 'W1[0]')).toEqual({ fault: 'A weight has two places: W1[0, unit].' })
    expect(sides.find('row', 'b1[0, 1]')).toEqual({ fault: 'A bias has one place: b1[0].' })
    expect(sides.find('row', 'abc')).toMatchObject({ fault: expect.stringContaining('is no number and no weight such as') })
    expect(sides.find('column', '')).toMatchObject({ fault: expect.stringContaining('a number from 0 to 16') })
    expect(matrixSides({ ...whole, model: null }, 'stored').find('row', 'W1[0, 0]')).toMatchObject({
      fault: expect.stringContaining('no names')
    })
  })

  it('by unit have the weights of a unit side by side, its bias last, layer after layer', () => {
    const sides = matrixSides(whole, 'unit')
    const names = Array.from({ length: 17 }, (_, place) => sides.rowName(place))
    expect(names).toEqual([
      ...[0, 1, 2].flatMap((unit) => [`W1[0, ${unit}]`, `W1[1, ${unit}]`, `b1[${unit}]`]),
      ...[0, 1].flatMap((unit) => [`W2[0, ${unit}]`, `W2[1, ${unit}]`, `W2[2, ${unit}]`, `b2[${unit}]`])
    ])
    for (let stored = 0; stored < 17; stored++) expect(sides.stored(sides.place(stored))).toBe(stored)
    expect(sides.find('row', 'b1[0]')).toBe(2)
    expect(sides.find('row', '6')).toBe(2)
    expect(sides.groups.rows.map(({ at }) => at)).toEqual([0, 3, 6, 9, 13])
    expect(sides.layers.columns.map(({ at }) => at)).toEqual([0, 9])
    expect(matrixSides(whole, 'stored').groups.rows.map(({ at }) => at)).toEqual([0, 3, 6, 9, 11, 13, 15])
  })

  it('of unit blocks are those of each unit, one below the other', () => {
    const sides = matrixSides({ rows: 8, columns: 4, units: 2, model, block: 'W2' }, 'stored')
    expect(Array.from({ length: 8 }, (_, place) => sides.rowName(place))).toEqual(
      [0, 1].flatMap((unit) => [`W2[0, ${unit}]`, `W2[1, ${unit}]`, `W2[2, ${unit}]`, `b2[${unit}]`])
    )
    expect(sides.columnName(1)).toBe('W2[1, ·]')
    expect(sides.find('row', 'W2[1, 1]')).toBe(5)
    expect(sides.find('column', 'W2[1, 1]')).toBe(1)
    expect(sides.find('column', '4')).toEqual({ fault: 'There is no column 4: they are 0 to 3.' })
  })
})
