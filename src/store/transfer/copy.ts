// Copies files piece by piece, in folders and into and out of zip archives, within what they declare.
import { Inflate } from 'fflate'
import {
  crc32,
  NpyError,
  zipDataOffset,
  zipDirectory,
  zipLocalHeader,
  type ZipEntry,
  type ZipEntryRecord,
  type ZipSource
} from '../../shared/npy'
import { fileChunks, StorageError, translating, type FileSystem, type OpenFile } from '../files'

const chunkBytes = 1024 * 1024

/** A new file, written by `work` from its start, synced and closed. */
export async function writingFile(
  fileSystem: FileSystem,
  path: string,
  work: (append: (bytes: Uint8Array) => Promise<void>) => Promise<void>
): Promise<void> {
  await translating(`write ${path}`, async () => {
    const file: OpenFile = await fileSystem.open(path, 'create')
    try {
      let position = 0
      await work(async (bytes) => {
        await file.write(bytes, position)
        position += bytes.length
      })
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

export interface CopyOptions {
  readonly signal?: AbortSignal
  /** Told how many bytes more have been written. */
  readonly onBytes?: (bytes: number) => void
}

export async function copyFile(
  fileSystem: FileSystem,
  from: string,
  to: string,
  { signal, onBytes, ...range }: CopyOptions & { readonly to?: number } = {}
): Promise<void> {
  await writingFile(fileSystem, to, async (append) => {
    for await (const chunk of fileChunks(fileSystem, from, { signal, ...range })) {
      await append(chunk)
      onBytes?.(chunk.length)
    }
  })
}

/** What goes into an archive: the first `bytes` bytes of a file on disk, or content in memory. */
export type ArchiveMember = { readonly name: string; readonly bytes: number } & (
  | { readonly path: string }
  | { readonly content: Uint8Array }
)

/** Exactly the bytes a member was counted with: a file that grows meanwhile is cut there, one that shrank is an error. */
async function* memberChunks(fileSystem: FileSystem, member: ArchiveMember, signal?: AbortSignal): AsyncGenerator<Uint8Array, void> {
  if ('content' in member) return yield member.content
  let read = 0
  for await (const chunk of fileChunks(fileSystem, member.path, { to: member.bytes, signal })) {
    read += chunk.length
    yield chunk
  }
  if (read !== member.bytes) throw new StorageError('conflict', `${member.path}: changed while it was read; try again`)
}

/** A zip with stored entries, piece by piece; `storedZipBytes` tells its length. Each file is read twice: zip wants its checksum in front. */
export async function* zipChunks(
  fileSystem: FileSystem,
  members: readonly ArchiveMember[],
  signal?: AbortSignal
): AsyncGenerator<Uint8Array, void> {
  const records: ZipEntryRecord[] = []
  let offset = 0
  for (const member of members) {
    const { name, bytes } = member
    let crc = 0
    for await (const chunk of memberChunks(fileSystem, member, signal)) crc = crc32(chunk, crc)
    records.push({ name, bytes, crc, offset })
    for (const part of zipLocalHeader(name, bytes, crc)) {
      offset += part.length
      yield part
    }
    offset += bytes
    yield* memberChunks(fileSystem, member, signal)
  }
  yield* zipDirectory(records, offset)
}

/** Unpacks one entry to a new file. Throws NpyError when it is longer or shorter than declared or its checksum is wrong. */
export async function extractEntry(
  fileSystem: FileSystem,
  source: ZipSource,
  entry: ZipEntry,
  path: string,
  { signal, onBytes }: CopyOptions = {}
): Promise<void> {
  const what = `${source.name}: ${entry.name}`
  const start = await zipDataOffset(source, entry)
  await writingFile(fileSystem, path, async (append) => {
    let crc = 0
    let bytes = 0
    const put = async (chunk: Uint8Array) => {
      signal?.throwIfAborted()
      bytes += chunk.length
      onBytes?.(chunk.length)
      if (bytes > entry.bytes) throw new NpyError(`${what}: unpacks to more than the ${entry.bytes} bytes it declares`)
      crc = crc32(chunk, crc)
      await append(chunk)
    }
    const unpacked: Uint8Array[] = []
    let ready = 0
    const inflate = new Inflate((chunk) => {
      ready += chunk.length
      if (bytes + ready > entry.bytes) throw new NpyError(`${what}: unpacks to more than the ${entry.bytes} bytes it declares`)
      unpacked.push(chunk)
    })
    // Small pieces: deflate turns one byte into at most 1032, so that one piece stays below 64 MiB.
    const step = entry.method === 'stored' ? chunkBytes : 65_536
    for (let at = 0; at < entry.compressedBytes; at += step) {
      const raw = await source.read(start + at, Math.min(step, entry.compressedBytes - at))
      if (entry.method === 'stored') {
        await put(raw)
        continue
      }
      try {
        inflate.push(raw, at + step >= entry.compressedBytes)
      } catch (error) {
        throw error instanceof NpyError ? error : new NpyError(`${what}: its compressed data is damaged`)
      }
      for (const chunk of unpacked.splice(0)) await put(chunk)
      ready = 0
    }
    if (bytes !== entry.bytes) throw new NpyError(`${what}: unpacks to ${bytes} bytes, but declares ${entry.bytes}`)
    if (crc !== entry.crc) throw new NpyError(`${what}: its checksum is wrong; the archive is damaged`)
  })
}
