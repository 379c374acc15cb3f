// The NumPy element types this project reads and writes, and the typed arrays they become.

/** Element types without their byte order, as in NumPy's `descr` ('<f8' without '<'). */
export const elementTypes = ['f8', 'f4', 'f2', 'i8', 'i4', 'i2', 'i1', 'u8', 'u4', 'u2', 'u1', 'b1'] as const
export type ElementType = (typeof elementTypes)[number]

/** How an array's entries lie in its bytes. */
export interface ArrayLayout {
  readonly type: ElementType
  readonly bigEndian: boolean
  /** First index fastest. */
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
}

/** What an array's entries are held in. 64-bit integers become doubles (refused beyond 2^53), halves become singles, booleans bytes 0 and 1. */
export type NpyData = Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array

/** A file that is not what it claims to be, or is of a kind that is not read. The message is one sentence that names the file. */
export class NpyError extends Error {
  override readonly name = 'NpyError'
  /** Messages quote what files hold: control and invisible characters become `?`. */
  constructor(message: string) {
    super(message.replace(/\p{C}/gu, '?'))
  }
}

export function itemBytes(type: ElementType): number {
  return Number(type[1])
}

function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length)
  for (let start = 0; start < bytes.length; start += width)
    for (let k = 0; k < width; k++) swapped[start + k] = bytes[start + width - 1 - k]
  return swapped
}

function aligned(bytes: Uint8Array, width: number): Uint8Array {
  // Not `slice`: on Node's Buffer that shares memory.
  return bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes)
}

/** IEEE 754 binary16 to the same value in single precision. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
}

/**
 * Turns raw elements, in the order in which they lie, into a typed array; shares memory with `bytes` where alignment and type allow.
 * For `decodeArray` alone, which knows that order.
 * Throws NpyError for a 64-bit integer that a double does not hold.
 */
export function decodeElements(type: ElementType, raw: Uint8Array, bigEndian: boolean, file: string): NpyData {
  const width = itemBytes(type)
  const bytes = aligned(bigEndian && width > 1 ? swapBytes(raw, width) : raw, width)
  const { buffer, byteOffset } = bytes
  const count = bytes.length / width
  switch (type) {
    case 'f8':
      return new Float64Array(buffer, byteOffset, count)
    case 'f4':
      return new Float32Array(buffer, byteOffset, count)
    case 'f2':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count), fromHalf)
    case 'i4':
      return new Int32Array(buffer, byteOffset, count)
    case 'u4':
      return new Uint32Array(buffer, byteOffset, count)
    case 'i2':
      return new Int16Array(buffer, byteOffset, count)
    case 'u2':
      return new Uint16Array(buffer, byteOffset, count)
    case 'i1':
      return new Int8Array(buffer, byteOffset, count)
    case 'u1':
      return bytes
    case 'b1':
      // NumPy takes every byte but 0 for true.
      return bytes.every((byte) => byte <= 1) ? bytes : bytes.map((byte) => (byte === 0 ? 0 : 1))
    case 'i8':
    case 'u8': {
      const wide = type === 'i8' ? new BigInt64Array(buffer, byteOffset, count) : new BigUint64Array(buffer, byteOffset, count)
      const values = new Float64Array(count)
      for (let k = 0; k < count; k++) {
        values[k] = Number(wide[k])
        if (!Number.isSafeInteger(values[k]))
          throw new NpyError(`${file}: entry ${k} is ${wide[k]}, an integer beyond 2^53, which a double does not hold`)
      }
      return values
    }
  }
}

/** The element type under which a typed array is written. */
export function elementTypeOf(data: NpyData): ElementType {
  if (data instanceof Float64Array) return 'f8'
  if (data instanceof Float32Array) return 'f4'
  if (data instanceof Int32Array) return 'i4'
  if (data instanceof Uint32Array) return 'u4'
  if (data instanceof Int16Array) return 'i2'
  if (data instanceof Uint16Array) return 'u2'
  if (data instanceof Int8Array) return 'i1'
  return 'u1'
}
