// The library's own call for many small products, found and proven.
import koffi from 'koffi'
import { inBackground } from './background'
import { ownSpellings, type Find } from './symbols'

/**
 * Row-major products C (+)= A · B by the byte addresses of their operands, group after group of `perGroup`: those of group g are rows[g] × k by k × n.
 */
export interface ProductBatch {
  readonly rows: readonly number[]
  readonly perGroup: number
  readonly n: number
  readonly k: number
  /** Row strides in elements. */
  readonly lda: number
  readonly ldb: number
  readonly ldc: number
  readonly accumulate: boolean
  readonly a: BigUint64Array
  readonly b: BigUint64Array
  readonly c: BigUint64Array
}

export type BatchedProduct = (batch: ProductBatch) => Promise<void>

/** CblasRowMajor and CblasNoTrans. */
const [rowMajor, asGiven] = [101, 111]
// order, transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, groups, products a group.
const prototype = ['int', ...Array<string>(5).fill('int *'), 'double *']
  .concat(['void *', 'int *', 'void *', 'int *', 'double *', 'void *', 'int *'])
  .concat(['int', 'int *'])

function argumentsOf({ rows, perGroup, n, k, lda, ldb, ldc, accumulate, a, b, c }: ProductBatch): readonly unknown[] {
  const groups = rows.length
  const each = (value: number) => new Int32Array(groups).fill(value)
  const factor = (value: number) => new Float64Array(groups).fill(value)
  const shapes = [each(asGiven), each(asGiven), Int32Array.from(rows), each(n), each(k), factor(1)]
  return [rowMajor, ...shapes, a, each(lda), b, each(ldb), factor(accumulate ? 1 : 0), c, each(ldc), groups, each(perGroup)]
}

/** OpenBLAS's `cblas_dgemm_batch`; null where the library has none, or one that computes wrongly. */
export function findBatchedProduct(find: Find): BatchedProduct | null {
  const routine = find(ownSpellings('cblas_dgemm_batch'), 'void', prototype)
  if (!routine || !isRight((batch) => routine(...argumentsOf(batch)))) return null
  return (batch) => inBackground(routine, argumentsOf(batch))
}

export const addressOf = (array: Float64Array): number => Number(koffi.address(array))

/** The pointers that `addressOfItem` gives as whole numbers below 2⁵³, by halves: a BigInt each would cost as much as a small product. */
export function pointers(count: number, addressOfItem: (item: number) => number): BigUint64Array {
  const list = new BigUint64Array(count)
  const halves = new Uint32Array(list.buffer)
  for (let item = 0; item < count; item++) {
    const address = addressOfItem(item)
    halves[2 * item] = address
    halves[2 * item + 1] = address / 2 ** 32
  }
  return list
}

/** Two groups of two products on parts of larger matrices, with small whole numbers whose sums are exact: in place of what was there, and added to it. */
function isRight(call: (batch: ProductBatch) => void): boolean {
  const [rows, perGroup, n, k, lda, ldb, ldc] = [[5, 4], 2, 6, 7, 9, 13, 8]
  const a = Float64Array.from({ length: 10 * lda }, (_, i) => ((i * 7) % 11) - 5)
  const b = Float64Array.from({ length: k * ldb }, (_, i) => ((i * 5) % 13) - 6)
  for (const accumulate of [false, true]) {
    const c = new Float64Array(20 * ldc).fill(3)
    const expected = c.slice()
    for (let item = 0; item < 4; item++)
      for (let i = 0; i < rows[item >> 1]; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0
          for (let l = 0; l < k; l++) sum += a[((item >> 1) * 5 + i) * lda + l] * b[l * ldb + (item & 1) * n + j]
          expected[(item * 5 + i) * ldc + j] = (accumulate ? 3 : 0) + sum
        }
    const at = (array: Float64Array, offset: (item: number) => number) => pointers(4, (item) => addressOf(array) + 8 * offset(item))
    const operands = { a: at(a, (item) => (item >> 1) * 5 * lda), b: at(b, (item) => (item & 1) * n), c: at(c, (item) => item * 5 * ldc) }
    call({ rows, perGroup, n, k, lda, ldb, ldc, accumulate, ...operands })
    if (!c.every((value, i) => value === expected[i])) return false
  }
  return true
}
