// Symmetric tridiagonal eigenproblem by divide and conquer (Cuppen 1981; Gu & Eisenstat 1995; organized like LAPACK's dlaed1–3): leaves by implicit
// QL, merges by a secular equation with deflation, vectors updated by matrix products.
import { task, type Team } from '../team'
import { at, JobError, part, type Block } from './block'
import { deflate, kind, type Deflated } from './deflate'
import { multiply, triangle } from './product'
import { copyRows, gatherRows } from './rows'
import { negligibleCoupling } from './tridiagonalize'

const leafSize = 32

/** Addresses of n numbers each. */
export interface ConquerVectors {
  readonly poles: number
  readonly components: number
  readonly weights: number
  /** Used as int32. */
  readonly indices: number
}

/** Numbers of work space beyond the vectors themselves. */
export function conquerWorkspace(order: number): number {
  return order * order + order + 64
}

/** Rows from `start` on; ascending[i] is the row (counted from start) of the i-th smallest value. */
interface Solved {
  readonly start: number
  readonly size: number
  readonly ascending: number[]
}

/** Sizes of the leaves: the matrix is halved until every part is small. */
function leafSizes(order: number): number[] {
  if (order <= leafSize) return [order]
  const first = Math.floor(order / 2)
  return [...leafSizes(first), ...leafSizes(order - first)]
}

function leafStarts(order: number): number[] {
  let start = 0
  return leafSizes(order).map((size) => (start += size) - size)
}

/** Every thread computes the same leaf bounds from the order. Sets failed[0] when an iteration does not converge. */
export const solveLeaves = task(['order', 'diagonal', 'coupling', 'vectors', 'stride', 'failed'], (on, p) => {
  const starts = leafStarts(p.order)
  const heap = new Float64Array(on.memory.buffer)
  for (let leaf = on.nextTile(); leaf < starts.length && !on.cancelled(); leaf = on.nextTile()) {
    const start = starts[leaf]
    const size = (starts[leaf + 1] ?? p.order) - start
    const block = p.vectors + 8 * start * (p.stride + 1)
    for (let i = 0; i < size; i++) heap[block / 8 + i * (p.stride + 1)] = 1
    for (let l = 0; l < size; l++) {
      const bad = on.kernels.isolateEigenvalue(
        size,
        l,
        p.diagonal + 8 * start,
        p.coupling + 8 * start,
        negligibleCoupling,
        block,
        p.stride,
        size
      )
      if (bad !== 0) heap[p.failed / 8] = 1
    }
  }
})

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

export const formSecularVectors = task(['count', 'weights', 'order', 'deltas', 'stride'], (on, p) => {
  const step = 8
  for (let from = step * on.nextTile(); from < p.count && !on.cancelled(); from = step * on.nextTile())
    for (let j = from; j < Math.min(p.count, from + step); j++)
      on.kernels.formSecularVector(p.count, p.deltas + 8 * j * p.stride, p.weights, p.order, on.packedA)
})

/** Merges two ascending lists of rows. */
function mergeAscending(first: readonly number[], second: readonly number[], d: Float64Array): number[] {
  const merged: number[] = []
  let i = 0
  let j = 0
  while (i < first.length || j < second.length) {
    if (j === second.length || (i < first.length && d[first[i]] <= d[second[j]])) merged.push(first[i++])
    else merged.push(second[j++])
  }
  return merged
}

/**
 * Eigenpairs of the tridiagonal matrix with `diagonal` and `coupling` (addresses; largest entry about 1, both overwritten): row i of `vectors`
 * (order × order, zeroed) becomes the vector of diagonal[i]. Returns the rows by ascending value. `square`: conquerWorkspace numbers.
 */
export function divideAndConquer(
  team: Team,
  diagonal: number,
  coupling: number,
  vectors: Block,
  square: number,
  work: ConquerVectors
): number[] {
  const order = vectors.rows
  const view = (address: number, length: number) => new Float64Array(team.memory.buffer, address, length)
  const d = view(diagonal, order)
  const e = view(coupling, order)
  const starts = leafStarts(order)
  const cut = e.slice()
  for (const start of starts.slice(1)) {
    const size = Math.abs(cut[start - 1])
    d[start - 1] -= size
    d[start] -= size
    e[start - 1] = 0
  }
  const failed = view(work.weights, 1)
  failed[0] = 0
  const leaves = { order, diagonal, coupling, vectors: vectors.address, stride: vectors.stride, failed: work.weights }
  team.run(solveLeaves, leaves, order >= 256)
  if (failed[0] !== 0) throw new JobError('no-convergence', 'eigenSymmetric: the QL iteration of a small block did not converge')

  function solve(start: number, size: number): Solved {
    if (size <= leafSize) {
      const own = d.subarray(start, start + size)
      const ascending = Array.from({ length: size }, (_, i) => i).sort((i, j) => own[i] - own[j] || i - j)
      return { start, size, ascending }
    }
    const half = Math.floor(size / 2)
    const first = solve(start, half)
    const second = solve(start + half, size - half)
    return merge(team, d, part(vectors, start, start, size, size), square, work, first, second, cut[start + half - 1])
  }
  return solve(0, order).ascending
}

/** Merges two solved halves that were coupled by `coupling`; d and the block of vectors are replaced. */
function merge(
  team: Team,
  allValues: Float64Array,
  vectors: Block,
  square: number,
  work: ConquerVectors,
  first: Solved,
  second: Solved,
  coupling: number
): Solved {
  const { start } = first
  const split = first.size
  const size = split + second.size
  const d = allValues.subarray(start, start + size)
  const heap = new Float64Array(team.memory.buffer)
  const ascending = mergeAscending(
    first.ascending,
    second.ascending.map((row) => row + split),
    d
  )
  const z = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    const value = heap[at(vectors, i, i < split ? split - 1 : split) / 8] * Math.SQRT1_2
    z[i] = i >= split && coupling < 0 ? -value : value
  }
  const rho = 2 * Math.abs(coupling)
  const result = deflate(team, vectors, split, ascending, d, z, rho)
  if (result.kept.length === 0) return { start, size, ascending: result.finished }
  return { start, size, ascending: replaceVectors(team, d, z, rho, vectors, split, square, work, result) }
}

/** Solves the secular equation of the kept rows and replaces rows: first the new vectors, ascending, then the finished ones. */
function replaceVectors(
  team: Team,
  d: Float64Array,
  z: Float64Array,
  rho: number,
  vectors: Block,
  split: number,
  square: number,
  work: ConquerVectors,
  { kept, finished, kinds }: Deflated
): number[] {
  const size = vectors.rows
  const count = kept.length
  const view = (address: number, length: number) => new Float64Array(team.memory.buffer, address, length)
  view(work.poles, count).set(kept.map((row) => d[row]))
  view(work.components, count).set(kept.map((row) => z[row]))
  const rest = finished.map((row) => d[row])

  // The children's vectors of the kept rows, grouped by where they are non-zero; then the finished rows move to the end.
  const positions = Array.from({ length: count }, (_, index) => index)
  const group = (wanted: number) => positions.filter((index) => kinds[kept[index]] === wanted)
  const grouped = [...group(kind.first), ...group(kind.both), ...group(kind.second)]
  const onlyFirst = group(kind.first).length
  const onlySecond = group(kind.second).length
  const inFirst = count - onlySecond
  const inSecond = count - onlyFirst
  const rowsOf = (indices: number[]) => indices.map((index) => kept[index])
  const firstHalf: Block = { address: square, rows: inFirst, columns: split, stride: split }
  const secondHalf: Block = { address: square + 8 * inFirst * split, rows: inSecond, columns: size - split, stride: size - split }
  const spare = secondHalf.address + 8 * inSecond * (size - split)
  const { indices } = work
  gatherRows(team, part(vectors, 0, 0, size, split), rowsOf(grouped.slice(0, inFirst)), firstHalf, indices)
  gatherRows(team, part(vectors, 0, split, size, size - split), rowsOf(grouped.slice(onlyFirst)), secondHalf, indices)
  gatherRows(team, vectors, finished, { address: spare, stride: size }, indices)
  copyRows(team, { address: spare, rows: finished.length, columns: size, stride: size }, part(vectors, count, 0, finished.length, size))

  // Roots, corrected weights and vectors of the secular equation in the rows that became free.
  const parallel = count >= 128
  const shared = { count, poles: work.poles, components: work.components, deltas: vectors.address, stride: vectors.stride }
  const roots = spare
  team.run(solveSecularRoots, { ...shared, rho, roots }, parallel)
  const values = view(roots, count)
  if (!values.every(Number.isFinite)) throw new JobError('no-convergence', 'eigenSymmetric: a root of the secular equation was not found')
  d.set(values)
  d.set(rest, count)
  team.run(correctSecularWeights, { ...shared, weights: work.weights }, parallel)
  new Int32Array(team.memory.buffer, indices, count).set(grouped)
  team.run(formSecularVectors, { ...shared, weights: work.weights, order: indices }, parallel)

  // The second half first: its result leaves the columns that hold the first half's coefficients alone, since inFirst ≤ split.
  for (const [children, from, to] of [
    [secondHalf, onlyFirst, split],
    [firstHalf, 0, 0]
  ] as const) {
    copyRows(team, part(vectors, 0, from, count, children.rows), { address: spare, stride: children.rows })
    multiply(team, {
      rows: count,
      columns: children.columns,
      depth: children.rows,
      a: spare,
      aRow: children.rows,
      aColumn: 1,
      b: children.address,
      bRow: children.stride,
      bColumn: 1,
      c: at(vectors, 0, to),
      stride: vectors.stride,
      alpha: 1,
      beta: 0,
      triangle: triangle.none
    })
  }
  const newRows = Array.from({ length: count }, (_, index) => index)
  return mergeAscending(
    newRows,
    finished.map((_, index) => count + index),
    d
  )
}
