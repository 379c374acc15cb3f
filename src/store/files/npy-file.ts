// Reads parts of .npy files by seeking, and arrays of .npz files one by one; never more than what is asked for.
import {
  decodeElements,
  itemBytes,
  npyDataOffset,
  openNpz,
  parseNpyHeader,
  type Npz,
  type NpyArray,
  type NpyHeader,
  type ZipSource
} from '../../shared/npy'
import { NpyError } from '../../shared/npy'
import type { FileSystem, OpenFile } from './file-system'
import { translating } from './storage-error'

/** An opened .npy file. Close it. */
export interface NpyFile {
  readonly header: NpyHeader
  /** `count` entries from the flat (C order) place `from`, as doubles. */
  read(from: number, count: number): Promise<Float64Array>
  /** Raw bytes of `count` entries from `from`. */
  readRaw(from: number, count: number): Promise<Uint8Array>
  close(): Promise<void>
}

async function readFully(file: OpenFile, path: string, offset: number, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count)
  if ((await file.read(bytes, offset)) !== count) throw new NpyError(`${path}: ends too early`)
  return bytes
}

/** Opens a .npy file and checks its header against its length. Throws NpyError or StorageError. */
export async function openNpy(fileSystem: FileSystem, path: string): Promise<NpyFile> {
  const doing = `read ${path}`
  const file = await translating(doing, () => fileSystem.open(path, 'read'))
  try {
    const fileBytes = await file.bytes()
    const start = await readFully(file, path, 0, Math.min(12, fileBytes))
    const header = parseNpyHeader(await readFully(file, path, 0, Math.min(npyDataOffset(start, path), fileBytes)), path, fileBytes)
    const width = itemBytes(header.type)
    const readRaw = (from: number, count: number) => {
      if (from < 0 || count < 0 || from + count > header.count)
        throw new NpyError(`${path}: entries ${from} to ${from + count} do not lie inside its ${header.count}`)
      return translating(doing, () => readFully(file, path, header.dataOffset + from * width, count * width))
    }
    return {
      header,
      readRaw,
      async read(from, count) {
        const data = decodeElements(header.type, await readRaw(from, count), header.bigEndian, path)
        return data instanceof Float64Array ? data : Float64Array.from(data)
      },
      close: () => file.close()
    }
  } catch (error) {
    await file.close()
    throw error
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
