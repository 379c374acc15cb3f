// Reads the directory of a zip archive without trusting it. Format: PKWARE APPNOTE 6.3.
import { NpyError } from './dtype'

export interface ZipEntry {
  readonly name: string
  readonly method: 'stored' | 'deflated'
  readonly compressedBytes: number
  readonly bytes: number
  readonly crc: number
  /** Where the entry's local header starts. */
  readonly offset: number
  readonly kind: 'file' | 'folder' | 'link'
}

/** What a reader of a zip needs: its length, and bytes at a place. */
export interface ZipSource {
  readonly bytes: number
  readonly name: string
  read(offset: number, bytes: number): Promise<Uint8Array>
}

export const maximumZipEntries = 100_000
const maximumDirectoryBytes = 64 * 1024 * 1024

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

async function findEnd(source: ZipSource): Promise<{ offset: number; size: number; count: number }> {
  const length = Math.min(source.bytes, 65_557)
  const tail = await source.read(source.bytes - length, length)
  const words = view(tail)
  for (let place = length - 22; place >= 0; place--)
    if (words.getUint32(place, true) === 0x06054b50) {
      const count = words.getUint16(place + 10, true)
      const size = words.getUint32(place + 12, true)
      const offset = words.getUint32(place + 16, true)
      if (count === 0xffff || offset === 0xffff_ffff) return findEnd64(source, tail, place)
      if (words.getUint16(place + 4, true) !== 0) throw new NpyError(`${source.name}: a zip archive in several volumes is not read`)
      return { offset, size, count }
    }
  throw new NpyError(`${source.name}: is not a zip archive, or its end is missing`)
}

const wide = (words: DataView, offset: number) => words.getUint32(offset, true) + words.getUint32(offset + 4, true) * 2 ** 32

async function findEnd64(source: ZipSource, tail: Uint8Array, place: number): Promise<{ offset: number; size: number; count: number }> {
  if (place < 20 || view(tail).getUint32(place - 20, true) !== 0x07064b50) throw new NpyError(`${source.name}: its zip64 end is missing`)
  const at = wide(view(tail), place - 12)
  if (at + 56 > source.bytes) throw new NpyError(`${source.name}: its zip64 end lies outside the file`)
  const words = view(await source.read(at, 56))
  if (words.getUint32(0, true) !== 0x06064b50) throw new NpyError(`${source.name}: its zip64 end is damaged`)
  return { count: wide(words, 32), size: wide(words, 40), offset: wide(words, 48) }
}

/** Sizes that did not fit 32 bits, from the zip64 extra field. */
function widen(extra: Uint8Array, values: number[]): number[] {
  const words = view(extra)
  for (let at = 0; at + 4 <= extra.length;) {
    const size = words.getUint16(at + 2, true)
    if (words.getUint16(at, true) === 1) {
      let from = at + 4
      return values.map((value) => {
        if (value !== 0xffff_ffff || from + 8 > Math.min(extra.length, at + 4 + size)) return value
        from += 8
        return wide(words, from - 8)
      })
    }
    at += 4 + size
  }
  return values
}

function entryKind(name: string, madeBy: number, attributes: number, bytes: number): ZipEntry['kind'] {
  if (madeBy >> 8 === 3 && ((attributes >>> 16) & 0o170000) === 0o120000) return 'link'
  // Some programs of Windows give folders by their attribute alone.
  return name.endsWith('/') || (bytes === 0 && madeBy >> 8 !== 3 && (attributes & 0x10) !== 0) ? 'folder' : 'file'
}

/** An entry's name with "/" between its parts, which is what the format wants and what older .NET and Explorer do not write. */
function entryName(bytes: Uint8Array): string {
  const decode = () => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      // A code page of long ago: its letters do not matter, but that they differ does.
      return new TextDecoder('latin1').decode(bytes)
    }
  }
  return decode().replaceAll('\\', '/')
}

/** Methods that other programs use, by number. */
const methods: Readonly<Record<number, string>> = {
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'XZ',
  98: 'PPMd',
  99: 'AES'
}

/** All entries of the archive, in directory order. Throws NpyError for anything that is not a well-formed, unencrypted zip. */
export async function readZipDirectory(source: ZipSource): Promise<ZipEntry[]> {
  const fail = (what: string): never => {
    throw new NpyError(`${source.name}: ${what}`)
  }
  if (source.bytes < 22) fail('is not a zip archive')
  const { offset, size, count } = await findEnd(source)
  if (count > maximumZipEntries) fail(`lists ${count} entries, more than the ${maximumZipEntries} allowed`)
  if (size > maximumDirectoryBytes || offset + size > source.bytes) fail('its zip directory lies outside the file or is too long')
  const directory = await source.read(offset, size)
  const words = view(directory)
  const entries: ZipEntry[] = []
  const names = new Set<string>()
  for (let at = 0, k = 0; k < count; k++) {
    if (at + 46 > size || words.getUint32(at, true) !== 0x02014b50) fail(`entry ${k + 1} of its zip directory is damaged`)
    const lengths = [28, 30, 32].map((place) => words.getUint16(at + place, true))
    const next = at + 46 + lengths[0] + lengths[1] + lengths[2]
    if (next > size) fail(`entry ${k + 1} of its zip directory is damaged`)
    const name = entryName(directory.subarray(at + 46, at + 46 + lengths[0]))
    if (names.has(name)) fail(`lists ${name} twice`)
    names.add(name)
    if (words.getUint16(at + 8, true) & 1) fail(`${name} is encrypted; pack it again without a password`)
    const code = words.getUint16(at + 10, true)
    if (code !== 0 && code !== 8)
      fail(`${name} is compressed by method ${code}${methods[code] ? ` (${methods[code]})` : ''}; stored (0) and deflated (8) are read`)
    const extra = directory.subarray(at + 46 + lengths[0], at + 46 + lengths[0] + lengths[1])
    const [bytes, compressedBytes, start] = widen(
      extra,
      [24, 20, 42].map((place) => words.getUint32(at + place, true))
    )
    if (start + 30 + compressedBytes > source.bytes) fail(`${name} lies outside the file`)
    if (code === 0 && bytes !== compressedBytes) fail(`${name} is stored but claims two lengths`)
    const kind = entryKind(name, words.getUint16(at + 4, true), words.getUint32(at + 38, true), bytes)
    entries.push({
      name,
      method: code === 0 ? 'stored' : 'deflated',
      compressedBytes,
      bytes,
      crc: words.getUint32(at + 16, true),
      offset: start,
      kind
    })
    at = next
  }
  return entries
}

/** Where an entry's (compressed) bytes start. */
export async function zipDataOffset(source: ZipSource, entry: ZipEntry): Promise<number> {
  const header = view(await source.read(entry.offset, 30))
  if (header.getUint32(0, true) !== 0x04034b50) throw new NpyError(`${source.name}: the header of ${entry.name} is damaged`)
  const start = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true)
  if (start + entry.compressedBytes > source.bytes) throw new NpyError(`${source.name}: ${entry.name} lies outside the file`)
  return start
}
