// Rows times the Hessian of a step: through the whole matrix, or by Hessian-vector products where rows are few.
import { matrix, multiply, type Linalg, type Matrix } from '../../linalg'
import type { CurvatureBlock } from '../../objective'
import { scratchOf, type StepPoint } from './tangent'

export interface HessianRows {
  /** The whole Hessian of the step's objective; the same memory at every step. */
  whole(point: StepPoint): Promise<Matrix>
  /** rows · H, in memory of its own that the next call uses again. */
  times(point: StepPoint, rows: Matrix): Promise<Matrix>
  release(): void
}

/** Products of so many rows cost less than the whole matrix: a product takes about 12 N P flops, four times as slow as those of large matrices. */
const fewRows = (count: number, samples: number, size: number) => 48 * count * samples < (2 * samples + 2 * count) * size

export function hessianRows(linalg: Linalg, signal: AbortSignal): HessianRows {
  const scratch = scratchOf(linalg)
  let blocks: CurvatureBlock[] | undefined
  let of: StepPoint | null = null
  const whole = async (point: StepPoint): Promise<Matrix> => {
    const size = point.gradient.length
    if (of !== point || blocks === undefined) {
      blocks = await point.objective.curvature(point.before.parameters, { scope: 'full', kind: 'hessian', reuse: blocks, signal })
      of = point
    }
    return matrix(size, size, blocks[0].data)
  }
  return {
    whole,
    async times(point, rows) {
      const size = point.gradient.length
      const { objective, before } = point
      const fits = blocks !== undefined || linalg.availableBytes > 10 * size * size
      if (objective.samples > 1 && (!fits || fewRows(rows.rows, objective.samples, size))) {
        const product = await objective.products(before.parameters, 'hessian', { signal })
        return product(rows, { signal })
      }
      const hessian = await whole(point)
      const result = scratch.matrix('product', rows.rows, size)
      const done = multiply(linalg, rows, hessian, result, { signal })
      if (done) await done
      return result
    },
    release() {
      for (const { data } of blocks ?? []) linalg.release(data)
      blocks = undefined
      scratch.release()
    }
  }
}
