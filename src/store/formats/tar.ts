// Takes the wanted files out of a .tar or .tar.gz into memory, in one pass: nothing is written anywhere, and an archive with tricks is refused by entry.
import { basename } from 'node:path'
import { Readable, Transform, type TransformCallback } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { fileChunks, fileStart, StorageError, type FileSystem } from '../files'
import { badData, errorMessage, shown } from './data-error'

export interface TarLimits {
  /** Unpacked bytes of the whole archive. */
  readonly totalBytes: number
  /** Bytes of one wanted file. */
  readonly entryBytes: number
  readonly entries: number
}

export interface TarOptions {
  /** Gets an entry's path with forward slashes; true takes it. */
  readonly wanted: (path: string) => boolean
  readonly limits?: TarLimits
  readonly signal?: AbortSignal
  /** Fraction of the archive's bytes read, 0…1. */
  readonly onProgress?: (fraction: number) => void
}

/** CIFAR's largest file has 155 MB, its whole archive 186 MB. */
export const defaultTarLimits: TarLimits = { totalBytes: 2 ** 30, entryBytes: 512 * 2 ** 20, entries: 10_000 }

/** Passes bytes on and refuses more than `limit`, whatever the archive's headers say. */
function bounded(limit: number, refuse: () => Error): Transform {
  let total = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      total += chunk.length
      if (total > limit) done(refuse())
      else done(null, chunk)
    }
  })
}

/** Why an entry must not be in a data archive, or null. */
function entryFault(header: Header): string | null {
  const path = header.name.replace(/\\/g, '/')
  if (path.includes('\0')) return 'its name holds a zero byte'
  if (path.startsWith('/') || /^[a-zA-Z]:/.test(path)) return 'an absolute path'
  if (path.split('/').includes('..')) return 'a path that leaves the archive'
  if (header.type === 'symlink' || header.type === 'link') return `a ${header.type === 'link' ? 'hard ' : 'symbolic '}link`
  if (header.type !== 'file' && header.type !== 'directory') return `no plain file but ${header.type ?? 'an entry of unknown type'}`
  return null
}

/**
 * Reads an archive through and returns the wanted files by path, each in memory of its own. Throws one sentence naming archive and entry for
 * paths that leave the archive, links, devices, repeated names, sizes beyond the limits (bombs end as soon as they pass them), and truncated or damaged archives;
 * rejects with the signal's reason when cancelled.
 */
export async function readTar(fileSystem: FileSystem, path: string, options: TarOptions): Promise<Map<string, Uint8Array>> {
  const limits = options.limits ?? defaultTarLimits
  const name = basename(path)
  const size = (await fileSystem.info(path))?.bytes ?? 0
  const [first, second] = await fileStart(fileSystem, path, 2)
  const source = Readable.from(fileChunks(fileSystem, path), { objectMode: false })
  const steps = extract()
  const files = new Map<string, Uint8Array>()
  let compressed = 0
  let current: string | null = null
  source.on('data', (chunk) => {
    compressed += chunk.length
    options.onProgress?.(size === 0 ? 1 : compressed / size)
  })
  // gzip's magic bytes.
  const gunzip = first === 0x1f && second === 0x8b ? createGunzip() : null
  const bound = bounded(
    limits.totalBytes,
    () => new StorageError('too-large', `${name}: unpacks to more than ${limits.totalBytes} bytes; refused`)
  )
  const streams = gunzip ? [source, gunzip, bound] : [source, bound]
  const stop = (error: Error) => {
    for (const stream of streams) stream.destroy()
    steps.destroy(error)
  }
  // By hand rather than with pipeline(): the first error must reach the loop below as it is.
  for (const stream of streams) stream.on('error', stop)
  const abort = () => stop(options.signal?.reason instanceof Error ? options.signal.reason : new Error('cancelled'))
  options.signal?.addEventListener('abort', abort)
  if (options.signal?.aborted) abort()
  streams.reduce((from, to) => from.pipe(to as Transform) as typeof from)
  bound.pipe(steps)
  let entries = 0
  try {
    for await (const entry of steps) {
      const { header } = entry
      const fault = entryFault(header)
      current = shown(header.name)
      if (fault !== null) throw badData(`${name}: entry "${current}" is ${fault}; refused`)
      if (++entries > limits.entries) throw new StorageError('too-large', `${name}: has more than ${limits.entries} entries; refused`)
      const key = header.name.replace(/\\/g, '/').replace(/^(\.\/)+/, '')
      if (header.type !== 'file' || !options.wanted(key)) {
        entry.resume()
        continue
      }
      if (files.has(key)) throw badData(`${name}: entry "${current}" is there twice`)
      files.set(key, await readEntry(entry, header, limits, name, current))
    }
    if (entries === 0) throw badData(`${name}: is an empty archive`)
    return files
  } catch (error) {
    stop(new Error('stopped'))
    if (options.signal?.aborted) throw options.signal.reason
    if (error instanceof StorageError) throw error
    const place = current === null ? 'at its start' : `after entry "${current}"`
    throw badData(`${name}: the archive is truncated or damaged ${place} (${errorMessage(error)})`)
  } finally {
    options.signal?.removeEventListener('abort', abort)
  }
}

async function readEntry(
  entry: AsyncIterable<unknown>,
  header: Header,
  limits: TarLimits,
  archive: string,
  name: string
): Promise<Uint8Array> {
  const size = header.size
  if (size > limits.entryBytes)
    throw new StorageError('too-large', `${archive}: entry "${name}" declares ${size} bytes, more than the ${limits.entryBytes} allowed`)
  // Memory grows with what arrives: a header that lies about its size costs nothing.
  const chunks: Uint8Array[] = []
  let received = 0
  for await (const chunk of entry) {
    if (!(chunk instanceof Uint8Array)) continue
    chunks.push(chunk)
    received += chunk.length
  }
  if (received !== size) throw badData(`${archive}: entry "${name}" declares ${size} bytes, but has ${received}`)
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
