// Streams arrays of doubles to .npy files without a second copy, and goes over finished files once for checksums and overviews.
import { createHash } from 'node:crypto'
import { formatNpyHeader } from '../../shared/npy'
import { overviewCount, overviewLevels } from '../../shared/run/overview'
import { translating, type FileSystem, type OpenFile, type WrittenFile } from '../files'
import { overviewBuilder } from './overview'

export type Precision = 'float64' | 'float32'
const chunkEntries = 512 * 1024

/** Doubles in C order: whole, or a row at a time when the rows are not side by side. */
export interface ArraySource {
  readonly shape: readonly number[]
  readonly pieces: Iterable<Float64Array> | AsyncIterable<Float64Array>
}

/** Writes an array from memory that need not stay valid afterwards. Not synced: `finishFile` does that. Throws StorageError. */
export async function streamArray(fileSystem: FileSystem, path: string, source: ArraySource, precision: Precision): Promise<void> {
  await translating(`write ${path}`, async () => {
    const file = await fileSystem.open(path, 'create')
    try {
      const header = formatNpyHeader(precision === 'float64' ? 'f8' : 'f4', source.shape)
      await file.write(header, 0)
      await writePieces(file, header.length, source.pieces, precision)
    } finally {
      await file.close()
    }
  })
}

async function writePieces(file: OpenFile, start: number, pieces: ArraySource['pieces'], precision: Precision): Promise<void> {
  let position = start
  const scratch = precision === 'float32' ? new Float32Array(chunkEntries) : null
  // Small pieces (rows of eigenvectors) are gathered, large ones are cut: every write is about 4 MiB.
  let gathered = new Float64Array(chunkEntries)
  let filled = 0
  const write = async (values: Float64Array) => {
    let bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    if (scratch) {
      scratch.set(values)
      bytes = new Uint8Array(scratch.buffer, 0, values.length * 4)
    }
    await file.write(bytes, position)
    position += bytes.length
  }
  const flush = async () => {
    if (filled > 0) await write(gathered.subarray(0, filled))
    filled = 0
  }
  for await (const piece of pieces) {
    if (piece.length <= chunkEntries / 4) {
      if (filled + piece.length > chunkEntries) await flush()
      gathered.set(piece, filled)
      filled += piece.length
      continue
    }
    await flush()
    for (let at = 0; at < piece.length; at += chunkEntries) await write(piece.subarray(at, at + chunkEntries))
  }
  await flush()
}

async function readBack(
  file: OpenFile,
  total: number,
  take: (chunk: Uint8Array, position: number) => void,
  step = 4 * 1024 * 1024
): Promise<void> {
  const buffer = new Uint8Array(step)
  for (let at = 0; at < total;) {
    const count = await file.read(buffer.subarray(0, Math.min(step, total - at)), at)
    if (count === 0) break
    take(buffer.subarray(0, count), at)
    at += count
  }
}

/** Syncs a written file and gives its length and checksum. */
export async function finishFile(fileSystem: FileSystem, path: string): Promise<WrittenFile> {
  return translating(`write ${path}`, async () => {
    const file = await fileSystem.open(path, 'update')
    try {
      const bytes = await file.bytes()
      const hash = createHash('sha256')
      await readBack(file, bytes, (chunk) => hash.update(chunk))
      await file.sync()
      return { bytes, sha256: hash.digest('hex') }
    } finally {
      await file.close()
    }
  })
}

/**
 * As `finishFile`, for a matrix written by `streamArray`; on the same pass over the file writes its overview pyramid (float32, all levels one
 * after the other) to `overviewPath`. Holds a few rows in memory.
 */
export async function finishMatrix(
  fileSystem: FileSystem,
  path: string,
  overviewPath: string,
  rows: number,
  columns: number,
  precision: Precision,
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: (fraction: number) => void } = {}
): Promise<{ readonly matrix: WrittenFile; readonly overview: WrittenFile }> {
  return translating(`write ${path}`, async () => {
    const levels = overviewLevels(rows, columns)
    const width = precision === 'float64' ? 8 : 4
    const file = await fileSystem.open(path, 'update')
    const out = await fileSystem.open(overviewPath, 'create').catch(async (error: unknown) => {
      await file.close()
      throw error
    })
    try {
      const header = formatNpyHeader('f4', [overviewCount(levels)])
      await out.write(header, 0)
      // Finished rows wait here by level and go out together, so that a pass makes few writes.
      const ready = levels.map(() => ({ first: 0, rows: [] as Float32Array[] }))
      const builder = overviewBuilder(columns, levels, (level, row, values) => {
        if (ready[level].rows.length === 0) ready[level].first = row
        ready[level].rows.push(values)
      })
      const drain = async () => {
        for (const [k, { first, rows: finished }] of ready.entries()) {
          if (finished.length === 0) continue
          const { offset, columns: length } = levels[k]
          const bytes = new Float32Array(finished.length * length)
          finished.forEach((values, r) => bytes.set(values, r * length))
          await out.write(new Uint8Array(bytes.buffer), header.length + (offset + first * length) * 4)
          ready[k].rows = []
        }
      }
      const hash = createHash('sha256')
      const total = await file.bytes()
      const rowBytes = columns * width
      const dataStart = total - rows * rowBytes
      const head = new Uint8Array(dataStart)
      await file.read(head, 0)
      hash.update(head)
      const rowsAtOnce = Math.max(1, Math.floor((4 * 1024 * 1024) / rowBytes))
      for (let row = 0; row < rows; row += rowsAtOnce) {
        signal?.throwIfAborted()
        onProgress?.(row / rows)
        const count = Math.min(rowsAtOnce, rows - row)
        const bytes = new Uint8Array(count * rowBytes)
        await file.read(bytes, dataStart + row * rowBytes)
        hash.update(bytes)
        const values = precision === 'float64' ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer)
        for (let r = 0; r < count; r++) builder.row(values.subarray(r * columns, (r + 1) * columns))
        await drain()
      }
      builder.end()
      await drain()
      await file.sync()
      await out.close()
      return { matrix: { bytes: total, sha256: hash.digest('hex') }, overview: await finishFile(fileSystem, overviewPath) }
    } finally {
      await file.close()
      await out.close().catch(() => undefined)
    }
  })
}
