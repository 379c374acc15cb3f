// How much memory curvature takes, asked before anything is allocated.
import type { Scope } from '../../shared/spec/schema'
import { blockShapes, type ParameterBlock } from '../../shared/model/layout'

export { requireBytes } from '../linalg'

export interface MemoryUse {
  /** The matrices themselves. */
  readonly matrices: number
  /** Everything at its peak, with assembly's and the decomposition's work space. */
  readonly peak: number
}

export interface MemoryQuestion {
  /** `none`: assembly only; `values`: eigenvalues too; `some`, `all`: eigenvectors as well. */
  readonly eigen?: 'none' | 'values' | 'some' | 'all'
}

/** Bytes that curvature of this scope takes. Assembly stays within 1.3 × the matrices; a decomposition, which is in place, adds another of the largest one for eigenvectors. */
export function curvatureBytes(blocks: readonly ParameterBlock[], scope: Scope, question: MemoryQuestion = {}): MemoryUse {
  const sizes = blockShapes(blocks, scope).map(({ size, units }) => ({ total: 8 * units * size * size, one: 8 * size * size }))
  const matrices = sizes.reduce((sum, { total }) => sum + total, 0)
  const largest = Math.max(...sizes.map(({ one }) => one))
  const { eigen = 'none' } = question
  const copies = eigen === 'none' || eigen === 'values' ? 0 : 1
  return { matrices, peak: Math.max(assemblyBytes(matrices), matrices + copies * largest + 0.1 * largest) }
}

function assemblyBytes(matrices: number): number {
  return matrices + Math.max(0.25 * matrices, 32 * 1024 * 1024)
}
