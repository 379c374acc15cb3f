// One merge of divide and conquer: deflation, the secular equation, and the new vectors as matrix products (LAPACK's dlaed1–3).
import type { Team } from '../team'
import { at, JobError, part, type Block } from './block'
import { deflate, kind, type Deflated } from './deflate'
import { multiply, triangle } from './product'
import { copyRows, gatherRows } from './rows'
import { correctSecularWeights, formSecularVectors, solveSecularRoots } from './secular'

/** Addresses of n numbers each. */
export interface ConquerVectors {
  readonly poles: number
  readonly components: number
  readonly weights: number
  /** Used as int32. */
  readonly indices: number
}

/** Rows from `start` on; ascending[i] is the row (counted from start) of the i-th smallest value. */
export interface Solved {
  readonly start: number
  readonly size: number
  readonly ascending: number[]
}

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

/** Merges two solved halves that were coupled by `coupling`; d and the block of vectors are replaced. */
export function merge(
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
