// NumPy's .npz: a zip of .npy files. Entries are read one by one, on demand.
import { Inflate } from 'fflate'
import { npyParts, parseNpy, type NpyArray } from './array'
import { crc32 } from './crc32'
import { NpyError } from './dtype'
import { readZipDirectory, zipDataOffset, type ZipEntry, type ZipSource } from './zip-read'
import { zipParts } from './zip-write'

/** No single entry read into memory may be longer (an array buffer of 2 GiB cannot be had everywhere). */
export const maximumEntryBytes = 2 ** 31 - 65_536

/** Inflates to exactly `bytes` bytes, never more: a bomb is refused as soon as it outgrows what it declared. Others get a turn every few megabytes. */
async function inflateExactly(compressed: Uint8Array, bytes: number, what: string): Promise<Uint8Array> {
  const result = new Uint8Array(bytes)
  let filled = 0
  const inflate = new Inflate((chunk) => {
    if (filled + chunk.length > bytes) throw new NpyError(`${what}: unpacks to more than the ${bytes} bytes it declares`)
    result.set(chunk, filled)
    filled += chunk.length
  })
  try {
    for (let at = 0; at < compressed.length; at += 65_536) {
      inflate.push(compressed.subarray(at, at + 65_536), at + 65_536 >= compressed.length)
      if (at % 4_194_304 === 4_128_768) await new Promise((resolve) => setTimeout(resolve, 0))
    }
  } catch (error) {
    if (error instanceof NpyError) throw error
    throw new NpyError(`${what}: its compressed data is damaged`)
  }
  if (filled !== bytes) throw new NpyError(`${what}: unpacks to ${filled} bytes, but declares ${bytes}`)
  return result
}

/** The bytes of one entry, its length and checksum verified. `limit` bounds what is allocated. */
export async function readZipEntry(source: ZipSource, entry: ZipEntry, limit = maximumEntryBytes): Promise<Uint8Array> {
  const what = `${source.name}: ${entry.name}`
  if (entry.kind !== 'file') throw new NpyError(`${what}: is a ${entry.kind}, not a file`)
  if (entry.bytes > limit) throw new NpyError(`${what}: declares ${entry.bytes} bytes, more than the ${limit} allowed`)
  // Deflate expands at most 1032 : 1, so a larger claim is a lie and is not allocated.
  if (entry.bytes > entry.compressedBytes * 1032 + 64)
    throw new NpyError(`${what}: declares ${entry.bytes} bytes from ${entry.compressedBytes}`)
  const raw = await source.read(await zipDataOffset(source, entry), entry.compressedBytes)
  const bytes = entry.method === 'stored' ? raw : await inflateExactly(raw, entry.bytes, what)
  if (crc32(bytes) !== entry.crc) throw new NpyError(`${what}: its checksum is wrong; the archive is damaged`)
  return bytes
}

/** An opened .npz: names without `.npy`, in file order; arrays are read when asked for. */
export interface Npz {
  readonly names: readonly string[]
  /** Throws NpyError when there is no such array, naming those there are. */
  read(name: string): Promise<NpyArray>
}

export async function openNpz(source: ZipSource): Promise<Npz> {
  const entries = (await readZipDirectory(source)).filter((entry) => entry.kind === 'file' && entry.name.endsWith('.npy'))
  const names = entries.map((entry) => entry.name.slice(0, -4))
  return {
    names,
    async read(name) {
      const entry = entries[names.indexOf(name)]
      if (!entry) throw new NpyError(`${source.name}: has no array '${name}'; it has ${names.slice(0, 20).join(', ') || 'none'}`)
      return parseNpy(await readZipEntry(source, entry), `${source.name}: ${entry.name}`)
    }
  }
}

/** A zip source over bytes in memory. */
export function bytesSource(bytes: Uint8Array, name: string): ZipSource {
  return {
    bytes: bytes.length,
    name,
    read: async (offset, count) => {
      if (offset < 0 || offset + count > bytes.length) throw new NpyError(`${name}: ends too early`)
      return new Uint8Array(bytes.subarray(offset, offset + count))
    }
  }
}

/** All arrays of an .npz in memory. */
export async function parseNpz(bytes: Uint8Array, name: string): Promise<Record<string, NpyArray>> {
  const npz = await openNpz(bytesSource(bytes, name))
  const arrays: [string, NpyArray][] = []
  for (const key of npz.names) arrays.push([key, await npz.read(key)])
  return Object.fromEntries(arrays)
}

/** An .npz in pieces, for streaming; arrays are not copied. */
export function npzParts(arrays: Readonly<Record<string, NpyArray>>): Generator<Uint8Array> {
  return zipParts(Object.entries(arrays).map(([name, array]) => ({ name: `${name}.npy`, parts: npyParts(array) })))
}
