// A matrix with rows and columns in another order: level 0 read row by row, the coarser levels made once from all of it (never averaged) and kept for a while.
import { overviewCount, overviewLevels } from '../../shared/run/overview'
import { StorageError, type FileSystem, type NpyFile } from '../files'
import {
  overviewBuilder,
  requireInside,
  someAtOnce,
  tileRectangle,
  withMatrix,
  type MatrixFiles,
  type Rectangle,
  type Tile,
  type TilePlace
} from '../snapshots'

/** Entries along a side of the largest matrix whose coarser levels are made: 192 MB of them. */
export const largestReordered = 12_000
/** What all kept pyramids take together: two of the largest, which may be side by side. */
const mostBytes = 2 * 200_000_000

/** Entries of a row of the file, in the order. */
async function readOrdered(
  file: NpyFile,
  width: number,
  order: Uint32Array,
  row: number,
  column: number,
  into: Float32Array | Float64Array,
  at: number,
  columns: number
) {
  let [low, high] = [width, 0]
  for (let k = 0; k < columns; k++) {
    const stored = order[column + k]
    if (stored < low) low = stored
    if (stored > high) high = stored
  }
  const values = await file.read(order[row] * width + low, high - low + 1)
  for (let k = 0; k < columns; k++) into[at + k] = values[order[column + k] - low]
}

async function rectangleInto<Values extends Float32Array | Float64Array>(
  fileSystem: FileSystem,
  files: MatrixFiles,
  order: Uint32Array,
  { row, column, rows, columns }: Rectangle,
  into: Values
): Promise<Values> {
  await withMatrix(fileSystem, files, (file) =>
    someAtOnce(rows, (r) => readOrdered(file, files.columns, order, row + r, column, into, r * columns, columns))
  )
  return into
}

/** Entries in double precision, row and column as places in the order. */
export async function reorderedValues(
  fileSystem: FileSystem,
  files: MatrixFiles,
  order: Uint32Array,
  rectangle: Rectangle
): Promise<Float64Array> {
  requireInside(files, rectangle)
  return rectangleInto(fileSystem, files, order, rectangle, new Float64Array(rectangle.rows * rectangle.columns))
}

/** All levels from 1 on, one after the other, as in an overview file. Reads the matrix once, some rows at a time. */
export async function reorderedOverview(
  fileSystem: FileSystem,
  files: MatrixFiles,
  order: Uint32Array,
  signal?: AbortSignal
): Promise<Float32Array> {
  const { rows, columns } = files
  const levels = overviewLevels(rows, columns)
  const all = new Float32Array(overviewCount(levels))
  const builder = overviewBuilder(columns, levels, (level, row, values) =>
    all.set(values, levels[level].offset + row * levels[level].columns)
  )
  const atOnce = Math.max(2, Math.min(32, Math.floor(262_144 / columns)))
  await withMatrix(fileSystem, files, async (file) => {
    for (let row = 0; row < rows; row += atOnce) {
      signal?.throwIfAborted()
      const count = Math.min(atOnce, rows - row)
      const batch = new Float64Array(count * columns)
      await someAtOnce(count, (r) => readOrdered(file, columns, order, row + r, 0, batch, r * columns, columns))
      for (let r = 0; r < count; r++) builder.row(batch.subarray(r * columns, (r + 1) * columns))
    }
  })
  builder.end()
  return all
}

interface Kept {
  readonly levels: Promise<Float32Array>
  readonly bytes: number
  readonly abort: AbortController
  /** Calls that wait for it. */
  waiting: number
  done: boolean
}

/** Keeps the newest used pyramids. One that nobody waits for any more is not finished. */
export function reorderedTiles(fileSystem: FileSystem) {
  const kept = new Map<string, Kept>()

  function make(key: string, files: MatrixFiles, order: Uint32Array): Kept {
    const bytes = overviewCount(overviewLevels(files.rows, files.columns)) * 4
    if (files.columns > largestReordered)
      throw new StorageError(
        'too-large',
        `${files.name} has ${files.columns} columns; ordered by unit are shown matrices of up to ${largestReordered}: order it as stored`
      )
    for (const [old, { done }] of kept) {
      if ([...kept.values()].reduce((sum, one) => sum + one.bytes, bytes) <= mostBytes) break
      if (done) kept.delete(old)
    }
    const abort = new AbortController()
    const levels = reorderedOverview(fileSystem, files, order, abort.signal)
    const entry: Kept = { levels, bytes, abort, waiting: 0, done: false }
    levels.then(
      () => (entry.done = true),
      () => kept.get(key) === entry && kept.delete(key)
    )
    return entry
  }

  async function levelsOf(files: MatrixFiles, order: Uint32Array, signal: AbortSignal): Promise<Float32Array> {
    const info = await fileSystem.info(files.matrix)
    signal.throwIfAborted()
    // A snapshot may be computed again, an analysis made anew under its name.
    const key = `${files.matrix} ${info?.modified} ${info?.bytes}`
    const found = kept.get(key)
    const entry = found && !found.abort.signal.aborted ? found : make(key, files, order)
    kept.delete(key)
    kept.set(key, entry)
    entry.waiting++
    const gone = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
    try {
      return await Promise.race([entry.levels, gone])
    } finally {
      entry.waiting--
      if (entry.waiting === 0 && !entry.done) {
        entry.abort.abort()
        if (kept.get(key) === entry) kept.delete(key)
      }
    }
  }

  /** Throws as `matrixTile`, and `too-large`. */
  return async function tile(files: MatrixFiles, order: Uint32Array, at: TilePlace, signal: AbortSignal): Promise<Tile> {
    const rectangle = tileRectangle(files, at)
    const { row, column, rows, columns, offset, width } = rectangle
    const values = new Float32Array(rows * columns)
    if (offset === null) return { rows, columns, values: await rectangleInto(fileSystem, files, order, rectangle, values) }
    const levels = await levelsOf(files, order, signal)
    for (let r = 0; r < rows; r++) {
      const start = offset + (row + r) * width + column
      values.set(levels.subarray(start, start + columns), r * columns)
    }
    return { rows, columns, values }
  }
}
