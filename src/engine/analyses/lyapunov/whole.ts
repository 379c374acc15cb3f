// Tangent maps whose cost hardly grows with the vectors: with as many vectors as weights the map itself is made, once a step, and its determinant with it.
import { multiply, type Matrix } from '../../linalg'
import { logDeterminant } from './determinant'
import { scratchOf, type StepPoint, type TangentContext, type TangentMap } from './tangent'

/** `apply`: each row v ← J v. */
export function throughMatrix(
  { linalg, signal, count }: TangentContext,
  apply: (point: StepPoint, rows: Matrix) => Promise<void>,
  release: () => void,
  notes: readonly string[] = []
): TangentMap {
  const scratch = scratchOf(linalg)
  let made: StepPoint | null = null
  const whole = async (point: StepPoint) => {
    const size = point.gradient.length
    const transposed = scratch.matrix('map', size, size)
    if (made !== point) {
      transposed.data.fill(0)
      for (let i = 0; i < size; i++) transposed.data[i * (size + 1)] = 1
      await apply(point, transposed)
      made = point
    }
    return transposed
  }
  return {
    exact: true,
    arrays: 1,
    notes,
    async apply(point, rows) {
      if (count < point.gradient.length) return apply(point, rows)
      const image = scratch.matrix('image', rows.rows, rows.columns)
      const done = multiply(linalg, rows, await whole(point), image, { signal })
      if (done) await done
      for (let r = 0; r < rows.rows; r++)
        rows.data.set(image.data.subarray(r * rows.columns, (r + 1) * rows.columns), rows.offset + r * rows.stride)
    },
    logDeterminant: async (point) => (count < point.gradient.length ? null : logDeterminant(linalg, await whole(point), signal)),
    release() {
      release()
      scratch.release()
    }
  }
}
