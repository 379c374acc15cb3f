// The IDX format of MNIST (LeCun, Cortes & Burges): two zero bytes, a type, a number of dimensions, their lengths (big endian), then the values.
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { StorageError, systemCodeOf } from '../files'
import { badData, errorMessage } from './data-error'

export interface IdxArray {
  readonly shape: readonly number[]
  /** In C order; shares memory with the file's bytes. */
  readonly data: Uint8Array
}

/** MNIST's largest file unpacks to 47 MB. */
const idxByteLimit = 512 * 2 ** 20

/** Unpacks a gzip file in memory; other bytes come back as they are. Throws for more than `limit` bytes and for damaged files. */
export function unpackGzip(bytes: Uint8Array, path: string, limit = idxByteLimit): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: limit })
  } catch (error) {
    const name = basename(path)
    if (systemCodeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      throw new StorageError('too-large', `${name}: unpacks to more than ${limit} bytes; refused`)
    throw badData(`${name}: the gzip file is truncated or damaged (${errorMessage(error)})`)
  }
}

/** Reads unsigned bytes, the only type that MNIST and its kin use. Throws when the header is another or promises another length than there is. */
export function readIdx(bytes: Uint8Array, file: string): IdxArray {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) throw badData(`${file}: is no IDX file (it does not start with two zero bytes)`)
  if (bytes[2] !== 0x08)
    throw badData(`${file}: IDX type 0x${bytes[2].toString(16).padStart(2, '0')} is not read; 0x08 (unsigned bytes) is`)
  const dimensions = bytes[3]
  if (dimensions < 1 || dimensions > 4) throw badData(`${file}: an IDX file of ${dimensions} dimensions is not read; 1 to 4 are`)
  const start = 4 + 4 * dimensions
  if (bytes.length < start) throw badData(`${file}: ends inside its IDX header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis))
  const count = shape.reduce((product, length) => product * length, 1)
  if (count !== bytes.length - start)
    throw badData(`${file}: has ${bytes.length - start} bytes of data, but its header promises ${count} (${shape.join(' × ')})`)
  return { shape, data: bytes.subarray(start) }
}
