// The part of a matrix that is in view as a .npy file: exact float64, fetched some rows at a time.
import type { MatrixOrder } from '../../../shared/run/matrix'
import { formatNpyHeader } from '../../../shared/npy'
import { call } from '../../app/data'
import { saveBlob } from '../../charts/save'
import type { TileEnds } from '../../charts/tile-axes'

/** Beyond it the file of the whole matrix is the better way. */
export const mostRegionBytes = 500_000_000
const entriesAtOnce = 1_000_000

export interface Region {
  readonly row: number
  readonly column: number
  readonly rows: number
  readonly columns: number
}

/** All rows and columns that are in view, also in part. */
export function regionOf({ left, right, top, bottom }: TileEnds): Region {
  const [row, column] = [Math.floor(top + 1e-9), Math.floor(left + 1e-9)]
  return { row, column, rows: Math.max(1, Math.ceil(bottom - 1e-9) - row), columns: Math.max(1, Math.ceil(right - 1e-9) - column) }
}

export const regionBytes = ({ rows, columns }: Region) => 8 * rows * columns

export async function saveRegion(
  matrix: string,
  order: MatrixOrder,
  region: Region,
  name: string,
  onFraction: (fraction: number) => void
): Promise<void> {
  // Blobs, not arrays: the browser may keep them on the disk.
  const parts: Blob[] = [new Blob([formatNpyHeader('f8', [region.rows, region.columns]) as BlobPart])]
  const atOnce = Math.max(1, Math.floor(entriesAtOnce / region.columns))
  for (let done = 0; done < region.rows; done += atOnce) {
    const rows = Math.min(atOnce, region.rows - done)
    const { values } = await call('matrices.values', { ...region, matrix, order, row: region.row + done, rows })
    parts.push(new Blob([values as BlobPart]))
    onFraction((done + rows) / region.rows)
  }
  saveBlob(new Blob(parts, { type: 'application/octet-stream' }), name)
}
