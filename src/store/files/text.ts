// Text out of bytes: UTF-8, or UTF-16 where a byte-order mark says so. Anything else is refused with its place, never replaced by question marks.

export interface DecodedText {
  /** Without a byte-order mark. */
  readonly text: string
  readonly encoding: 'UTF-8' | 'UTF-16'
}

/** One sentence without the file's name. */
export interface TextFault {
  readonly fault: string
}

const startsWith = (bytes: Uint8Array, ...mark: number[]) => mark.every((byte, k) => bytes[k] === byte)

/** Where the first sequence that is not UTF-8 (RFC 3629) begins, or −1. */
function invalidAt(bytes: Uint8Array): number {
  for (let k = 0; k < bytes.length;) {
    const lead = bytes[k]
    const more = lead < 0x80 ? 0 : lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : -1
    if (more < 0) return k
    // Overlong forms, surrogates and code points beyond U+10FFFF show in the second byte.
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    for (let j = 1; j <= more; j++) {
      const byte = bytes[k + j]
      if (byte === undefined || byte < (j === 1 ? low : 0x80) || byte > (j === 1 ? high : 0xbf)) return k
    }
    k += more + 1
  }
  return -1
}

/** Number, from 1, of the line in which a byte stands. */
function lineOf(bytes: Uint8Array, place: number): number {
  let line = 1
  for (let k = 0; k < place; k++) if (bytes[k] === 0x0a || (bytes[k] === 0x0d && bytes[k + 1] !== 0x0a)) line++
  return line
}

/** The text of a file, its encoding recognized; or what is wrong with it and what would be right. */
export function decodeText(bytes: Uint8Array): DecodedText | TextFault {
  if (startsWith(bytes, 0xff, 0xfe, 0, 0) || startsWith(bytes, 0, 0, 0xfe, 0xff)) return { fault: 'is in UTF-32; save it as UTF-8' }
  if (startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0xfe, 0xff))
    try {
      return { text: new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be', { fatal: true }).decode(bytes), encoding: 'UTF-16' }
    } catch {
      return { fault: 'starts as UTF-16, but is damaged; save it as UTF-8' }
    }
  const zero = bytes.indexOf(0)
  // What a power cut or a full disk leaves of a file is told from one that somebody wrote wrongly.
  if (zero >= 0 && bytes.every((byte) => byte === 0)) return { fault: 'is nothing but zero bytes' }
  if (zero >= 0)
    return {
      fault: `line ${lineOf(bytes, zero)}: holds a zero byte; it is damaged, no text, or UTF-16 without a byte-order mark: save it as UTF-8`
    }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'UTF-8' }
  } catch {
    const place = Math.max(0, invalidAt(bytes))
    const byte = bytes[place]
    const letter = byte >= 0xa0 ? ` (in Latin-1 it would be "${String.fromCharCode(byte)}")` : ''
    return {
      fault: `line ${lineOf(bytes, place)}: byte 0x${byte.toString(16).toUpperCase()} is not UTF-8${letter}; save the file as UTF-8`
    }
  }
}
