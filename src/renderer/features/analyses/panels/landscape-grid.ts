// The loss plane as a contour plot takes it: rows from the top, the path as points, its numbers as a table. Pure.
import type { PlotTable } from '../../../charts/table'
import type { ArrayValues } from '../arrays'

/** Rows v ascending become rows from the top (largest v first). */
export function fromTop({ shape, data }: ArrayValues): Float64Array {
  const [rows, columns] = shape
  const turned = new Float64Array(data.length)
  for (let row = 0; row < rows; row++) turned.set(data.subarray(row * columns, (row + 1) * columns), (rows - 1 - row) * columns)
  return turned
}

export const endsOf = (values: ArrayLike<number>): [number, number] => [values[0], values[values.length - 1]]

/** Wide enough for the plane and the path together. */
export function viewOf(u: ArrayLike<number>, v: ArrayLike<number>): [number, number, number, number] {
  return [...endsOf(u), ...endsOf(v)]
}

/** The grid's value nearest to a place, null outside of it. */
export function lossAt(loss: ArrayValues, u: ArrayLike<number>, v: ArrayLike<number>, at: { u: number; v: number }): number | null {
  const nearest = (axis: ArrayLike<number>, value: number) => {
    const [first, last] = endsOf(axis)
    const step = (last - first) / Math.max(1, axis.length - 1)
    const place = Math.round((value - first) / step)
    return place >= 0 && place < axis.length ? place : -1
  }
  const [column, row] = [nearest(u, at.u), nearest(v, at.v)]
  return column < 0 || row < 0 ? null : loss.data[row * loss.shape[1] + column]
}

/** The lowest value of the grid and where it lies. */
export function lowest(loss: ArrayValues, u: ArrayLike<number>, v: ArrayLike<number>): { u: number; v: number; loss: number } | null {
  let [best, place] = [Infinity, -1]
  for (let i = 0; i < loss.data.length; i++) if (loss.data[i] < best) [best, place] = [loss.data[i], i]
  if (place < 0) return null
  const columns = loss.shape[1]
  return { u: u[place % columns], v: v[Math.floor(place / columns)], loss: best }
}

/** The grid, a row a point of it, then the path. */
export function planeTable(
  loss: ArrayValues,
  u: ArrayLike<number>,
  v: ArrayLike<number>,
  path: { readonly points: ArrayLike<number>; readonly steps: ArrayLike<number>; readonly loss: ArrayLike<number> }
): PlotTable {
  const columns = loss.shape[1]
  const grid = Array.from(loss.data, (_, i) => i)
  const steps = Array.from(path.steps, (_, i) => i)
  return {
    header: ['what', 'step', 'u', 'v', 'loss'],
    columns: [
      [...grid.map(() => 'grid'), ...steps.map(() => 'path')],
      [...grid.map(() => ''), ...steps.map((i) => path.steps[i])],
      [...grid.map((i) => u[i % columns]), ...steps.map((i) => path.points[2 * i])],
      [...grid.map((i) => v[Math.floor(i / columns)]), ...steps.map((i) => path.points[2 * i + 1])],
      [...loss.data, ...steps.map((i) => path.loss[i])]
    ],
    note: 'every point of the grid, then the run’s path projected onto the plane'
  }
}
