// The circular equations with their matrices assembled: the spectrum of M⁻¹H, and the direct solution that the relaxed one is held against.
import type { System } from '../../curvature/inverse-gradient/circular'
import { LinalgError, matrix, normInfinity, type Linalg, type Matrix } from '../../linalg'
import { norm } from '../../linalg/vectors'
import type { CurvatureBlock, Objective } from '../../objective'

/** Blocks of H on the diagonal: one, or a layer each. */
export interface AssembledSystem {
  readonly hessian: readonly CurvatureBlock[]
  /** M: the Gauss–Newton blocks of the layers. */
  readonly blocks: readonly CurvatureBlock[]
  release(): void
}

export async function assembleSystem(
  linalg: Linalg,
  objective: Objective,
  parameters: Float64Array,
  system: System,
  signal: AbortSignal
): Promise<AssembledSystem> {
  const scope = system === 'joint' ? 'full' : 'layer-blocks'
  const hessian = await objective.curvature(parameters, { scope, kind: 'hessian', signal })
  const free = (list: readonly CurvatureBlock[]) => list.forEach(({ data }) => linalg.release(data))
  try {
    const blocks = await objective.curvature(parameters, { scope: 'layer-blocks', kind: 'ggn', signal })
    return {
      hessian,
      blocks,
      release() {
        free(hessian)
        free(blocks)
      }
    }
  } catch (error) {
    free(hessian)
    throw error
  }
}

const square = ({ data, size }: CurvatureBlock): Matrix => matrix(size, size, data)

/** The block-diagonal matrix times v. */
export async function timesBlocks(
  linalg: Linalg,
  blocks: readonly CurvatureBlock[],
  v: Float64Array,
  signal: AbortSignal
): Promise<Float64Array> {
  const result = new Float64Array(v.length)
  for (const block of blocks) {
    const part = new Float64Array(block.size)
    await linalg.symv(square(block), v.slice(block.offset, block.offset + block.size), part, { signal })
    result.set(part, block.offset)
  }
  return result
}

/** ‖H‖ in Frobenius' norm. */
export const frobenius = (blocks: readonly CurvatureBlock[]): number => norm(Float64Array.from(blocks, ({ data }) => norm(data)))

function transposeInPlace({ data, rows: n }: Matrix): void {
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const kept = data[i * n + j]
      data[i * n + j] = data[j * n + i]
      data[j * n + i] = kept
    }
}

export interface Deciding {
  /** Ascending. */
  readonly spectrum: Float64Array
  /** Of M: of its worst block, estimated. */
  readonly condition: number
}

/** Eigenvalues of M⁻¹H: those of L⁻¹ H L⁻ᵀ with M = L Lᵀ. Throws one sentence where M is not positive definite in floating point. */
export async function decidingSpectrum(linalg: Linalg, { hessian, blocks }: AssembledSystem, signal: AbortSignal): Promise<Deciding> {
  let condition = 1
  const factors: { readonly offset: number; readonly lower: Matrix }[] = []
  for (const block of blocks) {
    const lower = matrix(block.size, block.size, block.data.slice())
    const norm1 = normInfinity(lower)
    const { positiveDefinite } = await linalg.choleskyInPlace(lower, { signal })
    if (!positiveDefinite)
      throw new LinalgError(
        'not-positive-definite',
        `relaxation: M is not positive definite in floating point (the Gauss–Newton block of ${block.name} is singular to rounding), so M⁻¹ does not exist; weights and activations that are better conditioned would do`
      )
    condition = Math.max(condition, await linalg.choleskyCondition(lower, norm1, { signal }))
    factors.push({ offset: block.offset, lower })
  }
  const found: number[] = []
  for (const block of hessian) {
    const whole = matrix(block.size, block.size, block.data.slice())
    for (let side = 0; side < 2; side++) {
      for (const { offset, lower } of factors) {
        const from = offset - block.offset
        if (from < 0 || from >= block.size) continue
        const rows = matrix(lower.rows, block.size, whole.data.subarray(from * block.size, (from + lower.rows) * block.size))
        await linalg.solveTriangularInPlace(lower, rows, { signal })
      }
      transposeInPlace(whole)
    }
    await linalg.mirrorUpperInPlace(whole, { signal })
    found.push(...(await linalg.eigenvalues(whole, { overwrite: true, signal })))
  }
  return { spectrum: Float64Array.from(found).sort(), condition }
}

export interface DirectSolution {
  readonly solution: Float64Array
  /** Of the worst block, estimated. */
  readonly condition: number
  readonly singular: boolean
}

/** H⁻¹ g by a rank-revealing factorization of H itself. */
export async function solveDirectly(
  linalg: Linalg,
  { hessian }: AssembledSystem,
  g: Float64Array,
  signal: AbortSignal
): Promise<DirectSolution> {
  const solution = new Float64Array(g.length)
  let condition = 1
  let singular = false
  for (const block of hessian) {
    const right = matrix(block.size, 1, g.slice(block.offset, block.offset + block.size))
    const found = await linalg.leastSquares(square(block), right, { signal })
    condition = Math.max(condition, found.condition)
    singular ||= found.rank < block.size
    for (let i = 0; i < block.size; i++) solution[block.offset + i] = found.solution.data[found.solution.offset + i * found.solution.stride]
    found.release()
  }
  return { solution, condition, singular }
}
