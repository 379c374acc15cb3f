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
import { fileChunks, translating, type FileSystem, type OpenFile } from '../files'

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

export async function copyFile(fileSystem: FileSystem, from: string, to: string): Promise<void> {
  await writingFile(fileSystem, to, async (append) => {
    for await (const chunk of fileChunks(fileSystem, from)) await append(chunk)
  })
}

/** What goes into an archive: a file from disk or bytes in memory. */
export type ArchiveMember = { readonly name: string } & ({ readonly path: string } | { readonly bytes: Uint8Array })

/** A zip with stored entries. Each file is read twice: zip wants its checksum in front. */
export async function writeZip(fileSystem: FileSystem, path: string, members: readonly ArchiveMember[]): Promise<void> {
  await writingFile(fileSystem, path, async (append) => {
    const records: ZipEntryRecord[] = []
    let offset = 0
    const put = async (bytes: Uint8Array) => {
      await append(bytes)
      offset += bytes.length
    }
    for (const member of members) {
      let crc = 0
      let bytes = 0
      if ('bytes' in member) {
        crc = crc32(member.bytes)
        bytes = member.bytes.length
      } else
        for await (const chunk of fileChunks(fileSystem, member.path)) {
          crc = crc32(chunk, crc)
          bytes += chunk.length
        }
      records.push({ name: member.name, bytes, crc, offset })
      for (const part of zipLocalHeader(member.name, bytes, crc)) await put(part)
      if ('bytes' in member) await put(member.bytes)
      else for await (const chunk of fileChunks(fileSystem, member.path)) await put(chunk)
    }
    for (const part of zipDirectory(records, offset)) await put(part)
  })
}

/** Unpacks one entry to a new file. Throws NpyError when it is longer or shorter than declared or its checksum is wrong. */
export async function extractEntry(fileSystem: FileSystem, source: ZipSource, entry: ZipEntry, path: string): Promise<void> {
  const what = `${source.name}: ${entry.name}`
  const start = await zipDataOffset(source, entry)
  await writingFile(fileSystem, path, async (append) => {
    let crc = 0
    let bytes = 0
    const put = async (chunk: Uint8Array) => {
      bytes += chunk.length
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
