// The two layouts in which Krizhevsky publishes CIFAR-10 and CIFAR-100: Python pickles and fixed-length binary records.
import { NpyError } from '../../shared/npy'
import { badData } from './data-error'
import { arrayElements } from './pickle-numpy'
import { isKind, type PickleValue } from './pickle-values'
import { readPickle } from './pickle'

/** 32 × 32 red values row by row, then green, then blue. */
export const cifarPixels = 3072

/** Samples of one file, labels as they come. */
export interface CifarBatch {
  readonly count: number
  readonly x: Uint8Array
  readonly fine: Int32Array
  /** CIFAR-100 only. */
  readonly coarse: Int32Array | null
}

export type CifarKind = 'cifar-10' | 'cifar-100'

function dictionary(bytes: Uint8Array, file: string): Map<string | number, PickleValue> {
  const value = readPickle(bytes, file)
  if (!(value instanceof Map)) throw badData(`${file}: the pickle holds no dictionary`)
  return value
}

/** A list of integers, or an integer array, as labels. */
function integers(value: PickleValue | undefined, key: string, file: string): Int32Array {
  const refuse = (what: string) => badData(`${file}: ${key} ${what}`)
  if (value === undefined) throw refuse('is missing; the file is no CIFAR batch')
  let numbers: ArrayLike<PickleValue>
  if (Array.isArray(value)) numbers = value
  else if (isKind(value, 'ndarray') && value.shape.length === 1 && !value.type.startsWith('f')) numbers = arrayElements(value, file)
  else throw refuse('must be a list of integers')
  const labels = new Int32Array(numbers.length)
  for (let i = 0; i < labels.length; i++) {
    const number = numbers[i]
    if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) > 2 ** 31 - 1)
      throw refuse(`must hold integers; entry ${i} is none`)
    labels[i] = number
  }
  return labels
}

/** A batch from a pickle with `data` (N × 3072 bytes) and `labels`, or `fine_labels` and `coarse_labels`. The pixels stay in the file's memory. */
export function readCifarPickle(bytes: Uint8Array, file: string, kind: CifarKind): CifarBatch {
  const batch = dictionary(bytes, file)
  const data = batch.get('data')
  if (!isKind(data, 'ndarray')) throw badData(`${file}: data is missing or no NumPy array; the file is no CIFAR batch`)
  const [count, pixels] = data.shape
  if (data.type !== 'u1' || data.shape.length !== 2 || pixels !== cifarPixels)
    throw badData(`${file}: data has shape (${data.shape.join(', ')}) and type ${data.type}, must be (N, ${cifarPixels}) and u1`)
  let x
  try {
    x = arrayElements(data, file)
  } catch (error) {
    throw error instanceof NpyError ? badData(error.message) : error
  }
  if (!(x instanceof Uint8Array)) throw badData(`${file}: data must be unsigned bytes`)
  const fine = integers(batch.get(kind === 'cifar-100' ? 'fine_labels' : 'labels'), kind === 'cifar-100' ? 'fine_labels' : 'labels', file)
  const coarse = kind === 'cifar-100' ? integers(batch.get('coarse_labels'), 'coarse_labels', file) : null
  for (const [key, labels] of [
    ['labels', fine],
    ['coarse_labels', coarse]
  ] as const)
    if (labels && labels.length !== count) throw badData(`${file}: has ${count} images, but ${labels.length} ${key}`)
  return { count, x, fine, coarse }
}

/** Class names from a `meta` pickle: the list under `key`. */
export function readCifarNames(bytes: Uint8Array, file: string, key: string): string[] {
  const value = dictionary(bytes, file).get(key)
  if (!Array.isArray(value)) throw badData(`${file}: ${key} is missing or no list`)
  return value.map((name, i) => {
    const text = name instanceof Uint8Array ? Buffer.from(name).toString('utf8') : name
    if (typeof text !== 'string' || text.length === 0 || text.length > 200) throw badData(`${file}: ${key} ${i} is no name`)
    return text
  })
}

/** Records of 1 label (CIFAR-10) or 2 labels (CIFAR-100: coarse, then fine) and 3072 pixels. */
export function readCifarBinary(bytes: Uint8Array, file: string, kind: CifarKind): CifarBatch {
  const labelBytes = kind === 'cifar-100' ? 2 : 1
  const record = labelBytes + cifarPixels
  if (bytes.length === 0 || bytes.length % record !== 0)
    throw badData(
      `${file}: has ${bytes.length} bytes, which is no multiple of the ${record} of a ${kind} record; it is truncated or something else`
    )
  const count = bytes.length / record
  const x = new Uint8Array(count * cifarPixels)
  const fine = new Int32Array(count)
  const coarse = kind === 'cifar-100' ? new Int32Array(count) : null
  for (let i = 0; i < count; i++) {
    const start = i * record
    if (coarse) coarse[i] = bytes[start]
    fine[i] = bytes[start + labelBytes - 1]
    x.set(bytes.subarray(start + labelBytes, start + record), i * cifarPixels)
  }
  return { count, x, fine, coarse }
}

/** Class names from a text file, one a line. */
export function readNameLines(bytes: Uint8Array, file: string): string[] {
  if (bytes.length > 1_000_000) throw badData(`${file}: ${bytes.length} bytes are no list of class names`)
  const names = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (names.length === 0 || names.some((name) => name.length > 200)) throw badData(`${file}: is no list of class names, one a line`)
  return names
}
