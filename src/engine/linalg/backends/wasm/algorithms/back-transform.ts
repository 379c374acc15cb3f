// Applies the reflectors of a tridiagonalization to vectors, in compact-WY blocks (Schreiber & Van Loan 1989): Q = Π (I − Vᵀ T V).
import type { Team } from '../team'
import { at, part, type Block } from './block'
import { multiply, triangle, type Product } from './product'
import type { Reduction } from './tridiagonalize'

/** Reflectors applied at a time: larger blocks halve the traffic of vectors through the cache (7 % faster at order 2000), smaller ones waste less. */
const blockSizes = { small: 64, large: 128 }

function blockSizeOf(order: number): number {
  return order < 1000 ? blockSizes.small : blockSizes.large
}

/** Numbers of work space for `count` vectors. */
export function backTransformWorkspace(count: number): number {
  return 2 * blockSizes.large * count + 2 * blockSizes.large ** 2
}

/** Columns `from` … to − 1 of T (upper triangular, size × size, zeros at the start) from the upper triangle of S = V Vᵀ and tau (LAPACK's forward columnwise form). */
export function formTriangularFactor(t: Float64Array, s: Float64Array, tau: Float64Array, size: number, from = 0, to = size): void {
  for (let i = from; i < to; i++) {
    for (let row = 0; row < i; row++) {
      let sum = 0
      for (let q = row; q < i; q++) sum += t[row * size + q] * s[q * size + i]
      t[row * size + i] = -tau[i] * sum
    }
    t[i * size + i] = tau[i]
  }
}

/**
 * Replaces every row z of `vectors` (count × order, row = vector) by (Q z)ᵀ. The reflectors in `a` (see Reduction) get zeros on and below the
 * diagonal of A, so A is work space from here on.
 */
export function backTransform(team: Team, a: Block, reduced: Reduction, vectors: Block, workspace: number): void {
  const order = a.rows
  const reflectors = order - 1
  const count = vectors.rows
  const blockSize = blockSizeOf(order)
  const x = workspace
  const y = x + 8 * blockSize * count
  const s = y + 8 * blockSize * count
  const t = s + 8 * blockSize * blockSize
  const plain = { alpha: 1, beta: 0, triangle: triangle.none }
  for (let block = Math.ceil(reflectors / blockSize) - 1; block >= 0; block--) {
    const k = block * blockSize
    const size = Math.min(blockSize, reflectors - k)
    const depth = order - k - 1
    const v = part(a, k, k + 1, size, depth)
    for (let i = 1; i < size; i++) team.kernels.scaleBlock(1, i, 0, at(v, i, 0), v.stride)
    const z = part(vectors, 0, k + 1, count, depth)
    const vTransposed = { b: v.address, bRow: 1, bColumn: v.stride }
    multiply(team, {
      ...plain,
      ...vTransposed,
      rows: size,
      columns: size,
      depth,
      a: v.address,
      aRow: v.stride,
      aColumn: 1,
      c: s,
      stride: size
    })
    const view = (address: number, length: number) => new Float64Array(team.memory.buffer, address, length)
    formTriangularFactor(view(t, size * size).fill(0), view(s, size * size), view(reduced.tau + 8 * k, size), size)
    const first: Product = {
      ...plain,
      ...vTransposed,
      rows: count,
      columns: size,
      depth,
      a: z.address,
      aRow: z.stride,
      aColumn: 1,
      c: x,
      stride: size
    }
    multiply(team, first)
    multiply(team, {
      ...plain,
      rows: count,
      columns: size,
      depth: size,
      a: x,
      aRow: size,
      aColumn: 1,
      b: t,
      bRow: 1,
      bColumn: size,
      c: y,
      stride: size
    })
    multiply(team, {
      rows: count,
      columns: depth,
      depth: size,
      a: y,
      aRow: size,
      aColumn: 1,
      b: v.address,
      bRow: v.stride,
      bColumn: 1,
      c: z.address,
      stride: z.stride,
      alpha: -1,
      beta: 1,
      triangle: triangle.none
    })
  }
}
