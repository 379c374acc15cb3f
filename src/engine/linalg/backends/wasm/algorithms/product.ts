// C = alpha · A · B + beta · C on any strides: tiles of C are handed out to the threads; each packs what its tile needs.
import { blockColumns, blockDepth, blockRows } from '../control'
import { task, type Team, type Thread } from '../team'
import type { Block } from './block'

/** Which tiles of C are computed: all, or those that touch one triangle. */
export const triangle = { none: 0, upper: 1, lower: 2 } as const

/** Sizes, addresses (bytes), strides (elements) and factors of one product. A is rows × depth, B depth × columns, C row-major. */
export interface Product {
  readonly rows: number
  readonly columns: number
  readonly depth: number
  readonly a: number
  readonly aRow: number
  readonly aColumn: number
  readonly b: number
  readonly bRow: number
  readonly bColumn: number
  readonly c: number
  readonly stride: number
  readonly alpha: number
  readonly beta: number
  readonly triangle: number
  /** 1 where B is symmetric and its upper triangle alone is read, row-major, `bRow` apart (then bColumn is 1). */
  readonly symmetric?: number
}

type Tiled = Required<Product> & { readonly tileRows: number; readonly tileColumns: number }

function productTile(on: Thread, p: Tiled, row0: number, column0: number): void {
  const rows = Math.min(p.tileRows, p.rows - row0)
  const columns = Math.min(p.tileColumns, p.columns - column0)
  const target = p.c + 8 * (row0 * p.stride + column0)
  if (p.beta !== 0 && p.beta !== 1) on.kernels.scaleBlock(rows, columns, p.beta, target, p.stride)
  for (let depth0 = 0; depth0 < p.depth; depth0 += blockDepth) {
    const depth = Math.min(blockDepth, p.depth - depth0)
    if (p.symmetric) on.kernels.packSymmetric(columns, depth, p.b, p.bRow, column0, depth0, on.packedB)
    else on.kernels.pack(columns, depth, p.b + 8 * (depth0 * p.bRow + column0 * p.bColumn), p.bColumn, p.bRow, on.packedB, 1)
    const accumulate = depth0 > 0 || p.beta !== 0 ? 1 : 0
    for (let row = 0; row < rows; row += blockRows) {
      if (on.cancelled()) return
      const count = Math.min(blockRows, rows - row)
      const a = p.a + 8 * ((row0 + row) * p.aRow + depth0 * p.aColumn)
      const c = target + 8 * row * p.stride
      on.kernels.pack(count, depth, a, p.aRow, p.aColumn, on.packedA, p.alpha)
      on.kernels.multiplyBlock(
        count,
        columns,
        depth,
        on.packedA,
        on.packedB,
        c,
        p.stride,
        accumulate,
        p.triangle,
        row0 + row,
        column0,
        on.spill
      )
    }
  }
  on.work((2e-6 * rows * columns * p.depth) / (p.triangle === triangle.none ? 1 : 2))
}

export const productTiles = task(
  [
    'rows',
    'columns',
    'depth',
    'a',
    'aRow',
    'aColumn',
    'b',
    'bRow',
    'bColumn',
    'c',
    'stride',
    'alpha',
    'beta',
    'triangle',
    'symmetric',
    'tileRows',
    'tileColumns'
  ],
  (on, p) => {
    const across = Math.ceil(p.columns / p.tileColumns)
    const count = across * Math.ceil(p.rows / p.tileRows)
    for (let tile = on.nextTile(); tile < count && !on.cancelled(); tile = on.nextTile()) {
      const row0 = Math.floor(tile / across) * p.tileRows
      const column0 = (tile % across) * p.tileColumns
      const outside =
        (p.triangle === triangle.upper && column0 + p.tileColumns <= row0) ||
        (p.triangle === triangle.lower && row0 + p.tileRows <= column0)
      if (!outside) productTile(on, p, row0, column0)
    }
  }
)

/** Tile sizes: large for one thread, otherwise at least four tiles a thread, sixteen where half of them fall away. They never change a bit of the result. */
function tileSizes(rows: number, columns: number, threads: number, whole: boolean): { tileRows: number; tileColumns: number } {
  let tileRows = Math.min(8 * blockRows, Math.max(1, rows))
  let tileColumns = Math.min(blockColumns, Math.max(1, columns))
  const tiles = () => Math.ceil(rows / tileRows) * Math.ceil(columns / tileColumns)
  if (threads === 1) return { tileRows, tileColumns }
  const wanted = (whole ? 4 : 16) * threads
  while (tiles() < wanted && (tileRows > blockRows || tileColumns > 128)) {
    if (tileRows >= tileColumns && tileRows > blockRows) tileRows = Math.ceil(tileRows / 2 / blockRows) * blockRows
    else if (tileColumns > 128) tileColumns = Math.ceil(tileColumns / 8) * 4
    else tileRows = Math.ceil(tileRows / 2 / blockRows) * blockRows
  }
  return { tileRows, tileColumns }
}

/** Below so many flops one thread is as fast. */
const parallelFlops = 3e6

export function multiply(team: Team, product: Product, parallel = true): void {
  if (product.rows === 0 || product.columns === 0) return
  const shared = parallel && 2 * product.rows * product.columns * product.depth >= parallelFlops
  if (product.depth === 0 || product.alpha === 0) {
    if (product.beta !== 1) team.kernels.scaleBlock(product.rows, product.columns, product.beta, product.c, product.stride)
    return
  }
  const sizes = tileSizes(product.rows, product.columns, shared ? team.threads : 1, product.triangle === triangle.none)
  team.run(productTiles, { symmetric: 0, ...product, ...sizes }, shared)
}

interface Factors {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  /** B is symmetric, and only its upper triangle is read. */
  readonly symmetric?: boolean
  readonly alpha?: number
  readonly beta?: number
}

/** C ← alpha · op(A) · op(B) + beta · C (1 and 0 unless said otherwise). */
export function productOf(c: Block, a: Block, b: Block, options: Factors = {}): Product {
  const { transposeA = false, transposeB = false, symmetric = false, alpha = 1, beta = 0 } = options
  return {
    rows: c.rows,
    columns: c.columns,
    depth: transposeA ? a.rows : a.columns,
    a: a.address,
    aRow: transposeA ? 1 : a.stride,
    aColumn: transposeA ? a.stride : 1,
    b: b.address,
    bRow: transposeB ? 1 : b.stride,
    bColumn: transposeB ? b.stride : 1,
    c: c.address,
    stride: c.stride,
    alpha,
    beta,
    triangle: triangle.none,
    symmetric: symmetric ? 1 : 0
  }
}

export const multiplyInto = (team: Team, c: Block, a: Block, b: Block, options?: Factors): void =>
  multiply(team, productOf(c, a, b, options))

/** Millions of flops of a product, the unit of progress. */
export function productWork(product: Product): number {
  return (2e-6 * product.rows * product.columns * product.depth) / (product.triangle === triangle.none ? 1 : 2)
}
