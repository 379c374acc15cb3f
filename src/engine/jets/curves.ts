// Curves through a point, w(t) = w + Σ t^k s_k, as callers give them.
import type { Matrix } from '../linalg'
import type { JetOptions } from '../objective'

/** Throws one sentence where the order or a curve is not what jets take. */
export function checkCurves(curves: readonly Matrix[], parameterCount: number, { order }: JetOptions): void {
  if (!Number.isInteger(order) || order < 1) throw new RangeError(`jets: the order must be a whole number from 1 on, got ${order}`)
  for (const [place, { rows, columns }] of curves.entries()) {
    if (columns !== parameterCount)
      throw new RangeError(`jets: curve ${place} has ${columns} columns; there are ${parameterCount} parameters`)
    if (rows > order) throw new RangeError(`jets: curve ${place} has ${rows} coefficients; jets of order ${order} take at most ${order}`)
  }
}

/** s_k, k from 1 on, as a view. */
export function curveCoefficient(curve: Matrix, k: number): Float64Array {
  const start = curve.offset + (k - 1) * curve.stride
  return curve.data.subarray(start, start + curve.columns)
}
