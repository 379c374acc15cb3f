// Blocked right-looking Cholesky, A = L Lᵀ in the lower triangle, and triangular solves with many right-hand sides.
import { noInverse } from '../../../refusals'
import { blockRows } from '../control'
import { task, type Team } from '../team'
import { at, part, type Block } from './block'
import { checkFinite } from './finite'
import { multiply, triangle } from './product'

const panel = 128
const smallest = 32

/**
 * Solves X Lᵀ = B for the rows of B (in place): sides are rows. With other strides the same task solves L X = B and Lᵀ X = B for columns.
 * Element p of side i is at sides + 8(i·sideStep + p·entryStep); entry (i, p) of L at factor + 8(i·rowStep + p·columnStep).
 */
export const solveSides = task(['order', 'factor', 'rowStep', 'columnStep', 'count', 'sides', 'sideStep', 'entryStep', 'tile'], (on, p) => {
  const tiles = Math.ceil(p.count / p.tile)
  let packed = false
  for (let tile = on.nextTile(); tile < tiles && !on.cancelled(); tile = on.nextTile()) {
    if (!packed) on.kernels.pack(p.order, p.order, p.factor, p.rowStep, p.columnStep, on.packedB, 1)
    packed = true
    const from = tile * p.tile
    const count = Math.min(p.tile, p.count - from)
    const sides = p.sides + 8 * from * p.sideStep
    on.kernels.pack(count, p.order, sides, p.sideStep, p.entryStep, on.packedA, 1)
    on.kernels.solvePackedTriangle(p.order, count, on.packedB, on.packedA)
    on.kernels.unpack(count, p.order, on.packedA, sides, p.sideStep, p.entryStep)
  }
})

/** Zeroes the strict upper triangle. */
export const clearUpperRows = task(['a', 'stride', 'order'], (on, p) => {
  const step = 32
  for (let from = step * on.nextTile(); from < p.order && !on.cancelled(); from = step * on.nextTile())
    for (let i = from; i < Math.min(p.order - 1, from + step); i++)
      on.kernels.scaleBlock(1, p.order - 1 - i, 0, p.a + 8 * (i * p.stride + i + 1), p.stride)
})

/** Rows below a factorized diagonal block: A21 ← A21 L11⁻ᵀ. */
function solveBelow(team: Team, l11: Block, below: Block, parallel: boolean): void {
  const input = {
    order: l11.rows,
    factor: l11.address,
    rowStep: l11.stride,
    columnStep: 1,
    count: below.rows,
    sides: below.address,
    sideStep: below.stride,
    entryStep: 1,
    tile: blockRows
  }
  team.run(solveSides, input, parallel)
}

/** Lower triangle of A22 −= L21 L21ᵀ. */
function updateTrailing(team: Team, l21: Block, a22: Block, parallel: boolean): void {
  multiply(
    team,
    {
      rows: a22.rows,
      columns: a22.rows,
      depth: l21.columns,
      a: l21.address,
      aRow: l21.stride,
      aColumn: 1,
      b: l21.address,
      bRow: 1,
      bColumn: l21.stride,
      c: a22.address,
      stride: a22.stride,
      alpha: -1,
      beta: 1,
      triangle: triangle.lower
    },
    parallel
  )
}

/** Recursive Cholesky of a small diagonal block on one thread. Returns the number of columns done. */
function factorizeDiagonal(team: Team, a: Block): number {
  if (a.rows <= smallest) return team.kernels.factorizeCholesky(a.rows, a.address, a.stride)
  const half = Math.ceil(a.rows / 8) * 4
  const rest = a.rows - half
  const done = factorizeDiagonal(team, part(a, 0, 0, half, half))
  if (done < half) return done
  const below = part(a, half, 0, rest, half)
  solveBelow(team, part(a, 0, 0, half, half), below, false)
  updateTrailing(team, below, part(a, half, half, rest, rest), false)
  return half + factorizeDiagonal(team, part(a, half, half, rest, rest))
}

/** Factorizes in place; zeroes the strict upper triangle. Returns the rank: a.rows, or the index of the first pivot that is not > 0. */
export function choleskyInPlace(team: Team, a: Block): number {
  const order = a.rows
  team.expect(order ** 3 / 3e6)
  checkFinite(team, 'choleskyInPlace', 'a', a, 'lower')
  let rank = order
  for (let k = 0; k < order; k += panel) {
    const size = Math.min(panel, order - k)
    const diagonal = part(a, k, k, size, size)
    const done = factorizeDiagonal(team, diagonal)
    if (done < size) {
      rank = k + done
      break
    }
    const rest = order - k - size
    if (rest === 0) break
    const below = part(a, k + size, k, rest, size)
    solveBelow(team, diagonal, below, rest >= 256)
    updateTrailing(team, below, part(a, k + size, k + size, rest, rest), rest >= 256)
  }
  team.run(clearUpperRows, { a: a.address, stride: a.stride, order }, order >= 512)
  return rank
}

/** One block of unknowns k … k+size−1 of op(L) X = B, all right-hand sides. */
function solveDiagonal(team: Team, l: Block, b: Block, k: number, size: number, transposed: boolean): void {
  const last = size - 1
  const input = {
    order: size,
    // For Lᵀ both the triangle and the unknowns are taken in reverse order, which makes it a lower triangle again.
    factor: transposed ? at(l, k + last, k + last) : at(l, k, k),
    rowStep: transposed ? -1 : l.stride,
    columnStep: transposed ? -l.stride : 1,
    count: b.columns,
    sides: transposed ? at(b, k + last, 0) : at(b, k, 0),
    sideStep: 1,
    entryStep: transposed ? -b.stride : b.stride,
    tile: blockRows
  }
  team.run(solveSides, input, size * size * b.columns > 1e6)
}

function checkDiagonal(team: Team, routine: string, l: Block): void {
  const row = new Float64Array(team.memory.buffer, l.address, l.rows === 0 ? 0 : (l.rows - 1) * l.stride + l.rows)
  for (let i = 0; i < l.rows; i++) if (row[i * (l.stride + 1)] === 0) throw noInverse(routine, i)
}

/** Solves L X = B or Lᵀ X = B in place of B. */
function solveTriangular(team: Team, l: Block, b: Block, transposed: boolean): void {
  const order = l.rows
  const blocks = Math.ceil(order / panel)
  for (let step = 0; step < blocks; step++) {
    const k = (transposed ? blocks - 1 - step : step) * panel
    const size = Math.min(panel, order - k)
    solveDiagonal(team, l, b, k, size, transposed)
    const rows = transposed ? k : order - k - size
    const a = transposed ? at(l, k, 0) : at(l, k + size, k)
    multiply(team, {
      rows,
      columns: b.columns,
      depth: size,
      a,
      aRow: transposed ? 1 : l.stride,
      aColumn: transposed ? l.stride : 1,
      b: at(b, k, 0),
      bRow: b.stride,
      bColumn: 1,
      c: transposed ? b.address : at(b, k + size, 0),
      stride: b.stride,
      alpha: -1,
      beta: 1,
      triangle: triangle.none
    })
  }
}

export interface SolveJob {
  readonly routine: string
  readonly l: Block
  readonly b: Block
  /** L X = B, Lᵀ X = B, or both in turn (A X = B with A = L Lᵀ). */
  readonly which: 'lower' | 'transposed' | 'both'
}

/** Checks L and B, then solves in place of B. */
export function solve(team: Team, { routine, l, b, which }: SolveJob): void {
  team.expect((l.rows ** 2 * b.columns * (which === 'both' ? 2 : 1)) / 1e6)
  checkFinite(team, routine, 'b', b)
  checkFinite(team, routine, 'l', l, 'lower')
  checkDiagonal(team, routine, l)
  if (which !== 'transposed') solveTriangular(team, l, b, false)
  if (which !== 'lower') solveTriangular(team, l, b, true)
}
