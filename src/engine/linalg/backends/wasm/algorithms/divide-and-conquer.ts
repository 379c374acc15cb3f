// Symmetric tridiagonal eigenproblem by divide and conquer (Cuppen 1981; Gu & Eisenstat 1995; organized like LAPACK's dstedc): leaves by implicit
// QL, merged in pairs.
import { LinalgError } from '../../../interface'
import { task, type Team } from '../team'
import { part, type Block } from './block'
import { merge, type ConquerVectors, type Solved } from './merge'
import { negligibleCoupling } from './tridiagonalize'

const leafSize = 32

/** Numbers of work space beyond the vectors themselves. */
export function conquerWorkspace(order: number): number {
  return order * order + order + 64
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

/**
 * Eigenpairs of the tridiagonal matrix with `diagonal` and `coupling` (addresses; largest entry about 1, both overwritten): row i of `vectors`
 * (order × order, zeroed) becomes the vector of diagonal[i], when that value is among the `wanted` (indices in ascending order). Returns the rows by ascending value. `square`: conquerWorkspace numbers.
 */
export function divideAndConquer(
  team: Team,
  diagonal: number,
  coupling: number,
  vectors: Block,
  square: number,
  work: ConquerVectors,
  wanted: readonly number[]
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
  if (failed[0] !== 0) throw new LinalgError('no-convergence', 'eigenSymmetric: the QL iteration of a small block did not converge')

  const some = 8 * wanted.length <= order ? wanted : null
  function solve(start: number, size: number): Solved {
    if (size <= leafSize) {
      const own = d.subarray(start, start + size)
      const ascending = Array.from({ length: size }, (_, i) => i).sort((i, j) => own[i] - own[j] || i - j)
      return { start, size, ascending }
    }
    const half = Math.floor(size / 2)
    const first = solve(start, half)
    const second = solve(start + half, size - half)
    return merge(
      team,
      d,
      part(vectors, start, start, size, size),
      square,
      work,
      first,
      second,
      cut[start + half - 1],
      size === order ? some : null
    )
  }
  return solve(0, order).ascending
}
