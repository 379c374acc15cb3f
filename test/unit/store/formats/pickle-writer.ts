// Writes pickles byte by byte, as Python 2's cPickle wrote CIFAR's (protocol 2), and anything hostile that a test can think of.

export type Piece = number | string | Uint8Array | readonly Piece[]

/** Joins opcodes (characters or byte values) and raw bytes. */
export function assemble(...pieces: readonly Piece[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => {
      if (typeof piece === 'number') return Buffer.from([piece])
      if (typeof piece === 'string') return Buffer.from(piece, 'latin1')
      if (piece instanceof Uint8Array) return Buffer.from(piece)
      return assemble(...piece)
    })
  )
}

export const uint16 = (value: number) => Buffer.from([value & 255, value >> 8])
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

/** A Python 2 string. */
export function string2(value: string | Uint8Array): Piece {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value
  return bytes.length < 256 ? ['U', bytes.length, bytes] : ['T', uint32(bytes.length), bytes]
}

export function integer(value: number): Piece {
  if (value >= 0 && value < 256) return ['K', value]
  if (value >= 0 && value < 65536) return ['M', uint16(value)]
  return ['J', uint32(value)]
}

/** A list in batches of a thousand, with the memo entry that cPickle makes for each. */
export function list2(items: readonly Piece[]): Piece {
  const pieces: Piece[] = [']', 'r', uint32(1000)]
  for (let start = 0; start < items.length; start += 1000) pieces.push('(', items.slice(start, start + 1000), 'e')
  return pieces
}

export function dictionary2(entries: readonly (readonly [string, Piece])[]): Piece {
  return ['}', 'q', 1, '(', entries.map(([key, value]) => [string2(key), 'q', 2, value]), 'u']
}

export const program = (body: Piece) => assemble(0x80, 2, body, '.')

/** A NumPy array as Python 2 and NumPy 1 pickled it: _reconstruct, then BUILD with (1, shape, dtype, False, bytes). */
export function array2(shape: readonly number[], type: string, bytes: Uint8Array, order = '|'): Piece {
  const tuple = shape.length <= 3 ? [shape.map(integer), 0x84 + shape.length] : ['(', shape.map(integer), 't']
  const dtype = [
    'cnumpy\ndtype\n',
    string2(type),
    'K\x00',
    'K\x01',
    0x87,
    'R',
    '(',
    'K\x03',
    string2(order),
    'NNN',
    integer(-1),
    integer(-1),
    'K\x00',
    'tb'
  ]
  return [
    ['cnumpy.core.multiarray\n_reconstruct\n', 'cnumpy\nndarray\n', 'K\x00', 0x85, string2('b'), 0x87, 'R'],
    ['(', 'K\x01', tuple, dtype, 0x89, string2(bytes), 't', 'b']
  ]
}
