// Where things lie in a contour plot: values to pixels and back, panned and zoomed views, paths as lines.
import type { ContourPath } from './contour-table'
import type { PlotFrameBox } from './plot-box'

/** [x0, x1, y0, y1]. */
export type ContourView = readonly [number, number, number, number]

export interface ContourMapping {
  toX(x: number): number
  toY(y: number): number
  /** The values at a pixel. */
  at(px: number, py: number): [number, number]
}

export function contourMapping([x0, x1, y0, y1]: ContourView, box: PlotFrameBox): ContourMapping {
  return {
    toX: (x) => box.left + ((x - x0) / (x1 - x0)) * box.width,
    toY: (y) => box.top + ((y1 - y) / (y1 - y0)) * box.height,
    at: (px, py) => [x0 + ((px - box.left) / box.width) * (x1 - x0), y1 - ((py - box.top) / box.height) * (y1 - y0)]
  }
}

/** Moved with the pointer by these fractions of the plot's width and height. */
export function pannedView([x0, x1, y0, y1]: ContourView, right: number, down: number): ContourView {
  const [sx, sy] = [right * (x1 - x0), down * (y1 - y0)]
  return [x0 - sx, x1 - sx, y0 + sy, y1 + sy]
}

/** `factor` times as wide, the point given staying where it is. */
export function zoomedView([x0, x1, y0, y1]: ContourView, [x, y]: readonly [number, number], factor: number): ContourView {
  return [x + (x0 - x) * factor, x + (x1 - x) * factor, y + (y0 - y) * factor, y + (y1 - y) * factor]
}

/** A path of more points than this shows its line only. */
const mostDots = 160

/** The first steps of a path (x, y, x, y, …, the start first) as a line in pixels, its points, and where it stands. */
export function shownPath(points: ArrayLike<number>, upTo: number, { toX, toY }: ContourMapping) {
  const count = Math.min(points.length / 2, upTo + 1)
  const places = Array.from({ length: count }, (_, i) => [toX(points[2 * i]), toY(points[2 * i + 1])] as const).filter(
    ([x, y]) => Math.abs(x) < 1e5 && Math.abs(y) < 1e5
  )
  return {
    line: places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' '),
    dots: places.length <= mostDots ? places : [],
    last: places.at(-1)
  }
}

const mostNames = 5
/** Pixels between two names. */
const nameRoom = 34

/** The names that are written beside points of a path: the first and the last, and some between that do not crowd. */
export function namedPoints({ points, marks = [] }: ContourPath, { toX, toY }: ContourMapping): { x: number; y: number; name: string }[] {
  const all = marks.map((name, i) => ({ x: toX(points[2 * i]), y: toY(points[2 * i + 1]), name }))
  const last = all.length - 1
  const every = Math.max(1, Math.ceil(last / (mostNames - 1)))
  const kept: typeof all = []
  for (const [i, one] of [...all.entries()].sort(([a], [b]) => Number(b === 0 || b === last) - Number(a === 0 || a === last) || a - b)) {
    if (i !== 0 && i !== last && i % every !== 0) continue
    if (kept.every((other) => Math.hypot(other.x - one.x, other.y - one.y) >= nameRoom)) kept.push(one)
  }
  return kept
}
