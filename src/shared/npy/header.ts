// Headers of NumPy's .npy files: version 1.0 is written; 1.0, 2.0 and 3.0 are read. Format: numpy.lib.format.
import { elementTypes, itemBytes, NpyError, type ArrayLayout, type ElementType } from './dtype'

export interface NpyHeader extends ArrayLayout {
  /** Product of `shape`. */
  readonly count: number
  /** Where the elements start, in bytes from the file's start. */
  readonly dataOffset: number
  /** Bytes of all elements. */
  readonly dataBytes: number
}

/** No header of this project or of NumPy comes near it; a longer one is a lie or an attack. */
export const maximumHeaderBytes = 65_536
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

function decodeText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** Splits a Python dict literal of the kind NumPy writes into its three values, without interpreting anything else. */
function splitDictionary(text: string, file: string): Map<string, string> {
  const body = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1]
  if (body === undefined) throw new NpyError(`${file}: the .npy header is not a dictionary`)
  const entries = new Map<string, string>()
  const entry = /\s*(['"])([a-z_]+)\1\s*:\s*('[^'\\]*'|"[^"\\]*"|True|False|\([\d\s,L]*\)|\[[^\]]*\])\s*(,|$)/y
  let position = 0
  while (position < body.trimEnd().length) {
    entry.lastIndex = position
    const found = entry.exec(body)
    if (!found) throw new NpyError(`${file}: the .npy header is not understood from "${body.slice(position, position + 40)}"`)
    if (entries.has(found[2])) throw new NpyError(`${file}: the .npy header names '${found[2]}' twice`)
    entries.set(found[2], found[3])
    position = entry.lastIndex
  }
  for (const key of entries.keys())
    if (!['descr', 'fortran_order', 'shape'].includes(key)) throw new NpyError(`${file}: the .npy header has an unknown key '${key}'`)
  return entries
}

/** What is not read, by the letter of its kind, and what would be. */
const unreadKinds: Readonly<Record<string, string>> = {
  O: 'Python objects is not read; save it with a numeric dtype such as float64',
  c: 'complex numbers is not read; save its real and imaginary parts as two arrays of float64',
  U: 'texts is not read; save numbers (labels as integers from 0)',
  S: 'byte strings is not read; save numbers (labels as integers from 0)',
  a: 'byte strings is not read; save numbers (labels as integers from 0)',
  V: 'raw bytes is not read; save plain numbers such as float64',
  M: 'dates is not read; save numbers',
  m: 'durations is not read; save numbers',
  f: 'long doubles is not read; save it as float64'
}

function parseDescription(text: string | undefined, file: string): { type: ElementType; bigEndian: boolean } {
  if (text === undefined) throw new NpyError(`${file}: the .npy header has no 'descr'`)
  if (text.startsWith('[')) throw new NpyError(`${file}: a structured array is not read; save plain numbers such as float64`)
  const description = text.slice(1, -1)
  const order = description[0]
  const type = elementTypes.find((known) => known === description.slice(1))
  if (type === undefined || !'<>|='.includes(order)) {
    const unread = '<>|='.includes(order) ? unreadKinds[description[1]] : undefined
    const shown = `dtype '${description.slice(0, 40)}'`
    if (unread !== undefined) throw new NpyError(`${file}: an array of ${unread} (it has ${shown})`)
    throw new NpyError(`${file}: ${shown} is not read; use one of ${elementTypes.map((known) => `<${known}`).join(', ')}`)
  }
  return { type, bigEndian: order === '>' }
}

function parseShape(text: string | undefined, file: string): number[] {
  if (text === undefined || !text.startsWith('(')) throw new NpyError(`${file}: the .npy header has no 'shape' tuple`)
  const words = text
    .slice(1, -1)
    .split(',')
    .map((word) => word.trim().replace(/L$/, ''))
  if (words.at(-1) === '') words.pop()
  if (words.length > 32) throw new NpyError(`${file}: ${words.length} dimensions are more than the 32 that NumPy allows`)
  return words.map((word) => {
    const length = Number(word)
    if (!/^\d+$/.test(word) || !Number.isSafeInteger(length))
      throw new NpyError(`${file}: '${word.slice(0, 40)}' is no length of a dimension`)
    return length
  })
}

/** Bytes of the fixed part and the header text together; needs the first 12 bytes of a file. Throws NpyError when it is no .npy file. */
export function npyDataOffset(start: Uint8Array, file: string): number {
  if (start.length < 10 || magic.some((byte, k) => start[k] !== byte))
    throw new NpyError(`${file}: is not a .npy file (it does not start with \\x93NUMPY)`)
  const major = start[6]
  if (major < 1 || major > 3) throw new NpyError(`${file}: .npy version ${major}.${start[7]} is not read; versions 1.0 to 3.0 are`)
  if (major > 1 && start.length < 12) throw new NpyError(`${file}: ends inside its .npy header`)
  const length = major === 1 ? start[8] + start[9] * 256 : start[8] + start[9] * 256 + start[10] * 65_536 + start[11] * 16_777_216
  if (length > maximumHeaderBytes)
    throw new NpyError(`${file}: a .npy header of ${length} bytes is longer than the ${maximumHeaderBytes} allowed`)
  return (major === 1 ? 10 : 12) + length
}

/**
 * Reads the header at the start of a .npy file. `bytes` must hold at least the whole header; `fileBytes`, when given, is the length of
 * the whole file and must be what the header promises. Throws NpyError naming `file`.
 */
export function parseNpyHeader(bytes: Uint8Array, file: string, fileBytes?: number): NpyHeader {
  const dataOffset = npyDataOffset(bytes, file)
  if (bytes.length < dataOffset) throw new NpyError(`${file}: ends inside its .npy header`)
  const entries = splitDictionary(decodeText(bytes.subarray(bytes[6] === 1 ? 10 : 12, dataOffset)), file)
  const { type, bigEndian } = parseDescription(entries.get('descr'), file)
  const order = entries.get('fortran_order')
  if (order !== 'True' && order !== 'False') throw new NpyError(`${file}: the .npy header's 'fortran_order' must be True or False`)
  const shape = parseShape(entries.get('shape'), file)
  const count = shape.reduce((product, length) => product * length, 1)
  const dataBytes = count * itemBytes(type)
  if (!Number.isSafeInteger(dataBytes)) throw new NpyError(`${file}: shape (${shape.join(', ')}) is larger than any file`)
  if (fileBytes !== undefined && fileBytes !== dataOffset + dataBytes)
    throw new NpyError(
      `${file}: has ${fileBytes - dataOffset} bytes of data, but its header promises ${dataBytes} (shape (${shape.join(', ')}), ${type})`
    )
  return { type, bigEndian, fortranOrder: order === 'True' && shape.length > 1, shape, count, dataOffset, dataBytes }
}

/** A version 1.0 header, C order, little endian, padded so that the elements start at a multiple of 64 bytes. */
export function formatNpyHeader(type: ElementType, shape: readonly number[]): Uint8Array {
  const order = itemBytes(type) === 1 ? '|' : '<'
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${order}${type}', 'fortran_order': False, 'shape': (${tuple}), }`
  const total = Math.ceil((10 + text.length + 1) / 64) * 64
  const bytes = new Uint8Array(total).fill(0x20)
  bytes.set(magic)
  bytes.set([1, 0, (total - 10) & 255, (total - 10) >> 8], 6)
  for (let k = 0; k < text.length; k++) bytes[10 + k] = text.charCodeAt(k)
  bytes[total - 1] = 0x0a
  return bytes
}
