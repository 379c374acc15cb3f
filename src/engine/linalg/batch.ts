// The numbers that a batch of products reads and writes.
import type { GemmOuterBatch } from './interface'
import type { Matrix } from './matrix'

const last = (count: number, step: number): number => Math.max(0, count - 1) * step

/** The operands of a batch, each as one row from its first number to its last; what lies between the products is in it too. */
export function batchSpans({ m, n, k, a, b, c }: GemmOuterBatch): { readonly a: Matrix; readonly b: Matrix; readonly c: Matrix } {
  const span = (
    of: { readonly data: Float64Array; readonly offset: number; readonly stride: number },
    rows: number,
    columns: number,
    steps: number
  ) => {
    const length = rows === 0 || columns === 0 ? 0 : (rows - 1) * of.stride + columns + steps
    return { data: of.data, rows: 1, columns: length, offset: of.offset, stride: length }
  }
  return {
    a: span(a, m, k, last(a.count, a.step)),
    b: span(b, k, n, last(b.count, b.step)),
    c: span(c, m, n, last(a.count, c.stepA) + last(b.count, c.stepB))
  }
}
