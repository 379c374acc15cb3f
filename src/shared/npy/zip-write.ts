// Writes zip archives piece by piece, entries stored without compression (as numpy.savez does), up to 4 GiB each and in total.
import { crc32 } from './crc32'

const largest = 0xffff_ffff

function record(bytes: number, fields: readonly (readonly [offset: number, width: 2 | 4, value: number])[]): Uint8Array {
  const result = new Uint8Array(bytes)
  const view = new DataView(result.buffer)
  for (const [offset, width, value] of fields) {
    if (width === 2) view.setUint16(offset, value, true)
    else view.setUint32(offset, value, true)
  }
  return result
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => {
    const code = letter.charCodeAt(0)
    if (code > 126) throw new Error(`zip: entry name ${text} is not ASCII`)
    return code
  })
}

/** What the archive's directory needs to know of one entry. */
export interface ZipEntryRecord {
  readonly name: string
  readonly bytes: number
  readonly crc: number
  readonly offset: number
}

/** 1 January 1980: the same content gives the same bytes. */
const dosDate = 0x0021

/** The header in front of a stored entry's bytes. */
export function zipLocalHeader(name: string, bytes: number, crc: number): Uint8Array[] {
  if (bytes > largest) throw new Error(`zip: entry ${name} of ${bytes} bytes is larger than 4 GiB`)
  const nameBytes = asciiBytes(name)
  return [
    record(30, [
      [0, 4, 0x04034b50],
      [4, 2, 20],
      [12, 2, dosDate],
      [14, 4, crc],
      [18, 4, bytes],
      [22, 4, bytes],
      [26, 2, nameBytes.length]
    ]),
    nameBytes
  ]
}

/** The directory that ends an archive whose entries take `offset` bytes. */
export function zipDirectory(entries: readonly ZipEntryRecord[], offset: number): Uint8Array[] {
  const parts = entries.flatMap(({ name, bytes, crc, offset: start }) => {
    const nameBytes = asciiBytes(name)
    const central = record(46, [
      [0, 4, 0x02014b50],
      [4, 2, 20],
      [6, 2, 20],
      [14, 2, dosDate],
      [16, 4, crc],
      [20, 4, bytes],
      [24, 4, bytes],
      [28, 2, nameBytes.length],
      [42, 4, start]
    ])
    return [central, nameBytes]
  })
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  if (offset + size > largest || entries.length > 65_534)
    throw new Error('zip: an archive of more than 4 GiB or 65,534 entries is not written; use a folder')
  const end = record(22, [
    [0, 4, 0x06054b50],
    [8, 2, entries.length],
    [10, 2, entries.length],
    [12, 4, size],
    [16, 4, offset]
  ])
  return [...parts, end]
}

/** Length of an archive of stored entries: a local header, the bytes and a line of the directory each, and the directory's end. */
export function storedZipBytes(entries: readonly { readonly name: string; readonly bytes: number }[]): number {
  return entries.reduce((sum, { name, bytes }) => sum + 30 + 46 + 2 * name.length + bytes, 22)
}

/** A zip archive in pieces; each entry is given as its pieces, which are not copied. */
export function* zipParts(entries: Iterable<{ readonly name: string; readonly parts: readonly Uint8Array[] }>): Generator<Uint8Array> {
  const records: ZipEntryRecord[] = []
  let offset = 0
  for (const { name, parts } of entries) {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0)
    const crc = parts.reduce((sum, part) => crc32(part, sum), 0)
    const header = zipLocalHeader(name, bytes, crc)
    records.push({ name, bytes, crc, offset })
    yield* header
    yield* parts
    offset += header[0].length + header[1].length + bytes
  }
  yield* zipDirectory(records, offset)
}
