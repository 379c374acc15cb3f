// Contours against curves that are known exactly.
import { describe, expect, it } from 'vitest'
import { contourLevels, contourSegments, levelScale, segmentsPath } from '../../../src/renderer/charts/contours'

const grid = (size: number, f: (x: number, y: number) => number) =>
  Float64Array.from({ length: size * size }, (_, i) => f(((i % size) / (size - 1)) * 2 - 1, 1 - (Math.floor(i / size) / (size - 1)) * 2))

describe('contourSegments', () => {
  it('of x² + y² lie on a circle and close it', () => {
    const size = 81
    const segments = contourSegments(
      grid(size, (x, y) => x * x + y * y),
      size,
      size,
      0.49
    )
    let length = 0
    for (let i = 0; i < segments.length; i += 4) {
      const points = [0, 2].map((k) => [(segments[i + k] / (size - 1)) * 2 - 1, 1 - (segments[i + k + 1] / (size - 1)) * 2])
      // Linear interpolation of a parabola over a cell of width h errs by at most h²/8 in value, h²/8/(2r) in radius.
      for (const [x, y] of points) expect(Math.hypot(x, y)).toBeCloseTo(0.7, 3)
      length += Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1])
    }
    expect(length).toBeCloseTo(2 * Math.PI * 0.7, 1)
  })

  it('of a saddle never cross, and squares that are not finite are left out', () => {
    const saddle = Float64Array.of(1, -1, -1, 1)
    expect(contourSegments(saddle, 2, 2, 0)).toHaveLength(8)
    expect(contourSegments(Float64Array.of(1, -1, Number.NaN, 1), 2, 2, 0)).toEqual([])
    expect(contourSegments(Float64Array.of(1, Infinity, 0, 1), 2, 2, 0.5)).toEqual([])
    expect(contourSegments(Float64Array.of(1, 1, 1, 1), 2, 2, 0.5)).toEqual([])
  })

  it('become a path in the coordinates given', () => {
    expect(
      segmentsPath(
        [0, 1, 2, 3],
        (column) => column * 10,
        (row) => 100 - row
      )
    ).toBe('M0.0 99.0L20.0 97.0')
  })
})

describe('levels', () => {
  it('are inside the range, ascending, and denser towards the minimum on a logarithmic scale', () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => i * i)
    for (const kind of ['log', 'linear', 'symlog'] as const) {
      const levels = contourLevels(levelScale(values, kind, 4), 12)
      expect(levels).toHaveLength(12)
      expect(levels[0]).toBeGreaterThan(0)
      expect(levels[11]).toBeLessThan(9801)
      levels.slice(1).forEach((level, i) => expect(level).toBeGreaterThan(levels[i]))
    }
    const log = contourLevels(levelScale(values, 'log', 4), 12)
    expect(log[1] - log[0]).toBeLessThan(log[11] - log[10])
  })

  it('a flat or empty grid gives levels all the same', () => {
    expect(contourLevels(levelScale([5, 5], 'log', 3), 3).every(Number.isFinite)).toBe(true)
    expect(contourLevels(levelScale([Number.NaN], 'symlog', 3), 3).every(Number.isFinite)).toBe(true)
  })
})
