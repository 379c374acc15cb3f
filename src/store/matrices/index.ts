// Stored matrices to look at: what they are, tiles and entries of them, as stored or by unit.
import { unitOrder } from '../../shared/model/pieces'
import type { MatrixOrder, MatrixPlace } from '../../shared/run/matrix'
import type { MatrixFacts } from '../../shared/api/answers'
import { StorageError } from '../files'
import { matrixTile, matrixValues, type Rectangle, type Tile, type TilePlace } from '../snapshots'
import type { Workspace } from '../workspace'
import { modelWithWidths, openMatrix, sidePieces, type StoredMatrix } from './open'
import { largestReordered, reorderedTiles, reorderedValues } from './reordered'

export { reorderedOverview, reorderedValues } from './reordered'

export interface MatrixService {
  about(place: MatrixPlace): Promise<MatrixFacts>
  tile(place: MatrixPlace, order: MatrixOrder, at: TilePlace, signal: AbortSignal): Promise<Tile>
  /** Row and column are places in the order. */
  values(place: MatrixPlace, order: MatrixOrder, rectangle: Rectangle): Promise<Float64Array>
}

function unorderedReason(matrix: StoredMatrix): string | null {
  if (matrix.units > 1) return 'Its blocks are those of single units already.'
  if (!sidePieces(matrix)) return 'It is not known whose weights its rows and columns are.'
  return matrix.columns > largestReordered ? `Ordered by unit are matrices of up to ${largestReordered} rows shown.` : null
}

function orderOf(matrix: StoredMatrix): Uint32Array {
  const pieces = sidePieces(matrix)
  if (!pieces) throw new StorageError('bad-input', `${matrix.name} cannot be ordered by unit. ${unorderedReason(matrix)}`)
  return unitOrder(pieces)
}

export function matrixService(workspace: Workspace): MatrixService {
  const { fileSystem } = workspace
  const reordered = reorderedTiles(fileSystem)
  return {
    async about(place) {
      const matrix = await openMatrix(workspace, place)
      const { rows, columns, units, block } = matrix
      return { rows, columns, units, block, model: modelWithWidths(matrix), unordered: unorderedReason(matrix) }
    },
    async tile(place, order, at, signal) {
      const matrix = await openMatrix(workspace, place)
      return order === 'stored' ? matrixTile(fileSystem, matrix, at) : reordered(matrix, orderOf(matrix), at, signal)
    },
    async values(place, order, rectangle) {
      const matrix = await openMatrix(workspace, place)
      return order === 'stored'
        ? matrixValues(fileSystem, matrix, rectangle)
        : reorderedValues(fileSystem, matrix, orderOf(matrix), rectangle)
    }
  }
}
