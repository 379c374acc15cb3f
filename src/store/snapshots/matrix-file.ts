// A matrix on disk beside its overview: tiles of any level and rectangles of entries, by seeking. No file is loaded whole.
import { overviewCount, overviewLevels, tileSize } from '../../shared/run/overview'
import { openNpy, StorageError, type FileSystem, type NpyFile } from '../files'

/** Row-major; `name` is for people. */
export interface MatrixFiles {
  readonly name: string
  readonly rows: number
  readonly columns: number
  readonly matrix: string
  readonly overview: string
}

export interface Tile {
  readonly rows: number
  readonly columns: number
  /** rows × columns, row-major. */
  readonly values: Float32Array
}

export interface TilePlace {
  readonly level: number
  readonly row: number
  readonly column: number
}

export interface Rectangle {
  readonly row: number
  readonly column: number
  readonly rows: number
  readonly columns: number
}

export async function withNpy<T>(fileSystem: FileSystem, path: string, work: (file: NpyFile) => Promise<T>): Promise<T> {
  const file = await openNpy(fileSystem, path)
  try {
    if (file.header.fortranOrder) throw new StorageError('damaged', `${path}: is in Fortran order, must be in C order`)
    return await work(file)
  } finally {
    await file.close()
  }
}

/** Opens the matrix itself; throws `damaged` when it is not of its size. */
export function withMatrix<T>(fileSystem: FileSystem, { matrix, rows, columns, name }: MatrixFiles, work: (file: NpyFile) => Promise<T>) {
  return withNpy(fileSystem, matrix, (file) => {
    requireCount(name, file, rows * columns)
    return work(file)
  })
}

function requireCount(name: string, { header }: NpyFile, expected: number) {
  if (header.count !== expected) throw new StorageError('damaged', `${name}: its file holds ${header.count} entries, must be ${expected}`)
}

const concurrentRows = 16

/** Calls `work` for 0 … count − 1, some at a time. */
export async function someAtOnce(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(concurrentRows, count) }, worker))
}

/** Entries of a matrix of `width` columns whose first entry is flat place `offset`. */
async function readInto<Values extends Float32Array | Float64Array>(
  file: NpyFile,
  values: Values,
  offset: number,
  width: number,
  { row, column, rows, columns }: Rectangle
): Promise<Values> {
  if (columns === width) values.set(await file.read(offset + row * width, rows * width))
  else await someAtOnce(rows, async (r) => values.set(await file.read(offset + (row + r) * width + column, columns), r * columns))
  return values
}

export interface TileRectangle extends Rectangle {
  /** Place of the level's first entry among those of the overview; null: the matrix itself. */
  readonly offset: number | null
  readonly width: number
}

/** Which entries of which level a tile holds. Throws `not-found` outside. */
export function tileRectangle({ name, rows, columns }: MatrixFiles, at: TilePlace): TileRectangle {
  const levels = overviewLevels(rows, columns)
  const level = at.level === 0 ? { rows, columns, offset: null } : levels[at.level - 1]
  if (!level) throw new StorageError('not-found', `${name} has levels 0 to ${levels.length}, not ${at.level}`)
  const [row, column] = [at.row * tileSize, at.column * tileSize]
  if (row >= level.rows || column >= level.columns)
    throw new StorageError(
      'not-found',
      `tile (${at.row}, ${at.column}) lies outside level ${at.level} of ${name}, which is ${level.rows} × ${level.columns}`
    )
  const [high, wide] = [Math.min(tileSize, level.rows - row), Math.min(tileSize, level.columns - column)]
  return { row, column, rows: high, columns: wide, offset: level.offset, width: level.columns }
}

/**
 * Tile (row, column) of a level, in tiles of 512 × 512 entries (smaller at the right and lower edges), as float32. Level 0 is the matrix; level l
 * halves it l times keeping the entry of largest magnitude. Throws StorageError `not-found` outside.
 */
export async function matrixTile(fileSystem: FileSystem, files: MatrixFiles, at: TilePlace): Promise<Tile> {
  const rectangle = tileRectangle(files, at)
  const { rows, columns, offset, width } = rectangle
  const values = new Float32Array(rows * columns)
  if (offset === null) await withMatrix(fileSystem, files, (file) => readInto(file, values, 0, width, rectangle))
  else
    await withNpy(fileSystem, files.overview, (file) => {
      requireCount(files.name, file, overviewCount(overviewLevels(files.rows, files.columns)))
      return readInto(file, values, offset, width, rectangle)
    })
  return { rows, columns, values }
}

/** Entries in double precision (to the stored precision), row-major. Throws `not-found` outside. */
export async function matrixValues(fileSystem: FileSystem, files: MatrixFiles, rectangle: Rectangle): Promise<Float64Array> {
  requireInside(files, rectangle)
  const values = new Float64Array(rectangle.rows * rectangle.columns)
  return withMatrix(fileSystem, files, (file) => readInto(file, values, 0, files.columns, rectangle))
}

export function requireInside(files: MatrixFiles, { row, column, rows, columns }: Rectangle) {
  if (row < 0 || column < 0 || row + rows > files.rows || column + columns > files.columns) {
    const what = rows === 1 && columns === 1 ? `entry (${row}, ${column})` : `${rows} × ${columns} entries from (${row}, ${column})`
    throw new StorageError('not-found', `${what} lies outside ${files.name}, which is ${files.rows} × ${files.columns}`)
  }
}
