// Reads parts of .npy files by seeking, and arrays of .npz files one by one; never more than what is asked for.
import {
  decodeArray,
  itemBytes,
  npyDataOffset,
  openNpz,
  parseNpyHeader,
  type Npz,
  type NpyArray,
  type NpyData,
  type NpyHeader,
  type ZipSource
} from '../../shared/npy'
import { NpyError } from '../../shared/npy'
import type { FileSystem, OpenFile } from './file-system'
import { translating } from './storage-error'

/** An opened .npy file. Close it. */
export interface NpyFile {
  readonly header: NpyHeader
  /**
   * `count` entries from the flat (C order) place `from`, as doubles, whatever order the file has. Rows of a matrix in Fortran order cost a read a
   * column, so take many at once; parts of larger arrays in that order are refused.
   */
  read(from: number, count: number): Promise<Float64Array>
  close(): Promise<void>
}

async function readFully(file: OpenFile, path: string, offset: number, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count)
  if ((await file.read(bytes, offset)) !== count) throw new NpyError(`${path}: ends too early`)
  return bytes
}

/** Columns of a matrix in Fortran order that are read at the same time. */
const concurrentColumns = 32

const doubles = (data: NpyData) => (data instanceof Float64Array ? data : Float64Array.from(data))

/** Opens a .npy file and checks its header against its length. Throws NpyError or StorageError. */
export async function openNpy(fileSystem: FileSystem, path: string): Promise<NpyFile> {
  const doing = `read ${path}`
  const file = await translating(doing, () => fileSystem.open(path, 'read'))
  try {
    const fileBytes = await file.bytes()
    const start = await readFully(file, path, 0, Math.min(12, fileBytes))
    const header = parseNpyHeader(await readFully(file, path, 0, Math.min(npyDataOffset(start, path), fileBytes)), path, fileBytes)
    const width = itemBytes(header.type)
    const readRaw = (from: number, count: number) =>
      translating(doing, () => readFully(file, path, header.dataOffset + from * width, count * width))
    return {
      header,
      async read(from, count) {
        if (from < 0 || count < 0 || from + count > header.count)
          throw new NpyError(`${path}: entries ${from} to ${from + count} do not lie inside its ${header.count}`)
        if (!header.fortranOrder) return doubles(decodeArray({ ...header, shape: [count] }, await readRaw(from, count), path))
        if (count === header.count) return doubles(decodeArray(header, await readRaw(0, count), path))
        if (header.shape.length > 2)
          throw new NpyError(
            `${path}: parts of an array of ${header.shape.length} dimensions in Fortran order are not read; save it in C order`
          )
        const [height, columns] = header.shape
        const top = Math.floor(from / columns)
        const rows = Math.ceil((from + count) / columns) - top
        const raw = new Uint8Array(rows * columns * width)
        for (let first = 0; first < columns; first += concurrentColumns) {
          const some = Array.from({ length: Math.min(concurrentColumns, columns - first) }, (_, k) => first + k)
          const pieces = await Promise.all(some.map((column) => readRaw(column * height + top, rows)))
          pieces.forEach((piece, k) => raw.set(piece, (first + k) * rows * width))
        }
        const data = doubles(decodeArray({ ...header, shape: [rows, columns] }, raw, path))
        return data.subarray(from - top * columns, from - top * columns + count)
      },
      close: () => file.close()
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** All entries of a .npy file, row-major, as doubles. Throws NpyError or StorageError. */
export async function readNpy(fileSystem: FileSystem, path: string): Promise<Float64Array> {
  const file = await openNpy(fileSystem, path)
  try {
    return await file.read(0, file.header.count)
  } finally {
    await file.close()
  }
}

/** A file as the source of a zip reader. */
export function fileSource(file: OpenFile, path: string, bytes: number): ZipSource {
  return { bytes, name: path, read: (offset, count) => translating(`read ${path}`, () => readFully(file, path, offset, count)) }
}

/** Opens an .npz, hands it to `work`, closes it. */
export async function withNpz<T>(fileSystem: FileSystem, path: string, work: (npz: Npz) => Promise<T>): Promise<T> {
  const file = await translating(`read ${path}`, () => fileSystem.open(path, 'read'))
  try {
    return await work(await openNpz(fileSource(file, path, await file.bytes())))
  } finally {
    await file.close()
  }
}

/** All arrays of an .npz by name. */
export function readNpz(fileSystem: FileSystem, path: string): Promise<ReadonlyMap<string, NpyArray>> {
  return withNpz(fileSystem, path, async (npz) => {
    const arrays = new Map<string, NpyArray>()
    for (const name of npz.names) arrays.set(name, await npz.read(name))
    return arrays
  })
}
