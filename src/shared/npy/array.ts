// Whole arrays from and to .npy bytes.
import { decodeElements, elementTypeOf, NpyError, type ArrayLayout, type NpyData } from './dtype'
import { formatNpyHeader, parseNpyHeader } from './header'

/** An n-dimensional array in C order (last index fastest). */
export interface NpyArray {
  readonly shape: readonly number[]
  readonly data: NpyData
}

/** Entries a side of the squares in which a matrix is turned, so that they stay in the processor's cache. */
const square = 64

/** Rearranges Fortran order (first index fastest) to C order. */
function toRowMajor(data: NpyData, shape: readonly number[]): NpyData {
  const result = data.slice()
  if (shape.length === 2) {
    const [rows, columns] = shape
    for (let top = 0; top < rows; top += square)
      for (let left = 0; left < columns; left += square)
        for (let row = top; row < Math.min(top + square, rows); row++)
          for (let column = left; column < Math.min(left + square, columns); column++)
            result[row * columns + column] = data[column * rows + row]
    return result
  }
  const place = shape.map(() => 0)
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, 1))
  let from = 0
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis]++
      from += strides[axis]
      if (place[axis] < shape[axis]) break
      from -= strides[axis] * shape[axis]
      place[axis] = 0
    }
  }
  return result
}

/**
 * The one way from bytes to entries: always in C order, whatever order the file has. Shares memory with `bytes` where it can.
 * Throws NpyError naming `file` for a 64-bit integer that a double does not hold.
 */
export function decodeArray({ type, bigEndian, fortranOrder, shape }: ArrayLayout, bytes: Uint8Array, file: string): NpyData {
  const data = decodeElements(type, bytes, bigEndian, file)
  return fortranOrder && shape.filter((length) => length > 1).length > 1 ? toRowMajor(data, shape) : data
}

/** Reads a whole .npy file. Shares memory with `bytes` where it can. Throws NpyError naming `file`. */
export function parseNpy(bytes: Uint8Array, file: string): NpyArray {
  const header = parseNpyHeader(bytes, file, bytes.length)
  return { shape: header.shape, data: decodeArray(header, bytes.subarray(header.dataOffset), file) }
}

/** The bytes under a typed array, without a copy. */
export function bytesOf(data: NpyData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** A .npy file in pieces (header, elements without a copy), for streaming. Throws when the shape and the length disagree. */
export function npyParts(array: NpyArray): Uint8Array[] {
  const count = array.shape.reduce((product, length) => product * length, 1)
  if (count !== array.data.length) throw new Error(`npy: shape (${array.shape.join(', ')}) does not hold ${array.data.length} entries`)
  return [formatNpyHeader(elementTypeOf(array.data), array.shape), bytesOf(array.data)]
}

/** A whole .npy file in one piece. */
export function formatNpy(array: NpyArray): Uint8Array {
  const [header, data] = npyParts(array)
  const bytes = new Uint8Array(header.length + data.length)
  bytes.set(header)
  bytes.set(data, header.length)
  return bytes
}

/** The entries as doubles: the array's own memory for float64, a copy otherwise. */
export function toFloat64(array: NpyArray): Float64Array {
  return array.data instanceof Float64Array ? array.data : Float64Array.from(array.data)
}

/** The entries as doubles, checked to have this shape. Throws NpyError saying what was found and what would be right. */
export function requireShape(array: NpyArray, shape: readonly number[], what: string): Float64Array {
  if (array.shape.length !== shape.length || array.shape.some((length, axis) => length !== shape[axis]))
    throw new NpyError(`${what}: has shape (${array.shape.join(', ')}), must be (${shape.join(', ')})`)
  return toFloat64(array)
}
