// The work on the secular equation of one merge, shared among the threads: roots, corrected weights, vectors (see assembly/secular.ts).
import { task } from '../team'

export const solveSecularRoots = task(['count', 'poles', 'components', 'rho', 'deltas', 'stride', 'roots'], (on, p) => {
  const roots = new Float64Array(on.memory.buffer, p.roots, p.count)
  const step = 8
  for (let from = step * on.nextTile(); from < p.count && !on.cancelled(); from = step * on.nextTile())
    for (let j = from; j < Math.min(p.count, from + step); j++)
      roots[j] = on.kernels.solveSecular(p.count, j, p.poles, p.components, p.rho, p.deltas + 8 * j * p.stride)
})

export const correctSecularWeights = task(['count', 'poles', 'components', 'deltas', 'stride', 'weights'], (on, p) => {
  const step = 64
  for (let from = step * on.nextTile(); from < p.count && !on.cancelled(); from = step * on.nextTile())
    on.kernels.correctWeights(p.count, from, Math.min(p.count, from + step), p.deltas, p.stride, p.poles, p.components, p.weights)
})

/** Forms the vectors of the roots listed at `rows` (int32), each in its row of `deltas`. */
export const formSecularVectors = task(['count', 'weights', 'order', 'deltas', 'stride', 'rows', 'rowCount'], (on, p) => {
  const rows = new Int32Array(on.memory.buffer, p.rows, p.rowCount)
  const step = 8
  for (let from = step * on.nextTile(); from < p.rowCount && !on.cancelled(); from = step * on.nextTile())
    for (let t = from; t < Math.min(p.rowCount, from + step); t++)
      on.kernels.formSecularVector(p.count, p.deltas + 8 * rows[t] * p.stride, p.weights, p.order, on.packedA)
})
