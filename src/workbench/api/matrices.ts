// matrices.*: tiles and entries of stored Hessians and of the matrices of analyses.
import type { WorkbenchContext } from '../context'
import type { HandlersOf } from '../router'

type Names = 'matrices.about' | 'matrices.tile' | 'matrices.values'

export function matrixHandlers({ matrices }: WorkbenchContext): HandlersOf<Names> {
  return {
    'matrices.about': ({ matrix }) => matrices.about(matrix),
    'matrices.tile': ({ matrix, order, ...at }, { signal }) => matrices.tile(matrix, order, at, signal),
    async 'matrices.values'({ matrix, order, ...rectangle }) {
      return { values: await matrices.values(matrix, order, rectangle) }
    }
  }
}
