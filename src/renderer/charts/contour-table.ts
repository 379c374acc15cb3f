// The paths over a contour plot as a table.
import type { PlotTable } from './table'

export interface ContourPath {
  readonly id: string
  readonly name: string
  readonly colour: string
  /** x, y of each step, the start first. */
  readonly points: ArrayLike<number>
  /** What its points are called, such as the steps; a few of them are written beside them. */
  readonly marks?: readonly string[]
}

/** One row a step of each path; `variables`: what the two coordinates are called. */
export function pathTable(paths: readonly ContourPath[], variables: readonly [string, string]): PlotTable {
  const rows = paths.flatMap((path) =>
    Array.from({ length: path.points.length / 2 }, (_, i) => ({
      name: path.name,
      step: i,
      x: path.points[2 * i],
      y: path.points[2 * i + 1]
    }))
  )
  return {
    header: ['optimizer', 'step', ...variables],
    columns: [rows.map((row) => row.name), rows.map((row) => row.step), rows.map((row) => row.x), rows.map((row) => row.y)],
    note: 'the steps of each optimizer'
  }
}
