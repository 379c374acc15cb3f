// One merge of divide and conquer: deflation, the secular equation, and the new vectors as matrix products (LAPACK's dlaed1–3).
import { LinalgError } from '../../../interface'
import type { Team } from '../team'
import { at, part, type Block } from './block'
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

/**
 * Merges two solved halves that were coupled by `coupling`; d and the block of vectors are replaced. With `wanted` (at most an eighth of the indices of
 * the ascending values), only the vectors of those values are.
 */
export function merge(
  team: Team,
  allValues: Float64Array,
  vectors: Block,
  square: number,
  work: ConquerVectors,
  first: Solved,
  second: Solved,
  coupling: number,
  wanted: readonly number[] | null
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
  return { start, size, ascending: replaceVectors(team, d, z, rho, vectors, split, square, work, result, wanted) }
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
  { kept, finished, kinds }: Deflated,
  wanted: readonly number[] | null
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
  if (!values.every(Number.isFinite))
    throw new LinalgError('no-convergence', 'eigenSymmetric: a root of the secular equation was not found')
  d.set(values)
  d.set(rest, count)
  team.run(correctSecularWeights, { ...shared, weights: work.weights }, parallel)
  const result = mergeAscending(
    positions,
    finished.map((_, index) => count + index),
    d
  )
  const rows = wanted ? wanted.map((index) => result[index]).filter((row) => row < count) : positions
  new Int32Array(team.memory.buffer, indices, count).set(grouped)
  new Int32Array(team.memory.buffer, indices + 4 * count, rows.length).set(rows)
  const chosen = { rows: indices + 4 * count, rowCount: rows.length }
  team.run(formSecularVectors, { ...shared, ...chosen, weights: work.weights, order: indices }, parallel)

  const update = (children: Block, coefficients: number, target: number, stride: number) =>
    multiply(team, {
      rows: rows.length,
      columns: children.columns,
      depth: children.rows,
      a: coefficients,
      aRow: children.rows,
      aColumn: 1,
      b: children.address,
      bRow: children.stride,
      bColumn: 1,
      c: target,
      stride,
      alpha: 1,
      beta: 0,
      triangle: triangle.none
    })
  if (!wanted) {
    // The second half first: its result leaves the columns that hold the first half's coefficients alone, since inFirst ≤ split.
    copyRows(team, part(vectors, 0, onlyFirst, count, inSecond), { address: spare, stride: inSecond })
    update(secondHalf, spare, at(vectors, 0, split), vectors.stride)
    copyRows(team, part(vectors, 0, 0, count, inFirst), { address: spare, stride: inFirst })
    update(firstHalf, spare, vectors.address, vectors.stride)
  } else {
    const forFirst = spare + 8 * rows.length * inSecond
    const target = forFirst + 8 * rows.length * inFirst
    gatherRows(team, part(vectors, 0, onlyFirst, count, inSecond), rows, { address: spare, stride: inSecond }, indices)
    gatherRows(team, part(vectors, 0, 0, count, inFirst), rows, { address: forFirst, stride: inFirst }, indices)
    update(secondHalf, spare, target + 8 * split, size)
    update(firstHalf, forFirst, target, size)
    rows.forEach((row, t) => team.kernels.copyBlock(1, size, target + 8 * t * size, size, at(vectors, row, 0), vectors.stride))
  }
  return result
}
