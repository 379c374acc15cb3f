// Products with and onto symmetric matrices: A Aᵀ with exactly equal mirrored entries, mirroring, symmetric matrix times vector.
import { task, type Team } from '../team'
import { at, type Block } from './block'
import { multiply, triangle, type Product } from './product'

const mirrorBlock = 64

/** Copies the upper triangle of the first `rows` rows onto the lower triangle, block row by block row. */
export const mirrorRows = task(['a', 'stride', 'order', 'rows'], (on, p) => {
  const count = Math.ceil(p.rows / mirrorBlock)
  for (let tile = on.nextTile(); tile < count && !on.cancelled(); tile = on.nextTile()) {
    const i = tile * mirrorBlock
    const size = Math.min(mirrorBlock, p.order - i)
    on.kernels.mirrorDiagonalBlock(size, p.a + 8 * (i * p.stride + i), p.stride)
    for (let j = i + size; j < p.order; j += mirrorBlock) {
      const columns = Math.min(mirrorBlock, p.order - j)
      on.kernels.transposeBlock(size, columns, p.a + 8 * (i * p.stride + j), p.stride, p.a + 8 * (j * p.stride + i), p.stride)
    }
  }
})

export function mirrorUpper(team: Team, a: Block, rows: number = a.rows): void {
  team.run(mirrorRows, { a: a.address, stride: a.stride, order: a.rows, rows: Math.min(rows, a.rows) }, a.rows >= 400)
}

/** C = alpha · A · Aᵀ + beta · C, upper triangle, then mirrored. The product's B must be Aᵀ. */
export function syrk(team: Team, product: Product): void {
  multiply(team, { ...product, triangle: triangle.upper })
  mirrorUpper(team, { address: product.c, rows: product.rows, columns: product.rows, stride: product.stride })
}

/** First row of a share of the upper triangle: shares have equal areas and start at multiples of four. */
function shareStart(order: number, share: number, shares: number): number {
  if (share >= shares) return order
  return Math.floor((order * (1 - Math.sqrt(1 - share / shares))) / 4) * 4
}

/** Each share of A x, into its own row of `partial` (shares × order), from the share's first row on. */
export const symmetricShares = task(['order', 'shares', 'a', 'stride', 'x', 'partial'], (on, p) => {
  for (let share = on.nextTile(); share < p.shares; share = on.nextTile()) {
    const y = p.partial + 8 * share * p.order
    const from = shareStart(p.order, share, p.shares)
    on.kernels.scaleBlock(1, p.order - from, 0, y + 8 * from, p.order)
    on.kernels.multiplySymmetricRows(p.order, from, shareStart(p.order, share + 1, p.shares), p.a, p.stride, p.x, y)
  }
})

/** Below this order one thread is as fast. */
const parallelOrder = 320

/** Shares of a product: two a thread, so that a slow thread holds up less. */
export function symmetricShareCount(threads: number): number {
  return threads > 1 ? 2 * threads : 1
}

/** y = A x from the upper triangle. `partial`: symmetricShareCount × order numbers of work space. */
export function multiplySymmetric(team: Team, a: Block, x: number, y: number, partial: number): void {
  const order = a.rows
  const shares = order >= parallelOrder ? symmetricShareCount(team.threads) : 1
  team.run(symmetricShares, { order, shares, a: a.address, stride: a.stride, x, partial }, shares > 1)
  team.kernels.copyBlock(1, order, partial, order, y, order)
  for (let share = 1; share < shares; share++) {
    const from = shareStart(order, share, shares)
    team.kernels.scaleAndAdd(order - from, 1, partial + 8 * (share * order + from), 1, y + 8 * from)
  }
}

/** Addresses of the rows of the trailing block that starts at (index, index). */
export function trailing(a: Block, index: number): Block {
  return { address: at(a, index, index), rows: a.rows - index, columns: a.columns - index, stride: a.stride }
}

/**
 * Upper triangle of A −= V Wᵀ + W Vᵀ as one product of depth 2·depth, (W; V)ᵀ · (V; W): `pairs` are the rows of W, V and W once more, `depth` of each and `length`
 * numbers apart.
 */
export function subtractPairs(team: Team, a: Block, pairs: number, length: number, depth: number): void {
  multiply(team, {
    rows: a.rows,
    columns: a.rows,
    depth: 2 * depth,
    a: pairs,
    aRow: 1,
    aColumn: length,
    b: pairs + 8 * depth * length,
    bRow: length,
    bColumn: 1,
    c: a.address,
    stride: a.stride,
    alpha: -1,
    beta: 1,
    triangle: triangle.upper
  })
}
