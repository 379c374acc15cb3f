// The exact Hessian of all parameters decomposed once, and vectors taken into its eigenbasis and back.
import { zeroTolerance } from '../../shared/run/curvature'
import { column } from '../linalg/matrix'
import type { CurvatureMemory } from './curvature-memory'
import { assemblyGradients } from './figures'
import type { StepInput } from './interface'

export interface Eigenbasis {
  /** Ascending. */
  readonly values: Float64Array
  /** τ = P·ε·max|λ|: eigenvalues within ±τ count as zero. */
  readonly tolerance: number
  /** Qᵀv. */
  into(vector: Float64Array): Promise<Float64Array>
  /** Qv. */
  from(coefficients: Float64Array): Promise<Float64Array>
  /** Gradients that the assembly is worth. */
  readonly gradients: number
  /** Of the work done here. */
  readonly seconds: { readonly assembly: number; readonly decomposition: number }
  /** Gives the vectors' memory back; the matrix stays in `memory` for the next step. */
  release(): void
}

/** Assembles H = QΛQᵀ at the step's point, with the memory of the last step, and decomposes it. */
export async function eigenbasis(memory: CurvatureMemory, input: StepInput): Promise<Eigenbasis> {
  const { linalg, objective, parameters, signal, onPhase, onProgress } = input
  onPhase?.('curvature')
  const began = performance.now()
  const blocks = await objective.curvature(parameters, { scope: 'full', kind: 'hessian', reuse: memory.blocks, signal, onProgress })
  memory.keep(linalg, blocks)
  const assembled = performance.now()
  const [{ data, size }] = blocks
  onPhase?.('eigendecomposition')
  const whole = { data, rows: size, columns: size, offset: 0, stride: size }
  const { values, vectors, release } = await linalg.eigenSymmetric(whole, { signal, onProgress, overwrite: true })
  const decomposed = performance.now()
  const times = async (vector: Float64Array, transposeA: 'none' | 'transpose') => {
    const product = new Float64Array(size)
    await linalg.gemm(vectors, column(vector), column(product), { transposeA, signal })
    return product
  }
  return {
    values,
    tolerance: zeroTolerance(values, size),
    into: (vector) => times(vector, 'transpose'),
    from: (coefficients) => times(coefficients, 'none'),
    gradients: assemblyGradients(blocks, parameters.length),
    seconds: { assembly: (assembled - began) / 1000, decomposition: (decomposed - assembled) / 1000 },
    release
  }
}

/** Of an objective that has power series. Throws a sentence for one that has none: the spec's check says so before a run starts. */
export function requireJets({ objective }: StepInput, kind: string) {
  const { jets } = objective
  if (jets === undefined)
    throw new Error(`optimizer ${kind} needs the power series of what is minimized, and this objective has none: take sfn or damped-newton`)
  return jets
}

/** Gradients that a jet of order K along one curve is worth at most: every coefficient meets every earlier one. */
export const jetGradients = (order: number): number => ((order + 1) * (order + 2)) / 2
