// Reads a file through, piece by piece; its checksum; its first bytes.
import { createHash } from 'node:crypto'
import type { FileSystem } from './file-system'
import { translating } from './storage-error'

const chunkBytes = 1024 * 1024

export interface ChunkOptions {
  /** Bytes of the file to leave out at its start. */
  readonly from?: number
  /** Where to end, in bytes from the file's start; left out: at its end. */
  readonly to?: number
  readonly signal?: AbortSignal
}

/** A file's bytes in pieces of at most a megabyte, each in memory of its own. Throws StorageError, or the signal's reason when cancelled. */
export async function* fileChunks(
  fileSystem: FileSystem,
  path: string,
  { from = 0, to = Infinity, signal }: ChunkOptions = {}
): AsyncGenerator<Uint8Array, void> {
  const file = await translating(`read ${path}`, () => fileSystem.open(path, 'read'))
  try {
    for (let position = from; position < to;) {
      signal?.throwIfAborted()
      const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, to - position))
      const count = await translating(`read ${path}`, () => file.read(chunk, position))
      if (count === 0) return
      yield chunk.subarray(0, count)
      position += count
    }
  } finally {
    await file.close()
  }
}

export interface HashOptions {
  readonly signal?: AbortSignal
  /** Told how many bytes have been read. */
  readonly onBytes?: (bytes: number) => void
}

/** Length and checksum (lower-case hex) of a file. Throws as `fileChunks`. */
export async function hashFile(
  fileSystem: FileSystem,
  path: string,
  algorithm: 'sha256' | 'md5',
  { signal, onBytes }: HashOptions = {}
): Promise<{ readonly bytes: number; readonly digest: string }> {
  const hash = createHash(algorithm)
  let bytes = 0
  for await (const chunk of fileChunks(fileSystem, path, { signal })) {
    hash.update(chunk)
    bytes += chunk.length
    onBytes?.(bytes)
  }
  return { bytes, digest: hash.digest('hex') }
}

/** The first `count` bytes of a file, fewer where it is shorter. */
export function fileStart(fileSystem: FileSystem, path: string, count: number): Promise<Uint8Array> {
  return translating(`read ${path}`, async () => {
    const file = await fileSystem.open(path, 'read')
    try {
      const start = new Uint8Array(count)
      return start.subarray(0, await file.read(start, 0))
    } finally {
      await file.close()
    }
  })
}
