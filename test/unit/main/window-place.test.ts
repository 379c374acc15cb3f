// Where windows open: as they were, unless that cannot be seen; apart for each arrangement of displays.
import { describe, expect, it } from 'vitest'
import { choosePlace, displaysKey, noPlaces, placesSchema, withPlace, type DisplayPlace } from '../../../src/main/window-place'

const display = (x: number, y: number, width: number, height: number, scaleFactor = 1): DisplayPlace => ({
  bounds: { x, y, width, height },
  workArea: { x, y: y + 30, width, height: height - 30 },
  scaleFactor
})
const laptop = display(0, 0, 1440, 900)
const desk = display(1440, 0, 2560, 1440)
const usual = { bounds: { width: 1360, height: 880 }, maximized: false, fullScreen: false }
const place = (x: number, y: number, width = 1000, height = 700) => ({
  bounds: { x, y, width, height },
  maximized: false,
  fullScreen: false
})

describe('where a window opens', () => {
  it('has its usual size at first', () => {
    expect(choosePlace(noPlaces, [laptop])).toEqual(usual)
  })

  it('is where it was, maximised or full-screen too', () => {
    const there = { ...place(100, 80), maximized: true, fullScreen: true }
    expect(choosePlace(withPlace(noPlaces, [laptop], there), [laptop])).toEqual(there)
  })

  it('is remembered apart for each arrangement of displays, in whatever order they are told', () => {
    const both = withPlace(withPlace(noPlaces, [laptop], place(100, 80)), [laptop, desk], place(2000, 100))
    expect(choosePlace(both, [laptop]).bounds).toMatchObject({ x: 100 })
    expect(choosePlace(both, [desk, laptop]).bounds).toMatchObject({ x: 2000 })
    expect(choosePlace(both, [display(0, 0, 1440, 900, 2)])).toEqual(usual)
    expect(displaysKey([laptop, desk])).toBe(displaysKey([desk, laptop]))
  })

  it.each([
    ['beyond the right edge', place(1430, 80)],
    ['beyond the left edge', place(-990, 80)],
    ['above the work area', place(100, 0)],
    ['below it', place(100, 890)],
    ['on a display that is gone', place(5000, 100)]
  ])('is the usual one when its title bar would be %s', (_where, there) => {
    expect(choosePlace(withPlace(noPlaces, [laptop], there), [laptop])).toEqual(usual)
  })

  it('is kept when a part can be gripped, and made no larger than the display', () => {
    expect(choosePlace(withPlace(noPlaces, [laptop], place(1300, 100)), [laptop]).bounds).toEqual({
      x: 1300,
      y: 100,
      width: 1000,
      height: 700
    })
    expect(choosePlace(withPlace(noPlaces, [laptop], place(0, 40, 4000, 3000)), [laptop]).bounds).toEqual({
      x: 0,
      y: 40,
      width: 1440,
      height: 870
    })
  })

  it('of another window is beside the first, neither maximised nor full-screen', () => {
    const there = { ...place(100, 80), maximized: true }
    expect(choosePlace(withPlace(noPlaces, [laptop], there), [laptop], there.bounds)).toEqual({
      bounds: { x: 128, y: 108, width: 1000, height: 700 },
      maximized: false,
      fullScreen: false
    })
  })

  it('keeps the newest twenty arrangements', () => {
    let places = noPlaces
    for (let k = 0; k < 30; k++) places = withPlace(places, [display(0, 0, 1000 + k, 900)], place(1, 40))
    places = withPlace(places, [display(0, 0, 1015, 900)], place(2, 40))
    expect(places.places).toHaveLength(20)
    expect(places.places.at(-1)).toMatchObject({ displays: '0,0 1015x900 @1', place: { bounds: { x: 2 } } })
    expect(placesSchema.parse(places)).toEqual(places)
  })

  it.each([
    {},
    { version: 2, places: [] },
    { version: 1, places: [{ displays: 'a', place: { ...place(1, 1), bounds: { x: 0, y: 0, width: 0, height: 5 } } }] },
    { version: 1, places: [{ displays: 'a', place: { ...place(1, 1), bounds: { x: 0.5, y: 0, width: 5, height: 5 } } }] }
  ])('a file that says something else is none: %j', (value) => {
    expect(placesSchema.safeParse(value).success).toBe(false)
  })
})
