// Small products: a backend call costs more than they do. The one place that knows which run in plain loops, here and now, and which through the backend.
import type { CallOptions, Linalg, Transpose } from '../interface'
import type { Matrix } from '../matrix'
import { checkProduct, isTransposed } from './checks'
import { mirrorUpper, multiplyInner, multiplyOuterBatch, multiplyRows, spreadPlainly } from './plain'

/** A product of up to so many flops is done in plain loops: about a millisecond's worth. */
const productFlops = 1.5e6
/** Products that belong together are done in plain loops when all of them take fewer flops: one or two milliseconds' worth. */
const togetherFlops = 4e6

interface MultiplyOptions extends CallOptions {
  readonly transposeA?: Transpose
  readonly transposeB?: Transpose
  /** Adds to c in place of overwriting it. */
  readonly accumulate?: boolean
}

/**
 * c (+)= op(a) · op(b), views allowed, c apart from a and b. Returns nothing when it is done already, a promise otherwise, so that callers
 * await only big products. Throws when the shapes do not meet.
 */
export function multiply(linalg: Linalg, a: Matrix, b: Matrix, c: Matrix, options: MultiplyOptions = {}): Promise<void> | undefined {
  const ta = isTransposed('multiply', 'transposeA', options.transposeA)
  const tb = isTransposed('multiply', 'transposeB', options.transposeB)
  const [m, n, k] = checkProduct('multiply', a, b, c, ta, tb)
  const accumulate = options.accumulate === true
  if (2 * m * n * k > productFlops) {
    const { signal, transposeA, transposeB } = options
    return linalg.gemm(a, b, c, { signal, transposeA, transposeB, beta: accumulate ? 1 : 0 })
  }
  const ai = ta ? 1 : a.stride
  const ak = ta ? a.stride : 1
  if (tb) multiplyInner(m, n, k, a.data, a.offset, ai, ak, b.data, b.offset, b.stride, c.data, c.offset, c.stride, accumulate)
  else multiplyRows(m, n, k, a.data, a.offset, ai, ak, b.data, b.offset, b.stride, c.data, c.offset, c.stride, accumulate)
  return undefined
}

/** What products that belong together need of the backend. */
export type Products = Pick<Linalg, 'gemm' | 'gemmOuterBatch' | 'spread' | 'mirrorUpperInPlace' | 'allocate' | 'release'>

/** For products that take so many flops together: the backend, or plain loops over ordinary arrays, which know of no cancelling and no progress. */
export function productsFor(linalg: Linalg, flops: number, plainFlops = togetherFlops): Products {
  if (flops >= plainFlops) return linalg
  return {
    async gemm(a, b, c, options = {}) {
      const { signal, transposeA, transposeB, alpha = 1, beta = 0 } = options
      if (alpha !== 1 || (beta !== 0 && beta !== 1)) return linalg.gemm(a, b, c, options)
      return multiply(linalg, a, b, c, { signal, transposeA, transposeB, accumulate: beta === 1 })
    },
    gemmOuterBatch: async (batch) => multiplyOuterBatch(batch),
    spread: async (given) => spreadPlainly(given),
    mirrorUpperInPlace: async (a) => mirrorUpper(a),
    allocate: (length) => new Float64Array(length),
    release: () => undefined
  }
}
