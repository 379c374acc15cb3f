// The matrix and its reflectors between native memory and the disk, some rows at a time.
import { bytesOf, formatNpyHeader } from '../../shared/npy'
import type { LargeSymmetric } from '../../engine/linalg'
import { StorageError, translating, type FileSystem, type OpenFile } from '../../store'

/** Numbers moved at a time. */
const atOnce = 1 << 20

export interface MatrixFile {
  /** Rows from `first` on, contiguous; they are on the disk when this returns. */
  writeRows(first: number, rows: Float64Array): Promise<void>
  /** The first `count` rows into native memory. */
  restore(large: LargeSymmetric, count: number, signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** hessian.npy as it grows: a header for all of it, then rows. */
export async function openMatrixFile(fileSystem: FileSystem, path: string, size: number): Promise<MatrixFile> {
  const header = formatNpyHeader('f8', [size, size])
  const file = await translating(`write ${path}`, () => fileSystem.open(path, 'update'))
  await translating(`write ${path}`, () => file.write(header, 0))
  return {
    writeRows: (first, rows) =>
      translating(`write ${path}`, async () => {
        await file.write(bytesOf(rows), header.length + 8 * first * size)
        await file.sync()
      }),
    async restore(large, count, signal) {
      const rows = Math.max(1, Math.floor(atOnce / size))
      for (let row = 0; row < count; row += rows) {
        signal?.throwIfAborted()
        const some = new Float64Array(Math.min(rows, count - row) * size)
        await readAll(file, path, some, header.length + 8 * row * size)
        large.write(row, 0, some)
      }
    },
    close: () => file.close()
  }
}

async function readAll(file: OpenFile, path: string, into: Float64Array, position: number): Promise<void> {
  const count = await translating(`read ${path}`, () => file.read(bytesOf(into), position))
  if (count !== into.byteLength) throw new StorageError('damaged', `${path}: ends too early; remove progress.json to begin anew`)
}

/** Calls `work` for runs of packed rows of the upper triangle, each from its diagonal on. */
async function eachPackedRun(size: number, work: (first: number, rows: number, numbers: number, position: number) => Promise<void>) {
  let position = 0
  for (let row = 0; row < size;) {
    let [rows, numbers] = [0, 0]
    while (row + rows < size && (rows === 0 || numbers + size - row - rows <= atOnce)) numbers += size - row - rows++
    await work(row, rows, numbers, position)
    position += numbers
    row += rows
  }
}

/** The upper triangle, row by row from the diagonal on, without a header. */
export async function saveTriangle(fileSystem: FileSystem, path: string, large: LargeSymmetric, signal?: AbortSignal): Promise<void> {
  await translating(`write ${path}`, async () => {
    const file = await fileSystem.open(path, 'create')
    try {
      await eachPackedRun(large.order, async (first, rows, numbers, position) => {
        signal?.throwIfAborted()
        const packed = new Float64Array(numbers)
        for (let r = 0, at = 0; r < rows; at += large.order - first - r, r++)
          large.read(first + r, first + r, packed.subarray(at, at + large.order - first - r))
        await file.write(bytesOf(packed), 8 * position)
      })
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

export async function restoreTriangle(fileSystem: FileSystem, path: string, large: LargeSymmetric, signal?: AbortSignal): Promise<void> {
  const file = await translating(`read ${path}`, () => fileSystem.open(path, 'read'))
  try {
    await eachPackedRun(large.order, async (first, rows, numbers, position) => {
      signal?.throwIfAborted()
      const packed = new Float64Array(numbers)
      await readAll(file, path, packed, 8 * position)
      for (let r = 0, at = 0; r < rows; at += large.order - first - r, r++)
        large.write(first + r, first + r, packed.subarray(at, at + large.order - first - r))
    })
  } finally {
    await file.close()
  }
}
