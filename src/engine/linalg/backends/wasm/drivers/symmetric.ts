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

/** First row of a thread's share of the upper triangle: shares have equal areas and start at multiples of four. */
function shareStart(order: number, thread: number, threads: number): number {
  if (thread >= threads) return order
  return Math.floor((order * (1 - Math.sqrt(1 - thread / threads))) / 4) * 4
}

/** Each thread's share of A x, into its own row of `partial` (threads × order). */
export const symmetricShares = task(['order', 'a', 'stride', 'x', 'partial'], (on, p, thread, threads) => {
  const y = p.partial + 8 * thread * p.order
  on.kernels.scaleBlock(1, p.order, 0, y, p.order)
  const end = shareStart(p.order, thread + 1, threads)
  on.kernels.multiplySymmetricRows(p.order, shareStart(p.order, thread, threads), end, p.a, p.stride, p.x, y)
})

/** Below this order one thread is as fast. */
const parallelOrder = 320

/** y = A x from the upper triangle. `partial`: threads × order numbers of work space. */
export function multiplySymmetric(team: Team, a: Block, x: number, y: number, partial: number): void {
  const order = a.rows
  const threads = order >= parallelOrder ? team.threads : 1
  team.run(symmetricShares, { order, a: a.address, stride: a.stride, x, partial }, threads > 1)
  team.kernels.copyBlock(1, order, partial, order, y, order)
  for (let thread = 1; thread < threads; thread++) team.kernels.scaleAndAdd(order, 1, partial + 8 * thread * order, 1, y)
}

/** Addresses of the rows of the trailing block that starts at (index, index). */
export function trailing(a: Block, index: number): Block {
  return { address: at(a, index, index), rows: a.rows - index, columns: a.columns - index, stride: a.stride }
}
