// The `.npy` files of an installed dataset: written whole and synced, read whole or by row ranges, their headers held against the manifest.
import { join } from 'node:path'
import { formatNpyHeader, itemBytes } from '../../shared/npy'
import { translating, type FileSystem, type OpenFile } from '../files'
import { badData } from '../formats/data-error'
import { arrayBytes, type NamedArray } from './fingerprint'

const chunkBytes = 8 * 2 ** 20

const elementTypes = { '|u1': 'u1', '<i4': 'i4', '<f8': 'f8' } as const

/** Labels are vectors, everything else is a matrix. */
function header(array: Pick<NamedArray, 'type' | 'rows' | 'columns'>): Uint8Array {
  return formatNpyHeader(elementTypes[array.type], array.type === '<i4' ? [array.rows] : [array.rows, array.columns])
}

/** One array as a `.npy` file in pieces of 8 MB, without a copy. Between pieces the signal is looked at and bytes are reported. */
export function* arrayParts(array: NamedArray, onBytes: (bytes: number) => void, signal?: AbortSignal): Generator<Uint8Array> {
  yield header(array)
  const bytes = arrayBytes(array.data)
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    signal?.throwIfAborted()
    const chunk = bytes.subarray(start, start + chunkBytes)
    yield chunk
    onBytes(chunk.length)
  }
}

async function readInto(file: OpenFile, target: Uint8Array, position: number, name: string): Promise<void> {
  const count = await file.read(target, position)
  if (count < target.length) throw badData(`${name}: the file ends at byte ${position + count}, but its manifest promises more`)
}

/** What the caller expects of a file; `from` and `rows` choose a range of its rows. */
export interface ArrayRange {
  readonly name: string
  readonly type: NamedArray['type']
  readonly totalRows: number
  readonly columns: number
  readonly from?: number
  readonly rows?: number
}

/** Reads rows of an array by seeking. Throws when header or length differ from what the manifest says. */
export async function readArray(fileSystem: FileSystem, folder: string, range: ArrayRange): Promise<NamedArray['data']> {
  const { type, totalRows, columns } = range
  const from = range.from ?? 0
  const rows = range.rows ?? totalRows - from
  const path = join(folder, `${range.name}.npy`)
  const expected = header({ type, rows: totalRows, columns })
  const width = itemBytes(elementTypes[type])
  return translating(`read ${path}`, async () => {
    const file = await fileSystem.open(path, 'read')
    try {
      const size = await file.bytes()
      const promised = expected.length + totalRows * columns * width
      if (size !== promised) throw badData(`${path}: has ${size} bytes, but its manifest promises ${promised}`)
      const found = Buffer.alloc(expected.length)
      await readInto(file, found, 0, path)
      if (!found.equals(expected))
        throw badData(`${path}: its header is not the one its manifest promises (${type}, ${totalRows} × ${columns})`)
      const bytes = new Uint8Array(rows * columns * width)
      await readInto(file, bytes, expected.length + from * columns * width, path)
      if (type === '|u1') return bytes
      return type === '<i4' ? new Int32Array(bytes.buffer) : new Float64Array(bytes.buffer)
    } finally {
      await file.close()
    }
  })
}
