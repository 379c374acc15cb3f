// Contour lines of values on a grid, by marching squares, and where their levels lie.
import { symlog, symlogInverse } from './scale'

export type LevelKind = 'log' | 'symlog' | 'linear'

export interface LevelScale {
  readonly kind: LevelKind
  forward(value: number): number
  backward(place: number): number
  readonly low: number
  readonly high: number
}

/**
 * The scale on which levels are evenly spaced. `log`: above the lowest value on the grid; `symlog`: about zero; both resolve `decades` below the largest.
 * Values that are not finite do not count; the lowest and highest of what is left frame it.
 */
export function levelScale(values: ArrayLike<number>, kind: LevelKind, decades: number): LevelScale {
  let lowest = Infinity
  let highest = -Infinity
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue
    if (values[i] < lowest) lowest = values[i]
    if (values[i] > highest) highest = values[i]
  }
  if (lowest > highest) [lowest, highest] = [0, 1]
  if (lowest === highest) highest = lowest + 1
  const frame = (forward: (value: number) => number, backward: (place: number) => number): LevelScale => ({
    kind,
    forward,
    backward,
    low: forward(lowest),
    high: forward(highest)
  })
  if (kind === 'linear')
    return frame(
      (value) => value,
      (place) => place
    )
  if (kind === 'log') {
    const floor = (highest - lowest) * 10 ** -decades
    return frame(
      (value) => Math.log10(Math.max(0, value - lowest) + floor),
      (place) => lowest + 10 ** place - floor
    )
  }
  const constant = Math.max(Math.abs(lowest), Math.abs(highest)) * 10 ** -decades
  return frame(
    (value) => symlog(value, constant),
    (place) => symlogInverse(place, constant)
  )
}

/** `count` levels strictly inside the scale. */
export function contourLevels(scale: LevelScale, count: number): number[] {
  return Array.from({ length: count }, (_, i) => scale.backward(scale.low + ((i + 1) / (count + 1)) * (scale.high - scale.low)))
}

/** Which of a square's sides each of the 16 cases joins: 0 top, 1 right, 2 bottom, 3 left. Bits: 1 top left, 2 top right, 4 bottom right, 8 bottom left. */
const cases: readonly (readonly number[])[] = [
  [],
  [3, 0],
  [0, 1],
  [3, 1],
  [1, 2],
  [],
  [0, 2],
  [3, 2],
  [2, 3],
  [2, 0],
  [],
  [2, 1],
  [1, 3],
  [1, 0],
  [0, 3],
  []
]

/**
 * Line segments [x0, y0, x1, y1, …] of one level, in grid units (column, row) of the row-major values. Saddle squares are resolved by the
 * mean of their corners. Squares with a corner that is not finite are left out.
 */
export function contourSegments(values: ArrayLike<number>, width: number, height: number, level: number): number[] {
  const segments: number[] = []
  for (let row = 0; row < height - 1; row++) {
    for (let column = 0; column < width - 1; column++) {
      const at = row * width + column
      const a = values[at] - level
      const b = values[at + 1] - level
      const c = values[at + width + 1] - level
      const d = values[at + width] - level
      const kind = (a > 0 ? 1 : 0) | (b > 0 ? 2 : 0) | (c > 0 ? 4 : 0) | (d > 0 ? 8 : 0)
      if (kind === 0 || kind === 15 || !Number.isFinite(a + b + c + d)) continue
      const side = (which: number): [number, number] =>
        which === 0
          ? [column + a / (a - b), row]
          : which === 1
            ? [column + 1, row + b / (b - c)]
            : which === 2
              ? [column + d / (d - c), row + 1]
              : [column, row + a / (a - d)]
      const join = (from: number, to: number) => segments.push(...side(from), ...side(to))
      if (kind === 5 || kind === 10) {
        const joined = a + b + c + d > 0 === (kind === 5)
        join(0, joined ? 1 : 3)
        join(2, joined ? 3 : 1)
      } else join(cases[kind][0], cases[kind][1])
    }
  }
  return segments
}

/** The segments as an SVG path, grid units mapped by `x` and `y`. */
export function segmentsPath(segments: readonly number[], x: (column: number) => number, y: (row: number) => number): string {
  const parts: string[] = []
  for (let i = 0; i < segments.length; i += 4)
    parts.push(
      `M${x(segments[i]).toFixed(1)} ${y(segments[i + 1]).toFixed(1)}L${x(segments[i + 2]).toFixed(1)} ${y(segments[i + 3]).toFixed(1)}`
    )
  return parts.join('')
}
